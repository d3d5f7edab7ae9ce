"""Dates in three boxes, days and months optional where people may not know them (R32)."""

import re
import unicodedata
from datetime import date, datetime, time
from typing import Any, ClassVar

import wtforms
from flask_babel import lazy_gettext as _l
from wtforms.utils import unset_value

from casemgr import clock
from casemgr.crypto.partial_date import PartialDate
from casemgr.web import widgets
from casemgr.web.fields import House, Words

_TIME = re.compile(r"([01]?\d|2[0-3])[:hg.]([0-5]\d)")
_MAX_YEARS_AHEAD = 20
_FIRST_YEAR = 1900


class Boxes(House, wtforms.Field):
    """A field whose parts arrive as ``name-day``, ``name-month``, ``name-year``."""

    data: Any
    widget = widgets.DateWidget()
    parts: ClassVar[tuple[str, ...]] = ("day", "month", "year")
    when_missing = _l("Enter the date")

    def __init__(self, label: Words, *, past: bool = False, **options: Any) -> None:
        self.past = past
        super().__init__(label, **options)

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Collect the boxes; then all is as with any other field."""
        super().process(None, data, extra_filters)
        if formdata is None:
            return
        self.raw_data = [formdata.get(f"{self.name}-{part}", "").strip() for part in self.parts]
        try:
            self.process_formdata(self.raw_data)
        except ValueError as error:
            self.data = None
            self.process_errors.append(error.args[0])

    @property
    def anchor(self) -> str:
        """Where the error summary leads: the first box."""
        return f"{self.id}-{self.parts[0]}"

    def shown(self) -> list[str]:
        """What stands in the boxes: what was typed, else the value."""
        return list(self.raw_data) if self.raw_data else self.told(self.data)

    def told(self, value: Any) -> list[str]:
        """The value, box by box."""
        raise NotImplementedError


def _numbers(texts: list[str]) -> list[int | None]:
    plain = [unicodedata.normalize("NFKC", text) for text in texts]
    if not all(re.fullmatch(r"[0-9]{0,4}", text) for text in plain):
        raise ValueError(str(_l("Enter the date in digits, for example 14 3 2009")))
    return [int(text) if text else None for text in plain]


def _checked(known: PartialDate, *, past: bool) -> PartialDate:
    today = clock.today()
    if not _FIRST_YEAR <= known.year <= today.year + _MAX_YEARS_AHEAD:
        raise ValueError(str(_l("Enter the year in four digits, for example 2009")))
    first_day = date(known.year, known.month or 1, known.day or 1)
    if past and first_day > today:
        raise ValueError(str(_l("Enter a date that is not in the future")))
    return known


def _read(texts: list[str], *, past: bool) -> PartialDate | None:
    day, month, year = _numbers(texts)
    if day is None and month is None and year is None:
        return None
    if year is None:
        raise ValueError(str(_l("Enter at least the year")))
    if day is not None and month is None:
        raise ValueError(str(_l("Enter the month that belongs to this day")))
    try:
        known = PartialDate(year, month, day)
    except ValueError:
        raise ValueError(str(_l("This day is not in the calendar; check day and month"))) from None
    return _checked(known, past=past)


class PartialDay(Boxes):
    """A year, a month of a year, or a day: as much as the person knows."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what is known."""
        self.data = _read(valuelist, past=self.past)

    def told(self, value: PartialDate | None) -> list[str]:
        """The parts that are known."""
        known = (value.day, value.month, value.year) if value else ()
        return [str(part or "") for part in known] or [""] * 3


class Day(Boxes):
    """A whole date."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read a day; a part that is missing is named."""
        known = _read(valuelist[:3], past=self.past)
        if known is not None and known.day is None:
            raise ValueError(str(_l("Enter day, month and year")))
        self.data = known.latest() if known else None

    def told(self, value: date | None) -> list[str]:
        """The three parts."""
        return [str(value.day), str(value.month), str(value.year)] if value else [""] * 3


class Moment(Boxes):
    """A date and a time of day at the hospital; leaves as an aware UTC moment."""

    parts = ("day", "month", "year", "time")
    when_missing = _l("Enter the date and the time")

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read day and time together."""
        known, text = _read(valuelist[:3], past=self.past), valuelist[3]
        self.data = None
        if known is None and not text:
            return
        clock_time = _TIME.fullmatch(unicodedata.normalize("NFKC", text).lower())
        if known is None or known.day is None:
            raise ValueError(str(_l("Enter day, month and year")))
        if clock_time is None:
            raise ValueError(str(_l("Enter the time as hours and minutes, for example 14:30")))
        self.data = clock.at_hospital(known.latest(), int(clock_time[1]), int(clock_time[2]))
        if self.past and self.data > clock.now():
            raise ValueError(str(_l("Enter a date that is not in the future")))

    def told(self, value: datetime | None) -> list[str]:
        """The parts on the hospital's wall clock."""
        if value is None:
            return [""] * 4
        local = clock.to_local(value)
        return [str(local.day), str(local.month), str(local.year), f"{local:%H:%M}"]


class TimeOfDay(House, wtforms.StringField):
    """Hours and minutes on the hospital's wall clock; leaves as a ``time`` without a zone."""

    widget = widgets.TextWidget()

    def __init__(self, label: Words, **options: Any) -> None:
        look = {"inputmode": "numeric", "classes": "govuk-input--width-5", "autocomplete": "off"}
        super().__init__(label, look=look, **options)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read a time of day; anything else is refused in words."""
        self.data = None
        text = unicodedata.normalize("NFKC", valuelist[0]).strip().lower() if valuelist else ""
        found = _TIME.fullmatch(text)
        if text and not found:
            raise ValueError(str(_l("Enter the time as hours and minutes, for example 14:30")))
        self.data = time(int(found[1]), int(found[2])) if found else None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{self.data:%H:%M}"
