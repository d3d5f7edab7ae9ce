"""One breach and all of them, opened for those who answer for it; codes only."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select

from casemgr import clock
from casemgr.access import (
    Actor,
    Compartment,
    Conflict,
    Denied,
    Invalid,
    NotFound,
    Permission,
    Purpose,
    Role,
)
from casemgr.access.opening import open_keys, open_many
from casemgr.access.roles import permissions_of
from casemgr.accounts import service as accounts
from casemgr.audit import Action, record
from casemgr.crypto.errors import SealBroken
from casemgr.db import session
from casemgr.privacy.breaches import rules
from casemgr.privacy.breaches.models import Breach
from casemgr.privacy.breaches.rules import REASON_LENGTH, BreachState, Clock

OVERSIGHT = frozenset({Compartment.OVERSIGHT})
LISTED = 200


def show(actor: Actor, breach_id: UUID, action: Action = Action.BREACH_SHOWN) -> Breach:
    """One breach, opened on record. Raises NotFound, Denied for the one whom it concerns.

    Denied also for the deputy where an officer can handle it.
    """
    breach = get(actor, breach_id)
    open_breach_keys(actor, breach, action)
    if not _may_read(actor, breach, _officers(actor)):
        raise Denied(breach_id)
    return breach


def show_to_handler(actor: Actor, breach_id: UUID, action: Action = Action.BREACH_SHOWN) -> Breach:
    """The same for whoever handles it. Raises NotFound, Denied also for who only reads it."""
    actor.require(Permission.BREACH_WRITE)
    breach = show(actor, breach_id, action)
    if not may_handle(actor, breach):
        raise Denied(breach_id)
    return breach


def may_handle(actor: Actor, breach: Breach) -> bool:
    """Whether the actor takes the steps of an opened breach.

    An officer whom it does not concern; where it concerns every officer, deputy and director.
    """
    if not actor.may(Permission.BREACH_WRITE) or _concerns(actor.account_id, breach):
        return False
    return Role.PRIVACY_OFFICER in actor.roles or not _is_for_officers(breach, _officers(actor))


def list_breaches(actor: Actor) -> list[Breach]:
    """The newest breaches; first those whose clock runs, the most urgent on top. One entry with ids.

    What concerns the reader is left out.
    """
    actor.require(Permission.BREACH_READ)
    rows = session.scalars(_all(actor).order_by(Breach.detected_at.desc()).limit(LISTED)).all()
    others = _listed(actor, rows)
    running = [row for row in others if row.state in rules.CLOCK_RUNS]
    return [*reversed(running), *(row for row in others if row.state not in rules.CLOCK_RUNS)]


def list_running(actor: Actor) -> list[Breach]:
    """Those whose clock runs, the most urgent first, without what concerns the reader; one entry."""
    actor.require(Permission.BREACH_READ)
    query = _all(actor).where(Breach.state.in_(rules.CLOCK_RUNS))
    return _listed(actor, session.scalars(query.order_by(Breach.due_at).limit(LISTED)).all())


def _listed(actor: Actor, rows: Sequence[Breach]) -> list[Breach]:
    ids = [row.id for row in rows]
    record(
        actor,
        Action.BREACHES_LISTED,
        compartments=OVERSIGHT,
        purpose=Purpose.OVERSIGHT,
        shown=ids,
        count=len(rows),
    )
    open_many(actor, ids, OVERSIGHT)
    officers = _officers(actor)
    return [row for row in rows if _may_read(actor, row, officers)]


def count_running(actor: Actor) -> int:
    """How many clocks run; for the officer's home page."""
    return _count(_all(actor).where(Breach.state.in_(rules.CLOCK_RUNS)))


def count_for_director(actor: Actor) -> int:
    """How many wait for the director: to agree about, or not notified a day after detection."""
    waits = (Breach.state == BreachState.TO_CONFIRM) | (Breach.escalated_hours > 0)
    return _count(_all(actor).where(Breach.state.in_(rules.CLOCK_RUNS), waits))


def get(actor: Actor, breach_id: UUID) -> Breach:
    """A breach of this facility, still sealed. Raises NotFound, Denied."""
    actor.require(Permission.BREACH_READ)
    breach = session.scalar(_all(actor).where(Breach.id == breach_id))
    if breach is None:
        raise NotFound(breach_id)
    return breach


def for_change(
    actor: Actor, breach_id: UUID, version: int, action: Action, permission: Permission
) -> Breach:
    """A breach locked, opened under ``action`` and unchanged since it was shown.

    Raises NotFound, Denied (also for the one whom it concerns, and for who does not handle it),
    Conflict.
    """
    actor.require(permission)
    breach = get(actor, breach_id)
    session.refresh(breach, with_for_update=True)
    if breach.version != version:
        raise Conflict(breach_id)
    open_breach_keys(actor, breach, action)
    asked = may_handle(actor, breach) if permission is Permission.BREACH_WRITE else True
    if not asked or _concerns(actor.account_id, breach):
        raise Denied(breach_id)
    return breach


def open_breach_keys(actor: Actor, breach: Breach, action: Action) -> None:
    """Open what is sealed of a breach, under the act it is opened for; the caller decided."""
    open_keys(
        actor,
        breach.id,
        OVERSIGHT,
        purpose=Purpose.OVERSIGHT,
        action=action,
    )


def clock_of(breach: Breach, now: datetime | None = None) -> Clock:
    """How its 72 hours stand."""
    return rules.clock_of(breach.due_at, breach.stopped_at, now or clock.now())


def long_enough(reason: str, field: str = "reason") -> str:
    """A reason that says something. Raises Invalid(field, "too_short")."""
    if len(reason.strip()) < REASON_LENGTH:
        raise Invalid(field, "too_short")
    return reason.strip()


def _officers(actor: Actor) -> frozenset[UUID]:
    return frozenset(person.id for person in accounts.colleagues(actor, Role.PRIVACY_OFFICER))


def _may_read(actor: Actor, breach: Breach, officers: frozenset[UUID]) -> bool:
    if _concerns(actor.account_id, breach):
        return False
    by_role = Permission.BREACH_READ in permissions_of(actor.roles)
    return by_role or not _is_for_officers(breach, officers)  # of the deputy, only what is theirs


def _is_for_officers(breach: Breach, officers: frozenset[UUID]) -> bool:
    """Whether any officer is left whom it does not concern."""
    return any(not _concerns(officer, breach) for officer in officers)


def _concerns(account_id: UUID | None, breach: Breach) -> bool:
    try:
        return str(account_id) in (breach.account_ids or ())
    except SealBroken:
        return False  # nothing of it can be read


def _all(actor: Actor) -> Select[Breach]:
    return select(Breach).where(Breach.facility_id == actor.facility_id)


def _count(query: Select[Breach]) -> int:
    return session.scalar(select(func.count()).select_from(query.subquery())) or 0


def note(actor: Actor, action: Action, breach: Breach, count: int | None = None) -> None:
    """An entry about a breach."""
    record(actor, action, subject_kind="breach", subject_id=breach.id, count=count)
