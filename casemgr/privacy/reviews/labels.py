"""The words of reviews, in the language of the page."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from casemgr import clock
from casemgr.privacy.reviews.hooks import describers
from casemgr.privacy.reviews.items import Opened, Show
from casemgr.privacy.reviews.models import ReviewSignal
from casemgr.privacy.reviews.rules import (
    EMERGENCY,
    AccessAnswer,
    MeasureKind,
    ReviewKind,
    ReviewState,
    Verdict,
)
from casemgr.web.readable import is_intact, readable

KINDS: Final[Mapping[ReviewKind, LazyString]] = {
    ReviewKind.ALERT: _l("Alerts"),
    ReviewKind.BREAK_GLASS: _l("Emergency access"),
    ReviewKind.SAMPLE: _l("Random sample"),
}
ONE: Final[Mapping[ReviewKind, LazyString]] = {
    ReviewKind.ALERT: _l("Alert"),
    ReviewKind.BREAK_GLASS: _l("Use of emergency access"),
    ReviewKind.SAMPLE: _l("Access drawn at random"),
}
SHOWS: Final[Mapping[Show, LazyString]] = {
    Show.OPEN: _l("Still open"),
    Show.MINE: _l("Given to me"),
    Show.UNASSIGNED: _l("Nobody's yet"),
    Show.OVERDUE: _l("Overdue"),
    Show.ESCALATED: _l("Before the director"),
    Show.CLOSED: _l("Closed"),
}
STATES: Final[Mapping[ReviewState, LazyString]] = {
    ReviewState.NEW: _l("New"),
    ReviewState.ASSIGNED: _l("Being looked at"),
    ReviewState.ASKED: _l("The colleague was asked"),
    ReviewState.ANSWERED: _l("The colleague has answered"),
    ReviewState.CLOSED: _l("Closed"),
}
TONES: Final[Mapping[ReviewState, str]] = {
    ReviewState.NEW: "waiting",
    ReviewState.ASSIGNED: "active",
    ReviewState.ASKED: "waiting",
    ReviewState.ANSWERED: "active",
    ReviewState.CLOSED: "done",
}
VERDICTS: Final[Mapping[Verdict, LazyString]] = {
    Verdict.APPROPRIATE: _l("The access was appropriate"),
    Verdict.TRAINING: _l("A mistake made in good faith; it needs explaining or training"),
    Verdict.INAPPROPRIATE: _l("The access was not appropriate"),
    Verdict.BREACH: _l("A breach of personal data: it goes into the register at once"),
}
MEASURES: Final[Mapping[MeasureKind, LazyString]] = {
    MeasureKind.TALK: _l("A talk"),
    MeasureKind.TRAINING: _l("Training"),
    MeasureKind.ACCESS: _l("Access was narrowed or ended"),
    MeasureKind.DISCIPLINE: _l("Handed to those who decide about discipline"),
    MeasureKind.OTHER: _l("Something else"),
}
ANSWERS: Final[Mapping[AccessAnswer, LazyString]] = {
    AccessAnswer.CONFIRMED: _l("Still needed"),
    AccessAnswer.TO_END: _l("To be ended"),
}
REFUSALS: Final[Mapping[str, LazyString]] = {
    "too_short": _l("Write at least 20 characters"),
    "missing": _l("Write your answer"),
    "nobody_to_ask": _l("There is nobody to ask: no colleague is concerned, or they have left"),
    "not_on_the_bench": _l("This person may not review this"),
    "forbidden_move": _l("This step is not possible any more. Look at where the review stands."),
    "conflict": _l(
        "Somebody else changed this meanwhile. Look at what is recorded now, then decide again."
    ),
}
HINT: Final = _l("At least 20 characters. Write no name and nothing about the person in care")


class ActWords(NamedTuple):
    """The page of one act: its heading, what it means, its button."""

    heading: LazyString
    meaning: LazyString
    submit: LazyString


ACTS: Final[Mapping[str, ActWords]] = {
    "ask": ActWords(
        _l("Ask the colleague"),
        _l(
            "They see your question, your name, and code and time of their own acts; not what "
            "the system found, nor why. Ask openly: most have a good explanation."
        ),
        _l("Send the question"),
    ),
    "decide": ActWords(
        _l("Decide about this review"),
        _l("This closes the review. The colleague's answer and what was found stay on record."),
        _l("Close the review"),
    ),
    "measure": ActWords(
        _l("Note a measure"),
        _l("What was done so that it does not happen again."),
        _l("Save the measure"),
    ),
    "escalate": ActWords(
        _l("Bring it before the director"),
        _l("The director then sees this review, can note a measure and decide about it."),
        _l("Bring it before the director"),
    ),
    "assign": ActWords(
        _l("Give this review to somebody"),
        _l("Only those stand here who may review it."),
        _l("Give it to them"),
    ),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a review, for its timeline."""

    at: datetime
    what: str
    who: str = ""
    words: Any = ""


def last_day(due_at: datetime) -> date:
    """The last day of a term that ends with a day at the hospital."""
    return clock.to_local(due_at - timedelta(seconds=1)).date()


def finding(signal: ReviewSignal) -> Any:
    """What a rule found, as a sentence; the badge where it cannot be read."""
    if not is_intact(signal, "rule"):
        return readable(signal, "rule")
    return sentence(signal.rule or "", signal.reason or {})


def sentence(rule: str, reason: Mapping[str, str | int]) -> str:
    """A rule in the words of the room that knows it, else its bare name."""
    if rule == EMERGENCY:
        return str(_("Opened a case by emergency access; every use is looked at again."))
    return next((describe(rule, reason) for describe in describers), rule)


def steps(opened: Opened) -> list[Step]:
    """What happened to a review, the oldest first."""
    return sorted(_steps(opened), key=lambda step: step.at)


def _steps(opened: Opened) -> Iterator[Step]:
    review, names = opened.review, opened.names
    yield Step(review.raised_at, _("Found by the system"))
    if review.assigned_at:
        yield Step(review.assigned_at, _("Taken on by"), names.get(review.assigned_to, ""))
    for question in opened.questions:
        asker, asked = names.get(question.asked_by, ""), names.get(question.to_id, "")
        yield Step(question.asked_at, _("Question by"), asker, readable(question, "question"))
        if question.answered_at:
            yield Step(
                question.answered_at, _("Answer given by"), asked, readable(question, "answer")
            )
    if review.escalated_at:
        yield _escalation(opened, review.escalated_at)
    for taken in opened.measures:
        what = readable(taken, "what", MEASURES)
        words = readable(taken, "words") if is_intact(taken, "what") else what
        what = what if is_intact(taken, "what") else _("Measure")
        yield Step(taken.taken_at, str(what), names.get(taken.taken_by, ""), words)
    if review.closed_at:
        yield Step(
            review.closed_at,
            _("Concluded by"),
            names.get(review.closed_by, ""),
            readable(review, "verdict_reason"),
        )


def _escalation(opened: Opened, at: datetime) -> Step:
    review = opened.review
    if review.escalated_by is None:
        return Step(at, _("Came before the director because its term was over"))
    who = opened.names.get(review.escalated_by, "")
    return Step(at, _("Brought before the director by"), who, readable(review, "escalation_reason"))
