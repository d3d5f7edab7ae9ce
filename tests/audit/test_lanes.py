"""Lanes: numbers without a gap, whatever was rolled back, lost or done at once."""

import threading
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Connection, event, select
from sqlalchemy.exc import OperationalError

from casemgr import clock
from casemgr.access.actor import system_actor
from casemgr.audit import Action, AuditEntry, lanes, record
from casemgr.db import db, session
from tests.cast import Cast


def numbers(cast: Cast) -> dict[UUID, list[int]]:
    """What each lane holds, in its order."""
    with cast.app.app_context():
        query = select(AuditEntry.lane, AuditEntry.lane_seq).order_by(AuditEntry.lane_seq)
        found: dict[UUID, list[int]] = {}
        for lane, number in session.execute(query):
            assert lane is not None
            assert number is not None
            found.setdefault(lane, []).append(number)
        session.rollback()
    return found


def whole(cast: Cast) -> list[int]:
    """How long each lane is; raises where one has a gap."""
    found = numbers(cast)
    for kept in found.values():
        assert kept == list(range(1, len(kept) + 1))
    return sorted(len(kept) for kept in found.values())


def write(cast: Cast, action: Action = Action.HOME_SHOWN) -> AuditEntry:
    return record(system_actor("tests", cast.facility_id), action)


def test_one_process_after_another_uses_one_lane(cast: Cast) -> None:
    (before,) = whole(cast)
    for _ in range(3):
        with cast.acting():
            write(cast)
            write(cast)
    assert whole(cast) == [before + 6]


def test_a_rollback_leaves_no_gap(cast: Cast) -> None:
    (before,) = whole(cast)
    with cast.app.app_context():
        write(cast)
        session.flush()
        write(cast)
        session.rollback()
        write(cast)
        session.commit()
    assert whole(cast) == [before + 1]


def test_a_savepoint_rolled_back_leaves_no_gap(cast: Cast) -> None:
    (before,) = whole(cast)
    with cast.acting():
        write(cast)
        for _ in range(2):
            savepoint = session.begin_nested()
            write(cast)
            session.flush()
            write(cast)
            savepoint.rollback()
        with session.begin_nested():
            write(cast)
        write(cast)
    assert whole(cast) == [before + 3]


def test_a_session_that_was_thrown_away_gives_its_lane_back(cast: Cast) -> None:
    (before,) = whole(cast)
    with cast.app.app_context():
        write(cast)
        session.flush()
        session.remove()
        write(cast)
        session.commit()
    assert whole(cast) == [before + 1]


def test_two_open_transactions_have_two_lanes(cast: Cast) -> None:
    """One thread waits with its entry while another commits: no number is ever waited for."""
    (before,) = whole(cast)
    recorded, go_on = threading.Event(), threading.Event()

    def other() -> None:
        with cast.app.app_context():
            write(cast)
            recorded.set()
            go_on.wait(10)
            session.commit()

    thread = threading.Thread(target=other)
    thread.start()
    assert recorded.wait(10)
    with cast.acting():
        write(cast)
    go_on.set()
    thread.join()
    assert whole(cast) == sorted([before, 1 + 1]) or whole(cast) == sorted([before + 1, 1])


def test_a_clock_that_went_back_begins_a_new_lane(cast: Cast) -> None:
    (before,) = whole(cast)
    with clock.frozen(datetime(2020, 1, 1, tzinfo=UTC)), cast.acting():
        write(cast)
    assert whole(cast) == sorted([1, before])


def test_within_a_transaction_time_does_not_go_back(cast: Cast) -> None:
    later = clock.now() + timedelta(hours=1)
    with cast.acting():
        with clock.frozen(later):
            write(cast)
        assert write(cast).at == later


def test_a_commit_without_an_answer_leaves_no_gap(cast: Cast) -> None:
    """The commit arrives, its answer does not: the lane goes aside until its end was read again."""
    (before,) = whole(cast)

    def lose(connection: Connection) -> None:
        connection.connection.dbapi_connection.commit()  # type: ignore[union-attr]
        raise OperationalError("COMMIT", {}, ConnectionError())

    with cast.app.app_context():
        write(cast)
        session.flush()
        event.listen(db.engine, "commit", lose)
        try:
            with pytest.raises(OperationalError):
                session.commit()
        finally:
            event.remove(db.engine, "commit", lose)
        session.rollback()
        write(cast)
        session.commit()
        kept = sorted(len(each) for each in numbers(cast).values())
        assert kept in (
            [1, before + 1],
            [1, before],
        )  # the second lane; SQLite's autocommit keeps less
        (lane,) = [
            each
            for each in lanes.lanes_of(session()).take_those_with_news(clock.now())
            if each.is_unsure
        ]
        lanes.hold_this(session(), lane)
        write(cast)
        session.commit()
    assert whole(cast) == [1, max(kept) + 1]


def test_a_forked_process_never_shares_a_lane(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    (before,) = whole(cast)
    monkeypatch.setattr("os.getpid", lambda: -1)
    with cast.acting():
        write(cast)
    assert whole(cast) == sorted([1, before])
