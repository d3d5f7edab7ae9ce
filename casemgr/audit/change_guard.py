"""No change without its entry, on SQLite: a check of our own before each commit.

PostgreSQL holds the rule by itself (casemgr.audit.entry_trigger). SQLite has no deferred triggers and
its file belongs to the application, so this guards against our own mistakes only.
"""

import re
from collections.abc import Set as AbstractSet
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.orm import Session, SessionTransaction

from casemgr.audit import lanes
from casemgr.audit.entry_trigger import EXEMPT
from casemgr.db.session import RequestSession

PLANTED = "audit_planted"  # in a session's info: a test lays rows in place (tests/planting.py)
_CHANGED, _SAVED = "audit_changed_tables", "audit_changed_before"
_USED = "audit_used_connection"
_WRITE = re.compile(
    r"\s*(?:INSERT(?:\s+OR\s+\w+)?\s+INTO|REPLACE\s+INTO|UPDATE(?:\s+OR\s+\w+)?|DELETE\s+FROM)"
    r'\s+"?(\w+)',
    re.IGNORECASE,
)


class ChangeWithoutEntry(RuntimeError):
    """A business table was changed in a transaction that wrote no entry: nothing is kept (I1)."""


def watch(engine: Engine) -> None:
    """Note which tables each transaction of this engine changes; only SQLite needs it."""
    if engine.dialect.name != "sqlite":
        return
    event.listen(engine, "begin", _began)
    event.listen(engine, "before_cursor_execute", _note)
    event.listen(engine, "savepoint", _save)
    event.listen(engine, "rollback_savepoint", _take_back)


def changed(connection: Connection) -> AbstractSet[str]:
    """The business tables that the running transaction changed."""
    tables: set[str] = connection.info.get(_CHANGED, set())
    return tables - EXEMPT.keys()


@event.listens_for(RequestSession, "before_commit")
def _require_entry(session: Session) -> None:
    """Raises ChangeWithoutEntry; the trigger of PostgreSQL would refuse the same commit."""
    if session.in_nested_transaction() or session.get_bind().dialect.name != "sqlite":
        return
    if session.info.get(PLANTED):
        return
    session.flush()
    used: Connection | None = session.info.get(_USED)
    if used is None:
        return  # nothing was asked of the database, which may be away
    if not lanes.has_entries(session) and (tables := changed(used)):
        raise ChangeWithoutEntry(", ".join(sorted(tables)))


@event.listens_for(RequestSession, "after_begin")
def _use(session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
    session.info[_USED] = connection


@event.listens_for(RequestSession, "after_transaction_end")
def _let_go(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_USED, None)


def _began(connection: Connection) -> None:
    connection.info[_CHANGED], connection.info[_SAVED] = set(), {}


def _note(connection: Connection, _cursor: DBAPICursor, statement: str, *_rest: Any) -> None:
    if (written := _WRITE.match(statement)) is not None:
        connection.info.setdefault(_CHANGED, set()).add(written[1])


def _save(connection: Connection, name: str | None) -> None:
    connection.info.setdefault(_SAVED, {})[name] = set(connection.info.get(_CHANGED, ()))


def _take_back(connection: Connection, name: str, _context: None) -> None:
    connection.info[_CHANGED] = set(connection.info.get(_SAVED, {}).get(name, ()))
