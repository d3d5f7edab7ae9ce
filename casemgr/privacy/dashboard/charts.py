"""Bars as SVG, drawn on the server.

Their numbers stand in a table beside them: the picture is hidden from readers who cannot see it.
"""

from collections.abc import Sequence

from markupsafe import Markup

WIDTH, HEIGHT, GAP = 720, 160, 2
COLOURS = ("#14565e", "#a1302a", "#b57a00")  # teal, brick, amber: the house's, 4.5 : 1 on white


def bars(series: Sequence[Sequence[int]]) -> Markup:
    """Stacked bars, one per place; ``series`` are equally long. Empty for no numbers at all."""
    totals = [sum(values) for values in zip(*series, strict=True)]
    highest = max(totals, default=0)
    if not highest:
        return Markup()
    step = WIDTH / len(totals)
    drawn = Markup().join(
        _bar(series, place, step, highest) for place in range(len(totals)) if totals[place]
    )
    return Markup(
        '<svg class="casemgr-chart" viewBox="0 0 {w} {h}" width="100%" height="{h}" '
        'aria-hidden="true" focusable="false" preserveAspectRatio="none">'
        '<line x1="0" y1="{h}" x2="{w}" y2="{h}" stroke="#1e2b2f" stroke-width="2"/>{bars}</svg>'
    ).format(w=WIDTH, h=HEIGHT, bars=drawn)


def _bar(series: Sequence[Sequence[int]], place: int, step: float, highest: int) -> Markup:
    parts, top = Markup(), float(HEIGHT)
    for values, colour in zip(series, COLOURS, strict=False):
        tall = HEIGHT * values[place] / highest
        top -= tall
        parts += Markup('<rect x="{x}" y="{y}" width="{w}" height="{h}" fill="{fill}"/>').format(
            x=f"{place * step + GAP / 2:.1f}",
            y=f"{top:.1f}",
            w=f"{max(step - GAP, 1):.1f}",
            h=f"{tall:.1f}",
            fill=colour,
        )
    return parts
