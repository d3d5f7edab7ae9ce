"""A day of which perhaps only the month or the year is known (domain R32, §5.8)."""

import re
from dataclasses import dataclass
from datetime import date

_SHAPE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


@dataclass(frozen=True, slots=True, order=True)
class PartialDate:
    """A year, a month of a year, or a day. ``str()`` is ISO 8601 at reduced precision."""

    year: int
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        if self.day is not None and self.month is None:
            raise ValueError("a day needs its month")
        date(self.year, self.month or 1, self.day or 1)  # raises ValueError if impossible

    def __str__(self) -> str:
        parts = [f"{self.year:04}"]
        parts += [f"{part:02}" for part in (self.month, self.day) if part is not None]
        return "-".join(parts)

    @classmethod
    def parse(cls, text: str) -> "PartialDate":
        """Read ``2009``, ``2009-03`` or ``2009-03-14``. Raises ValueError."""
        shape = _SHAPE.fullmatch(text)
        if shape is None:
            raise ValueError("not a year, a month or a day")
        return cls(*(int(part) for part in shape.groups() if part is not None))

    def latest(self) -> date:
        """The last day it can mean: a person is a minor until that day's birthday (R14)."""
        if self.day is not None and self.month is not None:
            return date(self.year, self.month, self.day)
        following = (self.year, self.month + 1) if self.month and self.month < 12 else None
        first_after = date(*following, 1) if following else date(self.year + 1, 1, 1)
        return date.fromordinal(first_after.toordinal() - 1)
