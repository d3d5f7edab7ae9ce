"""The signed heads of the log: what was the size and the root of the tree, and when.

A head is signed only after the entries in it were committed: a crash in between would leave a
published head that the log cannot extend. A head that was signed twice is the same note twice.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol, TypeAlias
from uuid import UUID

from sqlalchemy import BigInteger, LargeBinary, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column, scoped_session

from casemgr import clock
from casemgr.audit.actions import Action
from casemgr.audit.models import AuditEntry
from casemgr.audit.outside import note as notes
from casemgr.audit.outside.known import Seen, SeenFile
from casemgr.audit.signing import LogKey
from casemgr.db import Model, session
from casemgr.db.session import PROCESS

LOG_KEY = "log_key"  # in the process's memory: the key of the settings, or None
# Entries that sending heads leaves by itself, and those that close a lane's tail after them. They
# alone are no reason for a new head at once, or a hospital at rest would sign and send for ever.
QUIET = frozenset({Action.CHECKPOINT_SENT.value, "log.heartbeat", "log.lane_ended"})
_FEW = 64
AT_REST = timedelta(hours=1)
Sessions: TypeAlias = Session | scoped_session  # type: ignore[type-arg]


class TreeHead(Protocol):
    """How many entries the tree holds, and its root."""

    @property
    def size(self) -> int:
        """Entries."""

    @property
    def root(self) -> bytes:
        """RFC 6962 §2.1."""


class Tree(Protocol):
    """What is asked of the log's tree; the whole of it is casemgr.audit.tiles."""

    def head(self) -> TreeHead:
        """The committed head."""

    def root_at(self, size: int) -> bytes:
        """The root of the first entries."""

    def entry_ids(self, start: int, end: int) -> Iterator[UUID]:
        """Which entries stand at these places."""

    def consistency_proof(self, old: int, new: int) -> list[bytes]:
        """RFC 6962 §2.1.2."""


class Forked(RuntimeError):
    """A head of this size was signed with another root: the log was rewritten. Nothing is signed."""


class NoLogKey(RuntimeError):
    """The settings name no key, or its file is not there."""


class Checkpoint(Model):
    """One signed head. Insert-only; triggers hold it (migration 0009)."""

    __tablename__ = "audit_checkpoint"
    __table_args__ = (UniqueConstraint("size"),)

    size: Mapped[int] = mapped_column(BigInteger)
    root: Mapped[bytes] = mapped_column(LargeBinary(notes.ROOT_BYTES))
    at: Mapped[datetime]
    note: Mapped[str] = mapped_column(Text)


_open_tree: list[Callable[[Session], Tree]] = []


def connect_tree(opened: Callable[[Session], Tree]) -> None:
    """Say where the tree is read (create_app does). Until then nothing is signed."""
    _open_tree[:] = [opened]


def tree(reading: Sessions) -> Tree | None:
    """The tree within this transaction."""
    real = reading() if isinstance(reading, scoped_session) else reading
    return _open_tree[0](real) if _open_tree else None


def log_key(reading: Sessions) -> LogKey | None:
    """The key of this process, when its file is there."""
    key: LogKey | None = reading.info[PROCESS].get(LOG_KEY)
    return key if key is not None and key.is_there() else None


def sign_head(writing: Sessions, head: TreeHead) -> Checkpoint:
    """Sign a committed head and keep it; the one that is kept already is returned as it is.

    Raises NoLogKey, and Forked where this size was signed with another root.
    """
    kept = writing.scalar(select(Checkpoint).where(Checkpoint.size == head.size))
    if kept is not None:
        if kept.root != head.root:
            raise Forked
        return kept
    key = log_key(writing)
    if key is None:
        raise NoLogKey
    last = newest(writing)
    before = notes.read_note(last.note) if last else None
    note = key.sign(notes.Head(key.origin, head.size, head.root).text, before=before)
    facility = writing.scalars(select(AuditEntry.facility_id).limit(1)).first()
    checkpoint = Checkpoint(
        facility_id=facility or UUID(int=0),
        size=head.size,
        root=head.root,
        at=clock.now(),
        note=str(note),
    )
    writing.add(checkpoint)
    writing.flush()
    return checkpoint


def newest(reading: Sessions) -> Checkpoint | None:
    """The largest signed head."""
    return reading.scalars(select(Checkpoint).order_by(Checkpoint.size.desc()).limit(1)).first()


def all_checkpoints(reading: Sessions) -> Sequence[Checkpoint]:
    """Every signed head, the smallest first."""
    return reading.scalars(select(Checkpoint).order_by(Checkpoint.size)).all()


def begins_with(reading: Tree, seen: Seen) -> bool:
    """Whether the tree has this head, as it is or at its beginning. A bare size is only compared."""
    if seen.size > reading.head().size:
        return False
    return seen.root is None or reading.root_at(seen.size) == seen.root


def seen_file(key: LogKey) -> SeenFile:
    """The small file beside the key."""
    return SeenFile(Path(f"{key.path}.seen"))


def has_news(reading: Tree, last: Checkpoint, head: TreeHead) -> bool:
    """Whether something stands between the two that is reason enough for a new head."""
    grown = head.size - last.size
    if grown <= 0:
        return False
    if grown > _FEW or last.at + AT_REST <= clock.now():
        return True
    ids = list(reading.entry_ids(last.size, head.size))
    acts = session.scalars(select(AuditEntry.action).where(AuditEntry.id.in_(ids)))
    return not QUIET.issuperset(act.value for act in acts)
