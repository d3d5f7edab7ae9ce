"""A day as a strip of 24 bars, drawn by the server: numbers for the template's SVG. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from casemgr.privacy.log.day_rules import HOURS, Hour

WIDTH, HEIGHT, FOOT = 30, 120, 34  # of one hour, of the highest bar, of the line of hours
LABEL_EVERY = 6  # hours


@dataclass(frozen=True, slots=True)
class Bar:
    """One hour: how high, and how much of that was refused."""

    hour: int
    x: int
    acts: int
    height: int
    refused_height: int


@dataclass(frozen=True, slots=True)
class Strip:
    """The whole drawing."""

    width: int
    height: int
    base: int  # where the bars stand
    bars: Sequence[Bar]
    labels: Sequence[tuple[int, int]]  # hour and its x


def strip(hours: Iterable[Hour]) -> Strip:
    """Bars to scale of the busiest hour; the least is still to be seen."""
    known = {hour.hour: hour for hour in hours}
    most = max((hour.acts for hour in known.values()), default=1)
    return Strip(
        width=HOURS * WIDTH,
        height=HEIGHT + FOOT,
        base=HEIGHT,
        bars=[_bar(hour, most) for _, hour in sorted(known.items())],
        labels=[(hour, hour * WIDTH) for hour in range(0, HOURS, LABEL_EVERY)],
    )


def _bar(hour: Hour, most: int) -> Bar:
    def scaled(acts: int) -> int:
        return max(4, acts * HEIGHT // most) if acts else 0

    return Bar(hour.hour, hour.hour * WIDTH, hour.acts, scaled(hour.acts), scaled(hour.refused))
