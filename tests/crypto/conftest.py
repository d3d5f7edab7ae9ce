"""A key store, a keyring and a facility, without the application around them."""

from pathlib import Path
from uuid import UUID

import pytest

from casemgr.crypto.key_store import KeyStore
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
