"""A bar for each week, drawn on the server: no script, no picture from elsewhere. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDTH, HEIGHT, GAP = 560, 120, 6
_FLOOR: Final = 2  # a week without any signal still shows that it was looked at


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar in units of the picture, from its upper left corner."""

    x: int
    y: int
    width: int
    height: int


def bars_of(counts: Sequence[int]) -> list[Bar]:
    """Bars as high as their count among the highest, side by side."""
    if not counts:
        return []
    highest, step = max(*counts, 1), WIDTH // len(counts)
    heights = [max(_FLOOR, round(HEIGHT * count / highest)) for count in counts]
    return [
        Bar(place * step, HEIGHT - height, max(1, step - GAP), height)
        for place, height in enumerate(heights)
    ]
