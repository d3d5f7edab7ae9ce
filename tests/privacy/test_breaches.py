"""Breaches as services: two people, 72 hours, what the log tells, who may read."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from casemgr import clock
from casemgr.access import Conflict, Denied, Invalid, Role
from casemgr.access.actor import system_actor
from casemgr.accounts import service as accounts
from casemgr.audit import Action, AuditEntry, record
from casemgr.db import session
from casemgr.privacy.breaches import deciding, extent, recording, records, rules
from casemgr.privacy.breaches.extent import Scope
from casemgr.privacy.breaches.models import Breach
from casemgr.privacy.breaches.recording import Content
from casemgr.privacy.breaches.rules import BreachKind, BreachState, Telling
from casemgr.work.models import Job
from tests.cast import Cast
from tests.house.hospital import Hospital
from tests.privacy.scene import later, work

WHY = "Không có khả năng gây hại cho ai"
CONTENT = Content(
    kind=BreachKind.WRONG_PURPOSE,
    description="Mở hồ sơ ngoài nhiệm vụ",
    place="Khoa Ngoại",
    data_kinds="Danh tính",
    consequences="Lộ việc đến khám",
    measures="Khóa tài khoản",
    contact="Hoàng Thu Thủy, 0500 000 000",
    lateness=None,
    plain_words="Có người đã xem thông tin của anh/chị",
)


def opened(cast: Cast, hours_ago: int = 1, account: str | None = None) -> UUID:
    """The officer enters a breach that was detected some hours ago."""
    with cast.acting():
        breach = recording.open_breach(
            cast.actor("officer"),
            account_id=cast.ids[account] if account else None,
            case_id=None,
            detected_at=clock.now() - timedelta(hours=hours_ago),
            source_item_id=None,
        )
        return breach.id


def version(breach_id: UUID) -> int:
    """As a page would have shown it."""
    return session.get_one(Breach, breach_id).version


def assessed(cast: Cast, breach_id: UUID, *, is_notifiable: bool) -> None:
    """The officer assesses it."""
    with cast.acting():
        deciding.assess(
            cast.actor("officer"),
            breach_id,
            version(breach_id),
            is_notifiable=is_notifiable,
            reason=WHY,
        )


def state_of(cast: Cast, breach_id: UUID) -> BreachState:
    """Where it stands."""
    with cast.app.app_context():
        return session.get_one(Breach, breach_id).state


def test_detection_is_never_in_the_future(cast: Cast) -> None:
    with cast.app.app_context(), pytest.raises(Invalid, match="future"):
        recording.open_breach(
            cast.actor("officer"),
            account_id=None,
            case_id=None,
            detected_at=clock.now() + timedelta(minutes=1),
            source_item_id=None,
        )


def test_a_review_opens_one_breach_however_often_it_asks(cast: Cast) -> None:
    item, made = UUID(int=7), set()
    for _ in range(2):
        with cast.acting():
            breach = recording.open_breach(
                cast.actor("officer"),
                account_id=cast.ids["doctor"],
                case_id=None,
                detected_at=clock.now(),
                source_item_id=item,
            )
            made.add(breach.id)
    assert len(made) == 1


def test_one_person_alone_never_decides_not_to_notify(cast: Cast) -> None:
    breach_id = opened(cast)
    assessed(cast, breach_id, is_notifiable=False)
    assert state_of(cast, breach_id) is BreachState.TO_CONFIRM
    for name in ("officer", "admin"):
        with cast.app.app_context(), pytest.raises(Denied):
            deciding.confirm(cast.actor(name), breach_id, version(breach_id))
    with cast.acting():
        deciding.confirm(cast.actor("director"), breach_id, version(breach_id))
    assert state_of(cast, breach_id) is BreachState.NOT_NOTIFIABLE


def test_the_director_has_it_notified_and_the_clock_goes_on(cast: Cast) -> None:
    breach_id = opened(cast, hours_ago=30)
    assessed(cast, breach_id, is_notifiable=False)
    with cast.acting():
        deciding.overrule(cast.actor("director"), breach_id, version(breach_id), WHY)
    with cast.app.app_context():
        breach = session.get_one(Breach, breach_id)
        now = records.clock_of(breach)
        assert breach.state is BreachState.TO_NOTIFY
        assert now.runs
        assert now.hours == 41, "72 - 30, not 72"


def test_a_second_editor_is_told(cast: Cast) -> None:
    breach_id = opened(cast)
    with cast.app.app_context():
        seen = version(breach_id)
    with cast.acting():
        recording.write_content(cast.actor("officer"), breach_id, seen, CONTENT)
    with cast.app.app_context(), pytest.raises(Conflict):
        recording.write_content(cast.actor("officer"), breach_id, seen, CONTENT)


def test_late_needs_a_reason_and_the_form_must_be_whole(cast: Cast) -> None:
    breach_id, officer = opened(cast, hours_ago=80), cast.actor("officer")
    assessed(cast, breach_id, is_notifiable=True)
    facts: dict[str, Any] = {
        "authority": "A05",
        "reference": "12/TB",
        "sender": "Thủy",
        "at": clock.now(),
    }
    with cast.app.app_context():
        with pytest.raises(Invalid, match="late_needs_reason"):
            deciding.note_notified(officer, breach_id, version(breach_id), **facts, lateness=None)
        session.rollback()
    with cast.app.app_context():
        with pytest.raises(Invalid, match="form_incomplete"):
            deciding.note_notified(officer, breach_id, version(breach_id), **facts, lateness=WHY)
        session.rollback()
    with cast.acting():
        recording.write_content(officer, breach_id, version(breach_id), CONTENT)
    with cast.acting():
        deciding.note_notified(officer, breach_id, version(breach_id), **facts, lateness=WHY)
    assert state_of(cast, breach_id) is BreachState.NOTIFIED


def test_notified_in_time_needs_no_reason_when_recorded_later(cast: Cast) -> None:
    breach_id, officer = opened(cast, hours_ago=80), cast.actor("officer")
    assessed(cast, breach_id, is_notifiable=True)
    with cast.acting():
        recording.write_content(officer, breach_id, version(breach_id), CONTENT)
    with cast.acting():
        deciding.note_notified(
            officer,
            breach_id,
            version(breach_id),
            at=clock.now() - timedelta(hours=20),
            authority="A05",
            reference="12/TB",
            sender="Thủy",
            lateness=None,
        )
    assert state_of(cast, breach_id) is BreachState.NOTIFIED


def test_the_director_is_told_each_time_once(cast: Cast) -> None:
    breach_id = opened(cast, hours_ago=0)
    told = []
    for hours in (23, 25, 26, 49, 73, 100):
        with later(timedelta(hours=hours)):
            work(cast)
        with cast.app.app_context():
            told.append(session.get_one(Breach, breach_id).escalated_hours)
    assert told == [0, 24, 24, 48, 72, 72]
    with cast.app.app_context():
        entries = session.query(AuditEntry).filter_by(action=Action.BREACH_ESCALATED).all()
        assert sorted(entry.count or 0 for entry in entries) == [24, 48, 72]
        assert not session.query(Job).filter_by(ref_id=breach_id, done_at=None).count()


def test_what_is_settled_is_not_escalated(cast: Cast) -> None:
    breach_id = opened(cast, hours_ago=0)
    assessed(cast, breach_id, is_notifiable=False)
    with cast.acting():
        deciding.confirm(cast.actor("director"), breach_id, version(breach_id))
    with later(timedelta(hours=80)):
        work(cast)
    with cast.app.app_context():
        assert session.get_one(Breach, breach_id).escalated_hours == 0


def test_whom_it_concerns_reads_nothing_of_it(cast: Cast) -> None:
    breach_id = opened(cast, account="officer")
    with cast.app.app_context():
        with pytest.raises(Denied):
            records.show(cast.actor("officer"), breach_id)
        assert records.list_breaches(cast.actor("officer")) == []
        assert [row.id for row in records.list_breaches(cast.actor("director"))] == [breach_id]
        session.rollback()


def test_what_concerns_every_officer_is_handled_by_deputy_and_director(cast: Cast) -> None:
    theirs, other = opened(cast, account="officer"), opened(cast, account="doctor")
    deputy = replace(cast.actor("planner"), is_deputy_officer=True)
    director = cast.actor("director")
    for actor in (deputy, director):
        with cast.app.app_context():
            with pytest.raises(Denied):
                deciding.assess(actor, other, version(other), is_notifiable=True, reason=WHY)
            session.rollback()
            with pytest.raises(Denied):
                records.show_to_handler(actor, other)
            session.rollback()
    with cast.app.app_context():
        assert [row.id for row in records.list_breaches(deputy)] == [theirs]
        with pytest.raises(Denied):
            records.show(deputy, other)
        session.rollback()
    with cast.acting():
        deciding.assess(deputy, theirs, version(theirs), is_notifiable=False, reason=WHY)
    with cast.acting():
        deciding.confirm(director, theirs, version(theirs))
    assert state_of(cast, theirs) is BreachState.NOT_NOTIFIABLE
    with cast.acting():
        settled = {"telling": Telling.NO_HARM, "reason": WHY}
        deciding.settle_persons(director, theirs, version(theirs), **settled)  # type: ignore[arg-type]
    assert state_of(cast, theirs) is BreachState.PERSONS_SETTLED


def test_another_officer_comes_before_the_deputy(cast: Cast) -> None:
    theirs = opened(cast, account="officer")
    with cast.acting():
        accounts.create_account(
            system_actor("command", cast.facility_id),
            username="second",
            display_name="Cán bộ thứ hai",
            roles=[Role.PRIVACY_OFFICER],
            department="",
            password_hash="x",
        )
    with cast.app.app_context():
        with pytest.raises(Denied):
            records.show_to_handler(cast.actor("director"), theirs)
        session.rollback()


def test_people_and_kinds_of_data_come_from_the_log(made: Hospital) -> None:
    """Sơn wrote in the clinical record of one case (tests/house/hospital.py); Minh ran it."""
    cast = made.cast
    counted = _counted(made, ["doctor"], [])
    assert [row[1] for row in counted.cases] == [made.code("case")]
    assert counted.parts == ["CLINICAL"]
    both = _counted(made, ["worker", "other_worker"], [])
    assert {row[1] for row in both.cases} >= {made.code("case")}
    assert "IDENTITY" in both.parts
    only = _counted(made, ["worker", "other_worker"], [made.code("untaken")])
    assert {row[1] for row in only.cases} <= {made.code("untaken")}
    assert _counted(made, ["stranger"], []).cases == []
    with cast.app.app_context():
        entries = session.query(AuditEntry).filter_by(
            account_id=cast.ids["doctor"], case_id=made.ids["case"]
        )
        assert counted.cases[0][2].acts == entries.count(), "an independent count"


def test_nobody_counts_their_own_acts_among_everybodys(made: Hospital) -> None:
    officer, breach_id = made.cast.actor("officer"), made.ids["breach"]
    now = clock.now()
    scope = Scope([], [made.code("case")], now - timedelta(hours=1), now + timedelta(hours=1))
    with made.cast.acting():
        record(officer, Action.CASE_SHOWN, case_id=made.ids["case"])
    with made.cast.app.app_context():
        with pytest.raises(Invalid, match="own_among"):
            extent.count_extent(officer, breach_id, version(breach_id), scope)
        session.rollback()
        named = replace(scope, account_ids=[made.cast.ids["doctor"]])
        extent.count_extent(officer, breach_id, version(breach_id), named)
        session.rollback()


def _counted(made: Hospital, accounts: list[str], codes: list[str]) -> extent.Counted:
    scope = Scope(
        [made.cast.ids[name] for name in accounts],
        codes,
        clock.now() - timedelta(days=1),
        clock.now(),
    )
    officer, breach_id = made.cast.actor("officer"), made.ids["breach"]
    with made.cast.acting():
        extent.count_extent(officer, breach_id, version(breach_id), scope)
    with made.cast.app.app_context():
        found = extent.kept(records.show(officer, breach_id))
        session.rollback()
    assert found is not None
    return found


def test_nobody_counts_their_own_acts(made: Hospital) -> None:
    with pytest.raises(Invalid, match="oneself"):
        _counted(made, ["officer"], [])


def test_no_paper_for_whom_nobody_can_reach_safely(made: Hospital) -> None:
    officer, breach_id = made.cast.actor("officer"), made.ids["breach"]
    with made.cast.acting():
        deciding.letter_case(officer, breach_id, made.ids["case"])
    with made.cast.acting():
        deciding.choose_safe(officer, breach_id, version(breach_id), [])
    with made.cast.app.app_context(), pytest.raises(Denied):
        deciding.letter_case(officer, breach_id, made.ids["case"])
    with made.cast.app.app_context():
        with pytest.raises(Invalid, match="not_counted"):
            deciding.choose_safe(officer, breach_id, version(breach_id), [made.ids["untaken"]])
        session.rollback()


def test_nobody_is_told_without_a_safe_way(cast: Cast) -> None:
    breach_id, officer = opened(cast), cast.actor("officer")
    assessed(cast, breach_id, is_notifiable=False)
    with cast.acting():
        deciding.confirm(cast.actor("director"), breach_id, version(breach_id))
    with cast.app.app_context():
        with pytest.raises(Invalid, match="nobody_safe"):
            deciding.settle_persons(
                officer, breach_id, version(breach_id), telling=Telling.TOLD, reason=WHY
            )
        session.rollback()
    with cast.acting():
        deciding.settle_persons(
            officer, breach_id, version(breach_id), telling=Telling.DANGER, reason=WHY
        )
    with cast.app.app_context(), pytest.raises(rules.ForbiddenMove):
        deciding.close(officer, breach_id, version(breach_id), WHY)
