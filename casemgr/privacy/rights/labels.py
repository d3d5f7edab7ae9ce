"""The words of rights requests, in the language of the page."""

from collections.abc import Mapping
from typing import Final

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from casemgr.access import Compartment
from casemgr.privacy.rights.rules import Answer, Asker, RequestState, Right
from casemgr.privacy.rights.steps import ASKABLE
from casemgr.web.labels import COMPARTMENTS

RIGHTS: Final[Mapping[Right, LazyString]] = {
    Right.COPY: _l("To see their data or be given a copy"),
    Right.CORRECT: _l("To have something corrected"),
    Right.WITHDRAW: _l("To withdraw a consent"),
    Right.RESTRICT: _l("To have the use of their data restricted"),
    Right.OBJECT: _l("To object to a use of their data"),
    Right.ERASE: _l("To have their data erased"),
}
ASKERS: Final[Mapping[Asker, LazyString]] = {
    Asker.PERSON: _l("The person"),
    Asker.GUARDIAN: _l("The guardian"),
    Asker.REPRESENTATIVE: _l("Somebody with their mandate"),
}
STATES: Final[Mapping[RequestState, LazyString]] = {
    RequestState.RECEIVED: _l("Received; to be acknowledged"),
    RequestState.ACKNOWLEDGED: _l("Acknowledged; to be answered"),
    RequestState.ANSWERED: _l("Answered; to be carried out"),
    RequestState.CLOSED: _l("Closed"),
    RequestState.WITHDRAWN: _l("Taken back by the person"),
}
TONES: Final[Mapping[RequestState, str]] = {
    RequestState.RECEIVED: "waiting",
    RequestState.ACKNOWLEDGED: "active",
    RequestState.ANSWERED: "active",
    RequestState.CLOSED: "done",
    RequestState.WITHDRAWN: "",
}
ANSWERS: Final[Mapping[Answer, LazyString]] = {
    Answer.GRANTED: _l("Granted"),
    Answer.IN_PART: _l("Granted in part"),
    Answer.REFUSED: _l("Refused"),
}
WHAT_TO_DO: Final[Mapping[Right, LazyString]] = {
    Right.COPY: _l("Print these parts from the case and give them to the privacy officer, sealed"),
    Right.CORRECT: _l("Correct what is wrong in the case, or note there why it stands"),
    Right.WITHDRAW: _l("Record the withdrawal among the consents of the case"),
    Right.RESTRICT: _l("Stop what the person names, and record it in the case"),
    Right.OBJECT: _l("Stop what the person names, and record it in the case"),
    Right.ERASE: _l("Tell the privacy officer what of these parts a law has kept"),
}
REFUSALS: Final[Mapping[str, LazyString]] = {
    "in_future": _l("Enter a date that is not in the future"),
    "unknown_code": _l("No case has this code; check it letter by letter"),
    "too_short": _l("Describe the reason in at least 20 characters"),
    "extended_already": _l("The term was extended already; the law allows it once"),
    "too_late": _l("The term is over: it can no longer be extended. Answer as soon as you can."),
    "no_case": _l("Say first which case it is about"),
    "asked_already": _l("These parts were asked for already"),
    "steps_open": _l("Not everybody who was asked is done"),
    "nothing_done": _l("Say what was done, or link what was done"),
    "unknown": _l("Choose one of the list"),
    "forbidden_move": _l("This step is not possible any more. Look at where the request stands."),
    "conflict": _l(
        "Somebody else changed this meanwhile. Look at what is recorded now, then decide again."
    ),
}


def askable() -> dict[Compartment, LazyString]:
    """The parts that somebody can be asked about."""
    return {part: COMPARTMENTS[part] for part in ASKABLE}
