"""Who reaches which case, and what may be opened there (design §4)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from casemgr import clock
from casemgr.access import (
    Compartment,
    Conflict,
    Denied,
    Invalid,
    NotFound,
    Purpose,
)
from casemgr.audit import Action, AuditEntry
from casemgr.cases import recording, search, service, tasks, team, timeline
from casemgr.cases.models import Case, Identity, SafeContact
from casemgr.cases.rules import CaseState, Group, Source
from casemgr.crypto.errors import CompartmentClosed
from casemgr.crypto.partial_date import PartialDate
from casemgr.db import session
from tests.cast import Cast

C = Compartment
PAPER: dict[str, Any] = {
    "paper_number": "12/GXN",
    "paper_issuer": "Sở Y tế",
    "paper_on": PartialDate(2026, 5),
}


def test_a_suspicion_waits_for_the_whole_team_with_its_ward_only(
    cast: Cast, suspicion: UUID
) -> None:
    with cast.acting():
        for name in ("worker", "other_worker", "lead"):
            assert service.get(cast.actor(name), suspicion).id == suspicion
        worker = cast.actor("worker")
        case = service.show_case(worker, suspicion)
        assert (case.ward, case.contact_nurse_id) == ("Khoa Sản", cast.ids["nurse"])
        assert case.group is Group.SUSPECTED
        assert service.openable(worker, case) == {C.SOCIAL, C.EPISODE}
        with pytest.raises(NotFound):
            service.get(cast.actor("doctor"), suspicion)


def test_once_taken_it_is_nobody_elses(cast: Cast, taken: UUID) -> None:
    with cast.acting():
        case = service.get(cast.actor("worker"), taken)
        assert case.assignee_id == cast.ids["worker"]
        assert case.state is CaseState.REPORTED
        with pytest.raises(NotFound):
            service.get(cast.actor("other_worker"), taken)
        with pytest.raises(NotFound):
            service.take_case(cast.actor("other_worker"), taken)
        with pytest.raises(Conflict):
            service.take_case(cast.actor("lead"), taken)


def test_a_place_on_the_team_opens_its_parts_until_it_ends(cast: Cast, in_support: UUID) -> None:
    doctor, worker = cast.actor("doctor"), cast.actor("worker")
    with cast.acting():
        case = service.get(doctor, in_support)
        assert service.openable(doctor, case) == {C.CLINICAL}
        with pytest.raises(Denied):
            service.open_parts(doctor, case, {C.SOCIAL}, Purpose.TREATMENT)
        place = next(m for m in team.members(case) if m.account_id == doctor.account_id)
        team.remove_member(worker, in_support, place.id)
        with pytest.raises(NotFound):
            service.get(doctor, in_support)


def test_a_place_expires(cast: Cast, in_support: UUID) -> None:
    worker, stranger = cast.actor("worker"), cast.actor("stranger")
    tomorrow = clock.now() + timedelta(days=1)
    with cast.acting():
        team.add_member(worker, in_support, cast.ids["stranger"], {C.CLINICAL}, tomorrow)
        assert service.get(stranger, in_support).id == in_support
        with clock.frozen(tomorrow + timedelta(minutes=1)), pytest.raises(NotFound):
            service.get(stranger, in_support)


def test_nobody_gets_parts_that_their_role_cannot_open(cast: Cast, in_support: UUID) -> None:
    worker = cast.actor("worker")
    with cast.acting():
        for parts, reason in (({C.SOCIAL}, "not_for_this_role"), (set(), "not_for_this_role")):
            with pytest.raises(Invalid) as refused:
                team.add_member(worker, in_support, cast.ids["stranger"], parts)
            assert refused.value.reason == reason
        with pytest.raises(Invalid) as refused:
            team.add_member(worker, in_support, cast.ids["doctor"], {C.CLINICAL})
        assert refused.value.reason == "already_there"
        with pytest.raises(Invalid) as refused:
            team.add_member(worker, in_support, cast.ids["stranger"], {C.CLINICAL}, clock.now())
        assert refused.value.field == "expires_at"
        mine = next(
            m
            for m in team.members(service.get(worker, in_support))
            if m.account_id == worker.account_id
        )
        with pytest.raises(Invalid) as refused:
            team.remove_member(worker, in_support, mine.id)
        assert refused.value.reason == "assignee_stays"


def test_the_victims_group_needs_number_issuer_and_day(cast: Cast, in_support: UUID) -> None:
    worker = cast.actor("worker")
    with cast.acting():
        version = service.get(worker, in_support).version
        for missing in PAPER:
            paper = {**PAPER, missing: None}
            with pytest.raises(Invalid) as refused:
                recording.record_status(worker, in_support, version, group=Group.CONFIRMED, **paper)
            assert (refused.value.field, refused.value.reason) == (missing, "paper_missing")
        case = recording.record_status(worker, in_support, version, group=Group.CONFIRMED, **PAPER)
        assert (case.group, case.paper_on) == (Group.CONFIRMED, PartialDate(2026, 5))


def test_a_stale_version_changes_nothing(cast: Cast, in_support: UUID) -> None:
    worker, lead = cast.actor("worker"), cast.actor("lead")
    with cast.acting():
        seen = service.get(worker, in_support).version
        recording.record_status(lead, in_support, seen, group=Group.AT_RISK)
        with pytest.raises(Conflict):
            recording.record_status(worker, in_support, seen, group=Group.UNDER_IDENTIFICATION)
        recording.record_part(worker, in_support, Identity, None, {"full_name": "Vàng Thị Máy"})
        with pytest.raises(Conflict):
            recording.record_part(lead, in_support, Identity, None, {"full_name": "Máy"})
        case = service.show_case(worker, in_support)
        assert case.group is Group.AT_RISK
        row = recording.open_part(worker, case, Identity, Purpose.CASE_WORK)
        assert row is not None
        assert row.full_name == "Vàng Thị Máy"


def test_the_list_leaves_one_entry_with_what_it_showed(cast: Cast, in_support: UUID) -> None:
    with cast.acting():
        service.open_suspicion(
            cast.actor("nurse"), source=Source.WARD, ward="Khoa Nhi", contact_nurse_id=None
        )
    with cast.acting():
        worker = cast.actor("worker")
        cases, total = service.list_page(worker)
        assert total == 2
        assert {case.id for case in cases} >= {in_support}
        entries = session.scalars(
            select(AuditEntry).where(AuditEntry.action == Action.CASES_LISTED)
        ).all()
        assert [entry.count for entry in entries] == [2]
        assert str(in_support).encode() in entries[0].leaf
        assert [case.id for case in service.list_cases(worker, mine=True)] == [in_support]
        assert service.count_cases(worker, untaken=True) == 1
        with pytest.raises(CompartmentClosed):
            _ = service.list_cases(worker, mine=True)[0].group


def test_facts_filter_the_list_only_for_those_who_may_read_them(
    cast: Cast, in_support: UUID
) -> None:
    with cast.acting():
        worker = cast.actor("worker")
        assert [c.id for c in service.list_page(worker, facets=["group:P4"])[0]] == [in_support]
        assert service.list_page(worker, facets=["group:P1"]) == ([], 0)
        with pytest.raises(Denied):
            service.list_page(cast.actor("doctor"), facets=["group:P4"])


def test_fifty_a_page(cast: Cast) -> None:
    nurse, worker = cast.actor("nurse"), cast.actor("worker")
    with cast.acting():
        for _ in range(51):
            service.open_suspicion(
                nurse, source=Source.WARD, ward="Khoa Sản", contact_nurse_id=None
            )
    with cast.acting():
        first, total = service.list_page(worker)
        second, _ = service.list_page(worker, page=2)
        assert (len(first), len(second), total) == (50, 1, 51)
        assert {case.id for case in first}.isdisjoint({case.id for case in second})


def test_search_finds_in_reach_only(cast: Cast, in_support: UUID) -> None:
    worker = cast.actor("worker")
    with cast.acting():
        identity = {"full_name": "Vàng Thị Máy", "national_id": "098200012345"}
        recording.record_part(worker, in_support, Identity, None, identity)
        recording.record_part(worker, in_support, SafeContact, None, {"phone": "0501234567"})
    with cast.acting():
        code = session.get_one(Case, in_support).code
        for text in ("may vang", "MÁY", "0982 0001 2345", "+84 50 123 4567", code.lower()):
            assert [c.id for c in service.search_cases(worker, text)] == [in_support], text
            assert service.search_cases(cast.actor("other_worker"), text) == []
        assert service.search_cases(worker, "0982 0001 234") == []
        with pytest.raises(Denied):
            service.search_cases(cast.actor("doctor"), code)


def test_one_broken_seal_leaves_the_other_cases_searchable(cast: Cast, in_support: UUID) -> None:
    worker = cast.actor("worker")
    with cast.acting():
        other = service.open_suspicion(worker, source=Source.SELF, ward="", contact_nurse_id=None)
        service.take_case(worker, other.id)
        recording.record_part(worker, in_support, Identity, None, {"full_name": "Lò Văn Pâng"})
        _break(other)
    with cast.acting():
        assert [c.id for c in service.search_cases(worker, "Pâng")] == [in_support]
        found = search.with_facets(worker, ["group:P4"])
        assert found == {in_support}


def test_the_timeline_tells_acts_and_no_reading(cast: Cast, in_support: UUID) -> None:
    worker = cast.actor("worker")
    with cast.acting():
        task = tasks.add_task(worker, in_support, title="Gọi lại", due_at=clock.now())
        tasks.finish_task(worker, in_support, task.id)
        service.show_case(worker, in_support)
    with cast.acting():
        moments = timeline.timeline(worker, service.get(worker, in_support))
        told = [moment.action for moment in moments]
        assert told[:2] == [Action.TASK_DONE, Action.TASK_ADDED]
        assert told[-1] is Action.CASE_OPENED
        assert not {Action.CASE_SHOWN, Action.COMPARTMENT_OPENED} & set(told)
        assert CaseState.IN_SUPPORT in {moment.state for moment in moments}


def test_tasks_go_to_members_of_the_team(cast: Cast, in_support: UUID) -> None:
    worker = cast.actor("worker")
    with cast.acting(), pytest.raises(Invalid) as refused:
        tasks.add_task(
            worker,
            in_support,
            title="Gọi lại",
            due_at=clock.now(),
            assignee_id=cast.ids["stranger"],
        )
    assert refused.value.field == "assignee_id"


def _break(case: Case) -> None:
    """Turn one bit of what was sealed, as somebody with the database could."""
    sealed = bytearray(case.intake_sealed)  # type: ignore[attr-defined]
    sealed[-1] ^= 1
    session.execute(
        Case.__table__.update()  # type: ignore[attr-defined]
        .where(Case.__table__.c.id == case.id)
        .values(intake_sealed=bytes(sealed))
    )


def test_the_lead_hands_a_case_to_another_social_worker(cast: Cast, in_support: UUID) -> None:
    """Somebody leaves: the case goes on with another one, who can then open it."""
    other = cast.actor("other_worker")
    with cast.acting(), pytest.raises(Denied):
        team.hand_over(cast.actor("worker"), in_support, cast.ids["other_worker"])
    with cast.acting(), pytest.raises(Invalid):
        team.hand_over(cast.actor("lead"), in_support, cast.ids["doctor"])
    with cast.acting():
        team.hand_over(cast.actor("lead"), in_support, cast.ids["other_worker"])
    with cast.acting():
        case = service.get(other, in_support)
        assert case.assignee_id == cast.ids["other_worker"]
        assert Compartment.IDENTITY in service.openable(other, case)
