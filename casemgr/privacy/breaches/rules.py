"""Where a breach can go, its clock, and what the authority's form asks. Pure functions."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum


class BreachState(StrEnum):
    """Where the handling of a breach stands (Luật 91/2025/QH15 Điều 23, domain §2.6)."""

    RECORDED = "recorded"
    TO_CONFIRM = "to_confirm"  # the officer would not notify; the director must agree
    NOT_NOTIFIABLE = "not_notifiable"  # and did
    TO_NOTIFY = "to_notify"
    NOTIFIED = "notified"  # the authority has it
    PERSONS_SETTLED = "persons_settled"  # told, or why not
    MEASURES_TAKEN = "measures_taken"
    CLOSED = "closed"


MOVES: dict[BreachState, frozenset[BreachState]] = {
    BreachState.RECORDED: frozenset({BreachState.TO_NOTIFY, BreachState.TO_CONFIRM}),
    BreachState.TO_CONFIRM: frozenset({BreachState.NOT_NOTIFIABLE, BreachState.TO_NOTIFY}),
    BreachState.NOT_NOTIFIABLE: frozenset({BreachState.PERSONS_SETTLED, BreachState.TO_NOTIFY}),
    BreachState.TO_NOTIFY: frozenset({BreachState.NOTIFIED}),
    BreachState.NOTIFIED: frozenset({BreachState.PERSONS_SETTLED}),
    BreachState.PERSONS_SETTLED: frozenset({BreachState.MEASURES_TAKEN}),
    BreachState.MEASURES_TAKEN: frozenset({BreachState.CLOSED}),
    BreachState.CLOSED: frozenset(),
}
CLOCK_RUNS = frozenset({BreachState.RECORDED, BreachState.TO_CONFIRM, BreachState.TO_NOTIFY})
REASON_LENGTH = 20  # as R6 asks for other decisions


class BreachKind(StrEnum):
    """What happened to the data."""

    UNLAWFUL_ACCESS = "unlawful_access"
    DISCLOSURE = "disclosure"
    LOSS = "loss"
    WRONG_PURPOSE = "wrong_purpose"
    UNMET_RIGHT = "unmet_right"
    OTHER = "other"


class Found(StrEnum):
    """How it came to be known."""

    REVIEW = "review"  # the officer's own review of the log
    ALERT = "alert"
    STAFF = "staff"
    PERSON = "person"  # the one concerned, or their family
    OUTSIDE = "outside"
    OTHER = "other"


class Telling(StrEnum):
    """What was decided about telling the people concerned."""

    TOLD = "told"
    DANGER = "danger"  # telling them would put them in danger
    NO_SAFE_CONTACT = "no_safe_contact"
    NO_HARM = "no_harm"


@dataclass(frozen=True, slots=True)
class Term:
    """Within how many hours of detection the authority is notified, of which kinds, since when."""

    since: date
    hours: int
    kinds: frozenset[BreachKind]
    authority: str
    form: str
    source: str


TERMS: tuple[Term, ...] = (
    Term(
        since=date(2026, 1, 1),
        hours=72,
        kinds=frozenset(BreachKind),  # wrong-purpose use and unmet rights too
        authority="Cơ quan chuyên trách bảo vệ dữ liệu cá nhân – Bộ Công an",
        form="Mẫu số 08",
        source="Luật 91/2025/QH15, Điều 23; Nghị định 356/2025/NĐ-CP",
    ),
)
ESCALATIONS = (24, 48, 72)  # hours from detection; dated setting of 2026-11, proposal


class ForbiddenMove(ValueError):
    """A breach was asked to go where its state machine does not lead (I7)."""


def move(current: BreachState, wanted: BreachState) -> BreachState:
    """The new state. Raises ForbiddenMove."""
    if wanted not in MOVES[current]:
        raise ForbiddenMove(f"{current} -> {wanted}")
    return wanted


def term_of(day: date) -> Term:
    """The term in force on a day; the first one for earlier days."""
    known = [term for term in TERMS if term.since <= day]
    return max(known, key=lambda term: term.since) if known else TERMS[0]


def due_at(detected_at: datetime, term: Term) -> datetime:
    """When the notification is due: hours, through nights, weekends and holidays."""
    return detected_at + timedelta(hours=term.hours)


def escalation(detected_at: datetime, now: datetime) -> int:
    """The highest of ESCALATIONS, in hours, that has passed since detection; 0 for none."""
    passed = [hours for hours in ESCALATIONS if now >= detected_at + timedelta(hours=hours)]
    return max(passed, default=0)


@dataclass(frozen=True, slots=True)
class Clock:
    """The countdown to the notification, or how it ended."""

    due_at: datetime
    left: timedelta  # negative when it is over
    runs: bool

    @property
    def is_over(self) -> bool:
        """Whether the term passed, or had passed when the notification was sent."""
        return self.left < timedelta(0)

    @property
    def hours(self) -> int:
        """Whole hours left, or past when it is over."""
        return int(abs(self.left) / timedelta(hours=1))

    @property
    def minutes(self) -> int:
        """The minutes beside ``hours``."""
        return int(abs(self.left) / timedelta(minutes=1)) % 60


def clock_of(due: datetime, stopped_at: datetime | None, now: datetime) -> Clock:
    """The clock as it stands now, or as it stood when it was stopped."""
    return Clock(due_at=due, left=due - (stopped_at or now), runs=stopped_at is None)
