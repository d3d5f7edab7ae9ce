"""Closing the tail of each lane: without a later number nobody would miss a lane's newest entries.

A lane that wrote something gets one more entry within a minute, and a last one when its process
stops. Idle lanes stay silent: a quiet night adds nothing to the log.
"""

import logging
from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from casemgr import clock
from casemgr.audit import lanes
from casemgr.audit.actions import Action
from casemgr.audit.sequencer import Sequencer
from casemgr.audit.trail import record

EVERY = timedelta(seconds=60)

log = logging.getLogger("casemgr.log")


def beat(session: Session, channel: str) -> int:
    """An entry in every idle lane of this process that wrote since its last one. Returns how many.

    Commits each. Lanes whose last commit was not answered find out here what became of it.
    """
    return _close_tails(session, channel, Action.LOG_HEARTBEAT, EVERY)


def end(session: Session, channel: str) -> int:
    """The last entry of every lane, when the process stops. Returns how many."""
    return _close_tails(session, channel, Action.LOG_LANE_ENDED, timedelta(0))


def _close_tails(session: Session, channel: str, action: Action, every: timedelta) -> int:
    pool = lanes.lanes_of(session)
    waiting = pool.take_those_with_news(clock.now() - every)
    done = 0
    try:
        while waiting:
            lane = waiting.pop()
            done += _write(session, lane, channel, action)
    finally:
        for lane in waiting:
            pool.give_back(lane)
    return done


def _write(session: Session, lane: lanes.Lane, channel: str, action: Action) -> bool:
    hold = lanes.hold_this(session, lane)
    if not lane.committed:  # its only commit never came through: there is no tail
        session.rollback()
        return False
    record(_who(lane.facility_id, channel), action, subject_kind="lane", subject_id=lane.id)
    lane.beaten_at = hold.last_at
    session.commit()
    lane.beaten = lane.committed
    return True


def _who(facility_id: UUID, channel: str) -> Sequencer:
    return Sequencer(facility_id, acting_as="log-heartbeat", channel=channel)
