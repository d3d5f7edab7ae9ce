"""Facts by which cases are filtered and found: terms of the index, never columns (design §4)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from casemgr.cases.rules import Sex
from casemgr.crypto.names import fold
from casemgr.crypto.partial_date import PartialDate


@dataclass(frozen=True, slots=True, repr=False)
class Facts:
    """What else is known of somebody who is looked for; all of it must fit. It has no repr."""

    born_on: PartialDate | None = None
    sex: Sex | None = None
    place: str = ""

    def __len__(self) -> int:
        """How many facts these are."""
        return (self.born_on is not None) + (self.sex is not None) + bool(_places(self.place))

    def terms(self) -> tuple[str, ...]:
        """The facets that everybody who is meant carries."""
        sex = [f"sex:{self.sex.value}"] if self.sex else []
        born = list(_born(self.born_on))[-2 if self.born_on and self.born_on.day else -1 :]
        return (*sex, *born, *_places(self.place))


def facets_of(intake: Mapping[str, Any], who: Mapping[str, Any]) -> list[str]:
    """The facets of a case, out of what its sealed records hold."""
    plain = {"group": intake.get("group"), "source": intake.get("source"), "sex": who.get("sex")}
    born_on = PartialDate.parse(who["born_on"]) if who.get("born_on") else None
    found = [f"{name}:{value}" for name, value in plain.items() if value]
    return [*found, *_born(born_on), *_places(who.get("address") or "")]


def _born(born_on: PartialDate | None) -> Iterator[str]:
    """Year, month of a year, day of a month: 1,500 terms instead of one for each day of a life."""
    if born_on is None:
        return
    yield f"born:{born_on.year:04}"
    if born_on.month is not None:
        yield f"born:{born_on.year:04}-{born_on.month:02}"
    if born_on.day is not None:
        yield f"born-day:{born_on.day:02}"


def _places(address: str) -> list[str]:
    """The words of an address without their marks; house numbers are no places."""
    words = (word.folded for word in fold.words(address))
    return list(dict.fromkeys(f"place:{word}" for word in words if word.isalpha()))
