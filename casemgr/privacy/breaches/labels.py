"""The words of breaches, in the language of the page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from casemgr.privacy.breaches.rules import BreachKind, BreachState, Clock, Found, Telling

STATES: Final[Mapping[BreachState, LazyString]] = {
    BreachState.RECORDED: _l("Recorded; to be assessed"),
    BreachState.TO_CONFIRM: _l("Waits for the director to agree that it is not notified"),
    BreachState.NOT_NOTIFIABLE: _l("Not notified; the director agrees"),
    BreachState.TO_NOTIFY: _l("To be notified"),
    BreachState.NOTIFIED: _l("Authority notified"),
    BreachState.PERSONS_SETTLED: _l("Settled with the people concerned"),
    BreachState.MEASURES_TAKEN: _l("Measures taken"),
    BreachState.CLOSED: _l("Breach closed"),
}
TONES: Final[Mapping[BreachState, str]] = {
    BreachState.RECORDED: "urgent",
    BreachState.TO_CONFIRM: "waiting",
    BreachState.NOT_NOTIFIABLE: "active",
    BreachState.TO_NOTIFY: "urgent",
    BreachState.NOTIFIED: "active",
    BreachState.PERSONS_SETTLED: "active",
    BreachState.MEASURES_TAKEN: "active",
    BreachState.CLOSED: "done",
}
KINDS: Final[Mapping[BreachKind, LazyString]] = {
    BreachKind.UNLAWFUL_ACCESS: _l("Data seen or taken without a right"),
    BreachKind.DISCLOSURE: _l("Data given to somebody who must not have it"),
    BreachKind.LOSS: _l("Data lost, damaged or destroyed"),
    BreachKind.WRONG_PURPOSE: _l("Data used for another purpose"),
    BreachKind.UNMET_RIGHT: _l("A right of the person was not met"),
    BreachKind.OTHER: _l("Something else about data"),
}
FOUND_BY: Final[Mapping[Found, LazyString]] = {
    Found.REVIEW: _l("By a review of the log"),
    Found.ALERT: _l("By an alert of the system"),
    Found.STAFF: _l("A member of staff said so"),
    Found.PERSON: _l("The person concerned or their family said so"),
    Found.OUTSIDE: _l("Somebody outside the hospital said so"),
    Found.OTHER: _l("In another way"),
}
TELLINGS: Final[Mapping[Telling, LazyString]] = {
    Telling.TOLD: _l("They were told, by a way that is safe for them"),
    Telling.DANGER: _l("Not told: it would put them in danger"),
    Telling.NO_SAFE_CONTACT: _l("Not told: there is no safe way to reach them"),
    Telling.NO_HARM: _l("Not told: no harm can come to them from it"),
}
FIELDS: Final[Mapping[str, LazyString]] = {
    "kind": _l("What happened to the data?"),
    "description": _l("What happened, and who did it"),
    "place": _l("Where it happened"),
    "data_kinds": _l("Which data, in words"),
    "consequences": _l("What can follow from it"),
    "measures": _l("What was done at once, and what is planned"),
    "contact": _l("Who answers the authority's questions: name, office, phone"),
    "lateness": _l("Why the notification is late"),
    "plain_words": _l("In plain words, for the people concerned"),
}
REFUSALS: Final[Mapping[str, LazyString]] = {
    "unknown_code": _l("No case has this code; check it letter by letter"),
    "too_short": _l("Describe the reason in at least 20 characters"),
    "future": _l("Enter a time that is not in the future"),
    "before_detection": _l("Enter a time after the breach was detected"),
    "before_begin": _l("Enter an end that is not before the beginning"),
    "late_needs_reason": _l("The 72 hours are over. Say why the notification is late"),
    "form_incomplete": _l(
        "The notification lacks something that the law asks for. Complete it first."
    ),
    "nobody": _l("Choose at least one colleague, or enter at least one case code"),
    "oneself": _l("You cannot count your own acts. Another officer must handle this breach."),
    "own_among": _l("Acts of your own are among these. Choose the colleagues whose acts count."),
    "not_counted": _l("This case is not among those that were counted"),
    "nobody_safe": _l("First record who can be reached safely. Without a safe way nobody is told."),
    "forbidden_move": _l("This step is not possible any more. Look at where the breach stands."),
    "conflict": _l(
        "Somebody else changed this meanwhile. Look at what is recorded now, then decide again."
    ),
}
REASON_HINT: Final = _l("At least 20 characters. Write no name and nothing about the person")


@dataclass(frozen=True, slots=True)
class Step:
    """The words of a page that asks for one step."""

    title: LazyString
    lead: LazyString
    submit: LazyString


STEPS: Final[Mapping[str, Step]] = {
    "content": Step(
        _l("What the notification says"),
        _l("The law asks for each of these. What you leave empty is named before printing."),
        _l("Save"),
    ),
    "extent": Step(
        _l("Count from the log"),
        _l(
            "Choose whose acts, on which cases, and when. The log then tells how many people and which kinds of data it touched."
        ),
        _l("Count"),
    ),
    "assess": Step(
        _l("Must the authority be told?"),
        _l(
            "It must when the breach can harm life, health, honour, dignity or property, and also for wrong-purpose use and unmet rights. If you answer no, the director has to agree."
        ),
        _l("Save the assessment"),
    ),
    "overrule": Step(
        _l("It must be notified"),
        _l("You do not agree that the authority is not told. The clock goes on from detection."),
        _l("Have it notified"),
    ),
    "notify": Step(
        _l("Record the notification"),
        _l("When the authority was told, by whom, and under which number."),
        _l("Save the notification"),
    ),
    "safe": Step(
        _l("Who can be reached safely"),
        _l(
            "Ask those who run each case. Tick a case only when they say that there is a way without danger. For the others no paper can be made."
        ),
        _l("Save who can be reached"),
    ),
    "persons": Step(
        _l("The people concerned"),
        _l("Record whether they were told, or why not. Nothing is sent by post."),
        _l("Save what was decided"),
    ),
    "measures": Step(
        _l("Measures taken"),
        _l("What was done so that this does not happen again."),
        _l("Save the measures"),
    ),
    "close": Step(
        _l("Close this breach"),
        _l("What was learned from it. Afterwards nothing can be changed."),
        _l("Close the breach"),
    ),
}


def remaining(clock: Clock) -> str:
    """The countdown in words, or how it ended."""
    if clock.runs and clock.is_over:
        return str(_("Overdue by %(hours)s h %(minutes)s min", **_parts(clock)))
    if clock.runs:
        return str(_("%(hours)s h %(minutes)s min left", **_parts(clock)))
    if clock.is_over:
        return str(_("Ended %(hours)s h %(minutes)s min late", **_parts(clock)))
    return str(_("Ended in time"))


def clock_tone(clock: Clock) -> str:
    """Red when it is over; only supports the words."""
    if clock.is_over:
        return "urgent"
    return "waiting" if clock.runs else "done"


def _parts(clock: Clock) -> dict[str, str]:
    return {"hours": str(clock.hours), "minutes": str(clock.minutes)}
