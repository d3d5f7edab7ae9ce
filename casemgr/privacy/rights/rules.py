"""Which rights there are, how long an answer may take, and where a request can go. Pure.

Terms are dated data (Nghị định 356/2025/NĐ-CP; domain §2.6): a new term is a new line with a later
day, never a changed one.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

REASON_LENGTH = 20  # as other decisions ask for


class Right(StrEnum):
    """What somebody asks for."""

    COPY = "copy"  # to see it, or to be given a copy
    CORRECT = "correct"
    WITHDRAW = "withdraw"  # a consent
    RESTRICT = "restrict"
    OBJECT = "object"
    ERASE = "erase"


class Asker(StrEnum):
    """Who asks."""

    PERSON = "person"
    GUARDIAN = "guardian"  # of a minor, or of somebody who cannot decide
    REPRESENTATIVE = "representative"  # with a mandate


class RequestState(StrEnum):
    """Where a request stands."""

    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    ANSWERED = "answered"
    CLOSED = "closed"  # what was granted is done
    WITHDRAWN = "withdrawn"  # by the person


class Answer(StrEnum):
    """What the hospital answers."""

    GRANTED = "granted"
    IN_PART = "in_part"
    REFUSED = "refused"


MOVES: dict[RequestState, frozenset[RequestState]] = {
    RequestState.RECEIVED: frozenset({RequestState.ACKNOWLEDGED, RequestState.WITHDRAWN}),
    RequestState.ACKNOWLEDGED: frozenset({RequestState.ANSWERED, RequestState.WITHDRAWN}),
    RequestState.ANSWERED: frozenset({RequestState.CLOSED}),
    RequestState.CLOSED: frozenset(),
    RequestState.WITHDRAWN: frozenset(),
}
OPEN = frozenset({RequestState.RECEIVED, RequestState.ACKNOWLEDGED})
UNDONE = OPEN | {RequestState.ANSWERED}


@dataclass(frozen=True, slots=True)
class Term:
    """Days for the answer, with others who hold the data, and one extension; since which day."""

    days: int
    with_others: int
    extension: int
    since: date
    source: str


_FROM = date(2026, 1, 1)
_DECREE = "Nghị định 356/2025/NĐ-CP"
# The numbers of 15 and 20 days are read in the text; those of 10, 15, 20 and 30 are to be confirmed
# by counsel (domain §2.6 [M]): the shorter reading was taken.
_SAY_NO = Term(15, 20, 15, _FROM, _DECREE)
_SEE = Term(10, 15, 10, _FROM, _DECREE)
TERMS: dict[Right, tuple[Term, ...]] = {
    Right.COPY: (_SEE,),
    Right.CORRECT: (_SEE,),
    Right.WITHDRAW: (_SAY_NO,),
    Right.RESTRICT: (_SAY_NO,),
    Right.OBJECT: (_SAY_NO,),
    Right.ERASE: (Term(20, 30, 20, _FROM, _DECREE),),
}


@dataclass(frozen=True, slots=True)
class Acknowledging:
    """Working days within which receipt is confirmed and the procedure explained."""

    working_days: int
    since: date
    source: str


ACKNOWLEDGING = (Acknowledging(2, _FROM, _DECREE),)


class ForbiddenMove(ValueError):
    """A request was asked to go where its state machine does not lead (I7)."""


def move(current: RequestState, wanted: RequestState) -> RequestState:
    """The new state. Raises ForbiddenMove."""
    if wanted not in MOVES[current]:
        raise ForbiddenMove(f"{current} -> {wanted}")
    return wanted


def term_of(right: Right, received_on: date) -> Term:
    """The term in force on the day of receipt; the first one for an earlier day."""
    terms = TERMS[right]
    return next((term for term in reversed(terms) if term.since <= received_on), terms[0])


def acknowledging_days(received_on: date) -> int:
    """The working days in force on the day of receipt."""
    found = [each for each in ACKNOWLEDGING if each.since <= received_on] or [ACKNOWLEDGING[0]]
    return found[-1].working_days


def due_on(right: Right, received_on: date, *, others_hold_it: bool) -> date:
    """The last day for the answer: calendar days, the day of receipt not counted."""
    term = term_of(right, received_on)
    return received_on + timedelta(days=term.with_others if others_hold_it else term.days)


def extended_to(right: Right, received_on: date, due: date) -> date:
    """The last day after the one extension that is allowed."""
    return due + timedelta(days=term_of(right, received_on).extension)
