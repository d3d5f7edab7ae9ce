"""Making ready what the rules must know for one run, and no more than they need."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, TypeAlias
from uuid import UUID

from casemgr import clock
from casemgr.access import Actor
from casemgr.access.roles import ROLES
from casemgr.accounts import service as accounts
from casemgr.accounts.service import Colleague
from casemgr.privacy.detection import matching, reading
from casemgr.privacy.detection.relations import relations
from casemgr.privacy.detection.rules import usual
from casemgr.privacy.detection.rules.every import WAYS, Needs
from casemgr.privacy.detection.rules.facts import Facts, GlassUse, Member
from casemgr.privacy.detection.rules.people import person
from casemgr.privacy.detection.rules.window import Access, Act, Window

# The room of break-glass says how reasons were given, without giving them away.
GlassUses: TypeAlias = Callable[[Actor, Sequence[UUID]], Mapping[UUID, GlassUse]]
glass_uses: list[GlassUses] = []
# Rosters, leave and the moment of disabling come with the desk of accounts.
Employment: TypeAlias = Callable[[Actor, Mapping[UUID, Member]], Mapping[UUID, Member]]
employment: list[Employment] = []


def needs_of(rules: Iterable[str]) -> frozenset[Needs]:
    """What these rules need together."""
    return frozenset().union(*(WAYS[rule].needs for rule in rules))


def facts_for(actor: Actor, window: Window, needs: Collection[Needs]) -> Facts:
    """Facts for a window. People are opened only if a rule asks, and only of cases just touched."""
    touched = {case_id for _, case_id in window.touching}
    seen = {access.case_id for access in window.accesses if access.is_touching and access.case_id}
    care, cases = relations(actor, seen)
    staff = staff_of(actor, is_compared=Needs.PEOPLE in needs)
    facts = Facts(care=care, staff=staff, cases=cases, glass=_glass(actor, window.accesses))
    known = touched & set(cases)  # what was erased has nobody any more
    if Needs.PEOPLE in needs and known:
        facts = replace(facts, people=matching.people_of(actor, known))
    if Needs.NAMED in needs and known:
        names = {one: member.person for one, member in staff.items()}
        facts = replace(facts, named_staff=matching.staff_named(actor, known, names))
    return facts


def with_usual(facts: Facts, touches: Iterable[Access], day: date) -> Facts:
    """The same, and what was usual before ``day``."""
    touches = list(touches)
    return replace(
        facts,
        baselines=usual.baselines(touches, day),
        parts_used=usual.parts_used(touches, day),
    )


def touches_before(actor: Actor, until: datetime) -> list[Access]:
    """The touches of the 90 days before any day of the last 90: for dry runs as well."""
    return reading.touches(actor, until - timedelta(days=2 * usual.EXPORT_DAYS), until)


def staff_of(actor: Actor, *, is_compared: bool) -> dict[UUID, Member]:
    """Everybody with an account; with what is recorded of them, where it is compared."""
    known = matching.staff_facts(actor) if is_compared else {}
    staff: Mapping[UUID, Member] = {
        one.id: _member(one, known.get(one.id, {})) for one in accounts.all_staff(actor)
    }
    for tell in employment:
        staff = tell(actor, staff)
    return dict(staff)


def _member(colleague: Colleague, known: Mapping[str, Any]) -> Member:
    return Member(
        account_id=colleague.id,
        roles=frozenset(colleague.roles),
        department=colleague.department,
        person=person(
            [known.get("full_name") or colleague.display_name],
            national_id=known.get("national_id"),
            insurance=known.get("insurance_number"),
            phones=[known.get("phone"), known.get("emergency_phone")],
            address=known.get("address"),
            born_on=matching.day_of(known.get("born_on")),
        ),
        leads=any(ROLES[role].everywhere for role in colleague.roles),
        ends_on=matching.day_of(known.get("ends_on")),
    )


def _glass(actor: Actor, accesses: Sequence[Access]) -> dict[UUID, GlassUse]:
    uses = [access.id for access in accesses if access.act is Act.BREAK_GLASS]
    found: dict[UUID, GlassUse] = {}
    for tell in glass_uses if uses else ():
        found |= tell(actor, uses)
    return found


def day_window(accesses: Sequence[Access], day: date) -> Window:
    """One day of the hospital, looking back over what was read before it."""
    since, until = clock.at_hospital(day), clock.at_hospital(day + timedelta(days=1))
    return Window([access for access in accesses if access.at < until], since, until)
