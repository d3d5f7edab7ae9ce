"""The forms of a screening, and the words for its states."""

from enum import StrEnum
from typing import Any

import wtforms
from flask_babel import lazy_gettext as _l

from casemgr.cases.consent import ConsentMethod
from casemgr.screenings.instruments.instrument import Age, Instrument
from casemgr.screenings.rules import Outcome, SafetyChecks, SittingState
from casemgr.web.fields import Choice, LongText, Number, Text, YesNo
from casemgr.web.forms import BaseForm, VersionedForm

OLDEST = 120

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


class AgeKnown(StrEnum):
    """How the age is known (domain §0.5, R32)."""

    EXACTLY = "exactly"
    RANGE = "range"
    UNKNOWN = "unknown"


class FirstAnswer(StrEnum):
    """What the person answered to "may we open a support record?"."""

    YES = "yes"
    NO = "no"
    LATER = "later"


class Pressed(StrEnum):
    """Which button of a question page was pressed."""

    NEXT = "next"
    STOP = "stop"
    INTERRUPT = "interrupt"
    DECLINE = "decline"


class StepForm(VersionedForm):
    """Only a button."""


class ChecksForm(VersionedForm):
    """What staff settle before the first question (R1, R2, R14)."""

    department = Text(_l("Ward"), required=True, most=100)
    is_alone = YesNo(
        _l("Is the person alone with you?"),
        required=True,
        hint=_l(
            "A professional interpreter may be there. Relatives, children, friends and "
            "companions may not, and must not interpret."
        ),
    )
    limits_explained = YesNo(
        _l("Have you explained the purpose and the limits of confidentiality?"), required=True
    )
    age_known = Choice(
        _l("How well do you know the person's age?"),
        {
            AgeKnown.EXACTLY: _l("To the year"),
            AgeKnown.RANGE: _l("Only roughly"),
            AgeKnown.UNKNOWN: _l("Not known"),
        },
    )
    age = Number(_l("Age in years"), most=OLDEST)
    age_from = Number(_l("At least (years)"), most=OLDEST)
    age_to = Number(_l("At most (years)"), most=OLDEST)
    act = wtforms.StringField()  # the name of the second button; never drawn as a field

    def validate(self, extra_validators: Any = None) -> bool:
        """Each field, then what belongs together; boxes of another answer do not count."""
        self._empty_unasked()
        super().validate(extra_validators)
        if self.age_known.data is None and self.checks.passed:
            self.refuse("age_known", _l("Choose one of the answers"))
        for field in self._asked():
            if field.data is None and not field.errors:
                self.refuse(field.short_name, _l("Enter a number"))
        youngest, oldest = self.age_from.data, self.age_to.data
        if youngest is not None and oldest is not None and youngest > oldest:
            self.refuse("age_to", _l("Enter a number that is not below the first one"))
        return not self.errors

    @property
    def is_declined(self) -> bool:
        """Whether the button "does not wish to be asked" was pressed: then nothing is required."""
        return bool(self.act.data == Pressed.DECLINE)

    @property
    def checks(self) -> SafetyChecks:
        """The two safety checks."""
        return SafetyChecks(
            is_alone=bool(self.is_alone.data), limits_explained=bool(self.limits_explained.data)
        )

    @property
    def told_age(self) -> Age | None:
        """The age as told; None when it is not known. Only after the form was found valid."""
        match self.age_known.data:
            case AgeKnown.EXACTLY:
                return Age.exactly(self.age.data or 0)
            case AgeKnown.RANGE:
                return Age(self.age_from.data or 0, self.age_to.data or 0)
            case _:
                return None

    def _asked(self) -> list[Any]:
        if self.age_known.data is AgeKnown.EXACTLY:
            return [self.age]
        return [self.age_from, self.age_to] if self.age_known.data is AgeKnown.RANGE else []

    def _empty_unasked(self) -> None:
        for field in (self.age, self.age_from, self.age_to):
            if field not in self._asked():
                field.data, field.raw_data, field.process_errors = None, [], []


class QuestionForm(VersionedForm):
    """One question to the person. Which button was pressed comes with it, also without scripts."""

    answer = Choice(_l("Answer"), required=True)
    act = wtforms.StringField()  # the name of the buttons; never drawn as a field

    @property
    def pressed(self) -> Pressed:
        """The button; anything unknown counts as going on, which needs an answer."""
        known = {str(button): button for button in Pressed}
        return known.get(str(self.act.data), Pressed.NEXT)

    def offer(self, instrument: Instrument, language: str) -> None:
        """The answers of the instrument's scale."""
        self.answer.offer({o.key: o.words.spoken(language) for o in instrument.scale})


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


def age_fields(age: Age | None) -> dict[str, object]:
    """How a recorded age fills the form again."""
    if age is None:
        return {"age_known": AgeKnown.UNKNOWN}
    if age.youngest == age.oldest:
        return {"age_known": AgeKnown.EXACTLY, "age": age.youngest}
    return {"age_known": AgeKnown.RANGE, "age_from": age.youngest, "age_to": age.oldest}
