"""A key store of the first release is brought up to today's in place, on both databases."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import inspect, text

from casemgr.crypto import key_store_schema
from casemgr.crypto.key_store import KeyStore, WrappedKey
from tests.cast import Cast
from tests.house.hospital import Hospital, found
from tests.house.sealed_values import new_process, opened

# What the first release made, column by column; frozen here because installations have it.
FIRST = {
    "data_key": "id facility_id owner_id compartment generation facility_key wrapped commitment "
    "state created_at",
    "facility_key": "facility_id purpose number epoch state wrapped created_at",
}


@pytest.fixture
def hospital(cast: Cast) -> Hospital:
    return found(cast)


@pytest.fixture
def store(app: Flask) -> Iterator[KeyStore]:
    store: KeyStore = app.extensions["keyring"].store
    yield store
    store.create_schema()  # whatever the test left: the shape of the next one


def columns(store: KeyStore) -> dict[str, set[str]]:
    seen = inspect(store.engine)
    return {
        table: {column["name"] for column in seen.get_columns(table)}
        for table in seen.get_table_names()
    }


def make_old(store: KeyStore) -> None:
    """Take away what later releases added."""
    present = columns(store)
    with store.engine.begin() as connection:
        for table in set(present) - set(FIRST):
            connection.execute(text(f"DROP TABLE {table}"))
        for table, first in FIRST.items():
            for column in present[table] - set(first.split()):
                connection.execute(text(f"ALTER TABLE {table} DROP COLUMN {column}"))
        connection.execute(text("DELETE FROM facility_key WHERE purpose = 'backup'"))


def test_an_older_key_store_is_upgraded_with_its_keys(
    app: Flask, hospital: Hospital, store: KeyStore
) -> None:
    assert hospital.ids
    before, shape = opened(app), columns(store)
    make_old(store)
    assert columns(store) == {name: set(first.split()) for name, first in FIRST.items()}
    store.engine.dispose()
    store.create_schema()
    assert columns(store) == shape
    assert opened(app) == before
    for command in ("verify", "rotate", "close-epoch"):
        result = app.test_cli_runner().invoke(args=["keys", command])
        assert result.exit_code == 0, result.output
    assert opened(app) == before
    assert {key.purpose for key in store.facility_keys()} == {"data", "index", "tag", "backup"}


def test_a_missing_purpose_is_made_when_it_is_needed(app: Flask, cast: Cast) -> None:
    store: KeyStore = app.extensions["keyring"].store
    with store.writing() as connection:
        connection.execute(text("DELETE FROM facility_key WHERE purpose = 'backup'"))
    new_process(app)
    ring = app.extensions["keyring"]
    wrapped = ring.wrap(cast.facility_id, "backup", b"s" * 32, b"there")
    new_process(app)
    ring = app.extensions["keyring"]
    assert ring.unwrap(cast.facility_id, "backup", wrapped, b"there") == b"s" * 32


def test_the_upgrade_is_repeatable(store: KeyStore) -> None:
    shape = columns(store)
    for _ in range(3):
        store.create_schema()
    assert columns(store) == shape
    with store.reading() as connection:
        versions = connection.execute(text("SELECT number FROM store_version")).scalars().all()
    assert versions == [key_store_schema.NEWEST]


def test_a_tombstone_holds_no_key(app: Flask, cast: Cast, store: KeyStore) -> None:
    key_id, owner = UUID(int=7), UUID(int=8)
    app.extensions["keyring"].new_keys(cast.facility_id, owner, ["SOCIAL"], [key_id])
    (key,) = store.fetch([key_id])
    store.remove([key_id])
    store.remove([key_id])
    assert store.fetch([key_id]) == []
    with store.reading() as connection:
        query = "SELECT wrapped, commitment, state FROM data_key"
        (row,) = connection.execute(text(query)).all()
    assert (bytes(row.wrapped), bytes(row.commitment), row.state) == (b"", b"", "removed")
    assert isinstance(key, WrappedKey)
    store.settle([key_id], [key_id])
    assert set(store.removed([key_id])) == {key_id}, "a tombstone stays"
    store.replace_wrapping([(key, key)])
    assert store.fetch([key_id]) == [], "a re-wrap that read it before does not bring it back"
