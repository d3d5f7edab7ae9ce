"""Checks that several fields share; their messages are whole sentences in the reader's language."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from wtforms.validators import StopValidation, ValidationError


def is_blank(field: Any) -> bool:
    """Whether nothing was entered; a date counts as blank only when all its boxes are."""
    return not any(str(text).strip() for text in field.raw_data or ())


class Required:
    """Something must be entered; says so in the field's own words."""

    def __init__(self, message: str | LazyString | None = None) -> None:
        self.message = message

    def __call__(self, _form: Any, field: Any) -> None:
        """Stop with one message, whatever else the blank entry would have been accused of."""
        if is_blank(field):
            field.errors = []
            raise StopValidation(str(self.message or field.when_missing))


class MayBeBlank:
    """Nothing has to be entered: the other checks are spared."""

    def __call__(self, _form: Any, field: Any) -> None:
        """Stop without a message when nothing was entered."""
        if is_blank(field):
            field.errors = []
            raise StopValidation


class AtMost:
    """No more letters than the record keeps."""

    def __init__(self, letters: int) -> None:
        self.letters = letters

    def __call__(self, _form: Any, field: Any) -> None:
        """Count letters as people do: in composed form."""
        if len(field.data or "") > self.letters:
            message = _l("Enter at most %(most)s characters", most=self.letters)
            raise ValidationError(str(message))


class Between:
    """A whole number within bounds."""

    def __init__(self, least: int, most: int) -> None:
        self.least, self.most = least, most

    def __call__(self, _form: Any, field: Any) -> None:
        """Refuse what lies outside."""
        if field.data is not None and not self.least <= field.data <= self.most:
            message = _l(
                "Enter a number from %(least)s to %(most)s", least=self.least, most=self.most
            )
            raise ValidationError(str(message))
