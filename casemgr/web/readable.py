"""Reading sealed attributes in a page: one broken seal must not take the rest of the page away."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from flask import g, get_template_attribute
from markupsafe import Markup

from casemgr.access.gate import actor
from casemgr.audit import Action, Outcome, record
from casemgr.crypto.errors import SealBroken
from casemgr.crypto.sealed import records_of

Row = TypeVar("Row")
_TOLD = "broken_seals_told"


def readable(row: Any, name: str, words: Mapping[Any, Any] | None = None) -> Any:
    """A sealed attribute for a template: its value, its word, or the badge where it is broken.

    A compartment that was not opened still raises: that is a fault of the page, not of the seal.
    """
    try:
        value = getattr(row, name)
    except SealBroken:
        _tell(row, name)
        return _badge()
    return value if value is None or words is None else words.get(value, value)


def intact(rows: Iterable[Row], name: str) -> list[Row]:
    """Those rows whose sealed attribute opens; the others are told to the log."""
    return [row for row in rows if is_intact(row, name)]


def is_intact(row: Any, name: str) -> bool:
    """Whether a sealed attribute opens; if not, the log learns of it."""
    try:
        getattr(row, name)
    except SealBroken:
        _tell(row, name)
        return False
    return True


def _tell(row: Any, name: str) -> None:
    """One FAILED entry for each sealed record of a row and request."""
    sealed = next(item for item in records_of(type(row)) if name in item.fields)
    told: set[tuple[Any, str]] = g.setdefault(_TOLD, set())
    if (row.id, sealed.name) in told:
        return
    told.add((row.id, sealed.name))
    table: str = row.__tablename__
    record(
        actor(),
        Action.SEAL_BROKEN,
        outcome=Outcome.FAILED,
        case_id=row.id if table == "case" else getattr(row, "case_id", None),
        subject_kind=table,
        subject_id=row.id,
        compartments=[sealed.compartment_of(row)],
    )


def _badge() -> Markup:
    return Markup(get_template_attribute("components/sealed.html", "sealed")())  # noqa: S704 -- our own macro
