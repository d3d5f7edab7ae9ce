"""What the log is asked for. Pure functions."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from casemgr.access import Compartment, Purpose
from casemgr.audit import Action, Outcome

RECENT = timedelta(hours=24)
ACTION_NAMED = {action.value: action for action in Action}


@dataclass(frozen=True, slots=True)
class Filters:
    """Which entries are asked for; what is None does not narrow. Days are the hospital's."""

    colleague_id: UUID | None = None
    department: str | None = None  # of the colleague, as it is today
    case_id: UUID | None = None
    actions: frozenset[Action] = frozenset()
    outcome: Outcome | None = None
    channel: str | None = None
    purpose: Purpose | None = None
    part: Compartment | None = None
    first_day: date | None = None
    first_time: time | None = None  # on the first day; without one from its beginning
    last_day: date | None = None
    last_time: time | None = None  # to the end of this minute of the last day
    since: datetime | None = None
    until: datetime | None = None  # so that the second page goes on where the first one ended

    def up_to(self, until: datetime) -> "Filters":
        """The same, but nothing later than this."""
        return replace(self, until=until)

    def kept(self) -> dict[str, str]:
        """As words, for the session on the server: filters never travel in an address (I5)."""
        parts = {
            "colleague_id": self.colleague_id,
            "department": self.department,
            "case_id": self.case_id,
            "actions": " ".join(sorted(action.value for action in self.actions)),
            "outcome": self.outcome,
            "channel": self.channel,
            "purpose": self.purpose,
            "part": self.part,
            "first_day": self.first_day,
            "first_time": _hours(self.first_time),
            "last_day": self.last_day,
            "last_time": _hours(self.last_time),
        }
        return {name: str(value) for name, value in parts.items() if value}


def _hours(value: time | None) -> str | None:
    """Midnight is a time too, and not nothing."""
    return None if value is None else value.isoformat("minutes")


def read_filters(kept: Mapping[str, str]) -> Filters:
    """The filters that ``Filters.kept`` wrote."""

    def text(name: str) -> str | None:
        return kept.get(name) or None

    return Filters(
        colleague_id=UUID(value) if (value := text("colleague_id")) else None,
        department=text("department"),
        case_id=UUID(value) if (value := text("case_id")) else None,
        actions=frozenset(ACTION_NAMED[name] for name in kept.get("actions", "").split()),
        outcome=Outcome(value) if (value := text("outcome")) else None,
        channel=text("channel"),
        purpose=Purpose(value) if (value := text("purpose")) else None,
        part=Compartment(value) if (value := text("part")) else None,
        first_day=date.fromisoformat(value) if (value := text("first_day")) else None,
        first_time=time.fromisoformat(value) if (value := text("first_time")) else None,
        last_day=date.fromisoformat(value) if (value := text("last_day")) else None,
        last_time=time.fromisoformat(value) if (value := text("last_time")) else None,
    )


RECENT_ACTS: dict[str, Filters] = {
    "refusals": Filters(outcome=Outcome.REFUSED),
    "searches": Filters(actions=frozenset({Action.CASES_SEARCHED})),
    "sign-ins": Filters(actions=frozenset({Action.SIGNED_IN, Action.SIGN_IN_REFUSED})),
    "taken-out": Filters(
        actions=frozenset({Action.LETTER_PRINTED, Action.LOG_EXPORTED, Action.CERTIFICATE_PRINTED})
    ),
}
