"""The rounds over a real log: what is found, that nothing is missed or told twice."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from casemgr import clock
from casemgr.access import Compartment
from casemgr.access.actor import system_actor
from casemgr.audit import Action, AuditEntry, Outcome, record
from casemgr.db import session
from casemgr.privacy.detection import matching, outlet, reading, running
from casemgr.privacy.detection.models import DetectionSample
from casemgr.privacy.detection.rules.every import Pace
from casemgr.privacy.detection.rules.random_sample import is_drawn
from casemgr.privacy.reviews.signals import Signal
from tests.cast import Cast
from tests.house.hospital import Hospital
from tests.privacy.detection.conftest import Desk

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MORNING = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)  # 9:00 at the hospital


@pytest.mark.parametrize(
    ("pace", "done_until", "now", "until"),
    [
        (Pace.HOUR, MORNING, MORNING + HOUR, None),
        (Pace.HOUR, MORNING, MORNING + timedelta(minutes=64), None),
        (Pace.HOUR, MORNING, MORNING + timedelta(minutes=65), MORNING + HOUR),
        (Pace.HOUR, MORNING, MORNING + 3 * HOUR + timedelta(minutes=30), MORNING + 3 * HOUR),
        # not past midnight at the hospital: a window belongs to one day
        (Pace.HOUR, MORNING, MORNING + 3 * DAY, MORNING + 15 * HOUR),
        (Pace.DAY, MORNING - 9 * HOUR, MORNING + 15 * HOUR, None),
        (
            Pace.DAY,
            MORNING - 9 * HOUR,
            MORNING + 15 * HOUR + timedelta(minutes=5),
            MORNING + 15 * HOUR,
        ),
        (Pace.MINUTE, MORNING, MORNING, None),
        (Pace.MINUTE, MORNING, MORNING + HOUR, MORNING + HOUR),
        (Pace.MINUTE, MORNING, MORNING + 3 * DAY, MORNING + DAY),
    ],
)
def test_where_a_stretch_ends(
    pace: Pace, done_until: datetime, now: datetime, until: datetime | None
) -> None:
    assert running.next_until(pace, done_until, now) == until


def look(made: Hospital, pace: Pace, later: timedelta) -> int:
    """As many rounds of one pace as the worker does until nothing is left, so much later."""
    raised = 0
    with clock.frozen(clock.now() + later):
        for _ in range(40):
            with made.cast.acting():
                raised += running.watch(system_actor("detection", made.cast.facility_id), pace)
    return raised


def touch(made: Hospital, who: str, action: Action = Action.CASE_SHOWN, **more: object) -> UUID:
    with made.cast.acting():
        more.setdefault("case_id", made.ids["case"])
        return record(made.cast.actor(who), action, **more).id  # type: ignore[arg-type]


def test_a_stranger_is_told_of_once(made: Hospital, reviews: Desk) -> None:
    entry = touch(made, "stranger")
    assert look(made, Pace.DAY, DAY) > 0
    (signal,) = [
        one for one in reviews.of("no_care_relation") if one.account_id == made.cast.ids["stranger"]
    ]
    assert entry in signal.entries
    told = len(reviews.told)
    assert look(made, Pace.DAY, DAY) == 0
    assert len(reviews.told) == told, "what was looked at is not looked at again"


def test_the_order_of_signals_does_not_tell_the_rule(cast: Cast, reviews: Desk) -> None:
    """All of a look in one call; sorted by rule, as the rules found them, only by chance."""
    names = [name for name in ("after_hours", "own_case", "volume") for _ in range(20)]
    day = date(2026, 3, 10)
    found = [Signal(name, 50, UUID(int=n), day) for n, name in enumerate(names)]
    with cast.acting():
        running._raise(system_actor("detection", cast.facility_id), found)
    (told,) = reviews.calls
    assert sorted(told) == sorted(names)
    assert told != names


def test_nobody_of_the_team_is_told_of(made: Hospital, reviews: Desk) -> None:
    look(made, Pace.DAY, DAY)
    told_of = {signal.account_id for signal in reviews.of("no_care_relation")}
    assert not told_of & {made.cast.ids[name] for name in ("worker", "doctor", "lead", "nurse")}


@pytest.mark.parametrize(
    ("seconds", "pace"), [(30, Pace.MINUTE), (200, Pace.HOUR)], ids=["soon", "late"]
)
def test_an_entry_that_was_committed_late_is_not_missed(
    made: Hospital, reviews: Desk, seconds: int, pace: Pace
) -> None:
    """Begun before the minute's round and ended after it; what is very late comes by the hour."""
    look(made, Pace.MINUTE, timedelta(0))
    with clock.frozen(clock.now() - timedelta(seconds=seconds)):
        touch(made, "worker", Action.SEAL_BROKEN, outcome=Outcome.FAILED)
    look(made, Pace.MINUTE, timedelta(minutes=1))
    assert len(reviews.of("tampering")) == (pace is Pace.MINUTE)
    look(made, Pace.HOUR, 2 * HOUR)
    assert [signal.account_id for signal in reviews.of("tampering")] == [None]


@pytest.mark.parametrize(
    ("action", "outcome", "told"),
    [
        (Action.SEAL_BROKEN, Outcome.FAILED, True),
        (Action.LOG_TAG_WRONG, Outcome.FAILED, True),
        (Action.LOG_LANE_GAP, Outcome.FAILED, True),
        (Action.LOG_ROLLED_BACK, Outcome.FAILED, True),
        (Action.CELL_ROLLED_BACK, Outcome.FAILED, True),
        (Action.SHARES_SWAPPED, Outcome.FAILED, True),
        (Action.LOG_VERIFIED, Outcome.FAILED, True),
        (Action.LOG_VERIFIED, Outcome.DONE, False),
    ],
    ids=str,
)
def test_every_sign_of_tampering_is_told_of(
    made: Hospital, reviews: Desk, action: Action, outcome: Outcome, *, told: bool
) -> None:
    """What the system itself found, without anybody's account."""
    with made.cast.acting():
        record(system_actor("proof", made.cast.facility_id), action, outcome=outcome)
    look(made, Pace.MINUTE, timedelta(minutes=1))
    kinds = [dict(signal.reason)["kind"] for signal in reviews.of("tampering")]
    assert kinds == ([action.value] if told else [])


def test_without_reviews_nothing_moves(made: Hospital, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlet.reviews, "raise_signals", None)
    assert look(made, Pace.DAY, DAY) == 0
    with made.cast.acting():
        watched = select(func.count()).where(AuditEntry.action == Action.LOG_WATCHED)
        assert session.scalar(watched) == 0


def test_people_are_compared_on_record_and_told_of_by_rule_only(made: Hospital) -> None:
    with made.cast.acting():
        facts = matching.people_of(
            system_actor("detection", made.cast.facility_id), [made.ids["case"]]
        )
        entry = session.scalars(
            select(AuditEntry).where(AuditEntry.action == Action.PEOPLE_COMPARED)
        ).one()
        assert facts[made.ids["case"]].phones
        assert (entry.acting_as, entry.account_id) == ("detection", None)
        assert entry.compartments.split() == [Compartment.CONTACT, Compartment.IDENTITY]
        assert str(made.ids["case"]) in entry.leaf.decode()
        for word in made.all_words():
            assert word not in entry.leaf.decode()


@pytest.mark.usefixtures("reviews")
def test_only_touched_cases_are_opened(made: Hospital) -> None:
    with clock.frozen(clock.now() + 20 * DAY):
        touch(made, "stranger")
        look(made, Pace.HOUR, 2 * HOUR)
    with made.cast.acting():
        newest = select(AuditEntry).where(AuditEntry.action == Action.PEOPLE_COMPARED)
        entry = session.scalars(newest.order_by(AuditEntry.at.desc())).first()
        assert entry is not None
        assert (entry.count, str(made.ids["case"]) in entry.leaf.decode()) == (1, True)


def test_the_sample_can_be_drawn_again(made: Hospital, reviews: Desk) -> None:
    look(made, Pace.DAY, DAY)
    today = clock.today()
    with made.cast.acting():
        sample = session.scalars(select(DetectionSample).where(DetectionSample.day == today)).one()
        since = clock.at_hospital(today)
        actor = system_actor("detection", made.cast.facility_id)
        assert reading.seed_of(actor, since, since + DAY).hex() == sample.seed
        assert sample.drawn == len(reviews.of("sample"))
        read = reading.accesses(actor, since, since + DAY)
        touched = [access for access in read if access.is_touching]
        assert sample.drawn_from <= len({(one.account_id, one.case_id) for one in touched})
        assert not [one for one in touched if is_drawn(one, bytes.fromhex(sample.seed), 0)]


def test_lists_bring_the_cases_they_showed(made: Hospital) -> None:
    entry = touch(made, "worker", Action.CASES_SEARCHED, shown=[made.ids["case"]], case_id=None)
    with made.cast.acting():
        actor = system_actor("detection", made.cast.facility_id)
        read = reading.accesses(actor, clock.now() - HOUR, clock.now() + HOUR)
    (search,) = [access for access in read if access.id == entry]
    assert search.shown == (made.ids["case"],)
    assert search.day == date.fromordinal(clock.today().toordinal())
