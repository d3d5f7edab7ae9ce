"""Who bears each term, in memory: bitmaps that are written anew as seldom as possible."""

from bisect import bisect_left
from collections.abc import Iterator

from casemgr.crypto.names import bitmap
from casemgr.crypto.names.bitmap import NOBODY, Bitmap

_UNSETTLED = 4096


class Postings:
    """Who bears each term. Additions are collected, as a bitmap is written anew for each change."""

    def __init__(self) -> None:
        self._settled: dict[str, Bitmap] = {}
        self._added: dict[str, list[int]] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(self._settled)

    def __repr__(self) -> str:
        return f"<Postings of {len(self._settled)}>"

    def people(self, term: str) -> Bitmap:
        """Everybody who bears the term."""
        if added := self._added.pop(term, None):
            self._settled[term] |= bitmap.of(added, max(added) + 1)
        return self._settled.get(term, NOBODY)

    def add(self, term: str, number: int) -> bool:
        """Add somebody. True when nobody bore the term before."""
        is_new = term not in self._settled
        if is_new:
            self._settled[term] = NOBODY
        added = self._added.setdefault(term, [])
        added.append(number)
        if len(added) >= _UNSETTLED:
            self.people(term)
        return is_new

    def drop(self, term: str, number: int) -> bool:
        """Take somebody out. True when they were the last; nothing of the term is left then."""
        people = self.people(term)
        if left := people & ~(1 << number):
            self._settled[term] = left
            return False
        return self._settled.pop(term, None) is not None


def beginning_with(vocabulary: list[str], beginning: str) -> Iterator[str]:
    """The words of a sorted list that begin like this."""
    for at in range(bisect_left(vocabulary, beginning), len(vocabulary)):
        if not vocabulary[at].startswith(beginning):
            return
        yield vocabulary[at]
