"""Finding people by name without leaving a trace of names on disk.

Hashes of name words betray the names (about 300 words make up most of them), so the index lives in
memory only, per process and facility, and is built from the sealed records (design §4).

Every word has one bitmap: a plain int with one bit per person. One `&` intersects two words over
the whole facility and costs the same for a rare word as for Nguyễn, so no list needs to go first.
A bitmap takes a bit per person for each distinct word, which is right up to about 100,000 people;
beyond that the packed encrypted index takes over.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from functools import reduce
from itertools import islice
from operator import and_, or_
from threading import Lock
from typing import NamedTuple, TypeAlias
from uuid import UUID

from casemgr.crypto import fold
from casemgr.crypto.fold import Word

Bitmap: TypeAlias = int
Terms: TypeAlias = dict[str, Bitmap]

EVERYONE: Bitmap = -1  # every bit set, however many people there are


class Hit(NamedTuple):
    """Somebody found. Rank 0: every word as typed; 1: same letters, other tones; 2: a beginning."""

    doc_id: UUID
    rank: int


class _Tier(NamedTuple):
    """The people found equally well: `other_tones` words of theirs carry other marks."""

    rank: int
    other_tones: int
    people: Bitmap


class _Entry(NamedTuple):
    """What must be undone when a person leaves."""

    number: int
    words: tuple[Word, ...]
    facets: tuple[str, ...]

    def __repr__(self) -> str:
        return "<Entry>"


class NameIndex:
    """An inverted index of names and facets, for one writer and many readers in one process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._empty()

    def _empty(self) -> None:
        self._entries: dict[UUID, _Entry] = {}
        self._doc_ids: dict[int, UUID] = {}
        self._vacant: list[int] = []
        self._exact: Terms = {}
        self._folded: Terms = {}
        self._facets: Terms = {}
        self._vocabulary: list[str] = []  # the folded words in order, for beginnings

    def __len__(self) -> int:
        """Count the people in the index."""
        return len(self._entries)

    def __repr__(self) -> str:
        """Say how many, never who."""
        return f"<NameIndex of {len(self)}>"

    def put(self, doc_id: UUID, name_strings: Iterable[str], facets: Iterable[str] = ()) -> None:
        """Set all names (full name, aliases) and facets of a person, replacing earlier ones."""
        words = tuple(
            dict.fromkeys(
                word
                for name in name_strings
                for joined in (False, True)
                for word in fold.words(name, joined=joined)
            )
        )
        kept_facets = tuple(dict.fromkeys(facets))
        with self._lock:
            old = self._entries.get(doc_id)
            if old is not None and old[1:] == (words, kept_facets):
                return
            self._drop(doc_id)
            number = self._vacant.pop() if self._vacant else len(self._entries)
            self._add(doc_id, _Entry(number, words, kept_facets))

    def remove(self, doc_id: UUID) -> None:
        """Take a person out; nothing happens when they are not in."""
        with self._lock:
            self._drop(doc_id)

    def clear(self) -> None:
        """Forget everybody."""
        with self._lock:
            self._empty()
            fold.forget()

    def search(
        self,
        query: str,
        *,
        within: AbstractSet[UUID] | None = None,
        facets: Iterable[str] = (),
        limit: int = 50,
    ) -> list[Hit]:
        """Find the people who have every word of the query, in any order, best rank first.

        The last word may be a beginning. Marks may be left out; where they are typed, people whose
        names carry the same come first, and among equals as a rule the latest added. Only people in
        `within` are returned or use up the limit. A query without a word finds nobody.
        """
        readings = dict.fromkeys((fold.words(query), fold.words(query, joined=True)))
        with self._lock:
            asked = self._having(facets)
            tiers = sorted(
                tier._replace(people=tier.people & asked)
                for reading in readings
                if reading
                for tier in self._tiers(reading)
            )
            return list(islice(self._hits(tiers, within), limit))

    def with_facets(self, terms: Iterable[str]) -> set[UUID]:
        """Tell who carries every one of these facets; without a term, everybody."""
        with self._lock:
            people = self._having(terms)
            if people == EVERYONE:
                return set(self._entries)
            return {self._doc_ids[number] for number in _numbers(people)}

    def _tiers(self, words: tuple[Word, ...]) -> Iterator[_Tier]:
        *earlier, last = words
        found = reduce(self._narrow, earlier, [EVERYONE])
        for other_tones, people in enumerate(self._narrow(found, last)):
            yield _Tier(min(other_tones, 1), other_tones, people)
        begun = self._beginning(last)
        for other_tones, people in enumerate(found):
            yield _Tier(2, other_tones, people & begun)

    def _narrow(self, found: list[Bitmap], word: Word) -> list[Bitmap]:
        """Keep who has the word; `found[n]` are the people with n words in other tones so far."""
        same = self._exact.get(word.exact, 0)
        other = self._folded.get(word.folded, 0) & ~same
        narrowed = [0] * (len(found) + 1)
        for n, people in enumerate(found):
            narrowed[n] |= people & same
            narrowed[n + 1] |= people & other
        return narrowed

    def _beginning(self, word: Word) -> Bitmap:
        """Gather who has a word that begins like this one, read with y and with i."""
        people = 0
        for beginning in {word.typed, word.folded}:
            for at in range(bisect_left(self._vocabulary, beginning), len(self._vocabulary)):
                if not self._vocabulary[at].startswith(beginning):
                    break
                people |= self._folded[self._vocabulary[at]]
        return people

    def _having(self, facets: Iterable[str]) -> Bitmap:
        return reduce(and_, (self._facets.get(facet, 0) for facet in facets), EVERYONE)

    def _hits(self, tiers: list[_Tier], within: AbstractSet[UUID] | None) -> Iterator[Hit]:
        matches = reduce(or_, (tier.people for tier in tiers), 0)
        # A short reach is looked up beforehand, a wide one only for those about to be returned.
        if within is not None and len(within) < matches.bit_count():
            matches &= self._bitmap(within)
            within = None
        for tier in tiers:
            for number in _numbers(tier.people & matches):
                doc_id = self._doc_ids[number]
                if within is None or doc_id in within:
                    yield Hit(doc_id, tier.rank)
            matches &= ~tier.people  # whoever has the whole word has its beginning too

    def _bitmap(self, doc_ids: AbstractSet[UUID]) -> Bitmap:
        entries = filter(None, map(self._entries.get, doc_ids))
        return reduce(or_, (1 << entry.number for entry in entries), 0)

    def _add(self, doc_id: UUID, entry: _Entry) -> None:
        self._entries[doc_id] = entry
        self._doc_ids[entry.number] = doc_id
        bit = 1 << entry.number
        for terms, term in self._places(entry):
            if terms is self._folded and term not in terms:
                insort(self._vocabulary, term)
            terms[term] = terms.get(term, 0) | bit

    def _drop(self, doc_id: UUID) -> None:
        entry = self._entries.pop(doc_id, None)
        if entry is None:
            return
        del self._doc_ids[entry.number]
        self._vacant.append(entry.number)
        others = ~(1 << entry.number)
        for terms, term in self._places(entry):
            if left := terms.get(term, 0) & others:
                terms[term] = left
            elif terms.pop(term, None) is not None and terms is self._folded:
                del self._vocabulary[bisect_left(self._vocabulary, term)]
                fold.forget()  # the last who bore this word is gone

    def _places(self, entry: _Entry) -> Iterator[tuple[Terms, str]]:
        for word in entry.words:
            yield self._exact, word.exact
            yield self._folded, word.folded
        for facet in entry.facets:
            yield self._facets, facet


def _numbers(people: Bitmap) -> Iterator[int]:
    """Read the numbers out of a bitmap, highest first; searching its text is the fastest way."""
    bits = bin(people)
    at = bits.find("1")
    while at >= 0:
        yield len(bits) - 1 - at
        at = bits.find("1", at + 1)
