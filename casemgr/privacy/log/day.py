"""One colleague's day: what they did hour by hour, on which cases, and how that compares."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from casemgr import clock
from casemgr.access import Actor, NotFound, Permission, Role
from casemgr.accounts import service as accounts
from casemgr.accounts.service import Colleague
from casemgr.audit import Action, record
from casemgr.db import session
from casemgr.privacy.log.day_rules import Hour, OnCase, hours_of, on_cases
from casemgr.privacy.log.folding import fold
from casemgr.privacy.log.lines import lines_of
from casemgr.privacy.log.peers import Comparison, compare
from casemgr.privacy.log.query import branches, newest
from casemgr.privacy.log.rules import Filters

MOST_ENTRIES = 2_000  # of one day; an account that did more did not do it by hand


@dataclass(frozen=True, slots=True)
class ColleagueDay:
    """One day of one colleague as the page tells it."""

    who: Colleague
    day: date
    hours: Sequence[Hour]
    cases: Sequence[OnCase]
    comparison: Sequence[Comparison]
    peers: int  # how many of the same roles there are to compare with
    entries: int
    is_cut: bool  # there are more than MOST_ENTRIES


def day_of(actor: Actor, account_id: UUID, day: date) -> ColleagueDay:
    """What a colleague did on one day of the hospital. Raises NotFound outside the facility."""
    actor.require(Permission.LOG_READ)
    staff = {person.id: person for person in accounts.everybody_with_roles(actor)}
    if account_id not in staff:
        raise NotFound(account_id)
    who = staff[account_id]
    filters = Filters(colleague_id=account_id, first_day=day, last_day=day, until=clock.now())
    rows = list(session.scalars(newest(branches(actor, filters), None, MOST_ENTRIES + 1)))
    lines = lines_of(actor, rows[:MOST_ENTRIES])
    record(
        actor,
        Action.LOG_DAY_SHOWN,
        subject_kind="account",
        subject_id=account_id,
        count=len(lines),
    )
    peers = [person.id for person in staff.values() if _is_peer(person, who)]
    return ColleagueDay(
        who=who,
        day=day,
        hours=hours_of(fold(lines)),
        cases=on_cases(lines),
        comparison=compare(account_id, peers, day),
        peers=len(peers),
        entries=len(lines),
        is_cut=len(rows) > MOST_ENTRIES,
    )


def neighbours(day: date) -> tuple[date, date | None]:
    """The day before, and the day after unless that is still to come."""
    after = day + timedelta(days=1)
    return day - timedelta(days=1), after if after <= clock.today() else None


def _is_peer(person: Colleague, who: Colleague) -> bool:
    """Another one with a role in common."""
    roles: frozenset[Role] = person.roles & who.roles
    return person.id != who.id and bool(roles)
