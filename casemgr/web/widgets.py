"""How fields look: govuk-frontend-wtf's widgets, in our environment and in the reader's language."""

from typing import Any, ClassVar

from flask_babel import gettext as _
from govuk_frontend_wtf import wtforms_widgets as govuk
from markupsafe import Markup

from casemgr.web.components import render


class _House:
    """What is different here: own environment, no empty hints, headings, no HTML ``required``."""

    template: str
    label_key = "label"

    def __call__(self, field: Any, **kwargs: Any) -> Markup:
        kwargs.setdefault("required", False)  # the server says what is missing, in full sentences
        return super().__call__(field, **kwargs)  # type: ignore[misc, no-any-return]

    def map_gov_params(self, field: Any, **kwargs: Any) -> dict[str, Any]:
        heading = kwargs.pop("heading", False)
        kwargs.pop("required", None)
        params: dict[str, Any] = super().map_gov_params(field, **kwargs)  # type: ignore[misc]
        self.settle(params, field)
        _name_label(params, heading=heading)
        return params

    def settle(self, params: dict[str, Any], field: Any) -> None:
        """Fill what govuk-frontend-wtf leaves to the template."""
        params["hint"] = {"text": field.description} if field.description else None
        params.setdefault("idPrefix", field.id)
        for key, value in (field.look or {}).items():
            params.setdefault(key, value)
        if field.errors:
            params["errorMessage"] = {
                "text": field.errors[0],
                "visuallyHiddenText": _("Error"),
            }

    def render(self, params: dict[str, Any]) -> Markup:
        return render(self.template, params)


def _name_label(params: dict[str, Any], *, heading: bool) -> None:
    """Bold labels; as the page's only question the label is also its heading."""
    fieldset = params.get("fieldset")
    target = fieldset["legend"] if fieldset else params.get("label")
    if not target:
        return
    kind = "govuk-fieldset__legend" if fieldset else "govuk-label"
    target["classes"] = f"{kind}--l" if heading else f"{kind}--s"
    target["isPageHeading"] = heading


class TextWidget(_House, govuk.GovTextInput):
    """One line."""


class LongTextWidget(_House, govuk.GovTextArea):
    """Several lines."""


class PasswordWidget(_House, govuk.GovPasswordInput):
    """A password that can be looked at while typing."""

    def settle(self, params: dict[str, Any], field: Any) -> None:
        """The words of its button."""
        super().settle(params, field)
        params["showPasswordText"] = _("Show")
        params["hidePasswordText"] = _("Hide")
        params["showPasswordAriaLabelText"] = _("Show the password")
        params["hidePasswordAriaLabelText"] = _("Hide the password")
        params["passwordShownAnnouncementText"] = _("The password can be seen")
        params["passwordHiddenAnnouncementText"] = _("The password is hidden")


class SelectWidget(_House, govuk.GovSelect):
    """A drop-down list; radios are better for fewer than eight choices."""


class RadioWidget(_House, govuk.GovRadioInput):
    """One answer of several."""


class CheckboxesWidget(_House, govuk.GovCheckboxesInput):
    """Any number of answers."""


class TickWidget(_House, govuk.GovCheckboxInput):
    """One box to tick."""

    def settle(self, params: dict[str, Any], field: Any) -> None:
        """Its hint belongs to the box, not to a group."""
        super().settle(params, field)
        item = params["items"][0]
        item["value"] = "y"
        item["hint"], params["hint"] = params["hint"], None


class FileWidget(_House, govuk.GovFileInput):
    """A chooser of one file."""

    def settle(self, params: dict[str, Any], field: Any) -> None:
        """A browser ignores a value here, and takes one file."""
        super().settle(params, field)
        params.pop("value", None)


class DateWidget(_House, govuk.GovFormBase):
    """Day, month and year in three boxes, and the time in a fourth where it is asked."""

    template = "govuk_frontend_wtf/date.html"
    WIDTHS: ClassVar = {"day": 2, "month": 2, "year": 4, "time": 5}

    def __call__(self, field: Any, **kwargs: Any) -> Markup:
        """The boxes make their own values."""
        kwargs.setdefault("id", field.id)
        return super().__call__(field, **kwargs)

    def settle(self, params: dict[str, Any], field: Any) -> None:
        """One box per part, with what was typed in it."""
        super().settle(params, field)
        params.pop("label")
        params["fieldset"] = {"legend": {"text": field.label.text}}
        names = {"day": _("Day"), "month": _("Month"), "year": _("Year"), "time": _("Time")}
        wrong = " govuk-input--error" if field.errors else ""
        params["items"] = [
            {
                "label": names[part],
                "id": f"{field.id}-{part}",
                "name": f"{field.name}-{part}",
                "classes": f"govuk-input--width-{self.WIDTHS[part]}{wrong}",
                "value": text,
                "inputmode": "text" if part == "time" else "numeric",
                "autocomplete": "off",
            }
            for part, text in zip(field.parts, field.shown(), strict=True)
        ]
