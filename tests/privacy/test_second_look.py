"""What two people decided is what happens, and what closes is found by nobody (issue 3, design §4)."""

from datetime import timedelta
from uuid import UUID

import pytest

from casemgr.access import Compartment, Conflict, Invalid
from casemgr.cases import recording
from casemgr.cases import service as cases
from casemgr.cases.retention import Keeping
from casemgr.db import session
from casemgr.privacy.erasure import erasures, holds
from casemgr.privacy.erasure.models import Erasure
from casemgr.privacy.erasure.rules import ErasureState
from tests.house.hospital import Hospital
from tests.privacy.scene import COUNTDOWN, REASON, approve, ask, close, later, state_of, work

P = Compartment
MINUTE = timedelta(minutes=1)


def hold(made: Hospital) -> tuple[UUID, int]:
    with made.cast.acting():
        officer = made.cast.actor("officer")
        set_one = holds.set_hold(officer, made.code("case"), "Tòa án yêu cầu lưu giữ hồ sơ")
        return set_one.id, set_one.version


def lift(made: Hospital, hold_id: UUID, version: int) -> None:
    with made.cast.acting():
        holds.lift_hold(made.cast.actor("officer"), hold_id, version, REASON)


def lift_restriction(made: Hospital, erasure_id: UUID, part: Compartment) -> None:
    with made.cast.acting():
        director = made.cast.actor("director")
        (row,) = [r for r in erasures.show(director, erasure_id).parts if r.part is part]
        erasures.lift_restriction(director, erasure_id, row.id, row.version, REASON)


def keepings(made: Hospital, erasure_id: UUID) -> dict[Compartment, Keeping | None]:
    with made.cast.acting():
        opened = erasures.show(made.cast.actor("director"), erasure_id)
        return {row.part: row.keeping for row in opened.parts}


def found_by_lead(made: Hospital) -> list[str]:
    with made.cast.acting():
        lead = made.cast.actor("lead")
        return [case.code for case in cases.search_cases(lead, made.word("full_name"))]


def test_an_index_in_use_forgets_a_restricted_name_and_learns_it_again(made: Hospital) -> None:
    """Nothing is erased here: the restriction alone must reach every index."""
    close(made)
    hold(made)
    erasure_id = ask(made.cast, made.code("case"))
    approve(made.cast, erasure_id)
    assert found_by_lead(made) == [made.code("case")], "the index is warm"
    with later(COUNTDOWN + MINUTE):
        work(made.cast)
        assert found_by_lead(made) == []
        lift_restriction(made, erasure_id, P.IDENTITY)
        assert found_by_lead(made) == [made.code("case")]


def test_one_person_cannot_turn_an_approved_restriction_into_an_erasure(made: Hospital) -> None:
    """The officer holds the case, has the restriction approved, and lifts the hold alone."""
    close(made)
    hold_id, version = hold(made)
    erasure_id = ask(made.cast, made.code("case"))
    approve(made.cast, erasure_id)
    lift(made, hold_id, version)
    with later(COUNTDOWN + MINUTE):
        work(made.cast)
    assert keepings(made, erasure_id)[P.IDENTITY] is Keeping.LEGAL_HOLD, "as it was approved"
    assert keepings(made, erasure_id)[P.CLINICAL] is Keeping.CLINICAL_RECORD, "as the law says now"
    with made.cast.acting():
        rows = erasures.show(made.cast.actor("director"), erasure_id).parts
        assert all(row.erased_at is None and row.restricted_at is not None for row in rows)


def test_the_director_approves_what_is_so_now_and_saw_it(made: Hospital) -> None:
    close(made)
    hold_id, version = hold(made)
    erasure_id = ask(made.cast, made.code("case"))
    lift(made, hold_id, version)
    with pytest.raises(Conflict):
        approve(made.cast, erasure_id)
    assert keepings(made, erasure_id)[P.IDENTITY] is None, "the page tells it anew"
    approve(made.cast, erasure_id)
    assert state_of(made.cast, erasure_id) is ErasureState.APPROVED


def test_a_case_that_was_worked_on_within_the_week_is_left_alone(made: Hospital) -> None:
    """Opened and closed again: what was written meanwhile nobody has decided about."""
    close(made)
    erasure_id = ask(made.cast, made.code("case"))
    approve(made.cast, erasure_id)
    worker = made.cast.actor("worker")
    with later(timedelta(days=2)), made.cast.acting():
        recording.reopen_case(worker, made.ids["case"], "Người bệnh quay lại")
    with later(timedelta(days=3)), made.cast.acting():
        recording.close_case(worker, made.ids["case"], "Đã ổn định, về nhà")
    with later(COUNTDOWN + MINUTE):
        work(made.cast)
    assert state_of(made.cast, erasure_id) is ErasureState.CANCELLED


def test_a_case_at_work_is_not_approved(made: Hospital) -> None:
    close(made)
    erasure_id = ask(made.cast, made.code("case"))
    with made.cast.acting():
        recording.reopen_case(made.cast.actor("worker"), made.ids["case"], "Người bệnh quay lại")
    with pytest.raises(Invalid, match="at_work"):
        approve(made.cast, erasure_id)
    with made.cast.app.app_context():
        assert session.get_one(Erasure, erasure_id).due_at is None
