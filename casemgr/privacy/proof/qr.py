"""A QR code as one path of an SVG, so that a template draws it without an image file."""

from dataclasses import dataclass

_QUIET = 4  # modules of white around it (ISO/IEC 18004)


@dataclass(frozen=True, slots=True)
class Picture:
    """``side`` modules in square, white border included; ``path`` draws the dark ones."""

    side: int
    path: str


def picture_of(text: str) -> Picture:
    """The code that holds this text, with a quarter of it allowed to be unreadable at most."""
    import segno

    rows = segno.make(text, error="m", micro=False).matrix
    dark = (
        f"M{x + _QUIET} {y + _QUIET}h1v1h-1z"
        for y, row in enumerate(rows)
        for x, is_dark in enumerate(row)
        if is_dark
    )
    return Picture(len(rows) + 2 * _QUIET, "".join(dark))
