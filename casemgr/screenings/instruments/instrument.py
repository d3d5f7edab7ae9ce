"""What a screening instrument is: frozen data, and scoring that only reads it (I9, I10).

An instrument is loaded, never edited: a changed word is a new version, so that an old
sitting is always read with the text that was asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from casemgr.crypto.partial_date import PartialDate

ADULT_AGE = 18  # Luật 53/2024/QH15 Art. 2(1): below it no "means" are needed (domain §0.5)
CHILD_AGE = 16  # Luật Trẻ em 102/2016/QH13 Art. 1 (domain §0.5)


@dataclass(frozen=True, slots=True)
class Text:
    """The same words in both languages; instruments carry theirs as data."""

    vi: str
    en: str

    def spoken(self, locale: str) -> str:
        """The words for a locale such as ``en`` or ``en_GB``; Vietnamese for all others."""
        return self.en if locale.startswith("en") else self.vi


class Certainty(StrEnum):
    """How a fact is known: read in its source, remembered, or our own working proposal."""

    VERIFIED = "verified"
    FROM_MEMORY = "from_memory"
    PROPOSED = "proposed"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact comes from, and how sure we are of it."""

    citation: str
    certainty: Certainty


@dataclass(frozen=True, slots=True)
class Figure:
    """A published validation figure in per cent, with its 95 % interval where known."""

    measure: Text
    percent: int
    interval: tuple[int, int] | None
    source: Source
    interval_certainty: Certainty = Certainty.FROM_MEMORY


@dataclass(frozen=True, slots=True)
class Age:
    """An age in full years, perhaps only as a range (domain §0.5, R32)."""

    youngest: int
    oldest: int

    def __post_init__(self) -> None:
        if not 0 <= self.youngest <= self.oldest:
            raise ValueError("an age runs from its youngest to its oldest reading")

    @classmethod
    def exactly(cls, years: int) -> "Age":
        """An age that is known to the year."""
        return cls(years, years)

    @classmethod
    def on(cls, day: date, born: PartialDate) -> "Age":
        """The age on a day of somebody born on a date that may lack month or day (R32).

        Raises ValueError if the birth lies after that day.
        """
        first = date(born.year, born.month or 1, born.day or 1)
        if first > day:
            raise ValueError("born after the day asked for")
        return cls(_full_years(min(born.latest(), day), day), _full_years(first, day))


def _full_years(born: date, day: date) -> int:
    had_birthday = (day.month, day.day) >= (born.month, born.day)
    return day.year - born.year - (0 if had_birthday else 1)


def is_minor(age: Age | None) -> bool:
    """Under 18, or not surely 18: uncertain counts as minor until documented (R14)."""
    return age is None or age.youngest < ADULT_AGE


def is_child(age: Age | None) -> bool:
    """Under 16, or not surely 16, in the sense of Luật Trẻ em Art. 1 (R14)."""
    return age is None or age.youngest < CHILD_AGE


@dataclass(frozen=True, slots=True)
class Population:
    """The ages for which an instrument was validated; ``None`` leaves an end open."""

    min_age: int | None
    max_age: int | None

    def admits(self, age: Age | None) -> bool:
        """Whether every reading of the age lies inside. An unknown age never does (R14)."""
        if age is None:
            return False
        return (self.min_age is None or age.youngest >= self.min_age) and (
            self.max_age is None or age.oldest <= self.max_age
        )


@dataclass(frozen=True, slots=True)
class Option:
    """One answer of a scale.

    ``points`` is None for an answer that tells nothing, such as "không muốn trả lời": it is an
    answer of its own and never counts as "không" (domain §3).
    """

    key: str
    words: Text
    points: int | None


@dataclass(frozen=True, slots=True)
class Item:
    """One question."""

    key: str
    words: Text


@dataclass(frozen=True, slots=True)
class Band:
    """A range of points with what it means and what to do next (never a verdict, I10)."""

    key: str
    lowest: int
    highest: int
    is_positive: bool
    meaning: Text
    next_steps: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the answers so far say. ``band`` is None while more than one is still possible."""

    band: Band | None
    lowest: int
    highest: int
    unanswered: tuple[str, ...]
    declined: tuple[str, ...]

    @property
    def is_positive(self) -> bool:
        """Whether the answers given are enough for a positive band."""
        return self.band is not None and self.band.is_positive


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """A questionnaire as published: text, scale, bands, whom it is for, source and licence."""

    slug: str
    version: str
    dated: date
    title: Text
    source: Source
    licence: Source
    is_working_translation: bool
    population: Population
    items: tuple[Item, ...]
    scale: tuple[Option, ...]
    bands: tuple[Band, ...]
    figures: tuple[Figure, ...] = ()

    def item(self, key: str) -> Item | None:
        """The question with this key, or None."""
        return next((item for item in self.items if item.key == key), None)

    def option(self, key: str) -> Option | None:
        """The answer with this key, or None."""
        return next((option for option in self.scale if option.key == key), None)

    @property
    def points(self) -> tuple[int, int]:
        """The lowest and the highest sum that complete answers can reach."""
        worths = [option.points for option in self.scale if option.points is not None]
        return min(worths) * len(self.items), max(worths) * len(self.items)

    def read(self, answers: Mapping[str, str]) -> Reading:
        """Score the answers (item key to option key), however few.

        A missing or declined answer leaves its whole range open; the reading has a band only
        when every way to fill the gaps ends in it. So RAFT is positive at the first "Có", and
        negative only when all four are "Không" (domain §3, §3.1). Unknown keys do not count.
        """
        least, most = self.points[0] // len(self.items), self.points[1] // len(self.items)
        lowest = highest = 0
        unanswered: list[str] = []
        declined: list[str] = []
        for item in self.items:
            option = self.option(answers.get(item.key, ""))
            if option is not None and option.points is not None:
                lowest, highest = lowest + option.points, highest + option.points
                continue
            (unanswered if option is None else declined).append(item.key)
            lowest, highest = lowest + least, highest + most
        held = [b for b in self.bands if b.lowest <= lowest and highest <= b.highest]
        band = held[0] if held else None
        return Reading(band, lowest, highest, tuple(unanswered), tuple(declined))
