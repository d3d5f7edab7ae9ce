"""Where a review can go, by when, and what its findings come to. Pure functions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from casemgr import clock


class ReviewKind(StrEnum):
    """Why somebody has to look at it again."""

    ALERT = "alert"  # a rule of detection found something in the log
    BREAK_GLASS = "break_glass"  # somebody opened a case without a relation to it, in an emergency
    SAMPLE = "sample"  # an access that no rule found, drawn by lot
    ACCESS = "access_review"  # once a month: who holds what (R26)


class ReviewState(StrEnum):
    """Where a review stands. That it was escalated stands beside it and changes nothing here."""

    NEW = "new"
    ASSIGNED = "assigned"
    ASKED = "asked"  # the colleague was asked and has not answered
    ANSWERED = "answered"
    CLOSED = "closed"


MOVES: dict[ReviewState, frozenset[ReviewState]] = {
    ReviewState.NEW: frozenset({ReviewState.ASSIGNED}),
    ReviewState.ASSIGNED: frozenset({ReviewState.ASKED, ReviewState.CLOSED}),
    ReviewState.ASKED: frozenset({ReviewState.ANSWERED, ReviewState.CLOSED}),
    ReviewState.ANSWERED: frozenset({ReviewState.ASKED, ReviewState.CLOSED}),
    ReviewState.CLOSED: frozenset(),
}


class Verdict(StrEnum):
    """What the review came to (audit.md §5)."""

    APPROPRIATE = "appropriate"
    TRAINING = "training"
    INAPPROPRIATE = "inappropriate"
    BREACH = "breach"


class MeasureKind(StrEnum):
    """What was done about it."""

    TALK = "talk"
    TRAINING = "training"
    ACCESS = "access"
    DISCIPLINE = "discipline"
    OTHER = "other"


class AccessKind(StrEnum):
    """What somebody holds."""

    ROLE = "role"
    PLACE = "place"  # on the care team of a case


class AccessAnswer(StrEnum):
    """What becomes of it."""

    CONFIRMED = "confirmed"
    TO_END = "to_end"


# Misuse. A mistake in good faith shows that a finding was worth asking about, and no misuse.
CONFIRMED = frozenset({Verdict.INAPPROPRIATE, Verdict.BREACH})
EMERGENCY = "emergency_use"  # the finding of every use of emergency access; no rule of detection
# Which queue a rule of detection belongs to; all others are alerts.
QUEUES = {"sample": ReviewKind.SAMPLE, "break_glass": ReviewKind.BREAK_GLASS}
REASON_LENGTH = 20  # as for other decisions (R6)
MOST, FOR_EACH_FURTHER_RULE = 100, 10  # audit.md §5: max + 10 per further rule, cap 100
REPEATED = 2  # so many confirmed reviews make a colleague a repeated one


@dataclass(frozen=True, slots=True)
class Term:
    """Within how many working days a review is to be closed, since which day, and who says so."""

    kind: ReviewKind
    working_days: int
    since: date
    source: str


_OURS = "proposal of 2026-11, to be confirmed by the hospital"
TERMS = (  # a new term is a new line with a later day, never a changed one
    Term(ReviewKind.BREAK_GLASS, 3, date(2026, 11, 1), "issue 4: three working days"),
    Term(ReviewKind.ALERT, 5, date(2026, 11, 1), _OURS),
    Term(ReviewKind.SAMPLE, 10, date(2026, 11, 1), _OURS),
    Term(ReviewKind.ACCESS, 10, date(2026, 11, 1), "R26: monthly; " + _OURS),
)


class ForbiddenMove(ValueError):
    """A review was asked to go where its state machine does not lead (I7)."""


def move(current: ReviewState, wanted: ReviewState) -> ReviewState:
    """The new state. Raises ForbiddenMove."""
    if wanted not in MOVES[current]:
        raise ForbiddenMove(f"{current} -> {wanted}")
    return wanted


def term_of(kind: ReviewKind, day: date) -> Term:
    """The newest term of this kind that has begun; before the first one, the first."""
    terms = [term for term in TERMS if term.kind is kind]
    begun = [term for term in terms if term.since <= day] or terms[:1]
    return max(begun, key=lambda term: term.since)


def due_at(kind: ReviewKind, raised_at: datetime) -> datetime:
    """When the term of a review that was raised then is over: at the end of a working day."""
    day = clock.to_local(raised_at).date()
    return clock.end_of(clock.after_working_days(day, term_of(kind, day).working_days))


def combined(findings: Iterable[tuple[str, int]]) -> int:
    """One score for all that was found: the highest, and ten for each further rule."""
    scores: dict[str, int] = {}
    for rule, score in findings:
        scores[rule] = max(score, scores.get(rule, 0))
    if not scores:
        return 0
    return min(MOST, max(scores.values()) + FOR_EACH_FURTHER_RULE * (len(scores) - 1))
