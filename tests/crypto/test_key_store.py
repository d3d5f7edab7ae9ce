"""The key store: pending until named, gone when swept, and nothing that opens by itself."""

import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from casemgr import clock
from casemgr.crypto.key_store import KeyStore, WrappedKey
from tests.crypto.conftest import FACILITY

pytestmark = pytest.mark.usefixtures("keyring")  # a facility whose key wraps them


def key(compartment: str = "IDENTITY") -> WrappedKey:
    return WrappedKey(uuid4(), FACILITY, uuid4(), compartment, 1, 1, b"w" * 65, b"c" * 32)


def test_a_key_is_pending_until_it_is_settled(store: KeyStore) -> None:
    named, unnamed = key(), key()
    store.add_pending([named, unnamed])
    assert {key_id for key_id, _ in store.pending()} == {named.id, unnamed.id}
    store.settle([named.id], [unnamed.id])
    assert store.pending() == []
    assert store.fetch([named.id, unnamed.id]) == [named]


def test_a_live_key_is_never_swept(store: KeyStore) -> None:
    live = key()
    store.add_pending([live])
    store.settle([live.id], [])
    store.settle([], [live.id])
    assert store.fetch([live.id]) == [live]


def test_the_time_of_making_is_kept(store: KeyStore) -> None:
    made = datetime(2026, 11, 1, 8, tzinfo=UTC)
    with clock.frozen(made):
        store.add_pending([key()])
    ((_, at),) = store.pending()
    assert at.replace(tzinfo=UTC) == made


def test_what_is_not_there_is_simply_missing(store: KeyStore) -> None:
    assert store.fetch([uuid4()]) == []
    assert store.fetch([]) == []


def test_facility_keys_come_in_order(store: KeyStore) -> None:
    found = store.facility_keys()
    assert {(k.purpose, k.number) for k in found} == {
        ("data", 1),
        ("index", 1),
        ("tag", 1),
        ("backup", 1),
    }
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE facility_key SET state = 'destroyed'"))
    assert store.facility_keys() == []


@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("secure_delete", 1)]
)
def test_removed_keys_leave_the_file(store: KeyStore, pragma: str, value: object) -> None:
    with store.engine.connect() as connection:
        assert connection.execute(text(f"PRAGMA {pragma}")).scalar() == value


def test_the_file_holds_no_root(store: KeyStore, key_file: Path) -> None:
    roots = [json.loads(line)["key"] for line in key_file.read_text().splitlines()]
    assert roots
    folder = Path(str(store.engine.url.database)).parent
    stored = b"".join(path.read_bytes() for path in folder.iterdir())
    for root in roots:
        assert bytes.fromhex(root) not in stored
        assert root.encode() not in stored


def test_ids_are_unique(store: KeyStore) -> None:
    twice = key()
    store.add_pending([twice])
    with pytest.raises(Exception, match="UNIQUE"):
        store.add_pending([twice])
    assert isinstance(twice.id, UUID)
