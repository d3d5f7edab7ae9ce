"""The words for the states of a sitting, for its outcomes and for what was refused."""

from flask_babel import lazy_gettext as _l

from casemgr.screenings.rules import Outcome, SittingState

STATES = {
    SittingState.OPENED: _l("No question asked"),
    SittingState.UNSAFE_TO_ASK: _l("Not safe to ask"),
    SittingState.ASKING: _l("Being asked"),
    SittingState.COMPLETED: _l("All questions asked"),
    SittingState.STOPPED: _l("Stopped"),
    SittingState.REFUSED: _l("Did not wish to answer"),
}
OUTCOMES = {
    Outcome.POSITIVE: _l("Suspicion, needs further assessment"),
    Outcome.NEGATIVE: _l("No answer points to a risk so far"),
    Outcome.INCOMPLETE: _l("Not complete"),
    Outcome.UNSAFE: _l("Not safe to ask"),
    Outcome.REFUSED: _l("Did not wish to answer"),
}
MESSAGES = {
    "needs_concern": _l("Describe what you saw or heard that worries you"),
    "method_missing": _l("Choose how the person agreed"),
    "witness_missing": _l("Enter the name of the witness"),
}
