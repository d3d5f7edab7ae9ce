"""Tests touch only databases that they made, and find them fresh each time."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from tests.plugins import databases


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_rows_return_to_the_fresh_ones_and_nothing_is_left(
    kind: str, tmp_path: Path, worker: str
) -> None:
    name = None
    for pair in databases.make(kind, tmp_path, f"{worker}x"):
        engine = create_engine(pair.main_url, poolclass=NullPool)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE place (name TEXT)"))
            connection.execute(text("INSERT INTO place VALUES ('Khoa Sản')"))
        pair.keep()
        with engine.begin() as connection:
            connection.execute(text("INSERT INTO place VALUES ('Khoa Nhi')"))
        pair.restore()
        with engine.begin() as connection:
            assert list(connection.scalars(text("SELECT name FROM place"))) == ["Khoa Sản"]
        name = make_url(pair.main_url).database
    if kind == "sqlite":
        assert list(tmp_path.iterdir()) == []
    else:
        assert name not in _names_on_server()


def test_a_database_of_somebody_else_is_never_stale() -> None:
    server = databases.find_server()
    if server is None:
        pytest.skip("PostgreSQL: none lets us in")
    foreign = f"{databases.PREFIX}1_by_hand"  # our prefix, long ago, but without our mark
    with databases._connect(server) as admin:
        admin.execute(databases._query("CREATE DATABASE {}", foreign))
    try:
        databases.drop_stale(server)
        assert foreign in _names_on_server()
    finally:
        with databases._connect(server) as admin:
            admin.execute(databases._query("DROP DATABASE {}", foreign))


def _names_on_server() -> set[str]:
    server = databases.find_server()
    assert server is not None
    with databases._connect(server) as admin:
        return {name for (name,) in admin.execute("SELECT datname FROM pg_database")}
