"""Growth as a picture: lines over two logarithmic scales, written by hand as SVG."""

from collections.abc import Iterator, Mapping
from math import log10
from pathlib import Path

PLACE = Path(__file__).parent.parent / "docs" / "images" / "search-growth.svg"
WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 810, 440, 70, 30, 220, 60
COLOURS = ("#0b5c5e", "#b35c00", "#3f7d20", "#8a2252")
PEOPLE, MILLISECONDS = (1e4, 1e6), (0.05, 500)

Lines = Mapping[str, list[tuple[int, float]]]


def draw(lines: Lines, place: Path = PLACE) -> None:
    """Write the picture of milliseconds by number of people."""
    place.write_text("\n".join(_picture(lines)) + "\n", "utf-8")


def _picture(lines: Lines) -> Iterator[str]:
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'font-family="sans-serif" font-size="13">'
    )
    yield "<title>Two-word name search, every id: milliseconds at p50 by number of people</title>"
    yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>'
    yield from _scales()
    ends = sorted((points[-1][1], name) for name, points in lines.items())
    beside = _spread([_y(value) for value, _ in reversed(ends)])
    places = dict(zip([name for _, name in reversed(ends)], beside, strict=True))
    for colour, (name, points) in zip(COLOURS, lines.items(), strict=False):
        at = " ".join(f"{_x(people):.1f},{_y(value):.1f}" for people, value in points)
        yield f'<polyline points="{at}" fill="none" stroke="{colour}" stroke-width="2"/>'
        for people, value in points:
            yield f'<circle cx="{_x(people):.1f}" cy="{_y(value):.1f}" r="3" fill="{colour}"/>'
        label = f"{name} {points[-1][1]:.3g} ms"
        x = WIDTH - RIGHT + 10
        yield f'<text x="{x}" y="{places[name] + 4:.1f}" fill="{colour}">{label}</text>'
    yield "</svg>"


def _scales() -> Iterator[str]:
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    for value in (0.1, 1, 10, 100):
        y = _y(value)
        yield f'<path d="M{LEFT} {y:.1f}H{right}" stroke="#ccc"/>'
        yield f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{value:g} ms</text>'
    for people in (10_000, 100_000, 1_000_000):
        x = _x(people)
        yield f'<path d="M{x:.1f} {TOP}V{bottom}" stroke="#ccc"/>'
        yield f'<text x="{x:.1f}" y="{bottom + 20}" text-anchor="middle">{people:,}</text>'
    yield f'<text x="{(LEFT + right) / 2}" y="{bottom + 44}" text-anchor="middle">people</text>'


def _x(people: float) -> float:
    first, last = map(log10, PEOPLE)
    return LEFT + (log10(people) - first) / (last - first) * (WIDTH - LEFT - RIGHT)


def _y(value: float) -> float:
    low, high = map(log10, MILLISECONDS)
    return HEIGHT - BOTTOM - (log10(value) - low) / (high - low) * (HEIGHT - TOP - BOTTOM)


def _spread(places: list[float]) -> list[float]:
    """Labels apart, so that none covers another."""
    spread: list[float] = []
    for place in places:
        spread.append(max(place, spread[-1] + 16) if spread else place)
    return spread
