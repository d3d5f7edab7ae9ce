"""What other rooms of the officer tell the dashboard; create_app connects them, else nothing is known."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from casemgr.access import Actor


class Tally(Protocol):
    """The officer's verdicts about the signals of one rule."""

    @property
    def confirmed(self) -> int:
        """How many were a misuse."""

    @property
    def mistakes(self) -> int:
        """How many were a mistake in good faith."""

    @property
    def explained(self) -> int:
        """How many had a good reason."""

    @property
    def open(self) -> int:
        """How many wait for a verdict."""


@dataclass(frozen=True, slots=True)
class Proof:
    """How far the log is proven."""

    checkpoint_at: datetime | None = None
    verified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """What waits, and how much of it is past its term."""

    waiting: int = 0
    overdue: int = 0


def _no_tallies(_actor: Actor) -> Mapping[str, Tally]:
    return {}


def _not_known(_actor: Actor) -> Proof:
    return Proof()


def _nothing(_actor: Actor) -> Due:
    return Due()


@dataclass(slots=True)
class Hooks:
    """One function per room; the defaults know nothing."""

    verdicts: Callable[[Actor], Mapping[str, Tally]] = _no_tallies
    rule_words: Callable[[str], str] = str
    proof: Callable[[Actor], Proof] = _not_known
    reviews: Callable[[Actor], Due] = _nothing
    rights: Callable[[Actor], Due] = _nothing


hooks = Hooks()
