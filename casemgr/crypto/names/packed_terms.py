"""The lists of a packed index: opened as a question needs them, the last few hundred are kept."""

from array import array
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from functools import cached_property, reduce
from operator import or_
from uuid import UUID, SafeUUID

from casemgr.crypto.names import collation
from casemgr.crypto.names.bitmap import NOBODY, Bitmap
from casemgr.crypto.names.name_index import Entry
from casemgr.crypto.names.packed_blocks import (
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
from casemgr.crypto.names.packing import EXACT, FACET, FOLDED, Contents, words_in_order
from casemgr.crypto.names.postings import beginning_with

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
        make, put, read = object.__new__, object.__setattr__, int.from_bytes
        for number in numbers:
            at = positions[number] * PERSON
            # What UUID(bytes=...) comes to, without its checks, which take longer than the search.
            doc_id = make(UUID)
            put(doc_id, "int", read(ids[at : at + 16], "big"))
            put(doc_id, "is_safe", SafeUUID.unknown)
            yield doc_id

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
