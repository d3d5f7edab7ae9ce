"""The numbers of the rules: dated defaults with their source, and the bounds an officer may move in.

The source is the table of rules in issue 4 unless a line says otherwise. A new default is a new
date, never a silent change: what an officer has set stays.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from casemgr.privacy.detection.rules.window import Limits

SINCE: Final = date(2026, 11, 25)
TABLE: Final = "issue 4, rules R1–R18"
OWN: Final = "this house; no source gives a number"


@dataclass(frozen=True, slots=True)
class Limit:
    """One number of a rule: its default since a day, and how far it can be moved."""

    name: str
    default: int
    least: int
    most: int
    source: str = TABLE
    since: date = SINCE


def _score(default: int, name: str = "score") -> Limit:
    return Limit(name, default, 1, 100)


LIMITS: Final[Mapping[str, tuple[Limit, ...]]] = {
    "same_surname": (
        _score(70),
        Limit("strong", 20, 0, 50, OWN),
        Limit("least", 30, 0, 100, OWN),
    ),
    "own_case": (_score(90), Limit("by_name", 60, 1, 100, OWN)),
    "colleague_case": (
        _score(80),
        Limit("same_department", 15, 0, 20),
        Limit("by_name", 0, 0, 1, OWN),
    ),
    "household": (_score(75),),
    "flagged_case": (_score(95),),
    "no_care_relation": (_score(50), Limit("cases", 1, 1, 50)),
    "after_hours": (
        _score(35),
        Limit("opens", 7, 0, 12, OWN),
        Limit("closes", 17, 12, 24, OWN),
        Limit("grace", 60, 0, 240),
        Limit("cases", 10, 2, 100, OWN),
    ),
    "volume": (
        _score(60),
        Limit("least", 15, 2, 200),
        Limit("deviations", 4, 1, 10),
        Limit("peers", 3, 1, 10),
    ),
    "break_glass": (
        _score(60),
        _score(85, "bad"),
        Limit("letters", 15, 1, 100),
        Limit("copies", 3, 2, 20),
        Limit("hours", 24, 1, 72),
    ),
    "name_browsing": (
        _score(55),
        Limit("searches", 8, 2, 100),
        Limit("minutes", 10, 1, 60),
        Limit("opened", 20, 1, 100),
    ),
    "refusals": (
        _score(65),
        Limit("refusals", 5, 2, 50),
        Limit("cases", 3, 2, 50),
        Limit("minutes", 15, 1, 60),
    ),
    "leaver": (_score(100), Limit("minutes", 15, 0, 120)),
    "export_spike": (
        _score(85),
        Limit("cases", 50, 1, 1000),
        Limit("times", 3, 1, 20),
        Limit("least", 5, 1, 50, OWN),
        Limit("leaving", 14, 0, 90),
    ),
    "dormant_case": (_score(45), Limit("days", 90, 7, 730)),
    "shared_account": (
        _score(60),
        Limit("minutes", 30, 1, 240, OWN),
        Limit("turns", 2, 2, 10, OWN),
    ),
    "section_mismatch": (_score(55), Limit("peers", 3, 1, 20, OWN)),
    "tampering": (_score(100),),
    "curiosity": (_score(70), Limit("people", 5, 2, 50), Limit("hours", 48, 1, 72)),
    "sample": (_score(5), Limit("per_thousand", 10, 0, 100)),
}


def defaults(rule: str) -> Limits:
    """The numbers a rule starts with. Raises KeyError for an unknown rule."""
    return {limit.name: limit.default for limit in LIMITS[rule]}


def within(rule: str, numbers: Limits) -> str | None:
    """The name of the first number that is missing or out of its bounds; None when all are well."""
    for limit in LIMITS[rule]:
        if not limit.least <= numbers.get(limit.name, limit.least - 1) <= limit.most:
            return limit.name
    return None
