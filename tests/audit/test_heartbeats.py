"""Tails: within a minute every lane that wrote has a later number; idle ones stay silent."""

from datetime import timedelta

from sqlalchemy import select

from casemgr import clock
from casemgr.access.actor import system_actor
from casemgr.audit import Action, AuditEntry, heartbeats, record
from casemgr.db import session
from tests.cast import Cast


def beat(cast: Cast) -> int:
    with cast.app.app_context():
        return heartbeats.beat(session(), "web")


def write(cast: Cast) -> None:
    with cast.acting():
        record(system_actor("tests", cast.facility_id), Action.HOME_SHOWN)


def acts(cast: Cast) -> list[Action]:
    with cast.app.app_context():
        return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.lane_seq)))


def test_a_lane_that_wrote_gets_one_entry_more(cast: Cast) -> None:
    write(cast)
    assert beat(cast) == 1
    assert acts(cast)[-2:] == [Action.HOME_SHOWN, Action.LOG_HEARTBEAT]
    with cast.app.app_context():
        query = select(AuditEntry).where(AuditEntry.action == Action.LOG_HEARTBEAT)
        entry = session.scalars(query).one()
        assert (entry.lane, entry.channel) == (entry.subject_id, "web")


def test_a_silent_lane_gets_none(cast: Cast) -> None:
    assert beat(cast) == 1
    with clock.frozen(clock.now() + timedelta(hours=8)):
        assert beat(cast) == 0, "a heartbeat is no reason for another one"


def test_it_beats_once_a_minute_at_most(cast: Cast) -> None:
    assert beat(cast) == 1
    write(cast)
    assert beat(cast) == 0
    with clock.frozen(clock.now() + timedelta(seconds=61)):
        assert beat(cast) == 1


def test_a_process_that_stops_closes_its_lanes(cast: Cast) -> None:
    assert beat(cast) == 1
    write(cast)
    with cast.app.app_context():
        assert heartbeats.end(session(), "web") == 1
        assert heartbeats.end(session(), "web") == 0
    assert acts(cast)[-1] is Action.LOG_LANE_ENDED
