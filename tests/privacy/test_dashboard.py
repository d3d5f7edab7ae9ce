"""The dashboard: sums that agree with the log, a report in which nobody is told of."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from casemgr import clock
from casemgr.access.actor import system_actor
from casemgr.audit import Action, AuditEntry, Outcome, record
from casemgr.db import session
from casemgr.privacy.breaches import recording
from casemgr.privacy.dashboard import boards, sums
from casemgr.privacy.dashboard.hooks import Due, Hooks
from casemgr.privacy.dashboard.models import LogDay
from tests.cast import Cast
from tests.house.hospital import Hospital
from tests.privacy.reviews.scene import DAY, Scene


@pytest.fixture
def scene(cast: Cast) -> Scene:
    return Scene(cast)


def summed(cast: Cast) -> int:
    """One round of the worker."""
    with cast.acting():
        return sums.sum_days(system_actor(sums.ROUND, cast.facility_id))


def test_the_sums_are_those_of_the_log(made: Hospital) -> None:
    cast = made.cast
    summed(cast)
    with cast.app.app_context():
        expected = Counter(
            (clock.to_local(entry.at).date(), entry.action, entry.outcome)
            for entry in session.scalars(select(AuditEntry))
            if entry.action is not Action.DAYS_SUMMED
        )
        kept = {
            (row.day, row.action, row.outcome): row.acts for row in session.scalars(select(LogDay))
        }
    assert kept == dict(expected)
    assert summed(cast) == 0, "nothing new: nothing changes, and no entry"


def test_a_day_begins_at_midnight_of_the_hospital(cast: Cast) -> None:
    midnight = clock.at_hospital(clock.today())
    actor = cast.actor("nurse")
    for at in (midnight - timedelta(seconds=1), midnight):
        with clock.frozen(at), cast.acting():
            record(actor, Action.CASES_SEARCHED)
    with clock.frozen(midnight + timedelta(hours=1)):
        summed(cast)
        with cast.app.app_context():
            found = sums.sums_between(actor, clock.today() - timedelta(days=1), clock.today())
    counted = {each.day: each.acts for each in found if each.action is Action.CASES_SEARCHED}
    assert counted == {clock.today() - timedelta(days=1): 1, clock.today(): 1}


def test_a_long_log_is_caught_up_over_many_rounds(cast: Cast) -> None:
    with clock.frozen(clock.now() - timedelta(days=70)), cast.acting():
        record(cast.actor("nurse"), Action.CASES_SEARCHED)
    with cast.acting():
        record(cast.actor("nurse"), Action.CASES_SEARCHED)
    for _ in range(5):
        summed(cast)
    with cast.app.app_context():
        found = sums.sums_between(
            cast.actor("nurse"), clock.today() - timedelta(days=90), clock.today()
        )
    searched = [each.day for each in found if each.action is Action.CASES_SEARCHED]
    assert searched == [clock.today() - timedelta(days=70), clock.today()]


def test_a_report_tells_no_number_below_five(made: Hospital) -> None:
    summed(made.cast)
    officer = made.cast.actor("officer")
    with made.cast.acting():
        for _ in range(7):
            record(officer, Action.SIGNED_IN)
        for _ in range(3):
            record(officer, Action.CASE_SHOWN, outcome=Outcome.REFUSED)
    summed(made.cast)
    with made.cast.app.app_context():
        counted = Counter(entry.action for entry in session.scalars(select(AuditEntry)))
    with made.cast.acting():
        report = boards.make_report(officer, clock.today(), clock.today())
        numbers = report.numbers or {}
    assert counted[Action.SIGNED_IN] >= 7
    assert numbers["group.signed_in"] == str(counted[Action.SIGNED_IN])
    assert numbers["group.refused"] == "<5"
    assert numbers["breaches.detected"] == "<5", "one breach was made, and must not be told"
    assert numbers["group.break_glass"] == "0"
    assert not [text for text in numbers.values() if text in {"1", "2", "3", "4"}]


def test_a_report_counts_also_what_is_about_whoever_makes_it(scene: Scene) -> None:
    """Three about the officer and two about others make five: the smallest number that is told."""
    officer = scene.cast.actor("officer")
    for number in range(3):
        scene.raised("officer", day=DAY - timedelta(days=number))
    scene.raised("doctor")
    scene.raised("nurse")
    summed(scene.cast)
    with scene.cast.acting():
        report = boards.make_report(officer, clock.today(), clock.today())
        numbers = report.numbers or {}
    assert numbers["alerts.open"] == "5"
    assert numbers["reviews.waiting"] == "5"


def test_the_board_tells_the_officer_nothing_about_themselves(cast: Cast) -> None:
    officer, made = cast.actor("officer"), {}
    for name in ("officer", "doctor"):
        with cast.acting():
            breach = recording.open_breach(
                officer,
                account_id=cast.ids[name],
                case_id=None,
                detected_at=clock.now(),
                source_item_id=None,
            )
            made[name] = breach.id
    with cast.app.app_context():
        board = boards.show_board(officer)
        assert [breach.id for breach in board.breaches] == [made["doctor"]]
        session.rollback()


def test_the_officer_makes_it_and_the_director_reads_it(made: Hospital) -> None:
    today = clock.today()
    days = {
        f"{name}-{part}": str(getattr(today, part))
        for name in ("first_day", "last_day")
        for part in ("day", "month", "year")
    }
    officer, director = (made.cast.browser(name) for name in ("officer", "director"))
    paper = officer.get("/monthly-reports").submit(days)
    assert "BÁO CÁO THÁNG" in paper
    assert "BÁO CÁO THÁNG" in director.get(paper.path)
    assert not [word for word in made.all_words() if word in paper.text]
    late = officer.get("/monthly-reports").submit(
        days | {"first_day-year": str(today.year - 1)}, status=422
    )
    assert "92" in late.errors["last_day-day"]
    director.get("/dashboard", status=403)


def test_hooks_bring_what_other_rooms_know(made: Hospital, monkeypatch: pytest.MonkeyPatch) -> None:
    class Tally:
        confirmed, explained, open, mistakes = 1, 6, 2, 1

    from casemgr.privacy.dashboard import boards as looked
    from casemgr.privacy.dashboard import views

    told = Hooks(
        verdicts=lambda _actor: {"self": Tally()},
        rule_words=lambda name: f"Quy tắc {name}",
        rights=lambda _actor: Due(waiting=4, overdue=2),
    )
    for module in (looked, views):
        monkeypatch.setattr(module, "hooks", told)
    page = made.cast.browser("officer").get("/dashboard")
    assert "Quy tắc self" in page
    assert "25 %" in page
    assert "4, trong đó 2 đã quá hạn" in page


def test_the_board_never_scans_the_log(made: Hospital) -> None:
    """Its numbers are read from the sums; of the log it asks for its newest verification alone."""
    asked: list[str] = []
    with made.cast.app.app_context():
        connection = session.connection()

        def note(_c: object, _k: object, statement: str, *_more: object) -> None:
            asked.append(statement)

        event.listen(connection, "before_cursor_execute", note)
        boards.show_board(made.cast.actor("officer"))
        session.rollback()
    assert [one for one in asked if "log_day" in one]
    of_the_log = [one for one in asked if one.startswith("SELECT") and "audit_entry" in one]
    assert [one for one in of_the_log if "LIMIT" not in one] == []
    assert len(of_the_log) <= 1
