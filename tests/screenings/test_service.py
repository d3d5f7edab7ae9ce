"""Sittings as services keep them: whose they are, what is sealed, what is on record (R1-R3, R14)."""

from uuid import UUID

import pytest
from sqlalchemy import select

from casemgr.access import Conflict, Denied, Invalid, NotFound, Purpose
from casemgr.audit import Action, AuditEntry
from casemgr.cases import service as cases
from casemgr.cases.consent import ConsentMethod
from casemgr.cases.models import Case
from casemgr.cases.rules import CaseState, Source
from casemgr.crypto.errors import CompartmentClosed
from casemgr.db import new_id, session
from casemgr.screenings import guidance, lists, service, suspicions
from casemgr.screenings.instruments.instrument import Age
from casemgr.screenings.models import Sitting
from casemgr.screenings.rules import Outcome, SafetyChecks, SittingState
from tests.cast import Cast

SAFE = SafetyChecks(is_alone=True, limits_explained=True)
NOT_ALONE = SafetyChecks(is_alone=False, limits_explained=True)
ADULT = Age.exactly(27)


def begun(cast: Cast, checks: SafetyChecks = SAFE, age: Age | None = ADULT) -> UUID:
    with cast.acting():
        return service.open_sitting(
            cast.actor("nurse"), department="Khoa Sản", checks=checks, age=age
        ).id


def answered(cast: Cast, *values: str, checks: SafetyChecks = SAFE) -> UUID:
    sitting_id = begun(cast, checks)
    with cast.acting():
        nurse = cast.actor("nurse")
        for number, value in enumerate(values, start=1):
            version = service.mine(nurse, sitting_id).version
            service.record_answer(nurse, sitting_id, version, number, value)
    return sitting_id


def suspected(cast: Cast, concern: str | None = None) -> UUID:
    sitting_id = answered(cast, "yes")
    with cast.acting():
        nurse = cast.actor("nurse")
        version = service.mine(nurse, sitting_id).version
        suspicions.raise_suspicion(nurse, sitting_id, version, concern=concern)
    return sitting_id


def acts() -> list[Action]:
    query = select(AuditEntry.action).order_by(AuditEntry.at, AuditEntry.id)
    return [a for a in session.scalars(query) if a is not Action.ACCOUNT_CREATED]


def test_failed_checks_are_kept_and_no_question_can_be_answered(cast: Cast) -> None:
    """R1."""
    sitting_id = begun(cast, NOT_ALONE)
    with cast.acting():
        nurse = cast.actor("nurse")
        sitting = service.look(nurse, sitting_id)
        assert (sitting.state, sitting.outcome) == (SittingState.UNSAFE_TO_ASK, Outcome.UNSAFE)
        assert service.advice(sitting) is guidance.UNSAFE
        with pytest.raises(Conflict):
            service.record_answer(nurse, sitting_id, sitting.version, 1, "yes")


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (Age.exactly(17), guidance.MINOR),
        (Age(16, 20), guidance.AGE_UNKNOWN),
        (None, guidance.AGE_UNKNOWN),
    ],
)
def test_raft_is_refused_unless_surely_eighteen(
    cast: Cast, age: Age | None, expected: guidance.Guidance
) -> None:
    """Domain §3.1, R14; the minor's guidance names Art. 51 of the Law on Children (§2.5)."""
    sitting_id = begun(cast, age=age)
    with cast.acting():
        sitting = service.look(cast.actor("nurse"), sitting_id)
        assert sitting.state is SittingState.OPENED
        advice = service.advice(sitting)
    assert advice is expected
    assert any("51" in step.vi for step in advice.next_steps)


def test_eighteen_exactly_is_asked(cast: Cast) -> None:
    sitting_id = begun(cast, age=Age.exactly(18))
    with cast.acting():
        assert service.mine(cast.actor("nurse"), sitting_id).state is SittingState.ASKING


def test_a_sitting_is_sealed_until_it_is_opened(cast: Cast) -> None:
    sitting_id = answered(cast, "yes")
    with cast.acting():
        sitting = session.get_one(Sitting, sitting_id)
        with pytest.raises(CompartmentClosed):
            _ = sitting.answers
        assert b"yes" not in sitting.sitting_sealed  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["other_nurse", "lead", "worker"])
def test_somebody_elses_sitting_does_not_exist(cast: Cast, name: str) -> None:
    sitting_id = answered(cast, "no")
    with cast.acting():
        someone = cast.actor(name)
        with pytest.raises(NotFound):
            service.look(someone, sitting_id)
        with pytest.raises(NotFound):
            service.stop(someone, sitting_id, 2)
        assert lists.list_mine(someone).unfinished == []


def test_a_role_without_screening_is_denied(cast: Cast) -> None:
    with cast.acting(), pytest.raises(Denied):
        service.open_sitting(cast.actor("director"), department="Khoa Sản", checks=SAFE, age=ADULT)


def test_going_back_changes_one_answer_and_keeps_the_others(cast: Cast) -> None:
    sitting_id = answered(cast, "no", "yes", "no")
    with cast.acting():
        nurse = cast.actor("nurse")
        sitting = service.look(nurse, sitting_id)
        service.record_answer(nurse, sitting_id, sitting.version, 2, "declined")
        keys = [item.key for item in service.instrument_of(sitting).items]
        assert sitting.answers == dict(zip(keys, ["no", "declined", "no"], strict=False))
        assert service.question_open(sitting) == 4


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["no", "no", "no", "no"], Outcome.NEGATIVE),
        (["no", "declined", "no", "no"], Outcome.INCOMPLETE),
        (["no", "declined", "no", "yes"], Outcome.POSITIVE),
    ],
)
def test_what_a_completed_sitting_comes_to(
    cast: Cast, values: list[str], expected: Outcome
) -> None:
    """Domain §3.1: one "Có" is positive; "không muốn trả lời" never counts as "không"."""
    sitting_id = answered(cast, *values)
    with cast.acting():
        nurse = cast.actor("nurse")
        version = service.mine(nurse, sitting_id).version
        sitting = service.complete(nurse, sitting_id, version)
        assert (sitting.state, sitting.outcome) == (SittingState.COMPLETED, expected)
        assert sitting.closed_at is not None


def test_open_questions_do_not_complete(cast: Cast) -> None:
    sitting_id = answered(cast, "no", "no")
    with cast.acting(), pytest.raises(Conflict):
        service.complete(cast.actor("nurse"), sitting_id, 3)


def test_a_stop_keeps_a_draft_that_goes_on_after_new_checks(cast: Cast) -> None:
    """R3."""
    sitting_id = answered(cast, "no", "yes")
    with cast.acting():
        nurse = cast.actor("nurse")
        sitting = service.stop(nurse, sitting_id, service.mine(nurse, sitting_id).version)
        assert (sitting.state, sitting.outcome) == (SittingState.STOPPED, Outcome.POSITIVE)
        again = service.check_again(
            nurse, sitting_id, sitting.version, department="Khoa Nhi", checks=SAFE, age=ADULT
        )
        assert (again.state, service.question_open(again)) == (SittingState.ASKING, 3)


def test_left_in_the_middle_means_checking_again_first(cast: Cast) -> None:
    """R1: nobody knows who came into the room meanwhile."""
    sitting_id = answered(cast, "no")
    with cast.acting():
        nurse = cast.actor("nurse")
        version = service.mine(nurse, sitting_id).version
        sitting = service.check_again(
            nurse, sitting_id, version, department="Khoa Sản", checks=NOT_ALONE, age=ADULT
        )
        assert sitting.state is SittingState.UNSAFE_TO_ASK


def test_safe_later_but_a_minor_after_all(cast: Cast) -> None:
    sitting_id = begun(cast, NOT_ALONE)
    with cast.acting():
        sitting = service.check_again(
            cast.actor("nurse"),
            sitting_id,
            1,
            department="Khoa Sản",
            checks=SAFE,
            age=Age.exactly(15),
        )
        assert sitting.state is SittingState.STOPPED
        assert service.advice(sitting) is guidance.MINOR


def test_an_old_page_overwrites_nothing(cast: Cast) -> None:
    """I8."""
    sitting_id = answered(cast, "yes")
    with cast.acting():
        nurse = cast.actor("nurse")
        with pytest.raises(Conflict):
            service.record_answer(nurse, sitting_id, 1, 1, "no")
        assert service.look(nurse, sitting_id).outcome is Outcome.POSITIVE


def test_a_completed_sitting_takes_no_more_answers(cast: Cast) -> None:
    sitting_id = answered(cast, "no", "no", "no", "no")
    with cast.acting():
        nurse = cast.actor("nurse")
        done = service.complete(nurse, sitting_id, service.mine(nurse, sitting_id).version)
        with pytest.raises(Conflict):
            service.record_answer(nurse, sitting_id, done.version, 1, "yes")


@pytest.mark.parametrize("number", [0, 5])
def test_a_question_that_does_not_exist(cast: Cast, number: int) -> None:
    sitting_id = begun(cast)
    with cast.acting(), pytest.raises(NotFound):
        service.record_answer(cast.actor("nurse"), sitting_id, 1, number, "yes")


def test_each_act_leaves_its_own_entry(cast: Cast) -> None:
    """I1."""
    sitting_id = answered(cast, "no")
    with cast.acting():
        nurse = cast.actor("nurse")
        service.look(nurse, sitting_id)
        service.stop(nurse, sitting_id, service.mine(nurse, sitting_id).version)
        # What is sealed once its entry is written leaves its digests in an entry of their own.
        assert [act for act in acts() if act is not Action.VALUES_SEALED] == [
            Action.SAFETY_CHECKED,
            Action.SCREENING_ANSWERED,
            Action.SCREENING_SHOWN,
            Action.SCREENING_STOPPED,
        ]
        entries = session.scalars(
            select(AuditEntry).where(AuditEntry.subject_id == sitting_id)
        ).all()
        assert {(e.compartments, e.purpose) for e in entries} == {("EPISODE", Purpose.SCREENING)}


def test_the_list_is_one_entry_with_the_ids(cast: Cast) -> None:
    ids = [answered(cast, "no"), begun(cast, NOT_ALONE)]
    with cast.acting():
        nurse = cast.actor("nurse")
        found = lists.list_mine(nurse)
        assert {sitting.id for sitting in found.unfinished} == set(ids)
        assert lists.count_unfinished(nurse) == 2
        query = select(AuditEntry).where(AuditEntry.action == Action.SCREENINGS_LISTED)
        entry = session.scalars(query).one()
        assert entry.count == 2
        assert all(str(each).encode() in entry.leaf for each in ids)


def test_a_positive_sitting_opens_a_suspicion_that_holds_ward_and_nurse_only(cast: Cast) -> None:
    sitting_id = suspected(cast)
    with cast.acting():
        sitting = service.mine(cast.actor("nurse"), sitting_id)
        assert sitting.case_id is not None
        case = cases.show_case(cast.actor("lead"), sitting.case_id)
        assert (case.source, case.ward) == (Source.WARD, "Khoa Sản")
        assert case.contact_nurse_id == cast.ids["nurse"]
        told = suspicions.show(cast.actor("nurse"), sitting_id)
        assert {each.role for each in told.told} == {
            "social_work_lead",
            "social_worker",
            "director",
        }
        assert told.code == case.code


def test_a_negative_sitting_needs_an_observation(cast: Cast) -> None:
    """Domain §3: concern alone may open one, silence may not."""
    sitting_id = answered(cast, "no")
    with cast.acting():
        nurse = cast.actor("nurse")
        with pytest.raises(Invalid) as refused:
            suspicions.raise_suspicion(nurse, sitting_id, 2, concern=None)
        assert (refused.value.field, refused.value.reason) == ("concern", "needs_concern")
        assert session.scalar(select(Case.id)) is None
        sitting = suspicions.raise_suspicion(
            nurse, sitting_id, 2, concern="Vết bầm ở cổ tay, chồng trả lời thay."
        )
        assert sitting.case_id is not None


def test_one_sitting_leads_to_one_case(cast: Cast) -> None:
    sitting_id = suspected(cast)
    with cast.acting():
        nurse = cast.actor("nurse")
        version = service.mine(nurse, sitting_id).version
        with pytest.raises(Conflict):
            suspicions.raise_suspicion(nurse, sitting_id, version, concern="Lại một lần nữa")


def test_concern_alone_opens_a_suspicion(cast: Cast) -> None:
    with cast.acting():
        nurse = cast.actor("nurse")
        sitting_id = suspicions.raise_by_concern(
            nurse, department="Khoa Sản", concern="Người đi cùng giữ giấy tờ."
        ).id
    with cast.acting():
        nurse = cast.actor("nurse")
        sitting = service.look(nurse, sitting_id)
        assert sitting.staff_concern == "Người đi cùng giữ giấy tờ."
        assert service.advice(sitting) is None
        assert lists.count_unfinished(nurse) == 0


def test_a_yes_admits_and_a_no_closes_with_a_retention(cast: Cast) -> None:
    """R4a, domain §4.0."""
    yes, no = suspected(cast), suspected(cast)
    with cast.acting():
        nurse = cast.actor("nurse")
        suspicions.record_first_answer(
            nurse, yes, was_given=True, method=ConsentMethod.FINGERPRINT, witness=None
        )
        suspicions.record_first_answer(nurse, no, was_given=False, method=None, witness=None)
        assert suspicions.show(nurse, yes).state is CaseState.ADMITTED
        assert suspicions.show(nurse, no).was_declined
        refused = session.get_one(Case, service.mine(nurse, no).case_id)
        assert refused.keep_until is not None
        with pytest.raises(Conflict):
            suspicions.record_first_answer(nurse, no, was_given=True, method=None, witness=None)


@pytest.mark.parametrize(
    ("method", "field"), [(None, "method"), (ConsentMethod.SPOKEN_WITH_WITNESS, "witness")]
)
def test_a_yes_needs_its_method_and_a_spoken_one_its_witness(
    cast: Cast, method: ConsentMethod | None, field: str
) -> None:
    """R5."""
    sitting_id = suspected(cast)
    with cast.acting():
        nurse = cast.actor("nurse")
        with pytest.raises(Invalid) as refused:
            suspicions.record_first_answer(
                nurse, sitting_id, was_given=True, method=method, witness=None
            )
        session.rollback()
    assert refused.value.field == field


def test_another_nurse_cannot_answer_for_the_person(cast: Cast) -> None:
    sitting_id = suspected(cast)
    with cast.acting():
        other = cast.actor("other_nurse")
        with pytest.raises(NotFound):
            suspicions.show(other, sitting_id)
        with pytest.raises(NotFound):
            suspicions.record_first_answer(
                other, sitting_id, was_given=False, method=None, witness=None
            )


def test_the_cases_team_sees_the_result_and_opens_the_answers_on_purpose(cast: Cast) -> None:
    sitting_id = suspected(cast)
    with cast.acting():
        worker = cast.actor("worker")
        case_id = service.mine(cast.actor("nurse"), sitting_id).case_id
        assert case_id is not None
        [summary] = lists.for_case(worker, cases.get(worker, case_id))
        assert (summary.id, summary.outcome) == (sitting_id, Outcome.POSITIVE)
        assert summary.taken_by == "Lê Thị Hoa"
        _, sitting = lists.open_for_case(worker, case_id, sitting_id)
        assert sitting.answers == {"unsafe_place": "yes"}
        last = acts()[-2:]
    assert last == [Action.SCREENINGS_LISTED, Action.SCREENING_SHOWN]


def test_who_cannot_reach_the_case_or_its_episode_reads_no_sitting(cast: Cast) -> None:
    sitting_id = suspected(cast)
    with cast.acting():
        case_id = service.mine(cast.actor("nurse"), sitting_id).case_id
        assert case_id is not None
        cases.take_case(cast.actor("worker"), case_id)
        case = session.get_one(Case, case_id)
        cases.add_membership(
            cast.actor("worker"), case_id, cast.ids["doctor"], cast.actor("doctor").compartments
        )
        assert lists.for_case(cast.actor("other_worker"), case) == []
        assert lists.for_case(cast.actor("doctor"), case) == []
        with pytest.raises(NotFound):
            lists.open_for_case(cast.actor("other_worker"), case_id, sitting_id)
        with pytest.raises(Denied):
            lists.open_for_case(cast.actor("doctor"), case_id, sitting_id)
        with pytest.raises(NotFound):
            lists.open_for_case(cast.actor("worker"), case_id, new_id())
