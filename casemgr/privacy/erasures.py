"""Asking for an erasure, deciding about it, calling it off: two people, a reason, seven days.

The privacy officer asks, the director approves, never the same account. Nobody of them opens the
case: they see its code, its parts, and why a part is kept.
"""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
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
)
from casemgr.access.opening import open_keys
from casemgr.audit import Action, record
from casemgr.cases import codes, part_marks
from casemgr.cases.models import Case
from casemgr.cases.retention import ERASABLE, Keeping, RecordKind
from casemgr.cases.rules import AT_REST
from casemgr.crypto.errors import SealBroken
from casemgr.db import new_id, session
from casemgr.privacy import assessing, rules
from casemgr.privacy.models import Erasure, ErasurePart, ErasureRecipient
from casemgr.privacy.rules import COUNTDOWN, PENDING, REASON_LENGTH, Basis
from casemgr.privacy.rules import ErasureState as State
from casemgr.work.outbox import enqueue

CARRY_OUT = "erasure"  # the job, and the name of the system actor that does it
OVERSIGHT = frozenset({Compartment.OVERSIGHT})
LISTED = 200


@dataclass(frozen=True, slots=True)
class Opened:
    """An erasure with its parts and receivers, opened for those who answer for it."""

    erasure: Erasure
    code: str
    parts: Sequence[ErasurePart]
    recipients: Sequence[ErasureRecipient]


def request_erasure(
    actor: Actor,
    code: str,
    *,
    basis: Basis,
    reason: str,
    record_kind: RecordKind,
    parts: Collection[Compartment] = ERASABLE,
) -> Erasure:
    """Ask that parts of a case at rest be erased; each part gets its answer at once.

    Raises Invalid on ``case_code`` (unknown_code, at_work, asked_already), ``parts`` or ``reason``.
    """
    actor.require(Permission.ERASURE_REQUEST)
    case = _case_at_rest(actor, code)
    wanted = assessing.holding_something(case, set(parts) & set(ERASABLE))
    if not wanted:
        raise Invalid("parts", "nothing_there")
    erasure = Erasure(
        id=new_id(),
        facility_id=actor.facility_id,
        case_id=case.id,
        state=State.REQUESTED,
        requested_by=actor.known_id,
        requested_at=clock.now(),
    )
    _open(actor, erasure, Action.ERASURE_REQUESTED)
    session.add(erasure)
    erasure.basis, erasure.record_kind = basis, record_kind
    erasure.reason = long_enough(reason)
    session.flush()
    for part, answer in assessing.assess(actor, case, wanted, record_kind).items():
        row = ErasurePart(
            facility_id=actor.facility_id, erasure_id=erasure.id, compartment=part.value
        )
        session.add(row)
        row.keeping = answer.keeping if answer else None
        row.kept_until = answer.until if answer else None
    session.flush()
    return erasure


def approve(actor: Actor, erasure_id: UUID, version: int) -> Erasure:
    """A second person approves; after the countdown the worker carries it out.

    Raises NotFound, Conflict (also where an answer is another one than was shown), Denied for the
    one who asked, Invalid("", "at_work"), rules.ForbiddenMove.
    """
    actor.require(Permission.ERASURE_APPROVE)
    erasure = _for_change(actor, erasure_id, version)
    _require_second_person(actor, erasure)
    erasure.state = rules.move(erasure.state, State.APPROVED)
    case = session.get_one(Case, erasure.case_id, with_for_update=True)
    if case.state not in AT_REST:
        raise Invalid("", Keeping.AT_WORK.value)
    _open(actor, erasure, Action.COMPARTMENT_OPENED)
    if _answer_anew(actor, erasure, parts_of(erasure)):
        raise Conflict(erasure_id)
    erasure.decided_by, erasure.decided_at = actor.known_id, clock.now()
    erasure.due_at = clock.now() + COUNTDOWN
    enqueue(actor, CARRY_OUT, erasure.id, erasure.due_at)
    note(actor, Action.ERASURE_APPROVED, erasure)
    session.flush()
    return erasure


def refuse(actor: Actor, erasure_id: UUID, version: int, reason: str) -> Erasure:
    """A second person refuses, with a reason. Raises as ``approve``, and Invalid("reason", …)."""
    actor.require(Permission.ERASURE_APPROVE)
    erasure = _for_change(actor, erasure_id, version)
    _require_second_person(actor, erasure)
    erasure.state = rules.move(erasure.state, State.REFUSED)
    _open(actor, erasure, Action.ERASURE_REFUSED)
    erasure.decision = long_enough(reason)
    erasure.decided_by, erasure.decided_at = actor.known_id, clock.now()
    session.flush()
    return erasure


def cancel(actor: Actor, erasure_id: UUID, version: int, reason: str) -> Erasure:
    """Either of the two calls it off, until the worker begins. Raises as ``refuse``."""
    if not actor.may(Permission.ERASURE_APPROVE):
        actor.require(Permission.ERASURE_REQUEST)
    erasure = _for_change(actor, erasure_id, version)
    erasure.state = rules.move(erasure.state, State.CANCELLED)
    _open(actor, erasure, Action.ERASURE_CANCELLED)
    erasure.cancelling = long_enough(reason)
    erasure.cancelled_by, erasure.cancelled_at = actor.known_id, clock.now()
    session.flush()
    return erasure


def lift_restriction(
    actor: Actor, erasure_id: UUID, part_id: UUID, version: int, reason: str
) -> None:
    """The director opens a restricted part again, with a reason: the person needs care again.

    Raises NotFound, Conflict when it is not restricted any more, Invalid("reason", …).
    """
    actor.require(Permission.ERASURE_APPROVE)
    erasure = get(actor, erasure_id)
    row = session.get(ErasurePart, part_id)
    if row is None or row.erasure_id != erasure.id:
        raise NotFound(part_id)
    if row.restricted_at is None or row.lifted_at is not None or row.version != version:
        raise Conflict(part_id)
    case = session.get_one(Case, erasure.case_id, with_for_update=True)
    _open(actor, erasure, Action.COMPARTMENT_OPENED)
    row.lifting = long_enough(reason)
    row.lifted_by, row.lifted_at = actor.known_id, clock.now()
    part_marks.lift(actor, case, row.part, erasure.id)
    session.flush()


def note_told(actor: Actor, erasure_id: UUID, recipient_id: UUID) -> None:
    """Record that a receiver was told; doing so twice changes nothing. Raises NotFound."""
    actor.require(Permission.ERASURE_REQUEST)
    erasure = get(actor, erasure_id)
    recipient = session.get(ErasureRecipient, recipient_id)
    if recipient is None or recipient.erasure_id != erasure.id:
        raise NotFound(recipient_id)
    if recipient.told_at is None:
        recipient.told_at, recipient.told_by = clock.now(), actor.known_id
        note(actor, Action.RECIPIENT_TOLD, erasure)
    session.flush()


def show(actor: Actor, erasure_id: UUID, action: Action = Action.ERASURE_SHOWN) -> Opened:
    """One erasure, opened on record. Raises NotFound, Denied.

    Until it is decided its answers are those of now: the director decides about what is so.
    """
    erasure = get(actor, erasure_id)
    _open(actor, erasure, action)
    rows = parts_of(erasure)
    if erasure.state is State.REQUESTED:
        with suppress(SealBroken):  # the page shows where; such an erasure is not approved
            _answer_anew(actor, erasure, rows)
    code = codes.codes_of(actor, [erasure.case_id]).get(erasure.case_id, "")
    return Opened(erasure, code, rows, recipients_of(erasure))


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


def _case_at_rest(actor: Actor, code: str) -> Case:
    found = codes.with_code(actor, code)
    if found is None:
        raise Invalid("case_code", "unknown_code")
    case = session.get_one(Case, found.id, with_for_update=True)
    if case.state not in AT_REST:
        raise Invalid("case_code", Keeping.AT_WORK.value)
    pending = select(Erasure.id).where(Erasure.case_id == case.id, Erasure.state.in_(PENDING))
    if session.scalar(pending) is not None:
        raise Invalid("case_code", "asked_already")
    return case


def _for_change(actor: Actor, erasure_id: UUID, version: int) -> Erasure:
    erasure = get(actor, erasure_id)
    session.refresh(erasure, with_for_update=True)
    if erasure.version != version:
        raise Conflict(erasure_id)
    return erasure


def _answer_anew(actor: Actor, erasure: Erasure, rows: Sequence[ErasurePart]) -> bool:
    """Keep the answers of now on these rows; whether one of them changed. Raises SealBroken."""
    case, told = session.get_one(Case, erasure.case_id), [(r.keeping, r.kept_until) for r in rows]
    found = assessing.assess(actor, case, [row.part for row in rows], erasure.record_kind)
    now = [(a.keeping, a.until) if a else (None, None) for a in (found[r.part] for r in rows)]
    for row, before, (keeping, until) in zip(rows, told, now, strict=True):
        if before != (keeping, until):
            row.keeping, row.kept_until = keeping, until
    session.flush()
    return told != now


def _require_second_person(actor: Actor, erasure: Erasure) -> None:
    if erasure.requested_by == actor.account_id:
        raise Denied(erasure.id)


def _open(actor: Actor, erasure: Erasure, action: Action) -> None:
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
