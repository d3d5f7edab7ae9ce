"""What is asked of those who review, and of the colleague."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l

from casemgr.privacy.reviews.access import Row
from casemgr.privacy.reviews.labels import ANSWERS, HINT, MEASURES, VERDICTS
from casemgr.privacy.reviews.rules import AccessAnswer
from casemgr.web.fields import Choice, LongText, Select
from casemgr.web.forms import VersionedForm

_MOST = 1000


class TakeForm(VersionedForm):
    """Only a button."""


class AssignForm(VersionedForm):
    """To whom."""

    to_id = Select(_l("Who reviews it"), required=True)


class QuestionForm(VersionedForm):
    """What the colleague is asked."""

    question = LongText(_l("Your question"), required=True, most=_MOST, rows=4, hint=HINT)


class VerdictForm(VersionedForm):
    """What it came to, and why."""

    verdict = Choice(_l("What did it come to?"), VERDICTS, required=True)
    reason = LongText(_l("Reason"), required=True, most=_MOST, rows=4, hint=HINT)


class MeasureForm(VersionedForm):
    """What was done."""

    what = Choice(_l("What was done?"), MEASURES, required=True)
    words = LongText(_l("In short"), required=True, most=_MOST, rows=3, hint=HINT)


class EscalationForm(VersionedForm):
    """Why the director is asked."""

    reason = LongText(_l("Reason"), required=True, most=_MOST, rows=3, hint=HINT)


class AnswerForm(VersionedForm):
    """The colleague's own words."""

    answer = LongText(
        _l("Your answer"),
        required=True,
        most=2000,
        rows=5,
        hint=_l("What you were doing and for what. Write no name and nothing about the person"),
    )


class AccessForm(VersionedForm):
    """One choice for each line; those left alone stay open."""

    def answers(self, lines: Iterable[UUID]) -> Mapping[UUID, AccessAnswer]:
        """What was chosen, by line."""
        chosen = {line: self[_field(line)].data for line in lines if _field(line) in self}
        return {line: answer for line, answer in chosen.items() if answer}


def access_form(rows: Iterable[tuple[Row, str]], **options: Any) -> AccessForm:
    """The form for these lines, each with the words that its choice is about."""
    look = {"classes": "govuk-radios--inline govuk-radios--small"}
    fields = {
        _field(row.line.id): Choice(words, ANSWERS, default=row.line.answer, look=look)
        for row, words in rows
    }
    form: AccessForm = type("AccessLinesForm", (AccessForm,), fields)(**options)
    return form


def _field(line_id: UUID) -> str:
    return f"line_{line_id.hex}"
