"""How long the log is kept, and how its oldest months go: whole bundles, the tree stays as it is.

Entries go in bundles of 256 from the oldest end, and only those that a signed head covers and an
export holds. An entry says so first; once that one is in the tree the owner's role removes them, with
the guard against removal lifted inside that one transaction. Their hashes stay, so every proof of
later entries and every older signed head goes on to hold.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, text
from sqlalchemy.orm import Session

from casemgr.audit import append_only, projection, shown
from casemgr.audit.actions import Action
from casemgr.audit.models import AuditEntry
from casemgr.audit.shown import audit_shown
from casemgr.audit.tiles import WIDTH, Tree
from casemgr.audit.trail import Originator, record
from casemgr.crypto.keyring import Keyring
from casemgr.crypto.sealed import KEYRING

PORTION = 20 * WIDTH  # entries removed in one transaction


@dataclass(frozen=True, slots=True)
class Term:
    """How many years an entry is kept, since which day that holds."""

    years: int
    since: date
    source: str


TERMS = (  # a new term is a new line with a later day, never a changed one
    # No law was found that says how long an access log is kept. It tells of the records, so it is
    # kept as long as they are; system logs must be kept for twelve months at the least.
    Term(10, date(2026, 11, 1), "Thông tư 53/2017/TT-BYT; Nghị định 53/2022/NĐ-CP"),
)


def term_of(today: date) -> Term:
    """The newest term that has begun; before the first one, the first."""
    begun = [term for term in TERMS if term.since <= today] or [TERMS[0]]
    return max(begun, key=lambda term: term.since)


def kept_since(today: date) -> datetime:
    """The beginning of the oldest month that is kept: what was written before it may go."""
    return datetime(today.year - term_of(today).years, today.month, 1, tzinfo=UTC)


def dropped(session: Session, keyring: Keyring | None = None) -> int:
    """How many of the oldest entries were dropped, or are about to be, by an entry of our own.

    It must be in the tree and tagged; the tag is verified with ``keyring`` or the session's own one,
    where there is any. Else whoever can add a row could say that a cut log is lawful. Raises
    KeyProviderDown.
    """
    keyring = keyring or session.info.get(KEYRING)
    e, tree = AuditEntry, Tree(session)
    query = select(e.id, e.facility_id, e.leaf_version, e.lane, e.tag, e.leaf).where(
        e.action == Action.LOG_EXPIRED, e.tag.is_not(None), e.lane.is_not(None)
    )
    rows: Sequence[Any] = session.execute(query).all()
    return max((_announced(row, tree, keyring) for row in rows), default=0)


def _announced(row: Row[Any], tree: Tree, keyring: Keyring | None) -> int:
    """How many entries this one says to go; 0 if it is not ours. Never itself or later ones."""
    leaf = projection.leaf_of(row)
    count, position = leaf.get("n"), tree.position_of(row.id)
    is_told = (leaf.get("act"), leaf.get("id")) == (Action.LOG_EXPIRED.value, str(row.id))
    if not is_told or position is None or not isinstance(count, int) or count > position:
        return 0
    if keyring is not None and not projection.is_tagged(row, keyring, may_be_old=False):
        return 0
    return max(count, 0) // WIDTH * WIDTH


def expirable(
    session: Session,
    today: date,
    covered: int,
    held: Collection[object],
    keyring: Keyring | None = None,
) -> int:
    """How many of the oldest entries may be gone: 0, or a multiple of 256.

    ``covered``: how many entries a signed head covers. ``held``: ids of cases under a legal hold;
    their entries stay, and with them everything after.
    """
    tree = Tree(session)
    start, end = dropped(session, keyring), min(covered, tree.size)
    return _free_until(session, start, end, kept_since(today), held)


def left(session: Session, count: int, today: date, held: Collection[object]) -> int:
    """How many of the first ``count`` entries are still there, and may go."""
    tree = Tree(session)
    free = _free_until(session, 0, count, kept_since(today), held)
    found = 0
    for start in range(0, free, PORTION):
        ids = list(tree.entry_ids(start, min(start + PORTION, free)))
        query = select(func.count()).where(AuditEntry.id.in_(ids))
        found += session.scalar(query) or 0
    return found


def _free_until(
    session: Session, start: int, end: int, since: datetime, held: Collection[object]
) -> int:
    """The end of the whole bundles from ``start`` on in which nothing is too young or held."""
    tree = Tree(session)
    while start + WIDTH <= end:
        these = AuditEntry.id.in_(list(tree.entry_ids(start, start + WIDTH)))
        query = select(AuditEntry.at, AuditEntry.case_id).where(these)
        if any(at >= since or case_id in held for at, case_id in session.execute(query)):
            break
        start += WIDTH
    return start


def announce(who: Originator, count: int) -> None:
    """Put on record that the first ``count`` entries go; commit it before anything is removed."""
    record(who, Action.LOG_EXPIRED, subject_kind="audit_entry", count=count)


def remove(
    owner: Connection, keyring: Keyring, today: date, held: Collection[object]
) -> Iterator[int]:
    """Remove what was announced, a portion at a time; the caller commits after each. Repeatable.

    ``owner``: a connection of the role that owns the tables. What is too young or held stays, and
    everything after it, whatever was announced. Yields how many entries went.
    """
    since = kept_since(today)
    with Session(owner) as reading:
        count = dropped(reading, keyring)
    for start in range(0, count, PORTION):
        with Session(owner) as reading:
            end = min(start + PORTION, count)
            free = _free_until(reading, start, end, since, held)
            ids = list(Tree(reading).entry_ids(start, free))
            is_there = reading.scalar(select(func.count()).where(AuditEntry.id.in_(ids)))
        if is_there:
            with _unguarded(owner, append_only.TABLE), _unguarded(owner, audit_shown.name):
                gone = owner.execute(delete(AuditEntry).where(AuditEntry.id.in_(ids)))
                owner.execute(delete(audit_shown).where(audit_shown.c.entry_id.in_(ids)))
            yield gone.rowcount
        if free < end:
            return


@contextmanager
def _unguarded(owner: Connection, table: str) -> Iterator[None]:
    """Rows can be removed within this; whatever happens, the guard is back at the commit."""
    dialect = owner.dialect.name
    if dialect == "postgresql":
        owner.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER {table}_delete"))
        yield
        owner.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER {table}_delete"))
    else:
        owner.execute(text(f"DROP TRIGGER {table}_delete"))
        yield
        guards = (*append_only.guard(dialect, append_only.TABLE), *shown.install(dialect))
        (guard,) = (each for each in guards if f"{table}_delete " in each)
        owner.execute(text(guard))
