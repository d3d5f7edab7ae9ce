"""Which files count: expected, claimed, doomed, removed.

Nothing is removed that the main database does not say is to go: the store is never listed to find
what looks superfluous, so a restored copy of an older database harms no newer file.
"""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from casemgr import clock
from casemgr.access import Actor, Conflict
from casemgr.audit import Action, record
from casemgr.db import new_id, session
from casemgr.db.session import FILE_STORE
from casemgr.files.incoming import Incoming
from casemgr.files.models import StoredFile
from casemgr.files.store import UNCLAIMED_KEPT, FileStore

_ROUND = 10  # removals confirmed together: on SQLite nobody else writes meanwhile


def store() -> FileStore:
    """The store of this installation."""
    found: FileStore = session.info[FILE_STORE]
    return found


def expect(actor: Actor) -> UUID:
    """The name for a file that is about to arrive; to be committed before its first byte."""
    expected = StoredFile(id=new_id(), facility_id=actor.facility_id, expected_at=clock.now())
    session.add(expected)
    session.flush()
    return expected.id


def claim(actor: Actor, file_id: UUID) -> None:
    """A row that holds the file's key is written in this transaction: from its commit on it stays.

    Raises Conflict where it was claimed or given up already.
    """
    expected = session.get(StoredFile, file_id, with_for_update=True, populate_existing=True)
    if (
        expected is None
        or expected.facility_id != actor.facility_id
        or expected.claimed_at is not None
        or expected.doomed_at is not None
    ):
        raise Conflict(file_id)
    expected.claimed_at = clock.now()


def is_claimed(file_id: UUID) -> bool:
    """Whether the database says so, after whatever became of the transaction that claimed it."""
    claimed = select(StoredFile.id).where(
        StoredFile.id == file_id, StoredFile.claimed_at.is_not(None)
    )
    return session.scalar(claimed) is not None


def doom(actor: Actor, file_ids: Iterable[UUID], cause_id: UUID | None = None) -> int:
    """Intend the removal of files, with an entry, in the transaction that erases their keys.

    ``remove_doomed`` does it once this is committed. Returns how many will go.
    """
    query = select(StoredFile).where(
        StoredFile.facility_id == actor.facility_id,
        StoredFile.id.in_(list(file_ids)),
        StoredFile.doomed_at.is_(None),
    )
    found = session.scalars(query.with_for_update()).all()
    for file in found:
        file.doomed_at, file.cause_id = clock.now(), cause_id
    if found:
        record(actor, Action.FILES_DOOMED, subject_id=cause_id, shown=[f.id for f in found])
    session.flush()
    return len(found)


def doom_unclaimed(actor: Actor) -> int:
    """Give up what was expected more than a day ago and never claimed; done by the worker."""
    limit = clock.now() - UNCLAIMED_KEPT
    query = select(StoredFile.id).where(
        StoredFile.claimed_at.is_(None),
        StoredFile.doomed_at.is_(None),
        StoredFile.expected_at < limit,
    )
    return doom(actor, session.scalars(query).all())


def remove_doomed(actor: Actor) -> int:
    """Remove from the store what is doomed, and confirm it. Repeatable, killed at any point.

    Raises FileStoreDown; the next round goes on. Returns how many went.
    """
    query = select(StoredFile).where(_is_outstanding()).order_by(StoredFile.doomed_at)
    found = session.scalars(query.limit(_ROUND)).all()
    for file in found:
        store().delete(file.id)
        if file.claimed_at is None:
            session.delete(file)  # it never counted: the log says enough
        else:
            file.removed_at = clock.now()
    if found:
        record(actor, Action.FILES_REMOVED, shown=[file.id for file in found])
    session.flush()
    return len(found)


def outstanding(cause_id: UUID) -> int:
    """How many files of one erasure are still in the store."""
    query = select(func.count()).select_from(StoredFile)
    return session.scalar(query.where(StoredFile.cause_id == cause_id, _is_outstanding())) or 0


def receive(name: UUID) -> Incoming:
    """Begin to take a file that is expected. Raises FileStoreDown."""
    return Incoming(store(), name)


def _is_outstanding() -> ColumnElement[bool]:
    return StoredFile.doomed_at.is_not(None) & StoredFile.removed_at.is_(None)
