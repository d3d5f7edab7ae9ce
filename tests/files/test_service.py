"""Which files count: between any two steps something may be killed, and nothing that counts goes."""

from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from casemgr import clock, rooms
from casemgr.access import Conflict
from casemgr.audit import Action, AuditEntry
from casemgr.crypto.chunks import CHUNK_BYTES
from casemgr.crypto.errors import SealBroken
from casemgr.db import new_id, session
from casemgr.files import service as files
from casemgr.files.incoming import SealedFile
from casemgr.files.models import StoredFile
from casemgr.files.reading import reader
from casemgr.files.store import UNCLAIMED_KEPT, FileStoreDown
from casemgr.work.worker import Worker
from tests.cast import Cast
from tests.files.memory import MemoryStore

BODY = bytes(range(256)) * 1024 * 9  # 2.25 MB: three stretches of sixteen chunks


@pytest.fixture
def memory(app: Flask) -> MemoryStore:
    """Instead of the folder."""
    made = app.extensions["file_store"] = MemoryStore()
    return made


def arrive(cast: Cast, body: bytes = BODY) -> SealedFile:
    """As a request does it: the name is committed first."""
    with cast.acting():
        name = files.expect(cast.actor("worker"))
    with cast.acting():
        arriving = files.receive(name)
        arriving.write(body)
        return arriving.finish()


def test_killed_between_store_and_commit_the_file_is_swept(cast: Cast, memory: MemoryStore) -> None:
    """The store has it, the transaction that would claim it never committed."""
    sealed = arrive(cast)
    with cast.app.app_context():
        files.claim(cast.actor("worker"), sealed.id)
        session.flush()
        session.rollback()  # what the database does when its client is gone
    assert list(memory.files) == [sealed.id]
    work(cast, timedelta(hours=23))
    assert list(memory.files) == [sealed.id], "younger than a day: its request may still run"
    work(cast, UNCLAIMED_KEPT + timedelta(minutes=1))
    assert memory.files == {}
    with cast.acting():
        assert session.get(StoredFile, sealed.id) is None


def test_killed_before_the_file_is_whole_its_beginning_is_swept(app: Flask, cast: Cast) -> None:
    with cast.acting():
        name = files.expect(cast.actor("worker"))
    with cast.acting():
        arriving = files.receive(name)
        arriving.write(BODY)
    folder = app.extensions["file_store"]._folder
    assert [p.name for p in folder.rglob("*") if p.is_file()] == [f"{name}.part"]
    work(cast, UNCLAIMED_KEPT + timedelta(minutes=1))
    assert [p for p in folder.rglob("*") if p.is_file()] == []
    arriving.abort()


def test_what_is_claimed_stays(cast: Cast, memory: MemoryStore) -> None:
    sealed = arrive(cast)
    with cast.acting():
        files.claim(cast.actor("worker"), sealed.id)
    work(cast, timedelta(days=400))
    assert list(memory.files) == [sealed.id]


def test_a_file_of_a_newer_database_is_not_ours_to_remove(cast: Cast, memory: MemoryStore) -> None:
    """A copy of an older database, tried out beside the store of today."""
    stranger = new_id()
    memory.files[stranger] = b"sealed after that copy was made"
    work(cast, timedelta(days=400))
    assert list(memory.files) == [stranger]


def test_one_file_is_claimed_once(cast: Cast, memory: MemoryStore) -> None:
    sealed, who = arrive(cast), cast.actor("worker")
    with cast.acting():
        files.claim(who, sealed.id)
    with cast.app.app_context():
        for name in (sealed.id, new_id()):
            with pytest.raises(Conflict):
                files.claim(who, name)
    given_up = arrive(cast)
    with cast.acting():
        files.doom(who, [given_up.id])
    with cast.app.app_context(), pytest.raises(Conflict):
        files.claim(who, given_up.id)
    assert len(memory.files) == 2


def test_a_store_that_is_away_is_asked_again(cast: Cast, memory: MemoryStore) -> None:
    sealed, cause = arrive(cast), new_id()
    with cast.acting():
        files.claim(cast.actor("worker"), sealed.id)
        files.doom(cast.actor("officer"), [sealed.id], cause)
    deleting = memory.delete

    def away(_name: UUID) -> None:
        raise FileStoreDown

    memory.delete = away  # type: ignore[method-assign, assignment]
    work(cast, timedelta(minutes=1))
    with cast.acting():
        assert files.outstanding(cause) == 1
    memory.delete = deleting  # type: ignore[method-assign]
    work(cast, timedelta(minutes=2))
    with cast.acting():
        assert files.outstanding(cause) == 0
        assert session.get_one(StoredFile, sealed.id).removed_at is not None
        acts = select(AuditEntry.action).where(
            AuditEntry.action.in_([Action.FILES_DOOMED, Action.FILES_REMOVED])
        )
        assert sorted(session.scalars(acts), key=str) == [
            Action.FILES_DOOMED,
            Action.FILES_REMOVED,
        ]
    assert memory.files == {}


def test_a_distant_store_is_asked_rarely(cast: Cast, memory: MemoryStore) -> None:
    sealed, asked = arrive(cast), list[int]()
    reading = memory.read_at

    def counted(name: UUID, offset: int, length: int) -> bytes:
        asked.append(length)
        return reading(name, offset, length)

    memory.read_at = counted  # type: ignore[method-assign]
    with cast.app.app_context():
        opened = reader(memory, sealed.id, sealed.key)
        assert b"".join(opened.read()) == BODY
    assert len(BODY) // CHUNK_BYTES == 36
    assert len(asked) <= 6, "thirty-six chunks in a handful of requests"


@pytest.mark.parametrize("key", [b"", bytes(32), bytes(31)])
def test_another_key_opens_nothing(cast: Cast, memory: MemoryStore, key: bytes) -> None:
    sealed = arrive(cast)
    assert memory.files
    with cast.app.app_context(), pytest.raises(SealBroken):
        list(reader(memory, sealed.id, key).read())


def test_nothing_shows_the_key(cast: Cast, memory: MemoryStore) -> None:
    sealed = arrive(cast)
    assert memory.files
    assert sealed.key.hex() not in repr(sealed)
    assert repr(sealed.key) not in repr(sealed)


def work(cast: Cast, later: timedelta) -> None:
    """The worker's rounds, so much later."""
    with clock.frozen(clock.now() + later), cast.app.app_context():
        Worker(cast.facility_id, {}, rooms.periodic_rounds()).work_once()
        session.remove()
