"""How long the log is kept, and how its oldest months go: whole bundles, the tree stays as it is.

Entries go in bundles of 256 from the oldest end, and only those that a signed head covers and an
export holds. An entry says so first; then the owner's role removes them, with the guard against
removal lifted inside that one transaction. Their hashes stay, so every proof of later entries and
every older signed head goes on to hold.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import Connection, delete, func, select, text
from sqlalchemy.orm import Session

from casemgr.audit import append_only, shown
from casemgr.audit.actions import Action
from casemgr.audit.models import AuditEntry
from casemgr.audit.shown import audit_shown
from casemgr.audit.tiles import WIDTH, Tree
from casemgr.audit.trail import Originator, record

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


def dropped(session: Session) -> int:
    """How many of the oldest entries were dropped, or are about to be."""
    query = select(func.max(AuditEntry.count)).where(AuditEntry.action == Action.LOG_EXPIRED)
    return session.scalar(query) or 0


def expirable(session: Session, today: date, covered: int, held: Collection[object]) -> int:
    """How many of the oldest entries may be gone: 0, or a multiple of 256.

    ``covered``: how many entries a signed head covers. ``held``: ids of cases under a legal hold;
    their entries stay, and with them everything after.
    """
    tree, since = Tree(session), kept_since(today)
    count = dropped(session)
    while count + WIDTH <= min(covered, tree.size):
        these = AuditEntry.id.in_(list(tree.entry_ids(count, count + WIDTH)))
        query = select(AuditEntry.at, AuditEntry.case_id).where(these)
        if any(at >= since or case_id in held for at, case_id in session.execute(query)):
            break
        count += WIDTH
    return count


def announce(who: Originator, count: int) -> None:
    """Put on record that the first ``count`` entries go; commit it before anything is removed."""
    record(who, Action.LOG_EXPIRED, subject_kind="audit_entry", count=count)


def remove(owner: Connection) -> Iterator[int]:
    """Remove what was announced, a portion at a time; the caller commits after each. Repeatable.

    ``owner``: a connection of the role that owns the tables. Yields how many entries went.
    """
    with Session(owner) as reading:
        count = dropped(reading)
    for start in range(0, count, PORTION):
        with Session(owner) as reading:
            ids = list(Tree(reading).entry_ids(start, min(start + PORTION, count)))
            left = reading.scalar(select(func.count()).where(AuditEntry.id.in_(ids)))
        if left:
            with _unguarded(owner, append_only.TABLE), _unguarded(owner, audit_shown.name):
                gone = owner.execute(delete(AuditEntry).where(AuditEntry.id.in_(ids)))
                owner.execute(delete(audit_shown).where(audit_shown.c.entry_id.in_(ids)))
            yield gone.rowcount


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
