"""Which backup sets were made, until when a copy of the key store may exist, and what is overdue.

A set stands here before its first byte is written: whoever asks which copies of the key store can
still be found somewhere never misses one (design §4).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import BigInteger, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column

from casemgr import clock
from casemgr.access import Actor
from casemgr.access.epochs import KeyEpoch
from casemgr.audit import Action, record
from casemgr.crypto.backup_header import SetHeader, SetKind
from casemgr.db import Model, enum_type, new_id, session

LONGEST_KEPT = timedelta(days=35)  # design §4: as long as a copy exists, what was erased can return
OVERDUE_AFTER = timedelta(days=7)  # dated setting of 2026-11
_SUBJECT = "backup"


class Backup(Model):
    """One sealed set. Without a size it was not finished, or lies where nobody here has seen it."""

    __tablename__ = "backup"
    __table_args__ = (UniqueConstraint("backup_id", "kind"),)

    backup_id: Mapped[UUID]  # the same for the sets made together
    kind: Mapped[SetKind] = mapped_column(enum_type(SetKind))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]  # sets of the key store alone
    size: Mapped[int | None] = mapped_column(BigInteger)
    removed_at: Mapped[datetime | None]  # no copy is left: removed here, or somebody said so


def begin(actor: Actor, header: SetHeader) -> Backup:
    """Put a set on record before its first byte is written; the caller commits, then writes it."""
    backup = Backup(
        facility_id=actor.facility_id,
        backup_id=header.backup_id,
        kind=header.kind,
        made_at=header.made_at,
        expires_at=header.expires_at,
    )
    session.add(backup)
    record(actor, Action.BACKUP_MADE, subject_kind=_SUBJECT, subject_id=backup.id)
    session.flush()
    return backup


def note_verified(actor: Actor, *, sound: int) -> None:
    """Say on record that sets were read to their end, and how many were whole."""
    record(actor, Action.BACKUP_VERIFIED, count=sound)


def note_restored(actor: Actor, kind: SetKind, backup_id: UUID) -> None:
    """Say on record that a set was restored.

    A restored main database does not know which sets of the key store were made since: from now
    on it reckons with one that was made a moment ago.
    """
    record(actor, Action.BACKUP_RESTORED, subject_kind=f"{_SUBJECT}:{kind}", subject_id=backup_id)
    if kind is SetKind.MAIN:
        now = clock.now()
        unknown = Backup(
            facility_id=actor.facility_id,
            backup_id=new_id(),
            kind=SetKind.KEYS,
            made_at=now,
            expires_at=now + LONGEST_KEPT,
        )
        session.add(unknown)
    session.flush()


def note_expiry(actor: Actor, backup: Backup | None) -> None:
    """Say on record that an expired set of the key store goes; committed before it is removed."""
    subject = backup.id if backup else None
    record(actor, Action.BACKUP_EXPIRED, subject_kind=_SUBJECT, subject_id=subject)


def note_swept(actor: Actor, backup: Backup) -> None:
    """Say on record that a set was never finished and nothing of it is left."""
    backup.removed_at = clock.now()
    record(actor, Action.BACKUP_SWEPT, subject_kind=_SUBJECT, subject_id=backup.id)


def find(backup_id: UUID, kind: SetKind) -> Backup | None:
    """The row of one set."""
    query = select(Backup).where(Backup.backup_id == backup_id, Backup.kind == kind)
    return session.scalar(query)


def unfinished() -> Sequence[Backup]:
    """Sets that were begun and never finished, and not removed either."""
    query = select(Backup).where(Backup.size.is_(None), Backup.removed_at.is_(None))
    return session.scalars(query).all()


def overdue_copies() -> Sequence[Backup]:
    """Sets of the key store that have expired and that nobody has removed, the oldest first."""
    query = select(Backup).where(
        Backup.kind == SetKind.KEYS,
        Backup.removed_at.is_(None),
        Backup.expires_at <= clock.now(),
    )
    return session.scalars(query.order_by(Backup.expires_at)).all()


def last_key_store_copy_expires(before: datetime) -> datetime | None:
    """When the last copy of the key store made before this moment expires; None if none is left.

    A moment that is over means a copy that should be gone and was not removed: it still counts.
    What an erasure waits for until it is final.
    """
    query = select(func.max(Backup.expires_at)).where(
        Backup.kind == SetKind.KEYS, Backup.made_at <= before, Backup.removed_at.is_(None)
    )
    return session.scalar(query)


def age(kind: SetKind) -> timedelta | None:
    """How long ago the last finished set of this kind was made; None if there is none.

    A set of the key store from before the last close of an epoch opens no more: it is none.
    """
    query = select(func.max(Backup.made_at)).where(Backup.kind == kind, Backup.size.is_not(None))
    last = session.scalar(query)
    closed = session.scalar(select(func.max(KeyEpoch.closed_at))) if kind is SetKind.KEYS else None
    if last is None or (closed is not None and last <= closed):
        return None
    return clock.now() - last
