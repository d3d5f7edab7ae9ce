"""Lanes: counters of entries, each held by at most one open transaction (docs/adr/0007).

A process starts with none and makes one whenever all of its lanes are held, so it has as many as it
ever had writers at once. An entry takes its number when it is flushed; the number counts once the
commit came back. What was rolled back gives its numbers to the next transaction: no gap is false.
A commit whose answer was lost leaves its lane aside until somebody has looked what became of it.
"""

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID, uuid4

from sqlalchemy import event, func, inspect, select
from sqlalchemy.orm import Session, SessionTransaction

from casemgr import clock
from casemgr.audit.models import AuditEntry
from casemgr.db.session import PROCESS, RequestSession

_HOLDS, _LANES = "audit_holds", "lanes"
LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True, eq=False)
class Lane:
    """A random id and how far its numbers are committed. Its moments never go back."""

    facility_id: UUID
    id: UUID = field(default_factory=uuid4)
    committed: int = 0
    last_at: datetime = LONG_AGO
    beaten: int = 0  # the number of its newest heartbeat
    beaten_at: datetime = LONG_AGO
    is_unsure: bool = False  # a commit was not answered: ``committed`` may be too low

    @property
    def label(self) -> str:
        """What its key is derived with, from the facility's tag key."""
        return label_of(self.id)

    @property
    def has_news(self) -> bool:
        """Whether a heartbeat would tell anything."""
        return self.is_unsure or self.committed > self.beaten


def label_of(lane_id: UUID) -> str:
    """The label of a lane's key."""
    return f"lane|{lane_id}"


class Lanes:
    """The lanes of one process that nobody holds at the moment."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._free: list[Lane] = []
        self._aside: list[Lane] = []
        self._process = os.getpid()

    def take(self, facility_id: UUID, at: datetime) -> Lane:
        """The lane used last that has no later moment, or a new one: after a clock went back, too.

        A lane is never shared with a process that was forked off.
        """
        with self._lock:
            if self._process != os.getpid():
                self._free, self._aside, self._process = [], [], os.getpid()
            for place in range(len(self._free) - 1, -1, -1):
                lane = self._free[place]
                if lane.facility_id == facility_id and lane.last_at <= at:
                    return self._free.pop(place)
        return Lane(facility_id)

    def give_back(self, lane: Lane) -> None:
        """For the next transaction."""
        with self._lock:
            (self._aside if lane.is_unsure else self._free).append(lane)

    def take_those_with_news(self, before: datetime) -> list[Lane]:
        """Take every idle lane that wrote since a heartbeat older than ``before``; give back each."""
        with self._lock:
            taken = [
                lane
                for lane in (*self._free, *self._aside)
                if lane.has_news and lane.beaten_at <= before
            ]
            self._free = [lane for lane in self._free if lane not in taken]
            self._aside = [lane for lane in self._aside if lane not in taken]
        return taken


@dataclass(slots=True)
class Hold:
    """One transaction's use of one lane."""

    lane: Lane
    last_at: datetime
    entries: list[AuditEntry] = field(default_factory=list)  # numbered, in their order
    is_committing: bool = False

    def moment(self) -> datetime:
        """Now, and never before the lane's newest entry."""
        self.last_at = max(clock.now(), self.last_at)
        return self.last_at

    def number(self, entry: AuditEntry) -> int:
        """The next number; those of entries that went with their savepoint are given again."""
        while self.entries and inspect(self.entries[-1]).transient:
            self.entries.pop()
        self.entries.append(entry)
        return self.lane.committed + len(self.entries)

    def keep(self) -> None:
        """The commit came back: the numbers count."""
        while self.entries and inspect(self.entries[-1]).transient:
            self.entries.pop()
        self.lane.committed += len(self.entries)
        self.lane.last_at = self.last_at


def lanes_of(session: Session) -> Lanes:
    """The lanes of this session's process."""
    process = session.info[PROCESS]
    lanes: Lanes = process.get(_LANES) or process.setdefault(_LANES, Lanes())
    return lanes


def held(session: Session, facility_id: UUID) -> Hold:
    """The running transaction's hold of a lane, taken on first need."""
    holds: dict[UUID, Hold] = session.info.setdefault(_HOLDS, {})
    hold = holds.get(facility_id)
    if hold is None:
        lane = lanes_of(session).take(facility_id, clock.now())
        hold = holds[facility_id] = Hold(lane, lane.last_at)
    return hold


def hold_this(session: Session, lane: Lane) -> Hold:
    """Have the next transaction write in this very lane, once its numbers are certain again."""
    hold = session.info.setdefault(_HOLDS, {})[lane.facility_id] = Hold(lane, lane.last_at)
    if lane.is_unsure:
        newest = select(func.max(AuditEntry.lane_seq), func.max(AuditEntry.at)).where(
            AuditEntry.lane == lane.id
        )
        number, at = session.execute(newest).one()
        if number is not None:  # else nothing of it was ever committed
            lane.committed, hold.last_at = number, max(lane.last_at, at)
        lane.is_unsure = False
    return hold


def has_entries(session: Session) -> bool:
    """Whether the running transaction wrote an entry that still stands."""
    return any(not inspect(entry).transient for hold in _holds(session) for entry in hold.entries)


def _holds(session: Session) -> Iterator[Hold]:
    yield from session.info.get(_HOLDS, {}).values()


@event.listens_for(RequestSession, "before_commit")
def _about_to_commit(session: Session) -> None:
    if session.in_nested_transaction() or not session.info.get(_HOLDS):
        return
    session.flush()  # what fails in here was never sent to be committed
    for hold in _holds(session):
        hold.is_committing = True


@event.listens_for(RequestSession, "after_commit")
def _committed(session: Session) -> None:
    if session.in_nested_transaction():
        return
    for hold in session.info.pop(_HOLDS, {}).values():
        hold.keep()
        lanes_of(session).give_back(hold.lane)


@event.listens_for(RequestSession, "after_transaction_end")
def _ended(session: Session, transaction: SessionTransaction) -> None:
    """Rolled back, or its commit failed on the way, and then nobody here knows what became of it."""
    if transaction.parent is not None:
        return
    for hold in session.info.pop(_HOLDS, {}).values():
        hold.lane.is_unsure |= hold.is_committing and bool(hold.entries)
        lanes_of(session).give_back(hold.lane)
