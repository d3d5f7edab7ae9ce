"""Signals become reviews: grouped by colleague and day, once, sealed."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from casemgr.access import Actor, Denied
from casemgr.audit import Action, AuditEntry
from casemgr.crypto.errors import CompartmentClosed
from casemgr.db import session
from casemgr.privacy.reviews import items
from casemgr.privacy.reviews import service as reviews
from casemgr.privacy.reviews.models import ReviewItem
from casemgr.privacy.reviews.rules import ReviewKind, ReviewState, Verdict
from tests.privacy.reviews.scene import DAY, Scene, signals_of


def count(scene: Scene) -> int:
    with scene.cast.app.app_context():
        return session.scalar(select(func.count()).select_from(ReviewItem)) or 0


def test_signals_about_one_colleague_and_day_are_one_review(scene: Scene) -> None:
    case = uuid4()
    told = [
        scene.signal(),
        scene.signal(rule="no_relation", case_id=case, score=70),
        scene.signal(rule="no_relation", case_id=uuid4(), score=70),
        scene.signal("nurse"),
        scene.signal(day=DAY - timedelta(days=1)),
        scene.signal(None, rule="tamper", score=100),
    ]
    assert scene.raise_(*told) == 6
    assert count(scene) == 4
    with scene.cast.app.app_context():
        found = reviews.open_items(scene.cast.actor("officer"))
        assert [item.score for item in found] == [100, 80, 50, 50]  # the highest first
        (doctor,) = [item for item in found if item.score == 80]
        assert doctor.who == "Ngô Thanh Sơn"
        assert found[0].who == ""
        assert {s.rule for s in doctor.findings} == {"after_hours", "no_relation"}


def test_told_again_nothing_is_added(scene: Scene) -> None:
    told = scene.signal(case_id=uuid4())
    assert scene.raise_(told, told) == 1
    assert scene.raise_(told) == 0
    assert scene.raise_(scene.signal(rule="other")) == 1  # it bites: another rule is new
    assert count(scene) == 1


def test_what_was_closed_is_not_raised_again_but_something_new_is(scene: Scene) -> None:
    item_id = scene.raised()
    scene.assign(item_id)
    scene.decide(item_id)
    assert scene.raise_(scene.signal()) == 0
    assert scene.raise_(scene.signal(rule="other")) == 1
    assert count(scene) == 2
    assert scene.state(item_id) is ReviewState.CLOSED


def test_a_sample_is_a_queue_of_its_own(scene: Scene) -> None:
    scene.raise_(scene.signal(rule="sample", score=0), scene.signal())
    officer = scene.cast.actor("officer")
    with scene.cast.app.app_context():
        (sample,) = items.list_items(officer, ReviewKind.SAMPLE)
        (alert,) = items.list_items(officer, ReviewKind.ALERT)
    assert sample.review.id != alert.review.id


def test_only_the_system_raises(scene: Scene) -> None:
    for actor in (scene.cast.actor("officer"), Actor(scene.cast.facility_id)):
        with scene.cast.acting(), pytest.raises(Denied):
            reviews.raise_signals(actor, [scene.signal()])


def test_whoever_raises_leaves_the_review_sealed_and_an_entry(scene: Scene) -> None:
    """The rule's name about a case can itself be a fact."""
    with scene.cast.app.app_context():
        reviews.raise_signals(scene.system, [scene.signal(rule="same_surname")])
        (item_id,) = session.scalars(select(ReviewItem.id))
        (signal,) = signals_of(item_id)
        with pytest.raises(CompartmentClosed):
            _ = signal.rule
        assert b"same_surname" not in (signal.finding_sealed or b"")  # type: ignore[attr-defined]
        query = select(AuditEntry).where(AuditEntry.action == Action.REVIEW_RAISED)
        entry = session.scalars(query).one()
        assert (entry.subject_id, entry.account_id, entry.case_id) == (item_id, None, None)
        assert scene.cast.ids["doctor"].bytes not in entry.leaf


def test_every_use_of_emergency_access_is_reviewed_once(scene: Scene) -> None:
    doctor, case, at = scene.cast.actor("doctor"), uuid4(), datetime(2026, 11, 25, 2, tzinfo=UTC)
    for moment in (at, at, at + timedelta(hours=1)):
        with scene.cast.acting():
            reviews.raise_break_glass_review(doctor, case, scene.cast.ids["doctor"], moment)
    with scene.cast.app.app_context():
        found = items.list_items(scene.cast.actor("officer"), ReviewKind.BREAK_GLASS)
        assert {item.review.happened_at for item in found} == {at, at + timedelta(hours=1)}
        assert {item.score for item in found} == {60}  # R9
        assert all(item.review.case_id == case for item in found)
        made = select(AuditEntry.acting_as).where(AuditEntry.action == Action.REVIEW_RAISED)
        assert set(session.scalars(made)) == {"reviews"}, "the system raises it, not the doctor"


def test_what_detection_says_of_a_use_joins_its_review(scene: Scene) -> None:
    """R9: a missing reason is worse than the use itself; each case has its own review."""
    doctor, cases = scene.cast.actor("doctor"), [uuid4(), uuid4()]
    moment = datetime(DAY.year, DAY.month, DAY.day, 2, tzinfo=UTC)
    with scene.cast.acting():
        reviews.raise_break_glass_review(doctor, cases[0], scene.cast.ids["doctor"], moment)
    told = [scene.signal(rule="break_glass", case_id=case, score=85) for case in cases]
    assert scene.raise_(*told) == 2
    assert scene.raise_(*told) == 0
    with scene.cast.app.app_context():
        found = items.list_items(scene.cast.actor("officer"), ReviewKind.BREAK_GLASS)
        scores = {item.review.case_id: item.score for item in found}
    assert scores == {cases[0]: 95, cases[1]: 85}
    assert len(found) == 2


def test_the_doctor_who_broke_the_glass_opens_nothing(scene: Scene) -> None:
    doctor, at = scene.cast.actor("doctor"), datetime(2026, 11, 25, 2, tzinfo=UTC)
    with scene.cast.app.app_context():
        item = reviews.raise_break_glass_review(doctor, uuid4(), scene.cast.ids["doctor"], at)
        (signal,) = signals_of(item.id)
        with pytest.raises(CompartmentClosed):
            _ = signal.score
        session.rollback()


def test_verdicts_tell_how_good_a_rule_is(scene: Scene) -> None:
    for who, verdict in (
        ("doctor", Verdict.INAPPROPRIATE),
        ("nurse", Verdict.APPROPRIATE),
        ("worker", Verdict.TRAINING),
        ("stranger", None),
    ):
        item_id = scene.raised(who)
        if verdict:
            scene.assign(item_id)
            scene.decide(item_id, verdict)
    with scene.cast.app.app_context():
        tallies = reviews.verdicts_by_rule(scene.cast.actor("officer"))
        assert tallies == {
            "after_hours": reviews.Tally(confirmed=1, explained=1, open=1, mistakes=1)
        }
        assert tallies["after_hours"].precision == pytest.approx(2 / 3)
        assert reviews.Tally(0, 0, 5).precision is None
