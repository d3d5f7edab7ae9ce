"""Two words of a name, every id: the packed sealed index against what reads names in clear.

On SQLite the twin is FTS5 over folded names, on PostgreSQL pg_trgm and unaccent with a GIN index.
Both twins keep the names readable in the database, neither ranks or sorts. Each answers with the
ids of the people; ours are in order besides. Every question is timed alone: the bar is at p50.
"""

import sqlite3
import sys
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, TypeAlias
from uuid import UUID

import psycopg
from sqlalchemy import insert, make_url

from bench import growth, people
from bench.hospitals import KINDS, hospital
from bench.measuring import ROUNDS, Contest
from casemgr.cases import packed
from casemgr.cases.packed import PackedBlock
from casemgr.crypto.names import fold
from casemgr.crypto.names.name_index import NameIndex
from casemgr.crypto.names.packed_index import PackedIndex
from casemgr.crypto.names.packing import Packing
from casemgr.db import session
from tests.plugins.databases import Databases

Search: TypeAlias = Callable[[str], Collection[UUID | bytes]]

BAR = 1.0
QUICK, FULL = 100_000, 1_000_000
QUESTIONS = {QUICK: 100, FULL: 60}
GROWTH = (10_000, 31_623, 100_000, 316_228)
_BLOCKS_AT_ONCE = 5_000
_PLAIN = (
    "CREATE FUNCTION plain(text) RETURNS text IMMUTABLE PARALLEL SAFE LANGUAGE sql"
    " AS $$ SELECT lower(public.unaccent('public.unaccent', $1)) $$"
)


def run(full: bool) -> list[Contest]:
    """Both databases; in full at a million people, with the growth from 10⁴ on as a picture."""
    contests = [against_twin(kind, FULL if full else QUICK) for kind in KINDS]
    if full:
        growth.draw(measure_growth(contests))
    return [*contests, in_memory(QUICK)]


def against_twin(kind: str, count: int) -> Contest:
    """The packed index through the product's own tables, and its twin on the same server."""
    names, ids = people.names(count), people.ids(count)
    questions = list(people.questions(names, QUESTIONS.get(count, 40)))
    twin = {"sqlite": "FTS5", "postgresql": "pg_trgm + unaccent"}[kind]
    with hospital(kind) as (app, pair), app.app_context():
        ours = packed_search(names, ids)
        with twin_search(kind, pair, names, ids) as theirs:
            check(questions, ours, theirs)
            name = f"two words, all ids, {count:,} people, packed against {twin}"
            result = at_p50(name, questions, ours, theirs)
        session.rollback()
    return result


def in_memory(count: int) -> Contest:
    """The index in memory, as it is used up to this many people, against FTS5."""
    names, ids = people.names(count), people.ids(count)
    index = NameIndex()
    for doc_id, name in zip(ids, names, strict=True):
        index.put(doc_id, [name])
    questions = list(people.questions(names, QUESTIONS[QUICK]))
    with fts5(names, ids) as theirs:
        name = f"two words, all ids, {count:,} people, in memory against FTS5"
        return at_p50(name, questions, lambda text: all_ids(index, text), theirs)


def packed_search(names: list[str], ids: list[UUID]) -> Search:
    """An epoch in the product's table, read by the product's own query."""
    packing = Packing()
    for doc_id, name in zip(ids, names, strict=True):
        packing.put(doc_id, [name])
    contents, blocks = packing.sealed()
    facility_id = epoch_id = UUID(int=1)
    for start in range(0, len(blocks), _BLOCKS_AT_ONCE):
        rows: list[dict[str, Any]] = [
            {"id": UUID(bytes=label), "facility_id": facility_id, "epoch_id": epoch_id, "block": b}
            for label, b in blocks[start : start + _BLOCKS_AT_ONCE]
        ]
        session.execute(insert(PackedBlock), rows)
    session.commit()
    index = PackedIndex(contents, packed._fetch)  # noqa: SLF001 - what the product fetches with
    return lambda text: all_ids(index, text)


def all_ids(index: NameIndex | PackedIndex, text: str) -> list[UUID]:
    """Everybody with these words or beginnings; typing errors are more than the twins look for."""
    return index.matching(text, slips=False)


@contextmanager
def twin_search(kind: str, pair: Databases, names: list[str], ids: list[UUID]) -> Iterator[Search]:
    """The twin of this kind of database."""
    with fts5(names, ids) if kind == "sqlite" else trigrams(pair, names, ids) as search:
        yield search


@contextmanager
def fts5(names: list[str], ids: list[UUID]) -> Iterator[Search]:
    """SQLite's own full-text index, without what it need not keep, and the table of people."""
    folder = tempfile.TemporaryDirectory()
    database = sqlite3.connect(Path(folder.name, "people.sqlite"))
    database.execute("CREATE TABLE person (no INTEGER PRIMARY KEY, id BLOB NOT NULL)")
    database.execute("CREATE VIRTUAL TABLE words USING fts5 (name, content='', detail=none)")
    database.executemany(
        "INSERT INTO person VALUES (?, ?)", ((no, i.bytes) for no, i in enumerate(ids))
    )
    rows = ((no, people.folded(name)) for no, name in enumerate(names))
    database.executemany("INSERT INTO words (rowid, name) VALUES (?, ?)", rows)
    ask = "SELECT id FROM words JOIN person ON no = words.rowid WHERE words MATCH ?"

    def search(text: str) -> list[bytes]:
        words = " AND ".join(f'"{word}"' for word in people.folded(text).split())
        return [row[0] for row in database.execute(ask, [words])]

    database.commit()
    yield search
    database.close()
    folder.cleanup()


@contextmanager
def trigrams(pair: Databases, names: list[str], ids: list[UUID]) -> Iterator[Search]:
    """pg_trgm over unaccent(name): every word as a pattern."""
    url = make_url(pair.main_url).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as database:
        for statement in (
            "CREATE EXTENSION IF NOT EXISTS unaccent",
            "CREATE EXTENSION IF NOT EXISTS pg_trgm",
            _PLAIN,
            "CREATE TABLE person (id uuid NOT NULL, name text NOT NULL)",
        ):
            database.execute(statement)
        with database.cursor().copy("COPY person FROM STDIN") as copy:
            for row in zip(ids, names, strict=True):
                copy.write_row(row)
        database.execute("CREATE INDEX ON person USING gin (plain(name) gin_trgm_ops)")
        database.execute("VACUUM ANALYZE person")
        ask = "SELECT id FROM person WHERE plain(name) LIKE %s AND plain(name) LIKE %s"

        def search(text: str) -> list[UUID]:
            patterns = [f"%{word.typed}%" for word in fold.words(text)]
            return [row[0] for row in database.execute(ask, patterns)]

        yield search
        database.execute("DROP TABLE person; DROP FUNCTION plain")


def check(questions: list[str], ours: Search, theirs: Search) -> None:
    """Both do the work. i and y are one letter to us, so a twin may miss some that we find."""
    for text in questions[:20]:
        mine = {doc_id.bytes if isinstance(doc_id, UUID) else doc_id for doc_id in ours(text)}
        other = {doc_id.bytes if isinstance(doc_id, UUID) else doc_id for doc_id in theirs(text)}
        assert mine, text
        assert len(mine & other) > 0.5 * min(len(mine), len(other)), text


def at_p50(name: str, questions: list[str], ours: Search, theirs: Search) -> Contest:
    """Rounds in turns; what a round says is the median of its questions."""
    result = Contest(name, BAR, [], [])
    both = [(ours, result.ours), (theirs, result.twin)]
    for turn in range(ROUNDS + 1):
        for search, into in both if turn % 2 else reversed(both):
            took = p50(search, questions)
            if turn:  # the first round warms both up
                into.append(took)
    return result


def p50(search: Search, questions: list[str]) -> float:
    """Milliseconds that half of the questions stay under."""
    times = []
    for text in questions:
        start = perf_counter()
        search(text)
        times.append((perf_counter() - start) * 1000)
    return median(times)


def measure_growth(at_full: list[Contest]) -> dict[str, list[tuple[int, float]]]:
    """Milliseconds at p50 by number of people, for us and for both twins."""
    lines: dict[str, list[tuple[int, float]]] = {}
    names = {"sqlite": ("packed, SQLite", "FTS5"), "postgresql": ("packed, PostgreSQL", "pg_trgm")}
    for count in (*GROWTH, FULL):
        for kind, measured in zip(KINDS, at_full, strict=True):
            result = measured if count == FULL else against_twin(kind, count)
            for name, times in zip(names[kind], (result.ours, result.twin), strict=True):
                lines.setdefault(name, []).append((count, median(times)))
    return lines


if __name__ == "__main__":
    for each in run(full="--full" in sys.argv):
        print(each.table(), end="\n\n", flush=True)
