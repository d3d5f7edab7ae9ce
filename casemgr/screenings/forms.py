"""The forms of the questions, and of the steps that need one button."""

from enum import StrEnum

import wtforms
from flask_babel import lazy_gettext as _l

from casemgr.screenings.instruments.instrument import Instrument
from casemgr.web.fields import Choice
from casemgr.web.forms import VersionedForm


class Pressed(StrEnum):
    """Which button of a question page was pressed."""

    NEXT = "next"
    STOP = "stop"
    INTERRUPT = "interrupt"
    DECLINE = "decline"


class StepForm(VersionedForm):
    """Only a button."""


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
