"""Who is meant by the words of a question, best first: one answer for every kind of index.

An index that lies in memory and one whose lists are sealed blocks tell who bears a word; what
follows from that is decided here, so both find the same people in the same order of ranks.

0  every word as typed
1  the same letters, other tones
2  the last word is only a beginning
3  one typing error in one of the words (a letter missing, added, wrong, or two in wrong order)
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import reduce
from operator import and_
from typing import NamedTuple, Protocol

from casemgr.crypto.names import fold
from casemgr.crypto.names.bitmap import EVERYBODY, NOBODY, Bitmap
from casemgr.crypto.names.fold import Word

EXACT, OTHER_TONES, BEGINNING, SLIP = range(4)
SHORTEST_SLIP = 3
"""Letters from which on a word is searched with a typing error: in "An" one error is another word."""

_KEYS = "abcdefghijklmnopqrstuvwxyz"


class Terms(Protocol):
    """Who bears a word or a fact. A word that nobody bears has an empty set."""

    def exact(self, word: str) -> Bitmap:
        """Who has this word with these marks."""

    def folded(self, word: str) -> Bitmap:
        """Who has this word, whatever its marks."""

    def facet(self, term: str) -> Bitmap:
        """Of whom this fact is known, such as "sex:female"."""

    def any_folded(self, words: Iterable[str]) -> Bitmap:
        """Who has at least one of these words, whatever its marks; unknown words count nothing."""

    def beginning_with(self, beginning: str) -> Iterable[str]:
        """The words without marks that begin like this."""


class Tier(NamedTuple):
    """People who were found equally well."""

    rank: int
    people: Bitmap


def words_of(names: Iterable[str]) -> tuple[Word, ...]:
    """Every word under which somebody of these names is found: H'Hen is H, Hen and Hhen."""
    return tuple(
        dict.fromkeys(
            word
            for name in names
            for joined in (False, True)
            for word in fold.words(name, joined=joined)
        )
    )


def tiers(terms: Terms, query: str, facets: Collection[str], *, slips: bool) -> Iterator[Tier]:
    """Who has every word of the query, in any order, and every facet; nobody twice.

    How many tiers there are depends on the query alone, never on the index. An empty query with
    facets asks by them alone; a query without a word finds nobody.
    """
    asked = having(terms, facets)
    seen = NOBODY
    for rank, people in _found(terms, query, bool(facets), slips=slips):
        new = people & asked & ~seen
        seen |= new
        yield Tier(rank, new)


def having(terms: Terms, facets: Iterable[str]) -> Bitmap:
    """Who carries every one of these facets; without one, everybody."""
    return reduce(and_, map(terms.facet, facets), EVERYBODY)


def _found(terms: Terms, query: str, has_facets: bool, *, slips: bool) -> Iterator[Tier]:
    if has_facets and not query.strip():
        yield Tier(EXACT, EVERYBODY)
    readings = [
        reading
        for reading in dict.fromkeys((fold.words(query), fold.words(query, joined=True)))
        if reading
    ]
    found = [tier for reading in readings for tier in _without_slip(terms, reading)]
    for _, rank, people in sorted(found, key=lambda each: each[0]):
        yield Tier(rank, people)
    if slips:
        for reading in readings:
            yield Tier(SLIP, _with_one_slip(terms, reading))


def _without_slip(
    terms: Terms, words: Sequence[Word]
) -> Iterator[tuple[tuple[int, int], int, Bitmap]]:
    """Each tier with its place: by rank, then by how many words carry other marks."""
    *earlier, last = words
    found = reduce(lambda so_far, word: _narrow(terms, so_far, word), earlier, [EVERYBODY])
    for others, people in enumerate(_narrow(terms, found, last)):
        rank = min(others, OTHER_TONES)
        yield (rank, others), rank, people
    begun = _beginning(terms, last)
    for others, people in enumerate(found):
        yield (BEGINNING, others), BEGINNING, people & begun


def _narrow(terms: Terms, found: list[Bitmap], word: Word) -> list[Bitmap]:
    """Keep who has the word; ``found[n]`` are the people with n words in other tones so far."""
    same = terms.exact(word.exact)
    other = terms.folded(word.folded) & ~same
    narrowed = [NOBODY] * (len(found) + 1)
    for n, people in enumerate(found):
        narrowed[n] |= people & same
        narrowed[n + 1] |= people & other
    return narrowed


def _beginning(terms: Terms, word: Word) -> Bitmap:
    """Who has a word that begins like this one, read with y and with i."""
    begun = {w for start in {word.typed, word.folded} for w in terms.beginning_with(start)}
    return terms.any_folded(begun)


def _with_one_slip(terms: Terms, words: Sequence[Word]) -> Bitmap:
    """Who has all words, one of them written with one typing error."""
    *earlier, last = words
    right = [terms.folded(word.folded) for word in earlier] + [_beginning(terms, last)]
    people = NOBODY
    for place, word in enumerate(words):
        others = reduce(and_, right[:place] + right[place + 1 :], EVERYBODY)
        if others and len(word.folded) >= SHORTEST_SLIP:
            people |= others & terms.any_folded(slips_of(word.folded))
    return people


def slips_of(word: str) -> set[str]:
    """Every word that one typing error turns into this one (Damerau 1964), on a Latin keyboard."""
    halves = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    deleted = {left + right[1:] for left, right in halves if right}
    swapped = {left + right[1] + right[0] + right[2:] for left, right in halves if len(right) > 1}
    replaced = {left + key + right[1:] for left, right in halves if right for key in _KEYS}
    inserted = {left + key + right for left, right in halves for key in _KEYS}
    return (deleted | swapped | replaced | inserted) - {word}
