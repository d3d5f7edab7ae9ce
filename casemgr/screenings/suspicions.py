"""From a sitting to a suspicion: opening it, its code, and the person's first answer (R4a)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from casemgr.access import Actor, Conflict, Invalid, NotFound, Permission
from casemgr.audit import Action, record
from casemgr.cases import consenting
from casemgr.cases import service as cases
from casemgr.cases.consent import ConsentMethod
from casemgr.cases.models import Case, Notice
from casemgr.cases.rules import CaseState, Source
from casemgr.db import session
from casemgr.screenings import rules, service
from casemgr.screenings.models import Sitting

_UNANSWERED = (CaseState.SUSPECTED, CaseState.REPORTED)


@dataclass(frozen=True, slots=True)
class Told:
    """One role that was told the code, and when somebody of it acknowledged."""

    role: str
    acknowledged_at: datetime | None


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What the nurse keeps of the case she opened: its code, never what becomes of it."""

    sitting_id: UUID
    code: str
    code_name: str
    state: CaseState
    told: Sequence[Told]

    @property
    def may_answer(self) -> bool:
        """Whether the first answer (R4a) can still be recorded here."""
        return self.state in _UNANSWERED

    @property
    def was_declined(self) -> bool:
        """Whether the person declined support; they may come back at any time."""
        return self.state is CaseState.REFUSED


def raise_suspicion(
    actor: Actor, sitting_id: UUID, version: int, *, concern: str | None
) -> Sitting:
    """Open a suspicion from a positive sitting or from what staff observed (domain §3).

    Raises Invalid("concern", "needs_concern") where neither is there; Conflict when this sitting
    led to a case already.
    """
    sitting = service.mine_for_change(actor, sitting_id, version)
    if sitting.case_id is not None:
        raise Conflict(sitting_id)
    service.unseal(actor, sitting, Action.CONCERN_RECORDED if concern else Action.SCREENING_SHOWN)
    result = sitting.outcome or rules.Outcome.INCOMPLETE
    if rules.ground_for_suspicion(result, has_concern=bool(concern)) is None:
        raise Invalid("concern", "needs_concern")
    return _open_case(actor, sitting, concern)


def raise_by_concern(actor: Actor, *, department: str, concern: str) -> Sitting:
    """Open a suspicion on observed signs alone, without a question to the person (domain §3)."""
    actor.require(Permission.SCREENING_WRITE)
    sitting = service.start(actor, department, Action.CONCERN_RECORDED)
    return _open_case(actor, sitting, concern)


def show(actor: Actor, sitting_id: UUID) -> Suspicion:
    """The code of the case that the actor's own sitting led to, and who was told.

    Raises NotFound for another's sitting, or one that led to no case.
    """
    sitting = service.mine(actor, sitting_id)
    case = _case_of(sitting)
    record(
        actor,
        Action.SCREENING_SHOWN,
        case_id=case.id,
        subject_kind="screening",
        subject_id=sitting.id,
    )
    query = select(Notice).where(Notice.case_id == case.id).order_by(Notice.sent_at)
    told = [Told(n.to_role, n.acknowledged_at) for n in session.scalars(query)]
    # What becomes of it once somebody runs it is not the nurse's to see.
    state = case.state if case.assignee_id is None else CaseState.ADMITTED
    return Suspicion(sitting.id, case.code, case.code_name, state, told)


def record_first_answer(
    actor: Actor,
    sitting_id: UUID,
    *,
    was_given: bool,
    method: ConsentMethod | None,
    witness: str | None,
) -> None:
    """What the person answered to "may we open a support record?" (R4a).

    A no needs neither paper nor a third person: the nurse who heard it is its witness. Raises
    NotFound; Conflict once it was answered; Invalid("method" or "witness", …) for a yes.
    """
    case = _case_of(service.mine(actor, sitting_id))
    if case.state not in _UNANSWERED:
        raise Conflict(case.id)
    if was_given and method is None:
        raise Invalid("method", "method_missing")
    if method is None or not was_given:
        method, witness = ConsentMethod.SPOKEN_WITH_WITNESS, actor.display_name
    consenting.record_first_answer(
        actor, case.id, was_given=was_given, method=method, witness=witness
    )


def postpone_answer(actor: Actor, sitting_id: UUID) -> None:
    """The person was not asked now; the social worker asks later. Raises NotFound."""
    case = _case_of(service.mine(actor, sitting_id))
    record(actor, Action.CONSENT_POSTPONED, case_id=case.id, subject_id=sitting_id)


def _open_case(actor: Actor, sitting: Sitting, concern: str | None) -> Sitting:
    if concern:
        sitting.staff_concern = concern
    case = cases.open_suspicion(
        actor,
        source=Source.WARD,
        ward=sitting.department or "",
        contact_nurse_id=actor.known_id,
    )
    sitting.case_id = case.id
    record(
        actor,
        Action.SCREENING_LINKED,
        case_id=case.id,
        subject_kind="screening",
        subject_id=sitting.id,
    )
    session.flush()
    return sitting


def _case_of(sitting: Sitting) -> Case:
    case = session.get(Case, sitting.case_id) if sitting.case_id else None
    if case is None:
        raise NotFound(sitting.id)
    return case
