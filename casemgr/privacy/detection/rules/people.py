"""Whether two people are one, of one house, or share a name: compared in memory, kept nowhere.

Names are Vietnamese: family name first, one or more words between, given name last (domain §5.1).
Words are compared without their marks, since old records were typed without them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from math import log2
from typing import Final

from casemgr.crypto.names import fold

# Words between family and given name that say little, since so many bear them (domain §5.1).
COMMON_MIDDLE: Final = frozenset({"van", "thi", "huu", "duc", "ngoc", "minh", "thu"})
# Family names of two words; the first one alone is a name or a word of its own.
COMPOUND: Final = frozenset({("ton", "nu"), ("ton", "that"), ("au", "duong"), ("cong", "tang")})
_CLAN_LAST: Final = frozenset({"h", "y"})  # Ê Đê: H'Hen Niê, Y Moan Ênuôl
# Words of an address that say which kind of place it is, not which one.
_PLACE_WORDS: Final = {
    *("so", "nha", "duong", "pho", "ngo", "ngach", "hem", "phuong", "xa", "thon", "to", "ap"),
    *("ban", "khu", "tinh", "thanh", "tp", "huyen", "quan"),
}
_LEAST_WORDS = 3  # of a name that says by itself whom it means


@dataclass(frozen=True, slots=True)
class Share:
    """How many of a hundred people bear a family name, known since a day from a source."""

    surname: str  # folded; empty: every other one
    share: float
    since: date
    source: str


SHARES: Final = (
    Share("nguyen", 0.384, date(2005, 1, 1), "Le Trung Hoa 2005 (encryption.md §4)"),
    # No source gives the others one by one. The rest among the thirteen next frequent ones of
    # domain §5.1 is an upper bound: nobody is taken for rarer than we know.
    Share(
        "", (1 - 0.384) / 13, date(2005, 1, 1), "what is left, among the thirteen of domain §5.1"
    ),
)


@dataclass(frozen=True, slots=True)
class Person:
    """What can be compared of a colleague or of the person of a case. Empty where not known."""

    names: tuple[tuple[str, ...], ...] = field(default=(), repr=False)  # folded words of each
    national_id: str = field(default="", repr=False)
    insurance: str = field(default="", repr=False)
    phones: frozenset[str] = field(default=frozenset(), repr=False)
    address: tuple[str, ...] = field(default=(), repr=False)
    born_on: date | None = field(default=None, repr=False)


class Match(StrEnum):
    """How sure it is that two are one person."""

    NUMBER = "number"  # the same number, or the same name and a second thing
    NAME = "name"  # only the whole name


def person(
    names: Iterable[str | None] = (),
    *,
    national_id: str | None = None,
    insurance: str | None = None,
    phones: Iterable[str | None] = (),
    address: str | None = None,
    born_on: date | None = None,
) -> Person:
    """Bring what was typed to one spelling."""
    return Person(
        names=tuple(spelt for name in names if name and (spelt := words(name))),
        national_id=fold.identifier(national_id or ""),
        insurance=fold.insurance(insurance or ""),
        phones=frozenset(number for text in phones if text and (number := fold.phone(text))),
        address=place(address or ""),
        born_on=born_on,
    )


def words(text: str) -> tuple[str, ...]:
    """The words without marks, in the order in which they were written."""
    return tuple(word.folded for word in fold.words(text))


def place(text: str) -> tuple[str, ...]:
    """What tells an address from others: empty unless it has a house number and two more words."""
    kept = tuple(word for word in words(text) if word not in _PLACE_WORDS)
    has_number = any(char.isdigit() for word in kept for char in word)
    return kept if has_number and len(kept) >= _LEAST_WORDS else ()


def split(name: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The family name and the other words. A single word is no family name."""
    if len(name) < 2:
        return "", name
    if name[0] in _CLAN_LAST and len(name) > 2:
        return name[-1], name[1:-1]
    length = 2 if name[:2] in COMPOUND and len(name) > 2 else 1
    return " ".join(name[:length]), name[length:]


def surnames(one: Person) -> frozenset[str]:
    """The family names of all names that have one."""
    return frozenset(surname for name in one.names if (surname := split(name)[0]))


def bits(surname: str) -> float:
    """How much a shared family name says: −log2 of how many bear it."""
    shares = {share.surname: share.share for share in SHARES}
    return -log2(shares.get(surname, shares[""]))


def rarity(surname: str) -> float:
    """The same from 0 to 1, one being any name that is not known to be more frequent."""
    return min(1.0, bits(surname) / bits(""))


def same_person(one: Person, other: Person) -> Match | None:
    """Whether these can be one person. Two different identity numbers are two people."""
    if one.national_id and other.national_id:
        return Match.NUMBER if one.national_id == other.national_id else None
    if one.insurance and one.insurance == other.insurance:
        return Match.NUMBER
    if not set(one.names) & set(other.names):
        return None
    is_same_day = one.born_on is not None and one.born_on == other.born_on
    if is_same_day or one.phones & other.phones:
        return Match.NUMBER
    if one.born_on and other.born_on:
        return None
    whole = [name for name in set(one.names) & set(other.names) if len(name) >= _LEAST_WORDS]
    return Match.NAME if whole else None


def shared_home(one: Person, other: Person) -> str | None:
    """``phone`` or ``address`` if they share it."""
    if one.phones & other.phones:
        return "phone"
    return "address" if one.address and one.address == other.address else None


def shared_word(one: Person, other: Person) -> bool:
    """Whether names of one family name share another word that is not very common."""
    for mine, my_words in map(split, one.names):
        for theirs, their_words in map(split, other.names):
            if mine and mine == theirs and set(my_words) & set(their_words) - COMMON_MIDDLE:
                return True
    return False


def names_in(text: str, names: Iterable[tuple[str, ...]]) -> bool:
    """Whether a whole name of at least three words stands in a text."""
    spelt = " " + " ".join(words(text)) + " "
    return any(len(name) >= _LEAST_WORDS and f" {' '.join(name)} " in spelt for name in names)
