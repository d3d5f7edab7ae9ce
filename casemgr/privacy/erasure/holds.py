"""Legal holds: the privacy officer has a case kept, with a reason, and lifts that again."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, func, select

from casemgr import clock
from casemgr.access import Actor, Compartment, Conflict, Invalid, NotFound, Permission, Purpose
from casemgr.access.opening import open_keys, open_many
from casemgr.audit import Action, record
from casemgr.cases import codes
from casemgr.cases.models import Case
from casemgr.db import new_id, session
from casemgr.privacy.erasure.models import LegalHold
from casemgr.privacy.erasure.rules import REASON_LENGTH

OVERSIGHT = frozenset({Compartment.OVERSIGHT})


def set_hold(actor: Actor, code: str, reason: str) -> LegalHold:
    """Have a case kept. Raises Invalid for an unknown code, a short reason, or a second hold."""
    actor.require(Permission.HOLD_WRITE)
    found = codes.with_code(actor, code)
    if found is None:
        raise Invalid("case_code", "unknown_code")
    case = session.get_one(Case, found.id, with_for_update=True)
    if of_case(case):
        raise Invalid("case_code", "held_already")
    hold = LegalHold(
        id=new_id(),
        facility_id=actor.facility_id,
        case_id=case.id,
        set_by=actor.account_id,
        set_at=clock.now(),
    )
    _open(actor, hold, Action.HOLD_SET)
    session.add(hold)
    hold.reason = _long_enough(reason)
    session.flush()
    return hold


def lift_hold(actor: Actor, hold_id: UUID, version: int, reason: str) -> None:
    """The reason to keep it is over. Raises NotFound, Conflict, Invalid("reason", …)."""
    actor.require(Permission.HOLD_WRITE)
    hold = session.get(LegalHold, hold_id)
    if hold is None or hold.facility_id != actor.facility_id:
        raise NotFound(hold_id)
    if hold.version != version or hold.lifted_at is not None:
        raise Conflict(hold_id)
    _open(actor, hold, Action.HOLD_LIFTED)
    hold.lifting = _long_enough(reason)
    hold.lifted_by, hold.lifted_at = actor.account_id, clock.now()
    session.flush()


def show(actor: Actor, hold_id: UUID) -> tuple[LegalHold, str]:
    """One hold that stands, opened, with the code of its case. Raises NotFound."""
    found = [item for item in list_holds(actor) if item[0].id == hold_id]
    if not found:
        raise NotFound(hold_id)
    return found[0]


def list_holds(actor: Actor) -> list[tuple[LegalHold, str]]:
    """Every hold that stands with the code of its case, newest first; opened, one entry."""
    actor.require(Permission.ERASURE_READ)
    query = _standing(actor.facility_id).order_by(LegalHold.set_at.desc())
    rows = session.scalars(query).all()
    shown = {row.case_id for row in rows}
    record(
        actor,
        Action.HOLDS_LISTED,
        compartments=OVERSIGHT,
        purpose=Purpose.OVERSIGHT,
        shown=shown,
        count=len(rows),
    )
    open_many(actor, [row.id for row in rows], OVERSIGHT)
    known = codes.codes_of(actor, shown)
    return [(row, known.get(row.case_id, "")) for row in rows]


def count_holds(actor: Actor) -> int:
    """How many cases are held; for the home page."""
    query = _standing(actor.facility_id).with_only_columns(func.count())
    return session.scalar(query) or 0


def of_case(case: Case) -> Sequence[LegalHold]:
    """The holds that stand on a case."""
    query = _standing(case.facility_id).where(LegalHold.case_id == case.id)
    return session.scalars(query).all()


def _standing(facility_id: UUID) -> Select[LegalHold]:
    return select(LegalHold).where(
        LegalHold.facility_id == facility_id, LegalHold.lifted_at.is_(None)
    )


def _open(actor: Actor, hold: LegalHold, action: Action) -> None:
    open_keys(
        actor,
        hold.id,
        OVERSIGHT,
        purpose=Purpose.OVERSIGHT,
        case_id=hold.case_id,
        action=action,
    )


def _long_enough(reason: str) -> str:
    if len(reason.strip()) < REASON_LENGTH:
        raise Invalid("reason", "too_short")
    return reason.strip()
