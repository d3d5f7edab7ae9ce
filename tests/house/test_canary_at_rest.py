"""I5 below the tables: the bytes that PostgreSQL itself keeps, after a checkpoint.

A database administrator has more than tables: heap and index files with their dead rows, and the
write-ahead log. The server reads its own files to us, so this works on any machine.
"""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.rows import tuple_row
from sqlalchemy import make_url, text

from casemgr.db import session
from config import Settings
from tests.house.hospital import Hospital
from tests.house.test_canary import leaks

pytestmark = pytest.mark.parametrize("databases", ["postgresql"], indirect=True)


class DataDirectory:
    """What one server has on its disk of one hospital, from a moment on."""

    def __init__(self, settings: Settings) -> None:
        self._urls = (settings.database_url, settings.key_store_url)
        self._since = self._one("SELECT pg_walfile_name(pg_current_wal_insert_lsn())")

    def bytes_by_file(self) -> dict[str, bytes]:
        """Every file of both databases, and every segment of the log since we began."""
        with self._connect(self._urls[0]) as connection:
            connection.execute("CHECKPOINT")
        found = dict(self._tables())
        found |= dict(self._log())
        return found

    def _tables(self) -> Iterator[tuple[str, bytes]]:
        for url in self._urls:
            with self._connect(url) as connection:
                rows = connection.execute(
                    "SELECT p, pg_read_binary_file(p, 0, 1000000000, true) FROM ("
                    " SELECT 'base/' || d.oid || '/' || f AS p FROM pg_database d,"
                    " LATERAL pg_ls_dir('base/' || d.oid) f WHERE datname = current_database()"
                    ") x"
                )
                yield from ((path, content or b"") for path, content in rows)

    def _log(self) -> Iterator[tuple[str, bytes]]:
        with self._connect(self._urls[0]) as connection:
            rows = connection.execute(
                "SELECT name, pg_read_binary_file('pg_wal/' || name, 0, 1000000000, true)"
                " FROM pg_ls_waldir() WHERE name >= %s AND name <="
                " pg_walfile_name(pg_current_wal_insert_lsn())",
                [self._since],
            )
            yield from ((name, content or b"") for name, content in rows)

    def _one(self, query: str) -> str:
        with self._connect(self._urls[0]) as connection:
            row = connection.execute(query.encode()).fetchone()
        assert row is not None
        return str(row[0])

    def _connect(self, url: str) -> "psycopg.Connection[tuple[str, bytes]]":
        plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        return psycopg.connect(plain, autocommit=True, row_factory=tuple_row)


@pytest.fixture
def disk(settings: Settings) -> DataDirectory:
    """Taken before anything is written, so that the whole log of the test is read."""
    return DataDirectory(settings)


def test_the_servers_own_files_hold_no_word(disk: DataDirectory, hospital: Hospital) -> None:
    files = disk.bytes_by_file()
    assert any(name.startswith("base/") for name in files)
    assert any(len(content) >= 16 * 2**20 for content in files.values()), "no segment of the log"
    code = hospital.code("case").encode()
    seen = {name.partition("/")[0] for name, content in files.items() if code in content}
    assert "base" in seen, "the code is public: not to find it means not to have read the tables"
    assert seen - {"base"}, "nor the log"
    assert not leaks(hospital.all_words(), files)


def test_a_word_in_the_clear_is_found(disk: DataDirectory, hospital: Hospital) -> None:
    """It bites, also when the word is gone from the tables again: it stays in the log."""
    word = hospital.word("full_name")
    with hospital.cast.app.app_context():
        old = session.execute(text("SELECT min(coverage) FROM organisation")).scalar()
    for said in (word, old):
        with hospital.cast.planting():
            session.execute(text("UPDATE organisation SET coverage = :said"), {"said": said})
    found = leaks({word}, disk.bytes_by_file())
    assert any("0000" in place for place in found), "not in the log"
