"""What the officer types about a request, step by step."""

from flask_babel import lazy_gettext as _l

from casemgr.privacy.rights.labels import ANSWERS, ASKERS, RIGHTS, askable
from casemgr.web.dates import Day
from casemgr.web.fields import Choice, LongText, Several, Text, Wish, YesNo
from casemgr.web.forms import BaseForm, VersionedForm

_REASON_HINT = _l("At least 20 characters")


class ReceiveForm(BaseForm):
    """What came in."""

    received_on = Day(_l("When did the request come?"), past=True, required=True)
    right = Choice(_l("What is asked for?"), RIGHTS, required=True)
    asker = Choice(_l("Who asks?"), ASKERS, required=True)
    checked = LongText(
        _l("How was it made sure who asks?"),
        required=True,
        most=500,
        rows=2,
        hint=_l("For example: shown a paper at the desk. A request by telephone proves nothing"),
    )
    wording = LongText(_l("What was asked, in their words"), required=True, most=2000, rows=4)
    reply_to = LongText(
        _l("How does the answer reach them safely?"),
        required=True,
        most=500,
        rows=2,
        hint=_l("Never to an address or telephone that somebody else opens"),
    )
    others_hold_it = YesNo(
        _l("Do organisations to which the hospital referred them hold the data too?"),
        required=True,
        hint=_l("Then the law gives more days"),
    )
    case_code = Text(_l("Case code"), most=12, hint=_l("If it is known, for example CP-7Q4M2K"))


class CaseForm(VersionedForm):
    """Which case it is about."""

    case_code = Text(
        _l("Case code"), required=True, most=12, hint=_l("Exactly, for example CP-7Q4M2K")
    )


class StepsForm(VersionedForm):
    """Which parts those who may open them are asked about."""

    parts = Several(_l("Which parts are to be prepared?"), askable(), required=True)


class ReasonForm(VersionedForm):
    """Why the term is extended, or the request is over."""

    reason = LongText(_l("Reason"), required=True, most=1000, rows=3, hint=_REASON_HINT)


class AnswerForm(VersionedForm):
    """The answer with its reasons."""

    answered = Choice(_l("What is the answer?"), ANSWERS, required=True)
    reason = LongText(
        _l("Reasons, as they are told to the person"),
        required=True,
        most=2000,
        rows=5,
        hint=_REASON_HINT,
    )


class CloseForm(VersionedForm):
    """What was done."""

    erasure = Wish(_l("Erasure of this case"))
    effect = LongText(_l("What was done"), most=1000, rows=3)


class ButtonForm(VersionedForm):
    """Only a button."""
