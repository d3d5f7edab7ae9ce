"""The numbers of the dashboard, against a month counted by hand."""

from datetime import UTC, datetime, timedelta

import pytest

from casemgr.access import Denied
from casemgr.privacy.reviews import items
from casemgr.privacy.reviews import service as reviews
from casemgr.privacy.reviews.rules import Verdict
from tests.privacy.reviews.scene import DAY, Scene, at

START = datetime(2026, 11, 23, 2, tzinfo=UTC)  # Monday 9:00 at the hospital


def after(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def review(scene: Scene, about: str, verdict: Verdict, *, closed: float, **more: object) -> None:
    """Raised at the start, looked at after half the time, closed after so many hours."""
    with at(START):
        item_id = scene.raised(about, **more)
    with at(after(closed / 2)), scene.cast.acting():
        items.show(scene.cast.actor("officer"), item_id)
    with at(after(closed)):
        scene.assign(item_id)
        scene.decide(item_id, verdict)


def test_a_month_counted_by_hand(scene: Scene) -> None:
    review(scene, "doctor", Verdict.INAPPROPRIATE, closed=2)
    review(scene, "doctor", Verdict.BREACH, closed=4, day=DAY - timedelta(days=1))
    review(scene, "nurse", Verdict.TRAINING, closed=30)
    review(scene, "nurse", Verdict.TRAINING, closed=30, day=DAY - timedelta(days=1))
    review(scene, "worker", Verdict.BREACH, closed=10, rule="sample")
    review(scene, "stranger", Verdict.APPROPRIATE, closed=20, rule="sample")
    with at(START):
        scene.raised("press")
        scene.raised("officer")  # about the reader: in no number
    with at(after(24 * 30)), scene.cast.app.app_context():
        found = reviews.measures(scene.cast.actor("officer"), START)
        later = reviews.measures(scene.cast.actor("officer"), after(1))
    assert found == reviews.Measures(
        raised=7,
        open=1,
        overdue=1,
        median_hours_to_first_look=7.5,  # of 1, 2, 5, 10, 15, 15
        median_hours_to_close=15,  # of 2, 4, 10, 20, 30, 30
        break_glass_in_time=None,
        repeated_colleagues=1,  # the doctor, twice; the nurse's two were mistakes
        sample_violation_rate=0.5,
    )
    assert later == reviews.Measures(0, 0, 0, None, None, None, 0, None)


def test_what_waits_now_but_for_ones_own(scene: Scene) -> None:
    with at(START):
        for name in ("doctor", "officer", "nurse"):
            scene.raised(name)
    with at(after(24 * 3)):
        scene.raised("worker")
    with at(after(24 * 8)), scene.cast.app.app_context():  # five working days are over
        assert reviews.waiting(scene.cast.actor("officer")) == reviews.Waiting(3, overdue=2)
        assert reviews.waiting(scene.system).waiting == 4
        with pytest.raises(Denied):
            reviews.waiting(scene.cast.actor("nurse"))


def test_findings_of_a_rule_but_for_those_about_the_reader(scene: Scene) -> None:
    with at(START):
        scene.raised("doctor", rule="own_case")
    with at(after(48)):
        scene.raised("officer", rule="own_case")
        scene.raised("nurse", rule="own_case")
        scene.raised("worker", rule="volume")
    with at(after(72)), scene.cast.app.app_context():
        found = reviews.findings_by_rule(scene.cast.actor("officer"), after(24))
        assert found == {"own_case": 1, "volume": 1}
        assert reviews.findings_by_rule(scene.system, START) == {"own_case": 3, "volume": 1}


def test_emergency_access_in_time(scene: Scene) -> None:
    """Three working days from Monday end with Thursday; the second is closed on Friday."""
    doctor = scene.cast.ids["doctor"]
    for hours in (48, 100):
        with at(START), scene.cast.acting():
            moment = after(hours)
            actor = scene.cast.actor("doctor")
            item_id = reviews.raise_break_glass_review(actor, doctor, doctor, moment).id
        with at(after(hours)):
            scene.assign(item_id)
            scene.decide(item_id)
    with scene.cast.app.app_context():
        found = reviews.measures(scene.cast.actor("director"), START)
    assert found.break_glass_in_time == 0.5


def test_numbers_are_for_those_who_review(scene: Scene) -> None:
    for name in ("admin", "worker", "lead"):
        with scene.cast.app.app_context(), pytest.raises(Denied):
            reviews.measures(scene.cast.actor(name), START)
