"""What follows from an answer, a ground and a withdrawal (R4–R6)."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from casemgr import clock
from casemgr.access import Compartment, Denied, Invalid, NotFound
from casemgr.audit import Action, AuditEntry
from casemgr.cases import consenting, recording, service, tasks
from casemgr.cases.consent import Consent, ConsentMethod, ConsentPurpose, Standing, standings
from casemgr.cases.models import Case, Identity
from casemgr.cases.rules import CaseState, Ground, Source
from casemgr.db import new_id, session
from tests.cast import Cast

RECORD, REFERRAL, AGAIN = (
    ConsentPurpose.RECORD,
    ConsentPurpose.REFERRAL,
    ConsentPurpose.CONTACT_AGAIN,
)
REASON = "Trẻ 14 tuổi, có dấu hiệu bị xâm hại"


def answer(
    cast: Cast,
    case_id: UUID,
    purpose: ConsentPurpose = RECORD,
    *,
    yes: bool = True,
    recipient_id: UUID | None = None,
    expires_on: date | None = None,
    by: str = "worker",
) -> Consent:
    return consenting.record_consent(
        cast.actor(by),
        case_id,
        purpose=purpose,
        was_given=yes,
        method=ConsentMethod.SIGNED,
        recipient_id=recipient_id,
        expires_on=expires_on,
    )


def state_of(case_id: UUID) -> CaseState:
    return session.get_one(Case, case_id).state


def test_a_yes_to_the_record_admits_the_case(cast: Cast, taken: UUID) -> None:
    with cast.acting():
        assert state_of(taken) is CaseState.REPORTED
        answer(cast, taken)
        assert state_of(taken) is CaseState.ADMITTED


def test_a_no_closes_it_and_keeps_it_twelve_months(cast: Cast, taken: UUID) -> None:
    with cast.acting(), clock.frozen(datetime(2026, 3, 1, 2, tzinfo=UTC)):
        answer(cast, taken, yes=False)
        case = session.get_one(Case, taken)
        assert case.state is CaseState.REFUSED
        assert case.keep_until == date(2027, 3, 1)
        assert case.closed_at is not None


@pytest.mark.parametrize("stage", ["admitted", "in_support"])
def test_refusal_is_possible_at_any_step(
    cast: Cast, stage: str, request: pytest.FixtureRequest
) -> None:
    case_id = request.getfixturevalue(stage)
    with cast.acting():
        answer(cast, case_id, yes=False)
        assert state_of(case_id) is CaseState.REFUSED


def test_a_refused_case_is_reopened_and_asked_again(cast: Cast, taken: UUID) -> None:
    worker = cast.actor("worker")
    with cast.acting():
        answer(cast, taken, yes=False)
        with pytest.raises(Invalid) as refused:
            answer(cast, taken)
        assert refused.value.reason == "case_at_rest"
        recording.reopen_case(worker, taken, "Người bệnh quay lại")
        case = session.get_one(Case, taken)
        assert (case.state, case.keep_until) == (CaseState.REPORTED, None)
        answer(cast, taken)
        assert state_of(taken) is CaseState.ADMITTED


def test_nothing_is_written_before_consent_or_a_ground(cast: Cast, taken: UUID) -> None:
    worker = cast.actor("worker")
    with cast.acting():
        for act in (
            lambda: recording.add_note(worker, taken, "x"),
            lambda: tasks.add_task(worker, taken, title="x", due_at=clock.now()),
            lambda: recording.record_part(worker, taken, Identity, None, {}),
        ):
            with pytest.raises(Invalid) as refused:
                act()
            assert refused.value.reason == "no_record_yet"


def test_a_lawful_ground_needs_twenty_characters(cast: Cast, taken: UUID) -> None:
    worker = cast.actor("worker")

    def record(reason: str) -> None:
        consenting.record_ground(
            worker, taken, ground=Ground.CHILD, reason=reason, person_was_told=False
        )

    with cast.acting():
        with pytest.raises(Invalid) as refused:
            record("x" * 19)
        assert (refused.value.field, refused.value.reason) == ("reason", "too_short")
        record(REASON)
        assert state_of(taken) is CaseState.ADMITTED


def test_a_ground_keeps_the_record_after_a_no(cast: Cast, taken: UUID) -> None:
    with cast.acting():
        consenting.record_ground(
            cast.actor("worker"), taken, ground=Ground.CHILD, reason=REASON, person_was_told=True
        )
        answer(cast, taken, yes=False)
        assert state_of(taken) is CaseState.ADMITTED


def test_spoken_words_need_a_witness(cast: Cast, taken: UUID) -> None:
    with cast.acting(), pytest.raises(Invalid) as refused:
        consenting.record_consent(
            cast.actor("worker"),
            taken,
            purpose=RECORD,
            was_given=True,
            method=ConsentMethod.SPOKEN_WITH_WITNESS,
            witness="  ",
        )
    assert refused.value.field == "witness"


def test_each_recipient_is_asked_about_separately(cast: Cast, admitted: UUID) -> None:
    here, there = new_id(), new_id()
    with cast.acting():
        with pytest.raises(Invalid) as refused:
            answer(cast, admitted, REFERRAL)
        assert refused.value.field == "recipient_id"
        given = answer(cast, admitted, REFERRAL, recipient_id=here)
        case = service.show_case(cast.actor("worker"), admitted)
        assert consenting.live_for(case, REFERRAL, here) is given
        assert consenting.live_for(case, REFERRAL, there) is None
        answer(cast, admitted, REFERRAL, recipient_id=there, yes=False)
        assert consenting.live_for(case, REFERRAL, here) is given


def test_a_later_no_ends_the_earlier_yes(cast: Cast, admitted: UUID) -> None:
    told = []
    consenting.on_withdrawal.append(lambda _actor, _case_id, item: told.append(item.id))
    try:
        with cast.acting():
            given = answer(cast, admitted, AGAIN)
            answer(cast, admitted, AGAIN, yes=False)
            case = service.show_case(cast.actor("worker"), admitted)
            assert consenting.live_for(case, AGAIN) is None
            assert given.withdrawn_at is not None
            assert told == [given.id]
    finally:
        consenting.on_withdrawal.pop()


def test_a_consent_ends_with_its_last_day(cast: Cast, admitted: UUID) -> None:
    with cast.acting():
        last = clock.today() + timedelta(days=3)
        given = answer(cast, admitted, AGAIN, expires_on=last)
        assert given.is_live(last)
        assert given.standing(last + timedelta(days=1)) is Standing.EXPIRED
        with pytest.raises(Invalid):
            answer(cast, admitted, AGAIN, expires_on=clock.today() - timedelta(days=1))


def test_withdrawing_the_record_itself_lets_the_case_rest(cast: Cast, in_support: UUID) -> None:
    worker = cast.actor("worker")
    with cast.acting():
        case = service.show_case(worker, in_support)
        given = consenting.live_for(case, RECORD)
        assert given is not None
        consenting.withdraw(worker, in_support, given.id)
        assert state_of(in_support) is CaseState.REFUSED
        with pytest.raises(Invalid):
            recording.add_note(worker, in_support, "Không được ghi nữa")


def test_withdrawing_anything_else_leaves_the_record(cast: Cast, in_support: UUID) -> None:
    worker = cast.actor("worker")
    with cast.acting():
        given = answer(cast, in_support, AGAIN)
        consenting.withdraw(worker, in_support, given.id)
        assert state_of(in_support) is CaseState.IN_SUPPORT
        case = service.show_case(worker, in_support)
        found = standings(consenting.consents(case), clock.today())
        assert found[AGAIN] is Standing.WITHDRAWN
        assert found[RECORD] is Standing.GIVEN
        assert found[ConsentPurpose.CONTACT_FAMILY] is Standing.NOT_ASKED
        wanted = (AuditEntry.action == Action.CONSENT_WITHDRAWN, AuditEntry.case_id == in_support)
        assert len(session.scalars(select(AuditEntry).where(*wanted)).all()) == 1


def test_another_cases_consent_is_not_found(cast: Cast, admitted: UUID) -> None:
    worker = cast.actor("worker")
    with cast.acting():
        other = service.open_suspicion(worker, source=Source.SELF, ward="", contact_nurse_id=None)
        service.take_case(worker, other.id)
        given = answer(cast, admitted, AGAIN)
        with pytest.raises(NotFound):
            consenting.withdraw(worker, other.id, given.id)


def test_whoever_is_not_on_the_team_finds_no_case(cast: Cast, admitted: UUID) -> None:
    with cast.acting():
        with pytest.raises(NotFound):
            answer(cast, admitted, AGAIN, by="other_worker")
        with pytest.raises(Denied):
            answer(cast, admitted, AGAIN, by="doctor")
        with pytest.raises(Denied):
            service.open_case(cast.actor("nurse"), admitted, {Compartment.SOCIAL})


def test_a_newer_answer_replaces_the_older_one(cast: Cast, in_support: UUID) -> None:
    """R5: two yes to one question, then one withdrawal: nothing allows it any more."""
    worker = cast.actor("worker")
    with cast.acting():
        first, second = (
            consenting.record_consent(
                worker,
                in_support,
                purpose=ConsentPurpose.PHOTOGRAPHS,
                was_given=True,
                method=ConsentMethod.SIGNED,
            ).id
            for _ in range(2)
        )
    with cast.acting():
        assert first != second
        consenting.withdraw(worker, in_support, second)
    with cast.acting():
        case = service.open_case(worker, in_support, {Compartment.SOCIAL})
        assert consenting.live_for(case, ConsentPurpose.PHOTOGRAPHS) is None


def test_one_broken_answer_does_not_keep_a_person_from_withdrawing(
    cast: Cast, in_support: UUID
) -> None:
    worker = cast.actor("worker")
    with cast.acting():
        broken = consenting.record_consent(
            worker,
            in_support,
            purpose=ConsentPurpose.STATISTICS,
            was_given=True,
            method=ConsentMethod.SIGNED,
        ).id
    with cast.planting():
        garbage = bytes([1]) + bytes(80)
        session.execute(update(Consent).where(Consent.id == broken).values(consent_sealed=garbage))
    with cast.acting():
        case = service.open_case(worker, in_support, {Compartment.SOCIAL})
        given = consenting.live_for(case, ConsentPurpose.RECORD)
        assert given is not None
        consenting.withdraw(worker, in_support, given.id)
        assert case.state is CaseState.REFUSED


def test_an_untaken_case_cannot_be_moved_past_being_taken(cast: Cast, suspicion: UUID) -> None:
    """Otherwise nobody could ever run it."""
    nurse, worker = cast.actor("nurse"), cast.actor("worker")
    with cast.acting():
        consenting.record_first_answer(
            nurse, suspicion, was_given=True, method=ConsentMethod.SIGNED
        )
    with cast.acting(), pytest.raises(Invalid, match="not_taken"):
        recording.begin_support(worker, suspicion)
    with cast.acting():
        assert service.take_case(worker, suspicion).assignee_id == cast.ids["worker"]
