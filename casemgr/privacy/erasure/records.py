"""One erasure and all of them, opened for those who answer for it; codes only."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, func, select

from casemgr.access import Actor, Compartment, Invalid, NotFound, Permission, Purpose
from casemgr.access.opening import open_keys
from casemgr.audit import Action, record
from casemgr.cases import codes
from casemgr.crypto.errors import SealBroken
from casemgr.db import session
from casemgr.privacy.erasure.assessing import answer_anew
from casemgr.privacy.erasure.models import Erasure, ErasurePart, ErasureRecipient
from casemgr.privacy.erasure.rules import PENDING, REASON_LENGTH
from casemgr.privacy.erasure.rules import ErasureState as State

OVERSIGHT = frozenset({Compartment.OVERSIGHT})
LISTED = 200


@dataclass(frozen=True, slots=True)
class Opened:
    """An erasure with its parts and receivers, opened for those who answer for it."""

    erasure: Erasure
    code: str
    parts: Sequence[ErasurePart]
    recipients: Sequence[ErasureRecipient]


def show(actor: Actor, erasure_id: UUID, action: Action = Action.ERASURE_SHOWN) -> Opened:
    """One erasure, opened on record. Raises NotFound, Denied.

    Until it is decided its answers are those of today: the director decides about what is so.
    """
    erasure = get(actor, erasure_id)
    open_erasure(actor, erasure, action)
    if erasure.state is State.REQUESTED:
        with suppress(SealBroken):  # the page shows where; such a request cannot be approved
            answer_anew(actor, erasure, parts_of(erasure))
    code = codes.codes_of(actor, [erasure.case_id]).get(erasure.case_id, "")
    return Opened(erasure, code, parts_of(erasure), recipients_of(erasure))


def show_part(actor: Actor, erasure_id: UUID, part_id: UUID) -> tuple[Opened, ErasurePart]:
    """One erasure and one of its parts. Raises NotFound, Denied."""
    opened = show(actor, erasure_id)
    rows = [row for row in opened.parts if row.id == part_id]
    if not rows:
        raise NotFound(part_id)
    return opened, rows[0]


def list_erasures(actor: Actor) -> list[tuple[Erasure, str]]:
    """Erasures with the code of their case, what waits first; public columns, one entry."""
    actor.require(Permission.ERASURE_READ)
    rows = session.scalars(_all(actor).order_by(Erasure.requested_at.desc()).limit(LISTED)).all()
    shown = {row.case_id for row in rows}
    record(actor, Action.ERASURES_LISTED, shown=shown, count=len(rows))
    known = codes.codes_of(actor, shown)
    first = sorted(rows, key=lambda row: row.state not in PENDING)
    return [(row, known.get(row.case_id, "")) for row in first]


def count_to_decide(actor: Actor) -> int:
    """How many requests wait for a decision; for the director's home page."""
    return _count(_all(actor).where(Erasure.state == State.REQUESTED))


def count_not_final(actor: Actor) -> int:
    """How many erasures are asked for, under way, or not final yet; for the officer's."""
    return _count(_all(actor).where(Erasure.state.in_([*PENDING, State.LIVE])))


def get(actor: Actor, erasure_id: UUID) -> Erasure:
    """An erasure of this facility, still sealed. Raises NotFound, Denied."""
    actor.require(Permission.ERASURE_READ)
    erasure = session.scalar(_all(actor).where(Erasure.id == erasure_id))
    if erasure is None:
        raise NotFound(erasure_id)
    return erasure


def parts_of(erasure: Erasure) -> Sequence[ErasurePart]:
    """The parts in the order of the compartments."""
    order = {part.value: place for place, part in enumerate(Compartment)}
    rows = session.scalars(select(ErasurePart).where(ErasurePart.erasure_id == erasure.id))
    return sorted(rows, key=lambda row: order[row.compartment])


def recipients_of(erasure: Erasure) -> Sequence[ErasureRecipient]:
    """Who holds a copy of what was erased."""
    query = select(ErasureRecipient).where(ErasureRecipient.erasure_id == erasure.id)
    return session.scalars(query.order_by(ErasureRecipient.id)).all()


def note(actor: Actor, action: Action, erasure: Erasure, count: int | None = None) -> None:
    """An entry about an erasure."""
    record(
        actor,
        action,
        case_id=erasure.case_id,
        subject_kind="erasure",
        subject_id=erasure.id,
        count=count,
    )


def long_enough(reason: str) -> str:
    """A reason that says something. Raises Invalid("reason", "too_short")."""
    if len(reason.strip()) < REASON_LENGTH:
        raise Invalid("reason", "too_short")
    return reason.strip()


def open_erasure(actor: Actor, erasure: Erasure, action: Action) -> None:
    """Open what is sealed of an erasure, under the act it is opened for; the caller decided."""
    open_keys(
        actor,
        erasure.id,
        OVERSIGHT,
        purpose=Purpose.OVERSIGHT,
        case_id=erasure.case_id,
        action=action,
    )


def _all(actor: Actor) -> Select[Erasure]:
    return select(Erasure).where(Erasure.facility_id == actor.facility_id)


def _count(query: Select[Erasure]) -> int:
    return session.scalar(select(func.count()).select_from(query.subquery())) or 0
