"""What the log is asked for, and where an erasure can go. Pure functions."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from casemgr.access import Purpose
from casemgr.audit import Action, Outcome

RECENT = timedelta(hours=24)
ACTION_NAMED = {action.value: action for action in Action}


@dataclass(frozen=True, slots=True)
class Filters:
    """Which entries are asked for; what is None does not narrow. Days are the hospital's."""

    colleague_id: UUID | None = None
    case_id: UUID | None = None
    actions: frozenset[Action] = frozenset()
    outcome: Outcome | None = None
    channel: str | None = None
    purpose: Purpose | None = None
    first_day: date | None = None
    last_day: date | None = None
    since: datetime | None = None
    until: datetime | None = None  # so that the second page goes on where the first one ended

    def up_to(self, until: datetime) -> "Filters":
        """The same, but nothing later than this."""
        return replace(self, until=until)

    def kept(self) -> dict[str, str]:
        """As words, for the session on the server: filters never travel in an address (I5)."""
        parts = {
            "colleague_id": self.colleague_id,
            "case_id": self.case_id,
            "actions": " ".join(sorted(action.value for action in self.actions)),
            "outcome": self.outcome,
            "channel": self.channel,
            "purpose": self.purpose,
            "first_day": self.first_day,
            "last_day": self.last_day,
        }
        return {name: str(value) for name, value in parts.items() if value}


def read_filters(kept: Mapping[str, str]) -> Filters:
    """The filters that ``Filters.kept`` wrote."""

    def text(name: str) -> str | None:
        return kept.get(name) or None

    return Filters(
        colleague_id=UUID(value) if (value := text("colleague_id")) else None,
        case_id=UUID(value) if (value := text("case_id")) else None,
        actions=frozenset(ACTION_NAMED[name] for name in kept.get("actions", "").split()),
        outcome=Outcome(value) if (value := text("outcome")) else None,
        channel=text("channel"),
        purpose=Purpose(value) if (value := text("purpose")) else None,
        first_day=date.fromisoformat(value) if (value := text("first_day")) else None,
        last_day=date.fromisoformat(value) if (value := text("last_day")) else None,
    )


RECENT_ACTS: dict[str, Filters] = {
    "refusals": Filters(outcome=Outcome.REFUSED),
    "searches": Filters(actions=frozenset({Action.CASES_SEARCHED})),
    "sign-ins": Filters(actions=frozenset({Action.SIGNED_IN, Action.SIGN_IN_REFUSED})),
    "taken-out": Filters(
        actions=frozenset({Action.LETTER_PRINTED, Action.LOG_EXPORTED, Action.CERTIFICATE_PRINTED})
    ),
}


def ids_shown(leaf: bytes) -> list[UUID]:
    """The ids that a list page showed, out of the entry's proven bytes."""
    return [UUID(text) for text in json.loads(leaf).get("ids", ())]


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
