"""A signal: one rule found something in the log that somebody should look at. Pure."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Signal:
    """What one rule says about one colleague on one day; never the value that matched.

    ``rule`` is the rule's name in the catalogue of rules, ``score`` 0 to 100. ``reason`` holds what
    the sentence of the rule needs: numbers and names of things such as a role, never a fact about
    a person. ``entries`` are the entries of the log that it was found in.
    """

    rule: str
    score: int
    account_id: UUID | None  # None: the system itself, such as a tamper signal
    day: date  # the hospital's day
    case_id: UUID | None = None
    reason: tuple[tuple[str, str | int], ...] = ()
    entries: tuple[UUID, ...] = ()
