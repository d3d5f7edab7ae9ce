"""What staff observed, and what the person said to a support record."""

from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l

from casemgr.cases.consent import ConsentMethod
from casemgr.screenings.labels import MESSAGES
from casemgr.web.fields import Choice, LongText, Text
from casemgr.web.forms import BaseForm, VersionedForm


class FirstAnswer(StrEnum):
    """What the person answered to "may we open a support record?"."""

    YES = "yes"
    NO = "no"
    LATER = "later"


class ConcernForm(VersionedForm):
    """What staff observed, where the answers alone do not open a suspicion."""

    concern = LongText(
        _l("What did you see or hear that worries you?"),
        hint=_l(
            "Only signs and words as they were: injuries, somebody who answers for the person, "
            "fear, papers kept by others. No conclusions."
        ),
    )


class NewConcernForm(BaseForm):
    """A suspicion without any question to the person."""

    department = Text(_l("Ward"), required=True, most=100)
    concern = LongText(
        _l("What did you see or hear that worries you?"),
        required=True,
        hint=_l(
            "Only signs and words as they were: injuries, somebody who answers for the person, "
            "fear, papers kept by others. No conclusions."
        ),
    )


class FirstAnswerForm(BaseForm):
    """Whether the person agrees to a support record (R4a), and how they said so (R5)."""

    answer = Choice(
        _l("What did the person answer?"),
        {
            FirstAnswer.YES: _l("Yes, agrees to a support record"),
            FirstAnswer.NO: _l("No, does not want one"),
            FirstAnswer.LATER: _l("Not asked now"),
        },
        required=True,
    )
    method = Choice(
        _l("How did the person agree?"),
        {
            ConsentMethod.SIGNED: _l("Signed"),
            ConsentMethod.FINGERPRINT: _l("Fingerprint"),
            ConsentMethod.SPOKEN_WITH_WITNESS: _l("Spoken, with a witness"),
        },
    )
    witness = Text(_l("Name of the witness"), most=100)

    def validate(self, extra_validators: Any = None) -> bool:
        """Only a yes needs a method, and only a spoken one a witness."""
        super().validate(extra_validators)
        agreed = self.answer.data is FirstAnswer.YES
        if agreed and self.method.data is None and not self.method.errors:
            self.refuse("method", MESSAGES["method_missing"])
        spoken = self.method.data is ConsentMethod.SPOKEN_WITH_WITNESS
        if agreed and spoken and not self.witness.data:
            self.refuse("witness", MESSAGES["witness_missing"])
        return not self.errors
