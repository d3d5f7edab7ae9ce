"""How a ceremony with recovery shares goes, and when the next drill is due. Pure functions."""

from datetime import datetime, timedelta
from enum import StrEnum

DRILL_EVERY = timedelta(days=90)  # dated setting of 2026-11: every quarter


class Ceremony(StrEnum):
    """What recovery shares are used for."""

    SPLIT = "split"  # a new set is made and handed out
    DRILL = "drill"  # three shares are tried, nothing changes
    RECOVER = "recover"  # the facility keys are taken out of their envelopes


class CeremonyState(StrEnum):
    """Where a ceremony stands. One that was cut short stays begun."""

    BEGUN = "begun"
    DONE = "done"
    FAILED = "failed"


MOVES: dict[CeremonyState, frozenset[CeremonyState]] = {
    CeremonyState.BEGUN: frozenset({CeremonyState.DONE, CeremonyState.FAILED}),
    CeremonyState.DONE: frozenset(),
    CeremonyState.FAILED: frozenset(),
}


class ForbiddenMove(ValueError):
    """A ceremony was asked to go where it does not lead (I7)."""


def move(current: CeremonyState, wanted: CeremonyState) -> CeremonyState:
    """The new state. Raises ForbiddenMove."""
    if wanted not in MOVES[current]:
        raise ForbiddenMove(f"{current} -> {wanted}")
    return wanted


def is_drill_due(drilled_at: datetime, now: datetime) -> bool:
    """Whether a quarter has passed since the last drill."""
    return now >= drilled_at + DRILL_EVERY
