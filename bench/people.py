"""People as the benchmarks have them: names by published frequencies, ids like ours."""

import random
from collections.abc import Iterator
from itertools import accumulate
from unicodedata import normalize
from uuid import UUID

from bench.name_search import GIVEN, MIDDLES, SURNAMES
from casemgr.crypto.names import fold

SEED = 20261122


def names(count: int) -> list[str]:
    """So many full names; the same ones in every run."""
    rng = random.Random(SEED)
    surname_steps = list(accumulate(SURNAMES.values()))
    middle_steps = list(accumulate(MIDDLES.values()))
    surnames = rng.choices(list(SURNAMES), cum_weights=surname_steps, k=count)
    middles = rng.choices(list(MIDDLES), cum_weights=middle_steps, k=count)
    given = rng.choices(GIVEN, k=count)
    return [" ".join(parts) for parts in zip(surnames, middles, given, strict=True)]


def ids(count: int) -> list[UUID]:
    """One random id for each of them."""
    rng = random.Random(SEED + 1)
    return [UUID(int=rng.getrandbits(128)) for _ in range(count)]


def questions(people: list[str], count: int) -> Iterator[str]:
    """Two words of somebody's name, in any order, every other time without marks."""
    rng = random.Random(7)
    for turn, name in enumerate(rng.choices(people, k=count)):
        question = " ".join(rng.sample(name.split(), 2))
        yield _without_marks(question) if turn % 2 else normalize("NFC", question)


def _without_marks(text: str) -> str:
    return " ".join(word.typed for word in fold.words(text))


def folded(text: str) -> str:
    """Without marks, as the twins store and ask it: folded by us, so that they find Đặng too."""
    return " ".join(word.folded for word in fold.words(text))
