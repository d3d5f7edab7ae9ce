"""The pen that writes a story: it only moves forward, and it knows when the hospital works."""

from datetime import date, time, timedelta
from random import Random
from typing import TypedDict

from casemgr.demo.events import Event

_DAY = 24 * 60
_MORNING = (7 * 60 + 10, 11 * 60 + 20)
_AFTERNOON = (13 * 60 + 35, 16 * 60 + 40)


class Stamp(TypedDict):
    """When and by whom: the first three arguments of every event."""

    day: int
    at: time
    by: str


class Pen:
    """Writes events in strictly rising order from a first moment."""

    def __init__(self, rng: Random, today: date, day: int, minute: int) -> None:
        self.rng = rng
        self.events: list[Event] = []
        self._today, self._day, self._minute = today, day, minute

    @property
    def day(self) -> int:
        """The day on which the pen stands, counted from today."""
        return self._day

    def stamp(self, by: str) -> Stamp:
        """This moment, by somebody."""
        return Stamp(day=self._day, at=time(*divmod(self._minute, 60)), by=by)

    def write(self, event: Event) -> None:
        """Keep an event of this moment; the next one comes at least a minute later."""
        self.events.append(event)
        self._advance(self.rng.randint(1, 4))

    def later(self, least: int, most: int) -> "Pen":
        """Some minutes on, at any hour: wards never close."""
        self._advance(self.rng.randint(least, most))
        return self

    def waking(self, least: int, most: int) -> "Pen":
        """Some minutes on, but not between ten at night and six in the morning."""
        self.later(least, most)
        if self._minute >= 22 * 60:
            self._day, self._minute = self._day + 1, 0
        if self._minute < 6 * 60:
            self._minute = 6 * 60 + self.rng.randint(0, 50)
        return self

    def on_duty(self, least: int, most: int) -> "Pen":
        """Some minutes on in office hours; otherwise when the office opens again."""
        self.later(least, most)
        is_open = any(start <= self._minute <= end for start, end in (_MORNING, _AFTERNOON))
        return self if is_open and self._is_working_day() else self.working(0, 0)

    def working(self, least: int, most: int) -> "Pen":
        """Some days on, in office hours of a working day (Monday to Friday)."""
        days = self.rng.randint(least, most)
        if days:
            self._day, self._minute = self._day + days, 0
        while not self._find_office_hour():
            self._day, self._minute = self._day + 1, 0
        return self

    def _find_office_hour(self) -> bool:
        if not self._is_working_day():
            return False
        spans = [(max(start, self._minute), end) for start, end in (_MORNING, _AFTERNOON)]
        # A quarter of an hour must be left, so that what belongs together stays together.
        open_spans = [span for span in spans if span[1] - span[0] >= 15]
        if not open_spans:
            return False
        self._minute = self.rng.randint(*self.rng.choice(open_spans))
        return True

    def _is_working_day(self) -> bool:
        return (self._today + timedelta(days=self._day)).weekday() < 5

    def _advance(self, minutes: int) -> None:
        days, self._minute = divmod(self._minute + minutes, _DAY)
        self._day += days
