"""The form every room starts from: our language, messages that name the field, sent once.

Beside its field a message is short; in the summary on top it begins with the field's name.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import wtforms
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms.widgets import HiddenInput

# WTForms' own sentences, so that the catalogues know them. Our fields replace most of them.
FRAMEWORK_MESSAGES = (
    _l("This field is required."),
    _l("Not a valid choice."),
    _l("Invalid Choice: could not coerce."),
    _l("Not a valid integer value."),
    _l("Not a valid date value."),
    _l("Invalid input."),
)


class _Words:
    """WTForms asks here for its own sentences; they stand in our catalogues."""

    def gettext(self, text: str) -> str:
        return str(gettext(text))

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        return str(gettext(singular if count == 1 else plural))


class BaseForm(FlaskForm):
    """Carries a ``submission_id``: the gate answers a second copy with the first one's answer."""

    submission_id = wtforms.HiddenField(default=lambda: str(uuid4()))

    class Meta(FlaskForm.Meta):
        """Our words instead of WTForms' English ones."""

        def get_translations(self, _form: Any) -> _Words:
            """Look WTForms' own sentences up in our catalogues."""
            return _Words()

    def refuse(self, name: str, message: Any) -> None:
        """Put a message of a room's rule (access.Invalid) on its field; on the form if it has none."""
        if name not in self._fields:
            self.form_errors.append(str(message))
            return
        field = self._fields[name]
        field.errors = [*(field.errors or ()), str(message)]

    @property
    def warnings(self) -> list[str]:
        """Soft doubts about what was entered, each with its field's name: nothing is refused."""
        return [
            _named(field, str(warning))
            for field in self
            for warning in getattr(field, "warnings", ())
        ]

    def summary(self) -> list[dict[str, str]]:
        """Every error with the place it leads to, in the order of the page."""
        whole = [{"text": str(error)} for error in self.form_errors]
        return whole + list(_error_links(self))

    def hidden(self) -> list[tuple[str, str]]:
        """Names and values of the hidden fields, but the CSRF token."""
        return [
            (field.name, str(field._value() or ""))  # noqa: SLF001 -- WTForms' own name for it
            for field in self
            if isinstance(field.widget, HiddenInput) and field.name != self.meta.csrf_field_name
        ]


class VersionedForm(BaseForm):
    """Also carries the ``version`` that was read, so that nobody overwrites somebody else (I8)."""

    version = wtforms.HiddenField()

    @property
    def seen_version(self) -> int:
        """The version this form was made from; 0 if it was tampered with, which never matches."""
        text = str(self.version.data or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def submission(form: BaseForm) -> UUID | None:
    """The id of this very form, or None if somebody changed it."""
    try:
        return UUID(str(form.submission_id.data))
    except ValueError:
        return None


def _named(field: Any, error: str) -> str:
    label = str(field.label.text)
    if not label or label in error:
        return error
    return f"{label} {error}" if label.endswith("?") else f"{label.rstrip(':')}: {error}"


def _error_links(fields: Any) -> Iterator[dict[str, str]]:
    for field in fields:
        if isinstance(field, wtforms.FormField):
            yield from _error_links(field.form)
        elif isinstance(field, wtforms.FieldList):
            yield from _error_links(field.entries)
        elif field.errors:
            anchor = getattr(field, "anchor", field.id)
            yield {"text": _named(field, str(field.errors[0])), "href": f"#{anchor}"}
