"""Recording consent, refusal and lawful grounds, and what follows from each (R4–R6)."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from uuid import UUID

from sqlalchemy import select

from casemgr import clock
from casemgr.access import Actor, Compartment, Conflict, Invalid, NotFound, Permission, Purpose
from casemgr.access.opening import open_keys
from casemgr.audit import Action, record
from casemgr.cases import service
from casemgr.cases.consent import TEXT_VERSION, Consent, ConsentMethod, ConsentPurpose, live
from casemgr.cases.models import Case, LawfulGround
from casemgr.cases.rules import AT_REST, MOVES, WITHOUT_RECORD, CaseState, Ground
from casemgr.crypto.at_once import open_all
from casemgr.crypto.errors import SealBroken
from casemgr.db import session

REASON_LENGTH = 20  # R6: a reason of at least twenty characters

Hook = Callable[[Actor, UUID, Consent], None]
on_withdrawal: list[Hook] = []  # rooms above connect here; a failure rolls everything back


def consents(case: Case) -> Sequence[Consent]:
    """Every answer to a question of consent, newest first. SOCIAL must be open."""
    query = select(Consent).where(Consent.case_id == case.id)
    found = session.scalars(query.order_by(Consent.recorded_at.desc())).all()
    open_all(Consent.consent, found)
    return found


def live_for(
    case: Case, purpose: ConsentPurpose, recipient_id: UUID | None = None
) -> Consent | None:
    """The consent that allows this purpose and recipient today, or None. SOCIAL must be open."""
    return live(consents(case), purpose, clock.today(), recipient_id)


def record_consent(
    actor: Actor,
    case_id: UUID,
    *,
    purpose: ConsentPurpose,
    was_given: bool,
    method: ConsentMethod,
    witness: str | None = None,
    recipient_id: UUID | None = None,
    expires_on: date | None = None,
) -> Consent:
    """Record what the person answered. A yes or no to the record itself moves the case.

    A no ends every earlier yes to the same question (R4, R5). Raises Invalid: ``witness`` for a
    spoken answer without one, ``recipient_id`` for a referral without one, ``expires_on`` in the
    past, or when the case is at rest.
    """
    actor.require(Permission.CONSENT_WRITE)
    case = service.get_for_change(actor, case_id)
    service.open_parts(actor, case, {Compartment.SOCIAL}, Purpose.CASE_WORK)
    if purpose is ConsentPurpose.REFERRAL and recipient_id is None:
        raise Invalid("recipient_id", "recipient_missing")
    if purpose is not ConsentPurpose.REFERRAL:
        recipient_id = None  # only a referral names an organisation
    if expires_on is not None and expires_on < clock.today():
        raise Invalid("expires_on", "in_the_past")
    if case.state in AT_REST:
        raise Invalid("", "case_at_rest")
    if purpose is ConsentPurpose.RECORD and expires_on is not None:
        raise Invalid("expires_on", "record_has_no_end")
    for item in _live(case, purpose, recipient_id):
        _end(actor, case, item, is_replaced=was_given)
    return _write(
        actor,
        case,
        purpose,
        was_given=was_given,
        method=method,
        witness=witness,
        recipient_id=recipient_id,
        expires_on=expires_on,
    )


def record_first_answer(
    actor: Actor,
    case_id: UUID,
    *,
    was_given: bool,
    method: ConsentMethod,
    witness: str | None = None,
) -> Consent:
    """The answer to "may we open a record?", asked by the nurse right after her own sitting.

    The screenings room has checked that this sitting is the actor's and led to this case. Raises
    NotFound, Conflict once somebody took the case or it was answered, or Invalid("witness", …).
    """
    actor.require(Permission.SCREENING_WRITE)
    case = session.get(Case, case_id, with_for_update=True, populate_existing=True)
    if case is None or case.facility_id != actor.facility_id or case.state not in WITHOUT_RECORD:
        raise NotFound(case_id)
    if case.assignee_id is not None or consents(case):
        raise Conflict(case_id)  # somebody runs it, or it was answered: theirs to ask again
    open_keys(actor, case.id, {Compartment.SOCIAL}, purpose=Purpose.SCREENING, case_id=case.id)
    return _write(
        actor,
        case,
        ConsentPurpose.RECORD,
        was_given=was_given,
        method=method,
        witness=witness,
    )


def record_ground(
    actor: Actor, case_id: UUID, *, ground: Ground, reason: str, person_was_told: bool
) -> LawfulGround:
    """Record why a case record is lawful without consent. Raises Invalid("reason", "too_short")."""
    actor.require(Permission.CONSENT_WRITE)
    case = service.get_for_change(actor, case_id)
    service.open_parts(actor, case, {Compartment.SOCIAL}, Purpose.CASE_WORK)
    if case.state in AT_REST:
        raise Invalid("", "case_at_rest")
    if len(reason.strip()) < REASON_LENGTH:
        raise Invalid("reason", "too_short")
    written = LawfulGround(
        facility_id=actor.facility_id,
        case_id=case.id,
        recorded_by=actor.account_id,
        recorded_at=clock.now(),
        ground=ground,
        reason=reason.strip(),
        person_was_told=person_was_told,
    )
    session.add(written)
    record(actor, Action.GROUND_RECORDED, case_id=case.id, subject_id=written.id)
    if case.state in (CaseState.SUSPECTED, CaseState.REPORTED):
        service.move_case(actor, case, CaseState.ADMITTED)
    session.flush()
    return written


def grounds(case: Case) -> Sequence[LawfulGround]:
    """The recorded grounds, newest first. SOCIAL must be open."""
    query = select(LawfulGround).where(LawfulGround.case_id == case.id)
    return session.scalars(query.order_by(LawfulGround.recorded_at.desc())).all()


def withdraw(actor: Actor, case_id: UUID, consent_id: UUID) -> Consent:
    """Withdraw a consent in one step; what depends on it stops in the same transaction (R5).

    Taking back the consent to the record itself is a refusal of support, unless a lawful ground
    keeps the record.
    """
    actor.require(Permission.CONSENT_WRITE)
    case = service.get_for_change(actor, case_id)
    service.open_parts(actor, case, {Compartment.SOCIAL}, Purpose.CASE_WORK)
    given = session.get(Consent, consent_id)
    if given is None or given.case_id != case.id:
        raise NotFound(consent_id)
    for item in (given, *_live(case, given.purpose, given.recipient_id)):
        _end(actor, case, item)
    if given.purpose is ConsentPurpose.RECORD and given.was_given:
        _follow_end(actor, case)
    session.flush()
    return given


def require_record(case: Case) -> None:
    """Refuse to write about a person who has not agreed to a record (R4a), or in a case at rest."""
    if case.state in WITHOUT_RECORD:
        raise Invalid("", "no_record_yet")
    if case.state in AT_REST:
        raise Invalid("", "case_at_rest")


def _live(case: Case, purpose: ConsentPurpose | None, recipient_id: UUID | None) -> list[Consent]:
    """Live consents for a purpose and recipient, or all for None. An unreadable one is not live."""
    found = []
    for item in consents(case):
        with suppress(SealBroken):
            matches = item.purpose is purpose and item.recipient_id == recipient_id
            if item.is_live(clock.today()) and (purpose is None or matches):
                found.append(item)
    return found


def _end(actor: Actor, case: Case, given: Consent, *, is_replaced: bool = False) -> None:
    """End one consent. Replaced by a newer yes, what depends on it goes on."""
    if given.withdrawn_at is not None:
        return
    given.withdrawn_at, given.withdrawn_by = clock.now(), actor.account_id
    record(actor, Action.CONSENT_WITHDRAWN, case_id=case.id, subject_id=given.id)
    for hook in () if is_replaced else on_withdrawal:
        hook(actor, case.id, given)


def _follow_end(actor: Actor, case: Case) -> None:
    """Nothing allows the record any more: the case rests, medical care goes on."""
    still = live_for(case, ConsentPurpose.RECORD)
    if still is None and not grounds(case) and CaseState.REFUSED in MOVES[case.state]:
        _refuse(actor, case)


def _refuse(actor: Actor, case: Case) -> None:
    """The case rests, and no earlier consent comes back to life when it is opened again."""
    for item in _live(case, None, None):
        _end(actor, case, item)
    service.move_case(actor, case, CaseState.REFUSED)


def _write(
    actor: Actor,
    case: Case,
    purpose: ConsentPurpose,
    *,
    was_given: bool,
    method: ConsentMethod,
    witness: str | None,
    recipient_id: UUID | None = None,
    expires_on: date | None = None,
) -> Consent:
    if method is ConsentMethod.SPOKEN_WITH_WITNESS and not (witness or "").strip():
        raise Invalid("witness", "witness_missing")
    answer = Consent(
        facility_id=actor.facility_id,
        case_id=case.id,
        recorded_by=actor.account_id,
        recorded_at=clock.now(),
        purpose=purpose,
        was_given=was_given,
        method=method,
        witness=witness,
        text_version=TEXT_VERSION,
        recipient_id=recipient_id,
        expires_on=expires_on,
    )
    session.add(answer)
    action = Action.CONSENT_GIVEN if was_given else Action.CONSENT_REFUSED
    record(actor, action, case_id=case.id, subject_id=answer.id)
    if purpose is ConsentPurpose.RECORD:
        _follow_answer(actor, case, was_given=was_given)
    session.flush()
    return answer


def _follow_answer(actor: Actor, case: Case, *, was_given: bool) -> None:
    """Yes admits the case, no closes it as "từ chối hỗ trợ"; later answers change nothing else.

    A lawful ground (R6) keeps the record open whatever was answered.
    """
    if was_given and case.state in (CaseState.SUSPECTED, CaseState.REPORTED):
        service.move_case(actor, case, CaseState.ADMITTED)
    elif not was_given and CaseState.REFUSED in MOVES[case.state] and not grounds(case):
        _refuse(actor, case)
