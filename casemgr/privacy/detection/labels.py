"""The words of the rules' numbers, states and refusals, in the language of the page."""

from collections.abc import Mapping
from typing import Final

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from casemgr.privacy.detection.rules.every import Pace
from casemgr.privacy.detection.rules.limits import OWN, TABLE

PACES: Final[Mapping[Pace, LazyString]] = {
    Pace.MINUTE: _l("Every minute; tells at once"),
    Pace.HOUR: _l("Every hour"),
    Pace.DAY: _l("Every night, for the day before"),
}
SOURCES: Final[Mapping[str, LazyString]] = {
    TABLE: _l("rules R1 to R18"),
    OWN: _l("set by this software; no source gives a number"),
}
_SCORE = _l("Score (1 to 100)")
_CASES = _l("From how many cases on")
_MINUTES = _l("Within how many minutes")
NUMBERS: Final[Mapping[str, Mapping[str, LazyString]]] = {
    "same_surname": {
        "score": _l("Score of a rare family name (1 to 100)"),
        "strong": _l("More for a shared telephone or address"),
        "least": _l("Least score that is told"),
    },
    "own_case": {"score": _SCORE, "by_name": _l("Score for the whole name alone (1 to 100)")},
    "colleague_case": {
        "score": _SCORE,
        "same_department": _l("More within one department"),
        "by_name": _l("Whole name alone counts: 1 yes, 0 no"),
    },
    "household": {"score": _SCORE},
    "flagged_case": {"score": _SCORE},
    "no_care_relation": {"score": _SCORE, "cases": _CASES},
    "after_hours": {
        "score": _SCORE,
        "opens": _l("Working hours begin (hour)"),
        "closes": _l("Working hours end (hour)"),
        "grace": _l("Minutes before and after that are allowed"),
        "cases": _l("Cases from which care is no excuse"),
    },
    "volume": {
        "score": _SCORE,
        "least": _CASES,
        "deviations": _l("Standard deviations above the own mean"),
        "peers": _l("Times the median of the same role"),
    },
    "break_glass": {
        "score": _SCORE,
        "bad": _l("Score where something is wrong (1 to 100)"),
        "letters": _l("Least number of letters of a reason"),
        "copies": _l("Same words, from the how many-th time on"),
        "hours": _l("Hours in which a place on the team must follow"),
    },
    "name_browsing": {
        "score": _SCORE,
        "searches": _l("From how many searches on"),
        "minutes": _MINUTES,
        "opened": _l("Less than how many per cent opened"),
    },
    "refusals": {
        "score": _SCORE,
        "refusals": _l("From how many refusals in an hour on"),
        "cases": _l("From how many different cases a day on"),
        "minutes": _l("Minutes until another account gets in"),
    },
    "leaver": {"score": _SCORE, "minutes": _l("Minutes allowed after disabling")},
    "export_spike": {
        "score": _SCORE,
        "cases": _l("More than how many cases a day"),
        "times": _l("More than how many times the own most"),
        "least": _l("But from how many cases on"),
        "leaving": _l("Days before the last day of work"),
    },
    "dormant_case": {"score": _SCORE, "days": _l("Closed for more than how many days")},
    "shared_account": {
        "score": _SCORE,
        "minutes": _MINUTES,
        "turns": _l("From how many changes of place on"),
    },
    "section_mismatch": {"score": _SCORE, "peers": _l("Least number of others of the role")},
    "tampering": {"score": _SCORE},
    "curiosity": {
        "score": _SCORE,
        "people": _l("From how many colleagues on"),
        "hours": _l("Within how many hours"),
    },
    "sample": {"score": _SCORE, "per_thousand": _l("Of a thousand accesses")},
}
REFUSALS: Final[Mapping[str, LazyString]] = {
    "out_of_bounds": _l("This number is outside its bounds"),
    "too_short": _l("Describe the reason in at least 20 characters"),
    "nothing_changed": _l("Nothing is different from before."),
    "dry_run_first": _l(
        "Do a dry run with these numbers first. A rule is only switched on when you know how much it tells."
    ),
    "conflict": _l(
        "Somebody else changed this meanwhile. Look at what is recorded now, then decide again."
    ),
}
