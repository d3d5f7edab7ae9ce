"""The rules of a sitting: when it may be asked, what an answer may be, what it comes to.

Pure functions over plain values; the service keeps the rows (domain §3, §4.0, R1-R3, R14).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from casemgr.screenings import guidance
from casemgr.screenings.guidance import Guidance
from casemgr.screenings.instruments.instrument import Age, Instrument, Item, is_minor


class SittingState(StrEnum):
    """Where a sitting stands."""

    OPENED = "opened"
    UNSAFE_TO_ASK = "unsafe_to_ask"
    ASKING = "asking"
    COMPLETED = "completed"
    STOPPED = "stopped"
    REFUSED = "refused"


class Outcome(StrEnum):
    """What a sitting came to. None of these closes a case."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    INCOMPLETE = "incomplete"
    UNSAFE = "unsafe"
    REFUSED = "refused"


class Ground(StrEnum):
    """Why a suspicion may be opened (domain §3: concern alone may open one)."""

    POSITIVE_SCREENING = "positive_screening"
    STAFF_CONCERN = "staff_concern"


# I7. A stop keeps a draft that the person may take up again (R3), after new safety checks;
# somebody may enter the room while questions are asked, and leave it again.
MOVES: Mapping[SittingState, frozenset[SittingState]] = {
    SittingState.OPENED: frozenset(
        {SittingState.UNSAFE_TO_ASK, SittingState.ASKING, SittingState.REFUSED}
    ),
    SittingState.UNSAFE_TO_ASK: frozenset(
        {SittingState.ASKING, SittingState.STOPPED, SittingState.REFUSED}
    ),
    SittingState.ASKING: frozenset(
        {
            SittingState.UNSAFE_TO_ASK,
            SittingState.COMPLETED,
            SittingState.STOPPED,
            SittingState.REFUSED,
        }
    ),
    SittingState.STOPPED: frozenset(
        {SittingState.UNSAFE_TO_ASK, SittingState.ASKING, SittingState.REFUSED}
    ),
    SittingState.COMPLETED: frozenset(),
    SittingState.REFUSED: frozenset(),
}


class SittingRuleBroken(Exception):
    """A rule of the sitting refused; ``field`` names what the form should point at."""

    field = ""


class MoveNotDeclared(SittingRuleBroken):
    """The sitting cannot go from this state to that one (I7)."""


class OutsidePopulation(SittingRuleBroken):
    """The instrument was not made for a person of this age; ``guidance`` says what to do."""

    field = "age"

    def __init__(self, advice: Guidance) -> None:
        super().__init__("outside the population of the instrument")
        self.guidance = advice


class NotAsking(SittingRuleBroken):
    """No question may be answered before the safety checks passed (R1, R2)."""


class SittingClosed(SittingRuleBroken):
    """The sitting is completed, stopped or refused; it takes no more answers."""


class UnknownItem(SittingRuleBroken):
    """The instrument has no such question."""

    field = "item"


class ValueOutsideScale(SittingRuleBroken):
    """The answer is not on the scale of the instrument."""

    field = "answer"


class AnswersIncomplete(SittingRuleBroken):
    """A sitting with open questions is stopped, never completed."""


@dataclass(frozen=True, slots=True)
class SafetyChecks:
    """The two questions to the nurse before the first question to the person (R1, R2)."""

    is_alone: bool
    limits_explained: bool

    @property
    def passed(self) -> bool:
        """Both are required; either "no" means: not safe to ask."""
        return self.is_alone and self.limits_explained


def move(state: SittingState, to: SittingState) -> SittingState:
    """The new state, if the declared machine has that step. Raises MoveNotDeclared (I7)."""
    if to not in MOVES[state]:
        raise MoveNotDeclared(f"{state} -> {to}")
    return to


def after_checks(state: SittingState, checks: SafetyChecks) -> SittingState:
    """Begin to ask, take up a stopped sitting, or record that it is not safe (R1).

    Raises MoveNotDeclared. Checks that fail again leave an unsafe sitting as it is.
    """
    to = SittingState.ASKING if checks.passed else SittingState.UNSAFE_TO_ASK
    return state if state is to is SittingState.UNSAFE_TO_ASK else move(state, to)


def require_population(instrument: Instrument, age: Age | None) -> None:
    """Refuse a person for whom the instrument was not made (domain §3.1, R14).

    An unknown age counts as a minor's. Raises OutsidePopulation with what to say then.
    """
    if instrument.population.admits(age):
        return
    if age is None or age.youngest < (instrument.population.min_age or 0) <= age.oldest:
        raise OutsidePopulation(guidance.AGE_UNKNOWN)
    raise OutsidePopulation(guidance.MINOR if is_minor(age) else guidance.OTHER_AGE)


def answer(
    instrument: Instrument,
    state: SittingState,
    answers: Mapping[str, str],
    item_key: str,
    value: str,
) -> dict[str, str]:
    """The answers with one more, or one changed while the sitting is open.

    Raises SittingClosed, NotAsking, UnknownItem or ValueOutsideScale; nothing changes then.
    """
    if state in {SittingState.COMPLETED, SittingState.STOPPED, SittingState.REFUSED}:
        raise SittingClosed(state)
    if state is not SittingState.ASKING:
        raise NotAsking(state)
    if instrument.item(item_key) is None:
        raise UnknownItem("no such question")
    if instrument.option(value) is None:
        raise ValueOutsideScale("no such answer")
    return {**answers, item_key: value}


def next_item(instrument: Instrument, answers: Mapping[str, str]) -> Item | None:
    """The first question without an answer. A declined one is answered: no nagging (R3)."""
    return next((item for item in instrument.items if item.key not in answers), None)


def complete(
    instrument: Instrument, state: SittingState, answers: Mapping[str, str]
) -> SittingState:
    """Close a sitting in which every question has an answer, declined ones included.

    Raises AnswersIncomplete or MoveNotDeclared.
    """
    closed = move(state, SittingState.COMPLETED)
    if next_item(instrument, answers) is not None:
        raise AnswersIncomplete("questions are still open")
    return closed


def outcome(instrument: Instrument, state: SittingState, answers: Mapping[str, str]) -> Outcome:
    """What the sitting comes to, at any moment (domain §3 and §3.1).

    A "Có" once given is never lost by what follows: a stop, a refusal, a visitor. A gap or a
    "không muốn trả lời" that leaves the result open makes it incomplete, never negative.
    """
    reading = instrument.read(answers)
    if reading.is_positive:
        return Outcome.POSITIVE
    if state is SittingState.UNSAFE_TO_ASK:
        return Outcome.UNSAFE
    if state is SittingState.REFUSED:
        return Outcome.REFUSED
    if state is SittingState.COMPLETED and reading.band is not None:
        return Outcome.NEGATIVE
    return Outcome.INCOMPLETE


def what_next(instrument: Instrument, result: Outcome, answers: Mapping[str, str]) -> Guidance:
    """What the outcome means and what to do next, in both languages (I10)."""
    if result is Outcome.UNSAFE:
        return guidance.UNSAFE
    if result is Outcome.REFUSED:
        return guidance.REFUSED
    band = instrument.read(answers).band
    if result is Outcome.INCOMPLETE or band is None:
        return guidance.INCOMPLETE
    return Guidance(band.meaning, band.next_steps)


def ground_for_suspicion(result: Outcome, *, has_concern: bool) -> Ground | None:
    """Why this sitting may open a suspicion, or None.

    A positive result does; any other does when the member of staff remains concerned.
    """
    if result is Outcome.POSITIVE:
        return Ground.POSITIVE_SCREENING
    return Ground.STAFF_CONCERN if has_concern else None
