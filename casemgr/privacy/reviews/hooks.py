"""What other rooms connect to reviews (casemgr/rooms.py). Handlers run in the same transaction."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias
from uuid import UUID

from casemgr.access import Actor


@dataclass(frozen=True, slots=True)
class FoundBreach:
    """What a review that ended as a breach knows: ids and times, nothing that anybody typed."""

    item_id: UUID
    about_id: UUID | None
    day: date
    raised_at: datetime  # when the house could first know of it: the 72 hours begin
    found_at: datetime  # when it was decided
    case_ids: frozenset[UUID]
    entries: tuple[UUID, ...]  # entries of the log


OnBreach: TypeAlias = Callable[[Actor, FoundBreach], object]
Exclusion: TypeAlias = Callable[[UUID, UUID], bool]
Describe: TypeAlias = Callable[[str, Mapping[str, str | int]], str]

on_breach: list[OnBreach] = []  # the register of breaches opens one
exclusions: list[Exclusion] = []  # (account, case): whether the account is excluded from the case

describers: list[Describe] = []  # a rule and its numbers as a sentence, in the page's language


def is_excluded(account_id: UUID, case_id: UUID) -> bool:
    """Whether the account is excluded from the case (R24). Nobody is until exclusions exist."""
    return any(excludes(account_id, case_id) for excludes in exclusions)
