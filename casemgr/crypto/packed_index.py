"""Searching a packed index: the lists a question needs are opened, the last few hundred are kept.

Above 100,000 people a bitmap per word in every process is too much memory and too long to build.
The lists then lie in the main database as sealed blocks (``packed_blocks``), made anew every night
under a new secret; what changed since lies in a ``NameIndex`` in memory and hides what it replaces.
"""

from array import array
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from functools import cached_property, reduce
from itertools import chain, islice, repeat
from operator import or_
from threading import RLock
from uuid import UUID

from casemgr.crypto import bitmap, collation
from casemgr.crypto.bitmap import NOBODY, Bitmap
from casemgr.crypto.matching import having, tiers
from casemgr.crypto.name_index import NARROW, Entry, Hit, NameIndex, beginning_with
from casemgr.crypto.packed_blocks import (
    ORDER,
    ORDER_LIST,
    PAYLOAD,
    PEOPLE_LIST,
    PERSON,
    BlockCipher,
    Fetch,
    blocks_for,
    length_of,
    little,
    unpack,
)
from casemgr.crypto.packing import EXACT, FACET, FOLDED, Contents, words_in_order

KEPT_LISTS = 256
"""Opened lists kept in memory: at a million people at most 125 kB each."""


class PackedTerms:
    """The lists of one epoch, opened as they are asked for."""

    def __init__(self, contents: Contents, fetch: Fetch) -> None:
        self._contents, self._fetch = contents, fetch
        self._cipher = BlockCipher(contents.secret)
        self._kept: OrderedDict[str, Bitmap] = OrderedDict()
        self._orders: OrderedDict[int, bytes] = OrderedDict()
        self._vocabulary = sorted(
            term.removeprefix(FOLDED) for term in contents.counts if term.startswith(FOLDED)
        )

    def __len__(self) -> int:
        """Count the people who were packed."""
        return self._contents.people

    def __repr__(self) -> str:
        return f"<PackedTerms of {len(self)}>"

    def exact(self, word: str) -> Bitmap:
        """Who has this word with these marks."""
        return self._people(EXACT + word)

    def folded(self, word: str) -> Bitmap:
        """Who has this word, whatever its marks."""
        return self._people(FOLDED + word)

    def facet(self, term: str) -> Bitmap:
        """Of whom this fact is known."""
        return self._people(FACET + term)

    def any_folded(self, words: Iterable[str]) -> Bitmap:
        """Who has at least one of these words, whatever its marks: all lists with one question."""
        return reduce(or_, self._lists([FOLDED + word for word in words]), NOBODY)

    def beginning_with(self, beginning: str) -> Iterator[str]:
        """The words without marks that begin like this."""
        return beginning_with(self._vocabulary, beginning)

    def close(self) -> None:
        """Drop what was opened."""
        self._kept.clear()
        self._orders.clear()

    def doc_ids(self, numbers: Iterable[int]) -> Iterator[UUID]:
        """Whose numbers these are."""
        ids, positions = self._people_by_id
        for number in numbers:
            at = positions[number] * PERSON
            yield UUID(bytes=ids[at : at + 16])

    def number_of(self, doc_id: UUID) -> int | None:
        """The number of somebody, if they were packed."""
        ids, _ = self._people_by_id
        wanted = doc_id.bytes
        at = PERSON * bisect_left(
            range(len(self)), wanted, key=lambda n: ids[n * PERSON : n * PERSON + 16]
        )
        if ids[at : at + 16] != wanted:
            return None
        return int.from_bytes(ids[at + 16 : at + PERSON], "little")

    def first_after(self, entry: Entry) -> int:
        """The number of the first packed person who comes after this one in a list of names."""
        return bisect_left(
            range(len(self)),
            (entry.key, entry.id_bytes),
            key=lambda number: (self._key(number), self._id_bytes(number)),
        )

    def _id_bytes(self, number: int) -> bytes:
        return next(self.doc_ids([number])).bytes

    def _people(self, term: str) -> Bitmap:
        return next(iter(self._lists([term])), NOBODY)

    def _lists(self, terms: Iterable[str]) -> list[Bitmap]:
        """The lists of these terms, as far as there are any; what is not kept is fetched at once."""
        counts, people = self._contents.counts, len(self)
        known = [term for term in terms if term in counts]
        labels = {
            term: self._cipher.labels(term, range(blocks_for(length_of(counts[term], people))))
            for term in known
            if term not in self._kept
        }
        blocks = (
            self._fetch([label for each in labels.values() for label in each]) if labels else {}
        )
        found = []
        for term in known:
            if term in self._kept:
                self._kept.move_to_end(term)
                found.append(self._kept[term])
            else:
                opened = self._cipher.open(labels[term], blocks)
                found.append(unpack(opened, counts[term], people))
                self._kept[term] = found[-1]
        while len(self._kept) > KEPT_LISTS:
            self._kept.popitem(last=False)
        return found

    @cached_property
    def _people_by_id(self) -> tuple[bytes, "array[int]"]:
        """Ids with numbers in the order of the ids, and where each number stands among them."""
        labels = self._cipher.labels(PEOPLE_LIST, range(blocks_for(PERSON * len(self))))
        ids = self._cipher.open(labels, self._fetch(labels))[: PERSON * len(self)]
        positions = array("I", bytes(4 * len(self)))
        for position, number in enumerate(little(array("I", ids))[4::5]):
            positions[number] = position
        return ids, positions

    def _key(self, number: int) -> str:
        """By what somebody is sorted: kept as numbers of words."""
        block, at = divmod(number * ORDER, PAYLOAD)
        if block not in self._orders:
            labels = self._cipher.labels(ORDER_LIST, [block])
            self._orders[block] = self._cipher.open(labels, self._fetch(labels))
            if len(self._orders) > KEPT_LISTS:
                self._orders.popitem(last=False)
        ranks = little(array("I", self._orders[block][at : at + ORDER]))
        return collation.key_of([self._exact_words[rank - 1] for rank in ranks if rank])

    @cached_property
    def _exact_words(self) -> list[str]:
        return list(words_in_order(self._contents.counts))


class PackedIndex:
    """A packed epoch and what changed since: answers like a NameIndex of all of it."""

    def __init__(self, contents: Contents, fetch: Fetch) -> None:
        self._lock = RLock()
        self._packed = PackedTerms(contents, fetch)
        self._fresh = NameIndex()
        self._replaced: Bitmap = NOBODY  # packed people who changed or went since

    def __len__(self) -> int:
        """Count the people in the index."""
        return len(self._packed) - self._replaced.bit_count() + len(self._fresh)

    def __repr__(self) -> str:
        """Say how many, never who."""
        return f"<PackedIndex of {len(self)}>"

    def put(self, doc_id: UUID, name_strings: Iterable[str], facets: Iterable[str] = ()) -> None:
        """Set all names and facets of a person, hiding what was packed of them."""
        with self._lock:
            self._hide(doc_id)
            self._fresh.put(doc_id, name_strings, facets)

    def remove(self, doc_id: UUID) -> None:
        """Take a person out: at once from every answer, from the blocks with the next epoch."""
        with self._lock:
            self._hide(doc_id)
            self._fresh.remove(doc_id)

    def clear(self) -> None:
        """Forget everybody: nobody is found any more, and no opened list stays in memory."""
        with self._lock:
            self._replaced = (1 << len(self._packed)) - 1
            self._packed.close()
            self._fresh.clear()

    def search(
        self,
        query: str,
        *,
        within: AbstractSet[UUID] | None = None,
        facets: Iterable[str] = (),
        limit: int | None = 50,
        slips: bool = True,
    ) -> list[Hit]:
        """As ``NameIndex.search``. Raises SealBroken where a block is missing or altered."""
        asked = tuple(facets)
        with self._lock:
            hits = self._hits(query, within, asked, limit=limit, slips=slips)
            return list(islice(hits, limit))

    def with_facets(self, terms: Iterable[str]) -> set[UUID]:
        """Tell who carries every one of these facets; without a term, everybody."""
        asked = tuple(terms)
        with self._lock:
            people = self._current(having(self._packed, asked))
            packed = self._packed.doc_ids(bitmap.numbers(people))
            return self._fresh.with_facets(asked) | set(packed)

    def _hits(
        self,
        query: str,
        within: AbstractSet[UUID] | None,
        facets: tuple[str, ...],
        *,
        limit: int | None,
        slips: bool,
    ) -> Iterator[Hit]:
        reach = self._current(self._in_reach(within))
        fresh_reach = self._fresh.in_reach(within)
        both = zip(
            tiers(self._packed, query, facets, slips=slips),
            tiers(self._fresh, query, facets, slips=slips),
            strict=True,  # how many tiers there are depends on the query alone
        )
        for old, new in both:
            entries = self._fresh.in_order(new.people & fresh_reach, is_all=limit is None)
            doc_ids = self._merged(bitmap.numbers(old.people & reach), entries)
            if within is not None:
                doc_ids = filter(within.__contains__, doc_ids)
            yield from map(Hit, doc_ids, repeat(old.rank))

    def _merged(self, packed: Iterator[int], fresh: Iterator[Entry]) -> Iterator[UUID]:
        """Both in the one order of names; packed people are numbered in it."""
        number = next(packed, None)
        for entry in fresh:
            after = 0 if number is None else self._packed.first_after(entry)
            while number is not None and number < after:
                yield from self._packed.doc_ids([number])
                number = next(packed, None)
            yield entry.doc_id
        if number is not None:
            yield from self._packed.doc_ids(chain([number], packed))

    def _current(self, people: Bitmap) -> Bitmap:
        """Without those who changed since; never more people than there are."""
        everybody = (1 << len(self._packed)) - 1
        return people & everybody & ~self._replaced

    def _in_reach(self, within: AbstractSet[UUID] | None) -> Bitmap:
        if within is None or len(within) > NARROW:
            return bitmap.EVERYBODY
        known = (self._packed.number_of(doc_id) for doc_id in within)
        return bitmap.of((number for number in known if number is not None), len(self._packed))

    def _hide(self, doc_id: UUID) -> None:
        number = self._packed.number_of(doc_id)
        if number is not None:
            self._replaced |= 1 << number
