"""Finding people by name without leaving a trace of names on disk.

Hashes of name words betray the names (about 300 words make up most of them), so the index lives in
memory only, per process and facility, and is built from the sealed records (design §4). Every word
has one bitmap with one bit per person, which is right up to about 100,000 people; beyond that the
packed encrypted index (``packed_index``) takes over and this one holds what changed since.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from functools import reduce
from heapq import heapify, heappop
from itertools import chain, islice
from operator import or_
from threading import Lock
from typing import NamedTuple
from uuid import UUID

from casemgr.crypto.names import bitmap, collation, fold
from casemgr.crypto.names.bitmap import NOBODY, Bitmap
from casemgr.crypto.names.fold import Word
from casemgr.crypto.names.matching import having, tiers, words_of
from casemgr.crypto.names.postings import Postings, beginning_with

NARROW = 2000
"""A reach of no more people is looked up beforehand, a wider one only for those about to be shown."""


class Hit(NamedTuple):
    """Somebody found, and how well (``matching``)."""

    doc_id: UUID
    rank: int


class Entry(NamedTuple):
    """A person in the index. Entries sort in the order of a list of names."""

    key: str
    id_bytes: bytes
    number: int
    doc_id: UUID
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
        self._entries: dict[UUID, Entry] = {}
        self._by_number: list[Entry | None] = []
        self._vacant: list[int] = []
        self._exact, self._folded, self._facets = Postings(), Postings(), Postings()
        self._vocabulary: list[str] = []  # the folded words in order, for beginnings

    def __len__(self) -> int:
        """Count the people in the index."""
        return len(self._entries)

    def __repr__(self) -> str:
        """Say how many, never who."""
        return f"<NameIndex of {len(self)}>"

    def put(self, doc_id: UUID, name_strings: Iterable[str], facets: Iterable[str] = ()) -> None:
        """Set all names (full name first, aliases) and facets of a person, replacing earlier ones."""
        names = list(name_strings)
        words, kept_facets = words_of(names), tuple(dict.fromkeys(facets))
        key = collation.key_of(collation.in_list_order(fold.words(names[0])) if names else ())
        with self._lock:
            old = self._entries.get(doc_id)
            if old is not None and (old.key, *old[4:]) == (key, words, kept_facets):
                return
            self._drop(doc_id)
            number = self._vacant.pop() if self._vacant else len(self._by_number)
            self._add(Entry(key, doc_id.bytes, number, doc_id, words, kept_facets))

    def remove(self, doc_id: UUID) -> None:
        """Take a person out; nothing happens when they are not in."""
        with self._lock:
            self._drop(doc_id)

    def clear(self) -> None:
        """Forget everybody."""
        with self._lock:
            self._empty()
            fold.forget()
            collation.forget()

    def search(
        self,
        query: str,
        *,
        within: AbstractSet[UUID] | None = None,
        facets: Iterable[str] = (),
        limit: int | None = 50,
        slips: bool = True,
    ) -> list[Hit]:
        """Find the people who have every word of the query, in any order, best rank first.

        Equals stand in the order of the Vietnamese alphabet. The last word may be a beginning,
        one word may hold a typing error, marks may be left out. Only people in ``within`` are
        returned or use up the limit. An empty query asks by the facets alone.
        """
        asked = tuple(facets)
        with self._lock:
            reach = self.in_reach(within)
            hits = (
                Hit(entry.doc_id, tier.rank)
                for tier in tiers(self, query, asked, slips=slips)
                for entry in self.in_order(tier.people & reach, is_all=limit is None)
                if within is None or entry.doc_id in within
            )
            return list(islice(hits, limit))

    def matching(
        self,
        query: str,
        *,
        within: AbstractSet[UUID] | None = None,
        facets: Iterable[str] = (),
        slips: bool = True,
    ) -> list[UUID]:
        """The ids of everybody who would be found, the better ranks first, otherwise as it comes."""
        asked = tuple(facets)
        with self._lock:
            reach = self.in_reach(within)
            found = (
                self.doc_ids(tier.people & reach) for tier in tiers(self, query, asked, slips=slips)
            )
            return [i for i in chain.from_iterable(found) if within is None or i in within]

    def with_facets(self, terms: Iterable[str]) -> set[UUID]:
        """Tell who carries every one of these facets; without a term, everybody."""
        with self._lock:
            people = having(self, terms)
            if people == bitmap.EVERYBODY:
                return set(self._entries)
            return set(self.doc_ids(people))

    # How it answers as Terms. The caller holds the lock, or is the only one who knows the index.

    def exact(self, word: str) -> Bitmap:
        """Who has this word with these marks."""
        return self._exact.people(word)

    def folded(self, word: str) -> Bitmap:
        """Who has this word, whatever its marks."""
        return self._folded.people(word)

    def any_folded(self, words: Iterable[str]) -> Bitmap:
        """Who has at least one of these words, whatever its marks."""
        return reduce(or_, map(self._folded.people, words), NOBODY)

    def facet(self, term: str) -> Bitmap:
        """Of whom this fact is known."""
        return self._facets.people(term)

    def beginning_with(self, beginning: str) -> Iterator[str]:
        """The words without marks that begin like this."""
        return beginning_with(self._vocabulary, beginning)

    def in_reach(self, within: AbstractSet[UUID] | None) -> Bitmap:
        """The people of a narrow reach; everybody for a wide one, which is asked hit by hit."""
        if within is None or len(within) > NARROW:
            return bitmap.EVERYBODY
        entries = filter(None, map(self._entries.get, within))
        return bitmap.of((entry.number for entry in entries), len(self._by_number))

    def doc_ids(self, people: Bitmap) -> list[UUID]:
        """The ids of these people."""
        entries = map(self._by_number.__getitem__, bitmap.numbers(people))
        return [entry.doc_id for entry in entries if entry is not None]

    def in_order(self, people: Bitmap, *, is_all: bool = False) -> Iterator[Entry]:
        """The entries of these people in the order of a list of names, sorted as far as needed."""
        found = [entry for n in bitmap.numbers(people) if (entry := self._by_number[n])]
        if is_all:
            yield from sorted(found)
            return
        heapify(found)
        while found:
            yield heappop(found)

    def _add(self, entry: Entry) -> None:
        self._entries[entry.doc_id] = entry
        self._by_number[entry.number : entry.number + 1] = [entry]
        for word in entry.words:
            self._exact.add(word.exact, entry.number)
            if self._folded.add(word.folded, entry.number):
                insort(self._vocabulary, word.folded)
        for facet in entry.facets:
            self._facets.add(facet, entry.number)

    def _drop(self, doc_id: UUID) -> None:
        entry = self._entries.pop(doc_id, None)
        if entry is None:
            return
        self._by_number[entry.number] = None
        self._vacant.append(entry.number)
        for facet in entry.facets:
            self._facets.drop(facet, entry.number)
        for word in entry.words:
            self._exact.drop(word.exact, entry.number)
            if self._folded.drop(word.folded, entry.number):
                del self._vocabulary[bisect_left(self._vocabulary, word.folded)]
                fold.forget()  # the last who bore this word is gone
                collation.forget()
