"""Which acts are counted together, and which numbers are too small to be told. Pure functions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from casemgr.audit import Action, Outcome

SMALL: Final = 5  # numbers from 1 to 4 tell of single people; dated setting of 2026-11, proposal
MOST_DAYS: Final = 92  # of one report or chart: a quarter


class Group(StrEnum):
    """What a line of the dashboard counts."""

    OPENED = "opened"  # parts of records
    SHOWN = "shown"  # records looked at
    SEARCHED = "searched"
    TAKEN_OUT = "taken_out"  # printed, downloaded, exported
    SIGNED_IN = "signed_in"
    SIGN_IN_REFUSED = "sign_in_refused"
    BREAK_GLASS = "break_glass"
    REFUSED = "refused"  # any act
    FAILED = "failed"


_GROUPS: Final[Mapping[Action, Group]] = {
    Action.COMPARTMENT_OPENED: Group.OPENED,
    Action.CASE_SHOWN: Group.SHOWN,
    Action.SCREENING_SHOWN: Group.SHOWN,
    Action.REFERRAL_SHOWN: Group.SHOWN,
    Action.CASES_SEARCHED: Group.SEARCHED,
    Action.LETTER_PRINTED: Group.TAKEN_OUT,
    Action.ATTACHMENT_OPENED: Group.TAKEN_OUT,
    Action.LOG_EXPORTED: Group.TAKEN_OUT,
    Action.CERTIFICATE_PRINTED: Group.TAKEN_OUT,
    Action.SIGNED_IN: Group.SIGNED_IN,
    Action.SIGN_IN_REFUSED: Group.SIGN_IN_REFUSED,
}
_BREAK_GLASS: Final = "break_glass."  # its acts come with their own issue


@dataclass(frozen=True, slots=True)
class Sum:
    """How often one act ended so on one day of the hospital."""

    day: date
    action: Action
    outcome: Outcome
    acts: int


def groups_of(action: Action, outcome: Outcome) -> frozenset[Group]:
    """Where an act counts."""
    found = {_GROUPS[action]} if action in _GROUPS and outcome is Outcome.DONE else set()
    if action is Action.SIGN_IN_REFUSED:
        found.add(Group.SIGN_IN_REFUSED)
    if action.value.startswith(_BREAK_GLASS):
        found.add(Group.BREAK_GLASS)
    if outcome is Outcome.REFUSED and action is not Action.SIGN_IN_REFUSED:
        found.add(Group.REFUSED)
    if outcome is Outcome.FAILED:
        found.add(Group.FAILED)
    return frozenset(found)


def days(first: date, last: date) -> Iterator[date]:
    """Every day of a period, both ends included."""
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def told(number: int) -> str:
    """The number, or a word for one that is too small to be told."""
    return f"<{SMALL}" if 0 < number < SMALL else str(number)


def precision(right: int, explained: int) -> int | None:
    """How many of a hundred alerts had no good reason; None before the first verdict."""
    judged = right + explained
    return round(100 * right / judged) if judged else None
