"""Where signals go: the room of reviews, connected by casemgr.rooms.

Until it is connected the rounds do nothing and their progress does not move: nothing is lost.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

from casemgr.access import Actor
from casemgr.privacy.reviews.signals import Signal


class Verdicts(Protocol):
    """What became of the review items in which a rule had spoken."""

    @property
    def confirmed(self) -> int:
        """Somebody did what they may not."""

    @property
    def mistakes(self) -> int:
        """Somebody made a mistake in good faith."""

    @property
    def explained(self) -> int:
        """There was a good reason."""

    @property
    def open(self) -> int:
        """Nobody has decided yet."""


Raise: TypeAlias = Callable[[Actor, Iterable[Signal]], int]
Tallies: TypeAlias = Callable[[Actor], Mapping[str, Verdicts]]
Recent: TypeAlias = Callable[[Actor, datetime], Mapping[str, int]]


@dataclass(slots=True)
class Outlet:
    """What detection asks of reviews."""

    raise_signals: Raise | None = None
    verdicts_by_rule: Tallies | None = None
    findings_by_rule: Recent | None = None

    @property
    def is_connected(self) -> bool:
        """Whether somebody takes the signals."""
        return self.raise_signals is not None


reviews = Outlet()


def connect(raise_signals: Raise, verdicts_by_rule: Tallies, findings_by_rule: Recent) -> None:
    """What casemgr.rooms calls with the functions of reviews."""
    reviews.raise_signals, reviews.verdicts_by_rule = raise_signals, verdicts_by_rule
    reviews.findings_by_rule = findings_by_rule


def precision(verdicts: Verdicts | None) -> int | None:
    """Those without a good reason among decided, per cent, rounded; None before the first."""
    if verdicts is None:
        return None
    right = verdicts.confirmed + verdicts.mistakes
    decided = right + verdicts.explained
    return round(100 * right / decided) if decided else None
