"""Where an event of the story is played: who acts, at what moment, and what came of it so far."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, TypeAlias
from uuid import UUID

from casemgr.access import Actor
from casemgr.access.gate import all_or_nothing
from casemgr.audit import Action, Outcome, record
from casemgr.cases import service as cases
from casemgr.cases.models import Case
from casemgr.db import new_id
from casemgr.demo.events import Event
from casemgr.demo.vocabulary import ConsentFor, Recipient

_LOOK = timedelta(milliseconds=3)  # ids tell milliseconds: this is enough to keep their order


class StoryBroken(Exception):
    """The story and the house disagree about what happens next."""


class Hand:
    """A clock that goes a little at every look and jumps when told; never back.

    So the entries of one act keep their order in the log, as they do in real life.
    """

    def __init__(self, at: datetime) -> None:
        self.at = at

    def look(self) -> datetime:
        """The time, and a moment passes."""
        self.at += _LOOK
        return self.at

    def reach(self, moment: datetime) -> None:
        """It is now that moment, unless it is later already."""
        self.at = max(self.at, moment)

    def wait(self, seconds: float) -> None:
        """Some seconds pass."""
        self.at += timedelta(seconds=seconds)


@dataclass(slots=True)
class Thread:
    """What one story left in the house so far: ids only."""

    sitting_id: UUID | None = None
    incoming_id: UUID | None = None
    opened_case: UUID | None = None
    consents: dict[tuple[ConsentFor, Recipient | None], UUID] = field(default_factory=dict)
    referrals: dict[Recipient, UUID] = field(default_factory=dict)
    tasks: dict[str, UUID] = field(default_factory=dict)

    @property
    def case_id(self) -> UUID:
        """The case of this story. Raises StoryBroken before it was opened."""
        if self.opened_case is None:
            raise StoryBroken("no case was opened yet")
        return self.opened_case


@dataclass(slots=True)
class World:
    """What all stories share."""

    today: date
    hand: Hand
    rng: Random
    accounts: Mapping[str, UUID]
    recipients: Mapping[Recipient, UUID]
    threads: dict[str, Thread] = field(default_factory=dict)
    peeked: list[UUID] = field(default_factory=list)  # cases at which somebody was refused


@dataclass(slots=True)
class Scene:
    """One event being played."""

    world: World
    thread: Thread
    actor: Actor
    page: list[UUID]  # the case page that lies open on this desk, if one does

    def pause(self, least: float, most: float) -> None:
        """Somebody reads, thinks or types."""
        self.world.hand.wait(self.world.rng.uniform(least, most))
        self.actor = replace(self.actor, request_id=new_id())

    def case_page(self, *, anew: bool = False) -> Case:
        """The case of this story, its page opened once before somebody works on it."""
        case_id = self.thread.case_id
        if self.page == [case_id] and not anew:
            return cases.get(self.actor, case_id)
        case = cases.show_case(self.actor, case_id)
        self.page[:] = [case_id]
        self.pause(4, 15)
        return case

    def refused(
        self, act: Callable[[], object], why: type[Exception], endpoint: str, case_id: UUID | None
    ) -> None:
        """Try what is refused, and keep the entry that the gate would keep."""
        try:
            with all_or_nothing():
                act()
        except why:
            record(
                self.actor,
                Action.ACT_REFUSED,
                outcome=Outcome.REFUSED,
                case_id=case_id,
                subject_kind=endpoint,
                subject_id=case_id,
            )
        else:
            raise StoryBroken(f"{endpoint} was not refused")

    def recipient(self, recipient: Recipient | None) -> UUID | None:
        """Its entry in the directory."""
        return None if recipient is None else self.world.recipients[recipient]


Acts: TypeAlias = dict[type[Event], Callable[[Scene, Any], None]]


def require(found: object, message: str) -> None:
    """Raise StoryBroken when the house came to something else than the story says."""
    if not found:
        raise StoryBroken(message)
