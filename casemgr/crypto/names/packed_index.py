"""Searching what was packed and what changed since, as if it were one index.

Above 100,000 people a bitmap per word in every process is too much memory and too long to build.
The lists then lie in the main database as sealed blocks (``packed_blocks``), made anew every night
under a new secret; what changed since lies in a ``NameIndex`` in memory and hides what it replaces.
"""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from itertools import chain, islice, repeat
from threading import RLock
from uuid import UUID

from casemgr.crypto.names import bitmap
from casemgr.crypto.names.bitmap import NOBODY, Bitmap
from casemgr.crypto.names.matching import Tier, having, tiers
from casemgr.crypto.names.name_index import NARROW, Entry, Hit, NameIndex
from casemgr.crypto.names.packed_blocks import Fetch
from casemgr.crypto.names.packed_terms import PackedTerms
from casemgr.crypto.names.packing import Contents


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

    def matching(
        self,
        query: str,
        *,
        within: AbstractSet[UUID] | None = None,
        facets: Iterable[str] = (),
        slips: bool = True,
    ) -> list[UUID]:
        """The ids of everybody who would be found, the better ranks first, otherwise as it comes."""
        with self._lock:
            both = self._tiers(query, within, tuple(facets), slips=slips)
            found = (
                chain(
                    self._packed.doc_ids(bitmap.numbers(old.people)),
                    self._fresh.doc_ids(new.people),
                )
                for old, new in both
            )
            return [i for i in chain.from_iterable(found) if within is None or i in within]

    def with_facets(self, terms: Iterable[str]) -> set[UUID]:
        """Tell who carries every one of these facets; without a term, everybody."""
        asked = tuple(terms)
        with self._lock:
            people = having(self._packed, asked) & self._current
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
        for old, new in self._tiers(query, within, facets, slips=slips):
            entries = self._fresh.in_order(new.people, is_all=limit is None)
            doc_ids = self._merged(bitmap.numbers(old.people), entries)
            if within is not None:
                doc_ids = filter(within.__contains__, doc_ids)
            yield from map(Hit, doc_ids, repeat(old.rank))

    def _tiers(
        self,
        query: str,
        within: AbstractSet[UUID] | None,
        facets: tuple[str, ...],
        *,
        slips: bool,
    ) -> Iterator[tuple[Tier, Tier]]:
        """Tier by tier who was packed and who is fresh, as far as the reach is a narrow one."""
        reach = self._in_reach(within) & self._current
        fresh_reach = self._fresh.in_reach(within)
        both = zip(
            tiers(self._packed, query, facets, slips=slips),
            tiers(self._fresh, query, facets, slips=slips),
            strict=True,  # how many tiers there are depends on the query alone
        )
        for old, new in both:
            yield (
                old._replace(people=old.people & reach),
                new._replace(people=new.people & fresh_reach),
            )

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

    @property
    def _current(self) -> Bitmap:
        """The packed people who did not change since."""
        return ((1 << len(self._packed)) - 1) & ~self._replaced

    def _in_reach(self, within: AbstractSet[UUID] | None) -> Bitmap:
        if within is None or len(within) > NARROW:
            return bitmap.EVERYBODY
        known = (self._packed.number_of(doc_id) for doc_id in within)
        return bitmap.of((number for number in known if number is not None), len(self._packed))

    def _hide(self, doc_id: UUID) -> None:
        number = self._packed.number_of(doc_id)
        if number is not None:
            self._replaced |= 1 << number
