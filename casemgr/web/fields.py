"""The fields that rooms build their forms from. Blank optional fields leave as None."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final, TypeAlias

import wtforms
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from wtforms.fields.choices import SelectChoice

from casemgr.files.incoming import SealedFile
from casemgr.web import widgets
from casemgr.web.validators import AtMost, Between, MayBeBlank, Required

Words: TypeAlias = str | LazyString
Choices: TypeAlias = Mapping[Any, Words] | Iterable[tuple[Any, Words]]

SHORT, LONG = 200, 4000
_CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]"
)


def clean(text: str | None) -> str | None:
    """Composed letters (NFC), one kind of line end, nothing invisible, no empty edges."""
    if text is None:
        return None
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _CONTROL.sub("", composed).strip() or None


class House:
    """What every field of ours takes: ``required``, a ``hint``, extra ``validators``, a ``look``."""

    when_missing: ClassVar[Words] = _l("Enter an answer")

    def __init__(
        self,
        label: Words,
        *,
        required: bool = False,
        hint: Words = "",
        validators: Sequence[Callable[[Any, Any], None]] = (),
        look: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        self.look = look or {}
        self.warnings: list[Words] = []
        first = Required() if required else MayBeBlank()
        super().__init__(label, [first, *validators], description=hint, **options)  # type: ignore[call-arg]


class Text(House, wtforms.StringField):
    """One line of Vietnamese text, normalised to NFC."""

    widget = widgets.TextWidget()
    one_line: ClassVar = True

    def __init__(self, label: Words, *, most: int = SHORT, **options: Any) -> None:
        checks = (AtMost(most), *options.pop("validators", ()))
        look = {"autocomplete": "off", "spellcheck": False, **(options.pop("look", None) or {})}
        super().__init__(label, validators=checks, look=look, **options)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Normalise what was typed; no line ends inside one line."""
        text = valuelist[0] if valuelist else None
        self.data = clean(" ".join((text or "").split()) if self.one_line else text)


class LongText(Text):
    """Several lines."""

    widget = widgets.LongTextWidget()
    one_line = False

    def __init__(self, label: Words, *, most: int = LONG, rows: int = 5, **options: Any) -> None:
        look = {"rows": rows, **(options.pop("look", None) or {})}
        super().__init__(label, most=most, look=look, **options)


class Password(House, wtforms.PasswordField):
    """A password. Normalised like every text, so that both keyboards' letters match."""

    widget = widgets.PasswordWidget()

    def process_formdata(self, valuelist: list[str]) -> None:
        """Only composed: spaces at the edges may be meant."""
        self.data = unicodedata.normalize("NFC", valuelist[0]) if valuelist else None


class Number(House, wtforms.StringField):
    """A whole number."""

    widget = widgets.TextWidget()
    when_missing = _l("Enter a number")

    def __init__(
        self, label: Words, *, least: int = 0, most: int = 999_999, **options: Any
    ) -> None:
        look = {"inputmode": "numeric", "classes": "govuk-input--width-5", "autocomplete": "off"}
        super().__init__(label, validators=(Between(least, most),), look=look, **options)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read digits; anything else is refused in words."""
        self.data = None
        text = unicodedata.normalize("NFKC", valuelist[0]).strip() if valuelist else ""
        if text and not re.fullmatch(r"-?[0-9]{1,9}", text):
            raise ValueError(str(_l("Enter a whole number in digits")))
        self.data = int(text) if text else None

    def _value(self) -> str:
        typed = self.raw_data[0] if self.raw_data else self.data
        return "" if typed is None else str(typed)


class _Offer(House):
    """Choices by value: any type whose ``str()`` tells them apart (StrEnum, UUID, str)."""

    when_missing = _l("Choose one of the answers")
    blank: ClassVar[Words | None] = None

    def __init__(self, label: Words, choices: Choices = (), **options: Any) -> None:
        self._by_key: dict[str, Any] = {}
        super().__init__(
            label,
            coerce=self._read,
            invalid_value_message=_l("Choose one of the answers"),
            invalid_choice_message=_l("Choose one of the answers"),
            **options,
        )
        self.offer(choices)

    def offer(self, choices: Choices) -> None:
        """Set what can be chosen, where only the view knows it."""
        pairs = list(choices.items() if isinstance(choices, Mapping) else choices)
        self._by_key = {str(value): value for value, _label in pairs}
        first = [] if self.blank is None else [SelectChoice("", self.blank)]
        self.choices = first + [SelectChoice(str(value), label) for value, label in pairs]
        if "object_data" in vars(self):  # the form was read before: now its values have a meaning
            self._read_again()

    def _read_again(self) -> None:
        field: Any = self  # what WTForms gives to its choice fields
        field.process_errors = []
        field.process_data(field.object_data)
        if field.raw_data is None:
            return
        try:
            field.process_formdata(field.raw_data)
        except ValueError as error:
            field.process_errors.append(error.args[0])

    def _read(self, value: Any) -> Any:
        if value in ("", None):
            return None
        try:
            return self._by_key[str(value)]
        except KeyError:
            raise ValueError from None


class Choice(_Offer, wtforms.RadioField):
    """One answer, as radio buttons."""

    widget = widgets.RadioWidget()


class Select(_Offer, wtforms.SelectField):
    """One answer, as a drop-down list."""

    widget = widgets.SelectWidget()
    blank = _l("Choose")
    when_missing = _l("Choose from the list")


class Wish(Select):
    """A filter: leaving it alone asks for everything."""

    blank = _l("All")


class Several(_Offer, wtforms.SelectMultipleField):
    """Any number of answers, as boxes to tick; leaves as a list."""

    widget = widgets.CheckboxesWidget()
    when_missing = _l("Choose at least one of the answers")


@dataclass(frozen=True, slots=True, repr=False)
class ChosenFile:
    """A file that was chosen: sealed already (web/uploads.py), and what it was called."""

    sealed: SealedFile
    name: str


class File(House, wtforms.FileField):
    """One file. It can never be shown again in the form: a browser keeps nothing of it."""

    widget = widgets.FileWidget()
    when_missing = _l("Choose a file")

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take what arrived whole; a part without a name is a chooser that was left alone."""
        self.data = None
        for chosen in valuelist:
            sealed = getattr(getattr(chosen, "stream", None), "sealed", None)
            name = clean(re.split(r"[/\\]", getattr(chosen, "filename", None) or "")[-1])
            if isinstance(sealed, SealedFile) and name:
                self.data = ChosenFile(sealed, name)
        self.raw_data = ["chosen"] if self.data else []


YES, NO = "yes", "no"
_YES_NO: Final = ((YES, _l("Yes")), (NO, _l("No")))


class YesNo(Choice):
    """Yes or no, and None when not answered: never a box whose silence means no."""

    when_missing = _l("Choose yes or no")

    def __init__(self, label: Words, **options: Any) -> None:
        look = {"classes": "govuk-radios--inline", **(options.pop("look", None) or {})}
        super().__init__(label, _YES_NO, look=look, **options)

    def offer(self, choices: Choices) -> None:
        """Offer the words, keep the truth values."""
        super().offer(choices)
        self._by_key = {YES: True, NO: False, "True": True, "False": False}


class Tick(House, wtforms.BooleanField):
    """One box to tick: for "I have explained this", not for questions."""

    widget = widgets.TickWidget()
    when_missing = _l("Tick this box to go on")
