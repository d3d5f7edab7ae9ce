"""Where an erasure can go. Pure functions."""

from datetime import timedelta
from enum import StrEnum


class ErasureState(StrEnum):
    """Where the erasure of a case stands (design §4)."""

    REQUESTED = "requested"
    APPROVED = "approved"  # by a second person; the countdown runs
    REFUSED = "refused"
    CANCELLED = "cancelled"
    UNDER_WAY = "under_way"  # nothing opens any more; keys, files and traces are going
    LIVE = "live"  # gone in the running system
    FINAL = "final"  # and in every copy of the old key store


MOVES: dict[ErasureState, frozenset[ErasureState]] = {
    ErasureState.REQUESTED: frozenset(
        {ErasureState.APPROVED, ErasureState.REFUSED, ErasureState.CANCELLED}
    ),
    ErasureState.APPROVED: frozenset({ErasureState.UNDER_WAY, ErasureState.CANCELLED}),
    ErasureState.UNDER_WAY: frozenset({ErasureState.LIVE}),
    ErasureState.LIVE: frozenset({ErasureState.FINAL}),
    ErasureState.REFUSED: frozenset(),
    ErasureState.CANCELLED: frozenset(),
    ErasureState.FINAL: frozenset(),
}
PENDING = frozenset({ErasureState.REQUESTED, ErasureState.APPROVED, ErasureState.UNDER_WAY})
CARRIED_OUT = frozenset({ErasureState.UNDER_WAY, ErasureState.LIVE, ErasureState.FINAL})
COUNTDOWN = timedelta(days=7)  # dated setting of 2026-11: in it either person may cancel
REASON_LENGTH = 20  # as R6 asks for other decisions


class Basis(StrEnum):
    """Why an erasure is asked for (Luật 91/2025/QH15, domain §2.6)."""

    PERSON_ASKED = "person_asked"
    TERM_OVER = "term_over"
    NO_LONGER_NEEDED = "no_longer_needed"
    UNLAWFUL = "unlawful"


class ForbiddenMove(ValueError):
    """An erasure was asked to go where its state machine does not lead (I7)."""


def move(current: ErasureState, wanted: ErasureState) -> ErasureState:
    """The new state. Raises ForbiddenMove."""
    if wanted not in MOVES[current]:
        raise ForbiddenMove(f"{current} -> {wanted}")
    return wanted
