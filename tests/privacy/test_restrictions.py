"""What is not erased is restricted instead: it opens for nobody (issue 3, design §4)."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from casemgr import clock
from casemgr.access import Actor, Compartment, Denied, NotFound, Purpose
from casemgr.access.key_names import KeyName
from casemgr.cases import erasing, recording, search
from casemgr.cases import service as cases
from casemgr.cases.models import Case, CasePart
from casemgr.cases.retention import Keeping, Kept
from casemgr.db import session
from casemgr.privacy.erasure import erasures, holds
from casemgr.screenings import service as screenings
from tests.house.hospital import NATIONAL_ID, Hospital
from tests.privacy.scene import (
    COUNTDOWN,
    REASON,
    answers,
    approve,
    ask,
    asked,
    close,
    later,
    work,
)

P = Compartment
MINUTE = timedelta(minutes=1)


def restricted(made: Hospital) -> UUID:
    """Everything but the clinical record is erased; that one has years to go."""
    erasure_id = asked(made)
    approve(made.cast, erasure_id)
    with later(COUNTDOWN + MINUTE):
        work(made.cast)
    return erasure_id


def test_a_restricted_part_opens_for_nobody(made: Hospital) -> None:
    restricted(made)
    with made.cast.acting():
        case = session.get_one(Case, made.ids["case"])
        (mark,) = [m for m in session.scalars(select(CasePart)) if m.is_restricted]
        assert (mark.compartment, mark.erased_at) == ("CLINICAL", None)
        assert session.scalars(select(KeyName).where(KeyName.compartment == "CLINICAL")).all()
        for name in ("doctor", "lead", "worker", "director", "officer", "admin"):
            actor = made.cast.actor(name)
            assert P.CLINICAL not in cases.openable(actor, case)
            with pytest.raises(Denied):
                cases.open_parts(actor, case, {P.CLINICAL}, Purpose.TREATMENT)


def test_the_director_lifts_a_restriction_with_a_reason(made: Hospital) -> None:
    erasure_id, doctor = restricted(made), made.cast.actor("doctor")
    with made.cast.acting():
        row = next(
            row
            for row in erasures.show(made.cast.actor("director"), erasure_id).parts
            if row.part is P.CLINICAL
        )
        part_id, seen = row.id, row.version
    with made.cast.app.app_context(), pytest.raises(Denied):
        erasures.lift_restriction(made.cast.actor("officer"), erasure_id, part_id, seen, REASON)
    with made.cast.acting():
        erasures.lift_restriction(made.cast.actor("director"), erasure_id, part_id, seen, REASON)
    with made.cast.acting():
        case = cases.get(doctor, made.ids["case"])
        entries = recording.clinical_record(doctor, case, Purpose.TREATMENT)
        assert [entry.complaint for entry in entries] == [made.word("complaint")]


def test_a_part_restricted_twice_opens_when_both_are_lifted(made: Hospital) -> None:
    """Lifting the older restriction says nothing about the newer one."""
    asking = [restricted(made)]
    with later(COUNTDOWN + 2 * MINUTE):
        asking.append(ask(made.cast, made.code("case"), [P.CLINICAL]))
        approve(made.cast, asking[1])
    open_after = []
    for erasure_id in asking:
        with later(2 * COUNTDOWN + 3 * MINUTE):
            work(made.cast)
            with made.cast.acting():
                (row,) = [
                    row
                    for row in erasures.show(made.cast.actor("director"), erasure_id).parts
                    if row.part is P.CLINICAL
                ]
                part_id, seen = row.id, row.version
            with made.cast.acting():
                director = made.cast.actor("director")
                erasures.lift_restriction(director, erasure_id, part_id, seen, REASON)
            with made.cast.acting():
                case = session.get_one(Case, made.ids["case"])
                open_after.append(P.CLINICAL in cases.openable(made.cast.actor("doctor"), case))
    assert open_after == [False, True]


def test_a_hold_keeps_everything_until_it_is_lifted(made: Hospital) -> None:
    close(made)
    officer, code = made.cast.actor("officer"), made.code("case")
    with made.cast.acting():
        hold = holds.set_hold(officer, code, "Thanh tra Sở Y tế đang xem xét")
        hold_id, seen = hold.id, hold.version
    erasure_id = ask(made.cast, code)
    assert set(answers(made.cast, erasure_id).values()) == {(Keeping.LEGAL_HOLD, None)}
    with made.cast.acting():
        holds.lift_hold(officer, hold_id, seen, "Thanh tra đã kết thúc, có văn bản")
    assert answers(made.cast, erasure_id)[P.IDENTITY] == (None, None), "told anew before approval"
    approve(made.cast, erasure_id)
    with later(COUNTDOWN + MINUTE):
        work(made.cast)
    found = answers(made.cast, erasure_id)
    assert found[P.IDENTITY] == (None, None)
    assert found[P.CLINICAL][0] is Keeping.CLINICAL_RECORD


def test_a_hold_that_comes_within_the_week_still_counts(made: Hospital) -> None:
    erasure_id = asked(made)
    approve(made.cast, erasure_id)
    with made.cast.acting():
        holds.set_hold(made.cast.actor("officer"), made.code("case"), "Có đơn khiếu nại mới gửi")
    with later(COUNTDOWN + MINUTE):
        work(made.cast)
    assert {keeping for keeping, _ in answers(made.cast, erasure_id).values()} == {
        Keeping.LEGAL_HOLD
    }
    with made.cast.acting():
        case = session.get_one(Case, made.ids["case"])
        assert not cases.openable(made.cast.actor("lead"), case) & {P.SOCIAL, P.IDENTITY}
        sitting = screenings.own(made.cast.actor("nurse"))
        assert sitting
        with pytest.raises(NotFound):
            screenings.look(made.cast.actor("nurse"), made.ids["sitting"])


def test_another_room_can_have_a_part_kept(made: Hospital, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hook that record releases will use (issue 8)."""

    def keep(_actor: Actor, _case: Case) -> list[tuple[frozenset[Compartment], Kept]]:
        return [(frozenset({P.EPISODE}), Kept(Keeping.RELEASE, None))]

    monkeypatch.setattr(erasing, "keepers", [keep])
    found = answers(made.cast, asked(made))
    assert found[P.EPISODE] == (Keeping.RELEASE, None)
    assert found[P.SOCIAL] == (None, None)


def test_a_refused_case_keeps_its_refusal_for_a_year_and_no_identity(made: Hospital) -> None:
    worker, case_id = made.cast.actor("worker"), made.ids["case"]
    with made.cast.acting():
        case = session.get_one(Case, case_id)
        cases.open_parts(worker, case, {P.SOCIAL}, Purpose.CASE_WORK)
        cases.move_case(worker, case, type(case.state).REFUSED)
        until = case.keep_until
    found = answers(made.cast, ask(made.cast, made.code("case")))
    assert found[P.SOCIAL] == (Keeping.REFUSAL, until)
    assert found[P.IDENTITY] == (None, None)
    assert until == clock.today() + timedelta(days=365)


def test_a_restricted_identity_is_found_by_nobody(made: Hospital) -> None:
    close(made)
    with made.cast.acting():
        holds.set_hold(made.cast.actor("officer"), made.code("case"), "Tòa án yêu cầu lưu giữ")
    erasure_id = ask(made.cast, made.code("case"))
    approve(made.cast, erasure_id)
    with later(COUNTDOWN + MINUTE):
        work(made.cast)
    lead = made.cast.actor("lead")
    for typed in (NATIONAL_ID, made.word("full_name")):
        with made.cast.acting():
            assert not cases.search_cases(lead, typed)
    with made.cast.app.app_context():
        index = search.caught_up(made.cast.facility_id)
        assert not index.names.search(made.word("full_name"), limit=5), "nor is it in memory"
