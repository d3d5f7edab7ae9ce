"""Reading sealed attributes in a page: one broken seal must not take the rest of the page away.

That it is broken stands in the log already (casemgr.audit.trail).
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from flask import get_template_attribute
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from casemgr.crypto.errors import SealBroken

Row = TypeVar("Row")
UNREADABLE = _l("This part cannot be read here")  # on a paper, which has no badges


def readable(row: Any, name: str, words: Mapping[Any, Any] | None = None) -> Any:
    """A sealed attribute for a template: its value, its word, or the badge where it is broken.

    A compartment that was not opened still raises: that is a fault of the page, not of the seal.
    """
    try:
        value = getattr(row, name)
    except SealBroken:
        return _badge()
    return value if value is None or words is None else words.get(value, value)


def intact(rows: Iterable[Row], name: str) -> list[Row]:
    """Those rows whose sealed attribute opens."""
    return [row for row in rows if is_intact(row, name)]


def is_intact(row: Any, name: str) -> bool:
    """Whether a sealed attribute opens."""
    try:
        getattr(row, name)
    except SealBroken:
        return False
    return True


def _badge() -> Markup:
    return Markup(get_template_attribute("components/sealed.html", "sealed")())  # noqa: S704 -- our own macro
