"""Somebody with the whole database and a table of name statistics, who wants the names.

The attack of encryption.md §5. It is told nothing about our tables: every column of every table is
taken for the person, every value that comes back for other people (and every length of bytes) for
a sign that may stand for a word. Signs are matched with words by how common they are, then by which
of them stand together; so a hash of each word in the row of a person is read like a cipher.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations
from math import log, sqrt
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import Engine, MetaData

from tests.house.public_names import Statistics

Sign: TypeAlias = tuple[str, Any]
View: TypeAlias = dict[str, set[Sign]]  # for each person, as some column tells them apart

ROUNDS, ANCHORS, WINDOW = 5, 40, 25
FEWEST = 100  # a column that tells fewer apart does not tell people apart
WORDS_GUESSED = 3


def guesses(engine: Engine, public: Statistics) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """For each way to read the database: a few words for each person found in it."""
    for name, view in views(engine):
        meaning = decipher(view, public)
        yield name, {person: _best(signs, meaning, public) for person, signs in view.items()}


def views(engine: Engine) -> Iterator[tuple[str, View]]:
    """Every table grouped by every column that tells many things apart."""
    metadata = MetaData()
    metadata.reflect(engine)
    for table in metadata.sorted_tables:
        with engine.connect() as connection:
            rows = [dict(row) for row in connection.execute(table.select()).mappings()]
        for column in [each.name for each in table.columns]:
            grouped = _grouped(rows, column)
            if len(grouped) >= FEWEST and any(grouped.values()):
                yield f"{table.name} by {column}", grouped


def _grouped(rows: list[dict[str, Any]], column: str) -> View:
    groups: dict[str, set[Sign]] = defaultdict(set)
    for row in rows:
        groups[_plain(row[column])] |= set(_signs(row, column))
    bearers = Counter(sign for signs in groups.values() for sign in signs)
    return {
        person: {sign for sign in signs if bearers[sign] > 1} for person, signs in groups.items()
    }


def _signs(row: Mapping[str, Any], but: str) -> Iterator[Sign]:
    for column, value in row.items():
        if column != but and value is not None:
            yield column, _plain(value)
            if isinstance(value, bytes):
                yield f"length of {column}", len(value)


def _plain(value: object) -> str:
    return value.hex if isinstance(value, UUID) else repr(value).strip("'").replace("-", "")


def decipher(view: View, public: Statistics) -> dict[Sign, str]:
    """Which word each sign stands for: first by rank, then better and better by company."""
    counts = Counter(sign for signs in view.values() for sign in signs)
    signs = [sign for sign, _ in counts.most_common(len(public.words))]
    together: Counter[tuple[Sign, Sign]] = Counter()
    known = set(signs)
    for present in view.values():
        for pair in combinations(present & known, 2):
            together[pair] += 1
            together[pair[::-1]] += 1
    meaning = dict(zip(signs, public.commonest, strict=False))
    for _ in range(ROUNDS):
        meaning = _refined(signs, counts, together, meaning, public, len(view))
    return meaning


def _refined(
    signs: list[Sign],
    counts: Counter[Sign],
    together: Counter[tuple[Sign, Sign]],
    meaning: dict[Sign, str],
    public: Statistics,
    people: int,
) -> dict[Sign, str]:
    """Give each sign the word whose company is most like its own; the best fits choose first."""
    words = public.commonest
    anchors = signs[:ANCHORS]
    fits = []
    for rank, sign in enumerate(signs):
        company = [sqrt(together[sign, anchor] / counts[sign]) for anchor in anchors]
        for word in words[max(0, rank - WINDOW) : rank + WINDOW]:
            distance = abs(log(counts[sign] / people) - log(public.words[word] / public.people))
            for anchor, share in zip(anchors, company, strict=True):
                if anchor != sign:
                    expected = _pair(public, word, meaning[anchor]) / public.words[word]
                    distance += (share - sqrt(expected)) ** 2
            fits.append((distance, rank, word))
    refined: dict[Sign, str] = {}
    taken: set[str] = set()
    for _, rank, word in sorted(fits):
        if signs[rank] not in refined and word not in taken:
            refined[signs[rank]] = word
            taken.add(word)
    left = (word for word in words if word not in taken)
    return {sign: refined.get(sign) or next(left) for sign in signs}


def _pair(public: Statistics, one: str, other: str) -> int:
    return public.pairs[min(one, other), max(one, other)]


def _best(signs: set[Sign], meaning: Mapping[Sign, str], public: Statistics) -> list[str]:
    """No more words than a name has: whoever guesses more hits more, and learns nothing."""
    words = {meaning[sign] for sign in signs if sign in meaning}
    return sorted(words, key=lambda word: -public.words[word])[:WORDS_GUESSED]
