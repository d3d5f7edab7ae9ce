"""A key store, a keyring and a facility, without the application around them."""

from pathlib import Path
from uuid import UUID

import pytest

from casemgr import clock
from casemgr.crypto.key_store import KeyStore, WrappedKey
from casemgr.crypto.key_store_schema import data_key
from casemgr.crypto.keyring import Keyring
from casemgr.crypto.providers.file import FileProvider

FACILITY = UUID("0197a000-0000-7000-8000-00000000fac1")


@pytest.fixture
def store(tmp_path: Path) -> KeyStore:
    store = KeyStore(f"sqlite:///{tmp_path / 'keys.sqlite'}")
    store.create_schema()
    return store


@pytest.fixture
def keyring(store: KeyStore, key_file: Path) -> Keyring:
    keyring = Keyring(store, FileProvider(str(key_file)))
    keyring.found_facility(FACILITY)
    return keyring


def put_in_store(store: KeyStore, key: WrappedKey) -> None:
    """Write a row as somebody who has the key store's database would: nothing is checked."""
    values = {name: getattr(key, name) for name in WrappedKey._fields}
    with store.writing() as connection:
        connection.execute(data_key.insert().values(**values, state="live", created_at=clock.now()))
