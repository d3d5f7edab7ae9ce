"""How many people and which kinds of data a breach touched, counted from the log.

The officer chooses colleagues, cases and a period; what was counted is kept as a sealed snapshot.
A list page touches each case that it showed, without opening a part of it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from casemgr import clock
from casemgr.access import Actor, Invalid, Permission
from casemgr.audit import Action, AuditEntry, Outcome
from casemgr.audit.shown import ids_shown
from casemgr.cases import codes
from casemgr.db import session
from casemgr.privacy.breaches import records
from casemgr.privacy.breaches.models import Breach
from casemgr.privacy.breaches.rules import BreachState, ForbiddenMove

TYPED = timedelta(minutes=1)  # times are typed in minutes: the whole last minute counts
MOST_LISTS = 20_000  # entries of list pages whose ids are read; more is said aloud


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose acts on which cases, and when."""

    account_ids: Sequence[UUID]
    case_codes: Sequence[str]
    begins_at: datetime
    ends_at: datetime


@dataclass(slots=True)
class Touched:
    """What was done with one case."""

    acts: int = 0
    parts: set[str] = field(default_factory=set)
    lists: int = 0  # how often it stood in a list


@dataclass(frozen=True, slots=True)
class Counted:
    """A snapshot: one line per case."""

    cases: Sequence[tuple[UUID, str, Touched]]
    is_cut: bool

    @property
    def acts(self) -> int:
        """How many acts, lists included."""
        return sum(touched.acts + touched.lists for _id, _code, touched in self.cases)

    @property
    def parts(self) -> list[str]:
        """The kinds of data, each once."""
        return sorted(set().union(*(touched.parts for _id, _code, touched in self.cases)))


def count_extent(actor: Actor, breach_id: UUID, version: int, scope: Scope) -> Breach:
    """Count from the log and keep the result; as often as somebody likes until it is closed.

    Raises NotFound, Denied, Conflict, ForbiddenMove when it is closed, Invalid on ``case_codes``
    (unknown_code), ``accounts`` (nobody, oneself, own_among: nobody was named, and
    the actor was there too) or ``ends_at`` (before_begin).
    """
    breach = records.for_change(
        actor, breach_id, version, Action.BREACH_COUNTED, Permission.BREACH_WRITE
    )
    if breach.state is BreachState.CLOSED:
        raise ForbiddenMove("closed")
    case_ids = [_case(actor, code) for code in scope.case_codes]
    _check(actor, scope)
    if _has_own(actor, scope, case_ids):
        raise Invalid("accounts", "own_among")
    counted = count(actor, scope, case_ids)
    breach.account_ids = [str(each) for each in scope.account_ids]
    breach.case_ids = [str(each) for each in case_ids]
    breach.begins_at, breach.ends_at = scope.begins_at, scope.ends_at
    breach.counted, breach.counted_at = _kept(counted), clock.now()
    still = {str(case_id) for case_id, _code, _touched in counted.cases}
    breach.safe_case_ids = [each for each in breach.safe_case_ids or () if each in still]
    session.flush()
    return breach


def count(actor: Actor, scope: Scope, case_ids: Collection[UUID]) -> Counted:
    """Count without keeping; the caller has checked the right and leaves the entry."""
    found: dict[UUID, Touched] = defaultdict(Touched)
    for case_id, parts, acts in session.execute(_acts(actor, scope, case_ids)):
        found[case_id].acts += acts
        found[case_id].parts |= set(parts.split())
    lists = 0
    for shown in _lists(actor, scope):
        lists += 1
        for case_id in shown:
            if not case_ids or case_id in case_ids:
                found[case_id].lists += 1
    known = codes.codes_of(actor, set(found))  # a list may have shown what is no case
    rows = [(each, known[each], touched) for each, touched in found.items() if each in known]
    return Counted(sorted(rows, key=lambda row: row[1]), is_cut=lists >= MOST_LISTS)


def kept(breach: Breach) -> Counted | None:
    """The snapshot as it was counted; None before."""
    if breach.counted is None:
        return None
    value: dict[str, Any] = breach.counted
    rows = [
        (UUID(row["id"]), row["code"], Touched(row["acts"], set(row["parts"]), row["lists"]))
        for row in value["cases"]
    ]
    return Counted(rows, value["cut"])


def codes_chosen(actor: Actor, breach: Breach) -> list[str]:
    """The codes of the cases to which the count was narrowed."""
    return sorted(codes.codes_of(actor, [UUID(each) for each in breach.case_ids or ()]).values())


def _kept(counted: Counted) -> dict[str, Any]:
    rows = [
        {
            "id": str(case_id),
            "code": code,
            "acts": touched.acts,
            "parts": sorted(touched.parts),
            "lists": touched.lists,
        }
        for case_id, code, touched in counted.cases
    ]
    return {"cases": rows, "cut": counted.is_cut}


def _case(actor: Actor, code: str) -> UUID:
    found = codes.with_code(actor, code)
    if found is None:
        raise Invalid("case_codes", "unknown_code")
    return found.id


def _check(actor: Actor, scope: Scope) -> None:
    if not scope.account_ids and not scope.case_codes:
        raise Invalid("accounts", "nobody")
    if actor.account_id in scope.account_ids:
        raise Invalid("accounts", "oneself")
    if scope.ends_at < scope.begins_at:
        raise Invalid("ends_at", "before_begin")


def _has_own(actor: Actor, scope: Scope, case_ids: Collection[UUID]) -> bool:
    """Whether what is counted of everybody holds acts of whoever counts."""
    own = _acts(actor, scope, case_ids).where(AuditEntry.account_id == actor.account_id)
    return session.execute(own.limit(1)).first() is not None


def _acts(actor: Actor, scope: Scope, case_ids: Collection[UUID]) -> Any:
    wanted = [*_conditions(actor, scope), AuditEntry.case_id.is_not(None)]
    if case_ids:
        wanted.append(AuditEntry.case_id.in_(case_ids))
    columns = (AuditEntry.case_id, AuditEntry.compartments)
    return select(*columns, func.count()).where(*wanted).group_by(*columns)


def _lists(actor: Actor, scope: Scope) -> Iterator[list[UUID]]:
    """The ids of each list page; only of named colleagues: everybody's would be the whole log."""
    if not scope.account_ids:
        return
    wanted = [*_conditions(actor, scope), AuditEntry.case_id.is_(None), AuditEntry.count > 0]
    query = select(AuditEntry.leaf).where(*wanted).order_by(AuditEntry.at).limit(MOST_LISTS)
    for leaf in session.scalars(query):
        yield ids_shown(leaf)


def _conditions(actor: Actor, scope: Scope) -> list[ColumnElement[bool]]:
    wanted = [
        AuditEntry.facility_id == actor.facility_id,
        AuditEntry.outcome == Outcome.DONE,
        AuditEntry.at >= scope.begins_at,
        AuditEntry.at < scope.ends_at + TYPED,
    ]
    if scope.account_ids:
        wanted.append(AuditEntry.account_id.in_(scope.account_ids))
    return wanted
