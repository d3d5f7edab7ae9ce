"""Every rule: how to find, how often it looks, what it must know, and whether care explains it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final, TypeAlias

from casemgr.privacy.detection.rules import (
    after_hours,
    break_glass,
    colleague_case,
    curiosity,
    dormant_case,
    export_spike,
    flagged_case,
    household,
    leaver,
    name_browsing,
    no_care_relation,
    own_case,
    random_sample,
    refusals,
    same_surname,
    section_mismatch,
    shared_account,
    tampering,
    volume,
)
from casemgr.privacy.detection.rules.facts import Facts
from casemgr.privacy.detection.rules.window import Limits, Window
from casemgr.privacy.reviews.signals import Signal

Find: TypeAlias = Callable[[Window, Facts, Limits], Iterator[Signal]]


class Pace(StrEnum):
    """How often a rule looks at what is new."""

    MINUTE = "minute"  # tells at once
    HOUR = "hour"
    DAY = "day"  # sums up a whole day


class Needs(StrEnum):
    """What must be made ready for a rule beside the accesses."""

    PEOPLE = "people"  # identity and contact of the touched cases are opened and compared
    NAMED = "named"  # what happened is opened, to see whether staff are named
    USUAL = "usual"  # what colleagues did on earlier days


@dataclass(frozen=True, slots=True)
class Way:
    """One rule as a program sees it."""

    number: int  # as in R1 to R18; 0: not one of them
    find: Find
    pace: Pace
    needs: frozenset[Needs] = frozenset()
    explained_by_care: bool = False
    is_on: bool = True  # by default


LOOK_BACK: Final = timedelta(hours=72)  # the longest that any rule can be told to look back
_PEOPLE, _NAMED = frozenset({Needs.PEOPLE}), frozenset({Needs.NAMED})
_USUAL = frozenset({Needs.USUAL})

WAYS: Final[Mapping[str, Way]] = {
    same_surname.NAME: Way(1, same_surname.find, Pace.HOUR, _PEOPLE, explained_by_care=True),
    own_case.NAME: Way(2, own_case.find, Pace.HOUR, _PEOPLE),
    colleague_case.NAME: Way(3, colleague_case.find, Pace.HOUR, _PEOPLE, explained_by_care=True),
    household.NAME: Way(4, household.find, Pace.HOUR, _PEOPLE, explained_by_care=True),
    flagged_case.NAME: Way(5, flagged_case.find, Pace.MINUTE, _NAMED),
    no_care_relation.NAME: Way(6, no_care_relation.find, Pace.DAY, explained_by_care=True),
    after_hours.NAME: Way(7, after_hours.find, Pace.DAY, explained_by_care=True),
    volume.NAME: Way(8, volume.find, Pace.DAY, _USUAL, explained_by_care=True),
    break_glass.NAME: Way(9, break_glass.find, Pace.HOUR),
    name_browsing.NAME: Way(10, name_browsing.find, Pace.HOUR),
    refusals.NAME: Way(11, refusals.find, Pace.HOUR),
    leaver.NAME: Way(12, leaver.find, Pace.MINUTE),
    export_spike.NAME: Way(13, export_spike.find, Pace.DAY, _USUAL),
    dormant_case.NAME: Way(14, dormant_case.find, Pace.HOUR, explained_by_care=True),
    shared_account.NAME: Way(15, shared_account.find, Pace.HOUR),
    section_mismatch.NAME: Way(16, section_mismatch.find, Pace.DAY, _USUAL, explained_by_care=True),
    tampering.NAME: Way(17, tampering.find, Pace.MINUTE),
    curiosity.NAME: Way(18, curiosity.find, Pace.DAY, explained_by_care=True),
    random_sample.NAME: Way(0, random_sample.find, Pace.DAY),
}
NUMBERED: Final = tuple(name for name, way in WAYS.items() if way.number)
