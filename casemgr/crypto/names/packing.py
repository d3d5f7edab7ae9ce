"""Building a packed index: everybody is put in once, then it is sealed as a whole."""

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from operator import itemgetter
from os import urandom
from typing import Any
from uuid import UUID

from casemgr.crypto.envelope import KEY_BYTES
from casemgr.crypto.names import collation, fold
from casemgr.crypto.names.matching import words_of
from casemgr.crypto.names.packed_blocks import (
    ORDER_LIST,
    PEOPLE_LIST,
    Block,
    BlockCipher,
    little,
    pack,
)

EXACT, FOLDED, FACET = "e:", "f:", "t:"


@dataclass(frozen=True, slots=True, repr=False)
class Contents:
    """What opens a packed index: its secret, its words and how many bear each. Always sealed."""

    secret: bytes
    people: int
    counts: dict[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """For a sealed record."""
        return {"secret": self.secret.hex(), "people": self.people, "counts": self.counts}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Contents":
        """Out of a sealed record."""
        return cls(bytes.fromhex(values["secret"]), values["people"], values["counts"])


class Packing:
    """Names and facets of a whole facility, on their way into sealed blocks.

    People are numbered in the order of a list of names, so that what is found is in order.
    """

    def __init__(self) -> None:
        self._ids: list[bytes] = []
        self._orders: list[tuple[str, ...]] = []
        self._postings: dict[str, array[int]] = {}

    def __len__(self) -> int:
        """Count the people put in."""
        return len(self._ids)

    def __repr__(self) -> str:
        return f"<Packing of {len(self)}>"

    def put(self, doc_id: UUID, name_strings: Iterable[str], facets: Iterable[str] = ()) -> None:
        """Add somebody, once."""
        names, number = list(name_strings), len(self._ids)
        self._ids.append(doc_id.bytes)
        self._orders.append(collation.in_list_order(fold.words(names[0])) if names else ())
        words = words_of(names)
        terms = dict.fromkeys(EXACT + word.exact for word in words)
        terms |= dict.fromkeys(FOLDED + word.folded for word in words)
        terms |= dict.fromkeys(FACET + facet for facet in facets)
        for term in terms:
            if (posting := self._postings.get(term)) is None:
                posting = self._postings[term] = array("I")
            posting.append(number)

    def remove(self, doc_id: UUID) -> None:
        """Nobody is put in twice, so whoever cannot be read is not in."""

    def sealed(self) -> tuple[Contents, list[Block]]:
        """Contents to be sealed, and the blocks in the order of their labels: that tells nothing."""
        people = len(self._ids)
        counts = {term: len(posting) for term, posting in sorted(self._postings.items())}
        contents = Contents(urandom(KEY_BYTES), people, counts)
        cipher = BlockCipher(contents.secret)
        in_order, places = self._numbered()
        blocks = list(cipher.seal(PEOPLE_LIST, self._people_list(places)))
        blocks += cipher.seal(ORDER_LIST, self._order_list(in_order, counts))
        for term, posting in self._postings.items():
            numbers = map(places.__getitem__, posting)
            blocks += cipher.seal(term, pack(numbers, len(posting), people))
        return contents, sorted(blocks, key=itemgetter(0))

    def _numbered(self) -> tuple[list[int], "array[int]"]:
        """Who comes when in a list of names, and at which place everybody stands in it."""
        keys = list(map(collation.key_of, self._orders))
        in_order = sorted(range(len(keys)), key=lambda at: (keys[at], self._ids[at]))
        places = array("I", bytes(4 * len(keys)))
        for place, at in enumerate(in_order):
            places[at] = place
        return in_order, places

    def _people_list(self, places: "array[int]") -> bytes:
        by_id = sorted(range(len(self._ids)), key=self._ids.__getitem__)
        return b"".join(self._ids[at] + places[at].to_bytes(4, "little") for at in by_id)

    def _order_list(self, in_order: list[int], counts: dict[str, int]) -> bytes:
        ranks = {word: rank for rank, word in enumerate(words_in_order(counts), start=1)}
        flat = array("I")
        for at in in_order:
            flat.extend(ranks[word] for word in self._orders[at])
            flat.extend((0,) * (collation.MOST_WORDS - len(self._orders[at])))
        return little(flat).tobytes()


def words_in_order(counts: dict[str, int]) -> Iterator[str]:
    """Every word with its marks, in the order of the alphabet."""
    words = (term.removeprefix(EXACT) for term in counts if term.startswith(EXACT))
    return iter(sorted(words, key=lambda word: (collation.word_key(word), word)))
