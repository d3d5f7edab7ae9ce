"""Accesses, as the rules see the log: who, from where, what, on which case, and when."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import TypeAlias
from uuid import UUID

from casemgr import clock

Limits: TypeAlias = Mapping[str, int]
Pair: TypeAlias = tuple[UUID, UUID]  # account, case


class Act(StrEnum):
    """What sort of act an entry tells of, as far as the rules ask."""

    READ = "read"
    CHANGE = "change"
    EXPORT = "export"  # printed, downloaded, taken out of the log
    SEARCH = "search"
    LIST = "list"
    REFUSED = "refused"
    SIGN_IN = "sign_in"
    BREAK_GLASS = "break_glass"
    ALARM = "alarm"  # somebody may have tampered with log, keys or database
    OTHER = "other"


TOUCHING = frozenset({Act.READ, Act.CHANGE, Act.EXPORT})


@dataclass(frozen=True, slots=True)
class Access:
    """One entry of the log. Ids and names of things only; no fact about a person."""

    id: UUID
    at: datetime
    act: Act
    account_id: UUID | None
    roles: frozenset[str] = frozenset()
    case_id: UUID | None = None
    parts: frozenset[str] = frozenset()
    purpose: str | None = None
    address: str | None = None
    session_ref: UUID | None = None
    count: int = 0
    shown: tuple[UUID, ...] = ()  # cases that a list or an answer showed
    action: str = ""  # the name of the act in the log
    destination: str | None = None  # where an export went, if it left the house

    @property
    def day(self) -> date:
        """The hospital's day."""
        return clock.to_local(self.at).date()

    @property
    def minute(self) -> int:
        """Minutes since midnight on the hospital's clock."""
        local = clock.to_local(self.at)
        return local.hour * 60 + local.minute

    @property
    def subjects(self) -> frozenset[UUID]:
        """The cases that this access concerned."""
        return frozenset(self.shown) | ({self.case_id} if self.case_id else frozenset())

    @property
    def is_touching(self) -> bool:
        """Whether it read, changed or took out one known case, and somebody did it."""
        return self.act in TOUCHING and self.case_id is not None and self.account_id is not None


@dataclass(frozen=True)
class Window:
    """Accesses in the order of time. What lies before ``since`` is there to look back to."""

    accesses: Sequence[Access]
    since: datetime
    until: datetime

    @cached_property
    def new(self) -> Sequence[Access]:
        """Those that signals may be raised about."""
        return [access for access in self.accesses if self.since <= access.at < self.until]

    @cached_property
    def touching(self) -> Mapping[Pair, Sequence[Access]]:
        """New accesses to a case, by account and case."""
        found: dict[Pair, list[Access]] = defaultdict(list)
        for access in self.new:
            if access.is_touching and access.account_id and access.case_id:
                found[access.account_id, access.case_id].append(access)
        return found

    @cached_property
    def by_account(self) -> Mapping[UUID, Sequence[Access]]:
        """All accesses of each account, looking back included."""
        found: dict[UUID, list[Access]] = defaultdict(list)
        for access in self.accesses:
            if access.account_id is not None:
                found[access.account_id].append(access)
        return found

    def is_new(self, accesses: Iterable[Access]) -> bool:
        """Whether any of these is more than looking back."""
        return any(self.since <= access.at < self.until for access in accesses)

    def cut(self, since: datetime) -> "Window":
        """The same accesses, of which fewer are new."""
        return Window(self.accesses, since, self.until)


def by_day(accesses: Iterable[Access]) -> Mapping[tuple[UUID, date], Sequence[Access]]:
    """Accesses of people by account and the hospital's day."""
    found: dict[tuple[UUID, date], list[Access]] = defaultdict(list)
    for access in accesses:
        if access.account_id is not None:
            found[access.account_id, access.day].append(access)
    return found
