"""Approving, refusing or calling off an erasure, lifting what it restricted, telling receivers."""

from uuid import UUID

from sqlalchemy import select

from casemgr import clock
from casemgr.access import Actor, Conflict, Denied, Invalid, NotFound, Permission
from casemgr.audit import Action
from casemgr.cases import part_marks
from casemgr.cases.models import Case
from casemgr.cases.retention import Keeping
from casemgr.cases.rules import AT_REST
from casemgr.db import session
from casemgr.privacy.erasure import rules
from casemgr.privacy.erasure.assessing import answer_anew
from casemgr.privacy.erasure.models import Erasure, ErasurePart, ErasureRecipient
from casemgr.privacy.erasure.records import get, long_enough, note, open_erasure, parts_of
from casemgr.privacy.erasure.rules import COUNTDOWN
from casemgr.privacy.erasure.rules import ErasureState as State
from casemgr.work.outbox import enqueue

CARRY_OUT = "erasure"  # the job, and the name of the system actor that does it


def approve(actor: Actor, erasure_id: UUID, version: int) -> Erasure:
    """A second person approves; after the countdown the worker carries it out.

    Raises NotFound, Conflict (also where an answer is not the one that was shown), Denied for the
    one who asked, Invalid("", "at_work"), rules.ForbiddenMove.
    """
    actor.require(Permission.ERASURE_APPROVE)
    erasure = _for_change(actor, erasure_id, version)
    _require_second_person(actor, erasure)
    erasure.state = rules.move(erasure.state, State.APPROVED)
    if session.get_one(Case, erasure.case_id, with_for_update=True).state not in AT_REST:
        raise Invalid("", Keeping.AT_WORK.value)
    open_erasure(actor, erasure, Action.COMPARTMENT_OPENED)
    if answer_anew(actor, erasure, parts_of(erasure)):
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
    open_erasure(actor, erasure, Action.ERASURE_REFUSED)
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
    open_erasure(actor, erasure, Action.ERASURE_CANCELLED)
    erasure.cancelling = long_enough(reason)
    erasure.cancelled_by, erasure.cancelled_at = actor.known_id, clock.now()
    session.flush()
    return erasure


def lift_restriction(
    actor: Actor, erasure_id: UUID, part_id: UUID, version: int, reason: str
) -> None:
    """The director opens a restricted part again, with a reason: the person needs care again.

    Two erasures may have restricted the same part: it opens when the last of them is lifted.

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
    open_erasure(actor, erasure, Action.COMPARTMENT_OPENED)
    row.lifting = long_enough(reason)
    row.lifted_by, row.lifted_at = actor.known_id, clock.now()
    session.flush()
    if not _is_restricted_still(case, row):
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


def _is_restricted_still(case: Case, lifted: ErasurePart) -> bool:
    """Whether another erasure restricts this part of the case, since it was last erased."""
    query = (
        select(ErasurePart.id)
        .join(Erasure, Erasure.id == ErasurePart.erasure_id)
        .where(Erasure.case_id == case.id, ErasurePart.compartment == lifted.compartment)
        .where(ErasurePart.restricted_at.is_not(None), ErasurePart.lifted_at.is_(None))
    )
    erased_at = part_marks.erased_at(case, lifted.part)
    if erased_at is not None:
        query = query.where(ErasurePart.restricted_at > erased_at)
    return session.scalar(query.limit(1)) is not None


def _for_change(actor: Actor, erasure_id: UUID, version: int) -> Erasure:
    erasure = get(actor, erasure_id)
    session.refresh(erasure, with_for_update=True)
    if erasure.version != version:
        raise Conflict(erasure_id)
    return erasure


def _require_second_person(actor: Actor, erasure: Erasure) -> None:
    if erasure.requested_by == actor.account_id:
        raise Denied(erasure.id)
