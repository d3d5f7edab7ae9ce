"""Playing the story: every event in its moment, through the real services, as the one who acted."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from sqlalchemy import func, select

from casemgr import clock, rooms
from casemgr.access.opening import close_keys
from casemgr.accounts.rules import IDLE_LIMIT
from casemgr.db import session
from casemgr.demo import vocabulary as v
from casemgr.demo.acts import ACTS
from casemgr.demo.desks import Desks
from casemgr.demo.events import Event, SignedIn, SignedOut
from casemgr.demo.scene import Hand, Scene, StoryBroken, Thread, World
from casemgr.demo.story import DAYS, SEED, Demonstration
from casemgr.work.models import Job
from casemgr.work.worker import Worker

Say = Callable[[str], None]

_NEXT_DUE = select(func.min(Job.run_at)).where(Job.done_at.is_(None))


def replay(
    demonstration: Demonstration,
    facility_id: UUID,
    accounts: Mapping[str, UUID],
    recipients: Mapping[v.Recipient, UUID],
    say: Say,
) -> None:
    """Play all events, commit once a day, and let the worker work when it would have.

    Raises StoryBroken, naming the event, when a service refuses what the story tells.
    """
    timeline = demonstration.timeline()
    hand = Hand(timeline[0][1].moment(demonstration.today))
    world = World(demonstration.today, hand, Random(f"{SEED}:replay"), accounts, recipients)
    with clock.told_by(hand.look):
        _play_all(_Stage(world, facility_id), timeline, say)


def _play_all(stage: "_Stage", timeline: Collection[tuple[str | None, Event]], say: Say) -> None:
    day, told = -DAYS - 1, 0
    for key, event in timeline:
        if event.day > day:
            stage.commit()
            day = event.day
            if (done := 10 * (DAYS + day) // DAYS * 10) > told:
                told = done
                say(f"Playing the last {DAYS} days of the hospital: {done} %")
        try:
            stage.play(key, event)
        except Exception as error:
            raise StoryBroken(f"{key} {type(event).__name__} of day {event.day}") from error
    stage.end()


class _Stage:
    """Where events are played one by one."""

    def __init__(self, world: World, facility_id: UUID) -> None:
        self._world = world
        self._desks = Desks(facility_id, world.hand, world.rng)
        self._seen: dict[str, datetime] = {}
        self._worker = Worker(facility_id, rooms.HANDLERS, rounds=[])

    def play(self, key: str | None, event: Event) -> None:
        """One event, in its moment, as one request or a few."""
        seconds = timedelta(seconds=self._world.rng.uniform(0, 30))
        moment = event.moment(self._world.today) + seconds
        self._work_until(moment)
        self._world.hand.reach(moment)
        self._let_lapse(event)
        if isinstance(event, SignedIn):
            self._desks.sign_in(event.by, is_successful=event.is_successful)
        elif isinstance(event, SignedOut):
            self._desks.sign_out(event.by)
        else:
            self._act(key, event)
        session.flush()
        close_keys()  # the next request opens for itself
        self._seen[event.by] = self._world.hand.at

    def commit(self) -> None:
        """Keep what was played so far; nothing of it stays in memory."""
        session.commit()
        session.remove()

    def end(self) -> None:
        """What is due by now of the last day."""
        self._work_until(clock.at_hospital(self._world.today))
        self.commit()

    def _act(self, key: str | None, event: Event) -> None:
        thread = Thread() if key is None else self._world.threads.setdefault(key, Thread())
        desk = self._desks.at(event.by)
        ACTS[type(event)](Scene(self._world, thread, desk.actor, desk.page), event)

    def _let_lapse(self, event: Event) -> None:
        """The story tells the minute; idle sessions of then are gone by the next sign-in."""
        seen = self._seen.get(event.by)
        is_idle = seen is not None and self._world.hand.at - seen > IDLE_LIMIT
        if isinstance(event, SignedIn) and is_idle:
            self._desks.forget(event.by)

    def _work_until(self, moment: datetime) -> None:
        """The jobs that were due before then, each round at its time."""
        while True:
            due = session.scalar(_NEXT_DUE)
            if due is None or due > moment:
                return
            self.commit()
            self._world.hand.reach(due)
            self._worker.work_once()
            session.remove()
