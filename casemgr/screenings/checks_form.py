"""What staff settle before the first question, and how well the age is known."""

from enum import StrEnum
from typing import Any

import wtforms
from flask_babel import lazy_gettext as _l

from casemgr.screenings.forms import Pressed
from casemgr.screenings.instruments.instrument import Age
from casemgr.screenings.rules import SafetyChecks
from casemgr.web.fields import Choice, Number, Text, YesNo
from casemgr.web.forms import VersionedForm

OLDEST = 120


class AgeKnown(StrEnum):
    """How the age is known (domain §0.5, R32)."""

    EXACTLY = "exactly"
    RANGE = "range"
    UNKNOWN = "unknown"


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


def age_fields(age: Age | None) -> dict[str, object]:
    """How a recorded age fills the form again."""
    if age is None:
        return {"age_known": AgeKnown.UNKNOWN}
    if age.youngest == age.oldest:
        return {"age_known": AgeKnown.EXACTLY, "age": age.youngest}
    return {"age_known": AgeKnown.RANGE, "age_from": age.youngest, "age_to": age.oldest}
