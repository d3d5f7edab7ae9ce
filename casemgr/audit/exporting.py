"""The whole log as a folder that an outsider can verify: raw leaves, hashes, signed heads.

It holds ids and names of acts only, never what was sealed: nothing is opened for it. Written in
portions, so that nobody waits for it.
"""

import base64
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import Integer, String, column, inspect, select, table
from sqlalchemy.orm import Session

from casemgr.audit.expiring import dropped
from casemgr.audit.models import AuditEntry
from casemgr.audit.outsider.examining import CHECKPOINT, OLDER
from casemgr.audit.outsider.single_file import single_file
from casemgr.audit.outsider.walking import ENTRIES, HASHES
from casemgr.audit.tiles import Tree
from casemgr.crypto.keyring import Keyring
from casemgr.db import UtcDateTime

PORTION = 2_048  # entries read at once
NEWEST_HEADS = 100  # of the others one a day
VERIFIER, README = "verify.py", "README.txt"
_HEADS = table(
    "audit_checkpoint", column("size", Integer), column("at", UtcDateTime), column("note", String)
)


class FolderTaken(RuntimeError):
    """The folder of an export must not exist yet, or be empty."""


class NotProven(RuntimeError):
    """The entry is not in the tree yet, or no signed head covers it."""


@dataclass(frozen=True, slots=True)
class SignedHead:
    """One signed head of the tree, as it left or may leave the machine."""

    size: int
    at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export holds."""

    size: int  # entries that its hashes cover
    first: int  # the first entry that is there in full
    is_signed: bool


def signed_heads(session: Session) -> list[SignedHead]:
    """Every signed head, the smallest first."""
    if not inspect(session.connection()).has_table(_HEADS.name):
        return []
    query = select(_HEADS.c.size, _HEADS.c.at, _HEADS.c.note).order_by(_HEADS.c.size)
    return [SignedHead(size, at, note) for size, at, note in session.execute(query)]


def write_export(
    session: Session,
    folder: Path,
    heads: Sequence[SignedHead],
    say: Callable[[int], object] = lambda _count: None,
    keyring: Keyring | None = None,
) -> Exported:
    """Write the log up to its newest signed head; without any, all of it. Raises FolderTaken.

    ``keyring``: verifies the entry that says which ones were dropped.
    """
    if folder.exists() and any(folder.iterdir()):
        raise FolderTaken(str(folder))
    (folder / OLDER).mkdir(parents=True, exist_ok=True)
    tree, first = Tree(session), dropped(session, keyring)
    covered = [head for head in heads if head.size <= tree.size]
    size = covered[-1].size if covered else tree.size
    with (folder / HASHES).open("wb") as file:
        for leaf_hash in tree.leaf_hashes(0, size):
            file.write(leaf_hash)
    with (folder / ENTRIES).open("wb") as file:
        for start in range(first, size, PORTION):
            end = min(start + PORTION, size)
            file.writelines(leaf + b"\n" for leaf in _leaves(session, tree, start, end))
            say(end)
    if covered:
        (folder / CHECKPOINT).write_text(covered[-1].note, "utf-8")
    for head in _few_of(covered[:-1]):
        (folder / OLDER / str(head.size)).write_text(head.note, "utf-8")
    (folder / VERIFIER).write_text(single_file(), "utf-8")
    told = Path(__file__).with_name("outsider") / README
    (folder / README).write_text(told.read_text("utf-8"), "utf-8")
    return Exported(size, first, is_signed=bool(covered))


def proof_of(session: Session, entry_id: UUID) -> str:
    """A C2SP tlog-proof of one entry, with the entry itself as ``extra``. Raises NotProven."""
    tree = Tree(session)
    leaf = session.scalar(select(AuditEntry.leaf).where(AuditEntry.id == entry_id))
    index = tree.position_of(entry_id)
    if index is None or leaf is None:
        raise NotProven
    heads = [head for head in signed_heads(session) if index < head.size <= tree.size]
    if not heads:
        raise NotProven
    hashes = tree.inclusion_proof(index, heads[-1].size)
    lines = [
        "c2sp.org/tlog-proof@v1",
        f"extra {base64.b64encode(leaf).decode()}",
        f"index {index}",
        *(base64.b64encode(each).decode() for each in hashes),
    ]
    return "\n".join(lines) + "\n\n" + heads[-1].note


def _leaves(session: Session, tree: Tree, start: int, end: int) -> Iterator[bytes]:
    """In the order of the tree; an entry that is gone is left out, and the hashes tell."""
    ids = list(tree.entry_ids(start, end))
    query = select(AuditEntry.id, AuditEntry.leaf).where(AuditEntry.id.in_(ids))
    leaves = {entry_id: leaf for entry_id, leaf in session.execute(query)}  # noqa: C416 - rows are no pairs
    return (leaves[each] for each in ids if each in leaves)


def _few_of(heads: Sequence[SignedHead]) -> Iterator[SignedHead]:
    """The newest ones, and of the others the last of each day: one a minute would be too many."""
    last_of: dict[date, SignedHead] = {}
    for head in heads[:-NEWEST_HEADS]:
        last_of[head.at.astimezone(UTC).date()] = head
    yield from last_of.values()
    yield from heads[-NEWEST_HEADS:]
