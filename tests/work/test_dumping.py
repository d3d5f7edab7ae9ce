"""What a database gives out and takes back: whole, in one moment, with nothing on the disk."""

import sqlite3
import stat
import tracemalloc
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from casemgr.crypto.errors import SealBroken
from casemgr.work import dumping, pg_newest, pg_programs
from casemgr.work.backup_folder import BackupRefused
from casemgr.work.pg_newest import ProgramFailed
from tests.plugins import databases as made

MEGABYTE = 1024 * 1024
NOTE = "dòng một;\ndòng 'hai' -- ý"


@pytest.fixture(params=["sqlite", "postgresql"])
def pair(request: pytest.FixtureRequest, tmp_path: Path, worker: str) -> Iterator[Any]:
    """Two empty databases: ``main_url`` is filled here, ``keys_url`` is where it is restored."""
    yield from made.make(request.param, tmp_path, f"{worker}d")


def engine_of(url: str) -> Engine:
    return create_engine(url, poolclass=NullPool)


def fill(url: str, rows: int = 3) -> None:
    kind = "BYTEA" if url.startswith("postgresql") else "BLOB"
    with engine_of(url).begin() as connection:
        connection.execute(text(f"CREATE TABLE note (id INTEGER, said TEXT, sealed {kind})"))
        for number in range(rows):
            values = {"id": number, "said": NOTE, "sealed": bytes(range(256))}
            connection.execute(text("INSERT INTO note VALUES (:id, :said, :sealed)"), values)


def rows_of(url: str) -> list[Any]:
    with engine_of(url).connect() as connection:
        return [tuple(row) for row in connection.execute(text("SELECT * FROM note ORDER BY id"))]


def dumped(url: str) -> list[bytes]:
    parts: list[bytes] = []
    dumping.dump(url, lambda part: parts.append(bytes(part)))
    return parts


def test_what_was_dumped_comes_back(pair: Any) -> None:
    fill(pair.main_url)
    dumping.require_empty(pair.keys_url)
    dumping.load(pair.keys_url, dumped(pair.main_url))
    assert rows_of(pair.keys_url) == [(n, NOTE, bytes(range(256))) for n in range(3)]


def test_nothing_is_restored_over_something(pair: Any) -> None:
    fill(pair.main_url)
    with pytest.raises(BackupRefused, match="not empty"):
        dumping.require_empty(pair.main_url)


@pytest.mark.parametrize("kept", [0.0, 0.5, 0.98])
def test_a_stream_that_breaks_leaves_an_empty_database(pair: Any, kept: float) -> None:
    """Wherever it breaks, also just before its end."""

    def broken() -> Iterator[bytes]:
        whole = b"".join(dumped(pair.main_url))
        yield whole[: int(len(whole) * kept)]
        raise SealBroken

    fill(pair.main_url, rows=500)
    with pytest.raises(SealBroken):
        dumping.load(pair.keys_url, broken())
    dumping.require_empty(pair.keys_url)


def test_a_dump_that_ends_too_early_is_refused(pair: Any) -> None:
    fill(pair.main_url, rows=500)
    whole = b"".join(dumped(pair.main_url))
    with pytest.raises((SealBroken, ProgramFailed)):
        dumping.load(pair.keys_url, [whole[: len(whole) // 2]])
    dumping.require_empty(pair.keys_url)


def test_writers_go_on_and_the_dump_is_of_one_moment(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a.sqlite'}"
    fill(url)
    with closing(sqlite3.connect(tmp_path / "a.sqlite", timeout=0.1)) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        parts: list[bytes] = []

        def write(part: bytes) -> None:
            if not parts:
                with writer:
                    writer.execute("INSERT INTO note VALUES (99, 'later', NULL)")
            parts.append(part)

        dumping.dump(url, write)
    dumping.load(f"sqlite:///{tmp_path / 'b.sqlite'}", parts)
    assert [row[0] for row in rows_of(url)] == [0, 1, 2, 99]
    assert [row[0] for row in rows_of(f"sqlite:///{tmp_path / 'b.sqlite'}")] == [0, 1, 2]


def test_a_restored_file_is_ours_alone_and_stands_alone(tmp_path: Path) -> None:
    fill(f"sqlite:///{tmp_path / 'a.sqlite'}")
    target = tmp_path / "new" / "b.sqlite"
    dumping.load(f"sqlite:///{target}", dumped(f"sqlite:///{tmp_path / 'a.sqlite'}"))
    assert [path.name for path in target.parent.iterdir()] == ["b.sqlite"]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_a_dump_of_64_mb_stays_out_of_memory_and_off_the_disk(tmp_path: Path) -> None:
    file = tmp_path / "a.sqlite"
    with closing(sqlite3.connect(file)) as source, source:
        source.execute("CREATE TABLE note (id INTEGER, sealed BLOB)")
        rows = ((n, bytes([n % 256]) * 65536) for n in range(1024))
        source.executemany("INSERT INTO note VALUES (?, ?)", rows)
    seen: set[str] = set()

    taken = 0

    def write(part: bytes) -> None:
        nonlocal taken
        taken += len(part)
        seen.update(path.name for path in tmp_path.iterdir())

    tracemalloc.start()
    try:
        dumping.dump(f"sqlite:///{file}", write)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert taken > 128 * MEGABYTE
    assert peak < 16 * MEGABYTE
    assert seen == {"a.sqlite"}


def test_a_missing_pg_dump_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(pg_newest, "_DEBIAN", tmp_path)
    with pytest.raises(ProgramFailed, match=r"^pg_dump is missing: install"):
        pg_newest.newest("pg_dump", make_url("postgresql+psycopg://nobody@127.0.0.1/none"))


def test_a_pg_dump_older_than_the_server_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    old, new = tmp_path / "9.6" / "bin" / "pg_dump", tmp_path / "14" / "bin" / "pg_dump"
    for program, version in ((old, "9.6.24"), (new, "14.11 (Debian 14.11-1)")):
        program.parent.mkdir(parents=True)
        program.write_text(f"#!/bin/sh\necho 'pg_dump (PostgreSQL) {version}'\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(pg_newest, "_DEBIAN", tmp_path)
    url = make_url("postgresql+psycopg://nobody@127.0.0.1/none")
    monkeypatch.setattr(pg_newest, "_server_version", lambda _url: 15)
    with pytest.raises(ProgramFailed, match=r"^pg_dump 14 is older than the server: install 15$"):
        pg_newest.newest("pg_dump", url)
    monkeypatch.setattr(pg_newest, "_server_version", lambda _url: 14)
    assert pg_newest.newest("pg_dump", url) == str(new)


def test_no_password_stands_in_a_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pg_programs, "newest", lambda *_: "pg_dump")
    monkeypatch.setenv("CASEMGR_SECRET_KEY", "of the application")
    url = make_url("postgresql+psycopg://owner:gi%40u@db.example:5433/house?sslmode=require")
    command, environment = pg_programs._command("pg_dump", url, ()), pg_programs._environment(url)
    assert command[-1] == "--dbname=postgresql://owner@db.example:5433/house?sslmode=require"
    assert environment["PGPASSWORD"] == "gi@u"
    assert not [name for name in environment if name.startswith("CASEMGR")]


def test_a_server_that_is_away_is_said_in_one_line() -> None:
    with pytest.raises(ProgramFailed, match=r"^the database does not answer$"):
        dumping.dump("postgresql+psycopg://nobody@127.0.0.1:1/none", lambda _part: None)
    with pytest.raises(BackupRefused, match=r"does not answer$"):
        dumping.require_empty("postgresql+psycopg://nobody@127.0.0.1:1/none")


def test_a_file_that_is_no_database_is_not_empty(tmp_path: Path) -> None:
    (tmp_path / "a.sqlite").write_text("words" * 1000)
    with pytest.raises(BackupRefused, match="cannot be read"):
        dumping.require_empty(f"sqlite:///{tmp_path / 'a.sqlite'}")
