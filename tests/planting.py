"""Rows that a test lays in place past the services: no entry of the log is asked for them.

On PostgreSQL the transaction runs as a replica would, so no trigger fires; that includes the one
that enqueues entries, so write none in there. Test databases are entered as superuser; the
application's role has no such right.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from casemgr.audit import change_guard


@contextmanager
def planted(session: Connection | Session) -> Iterator[None]:
    """Within this, and until the transaction ends, changes need no entry."""
    dialect = session.dialect if isinstance(session, Connection) else session.get_bind().dialect
    if dialect.name == "postgresql":
        session.execute(text("SET LOCAL session_replication_role = replica"))
    if isinstance(session, Session):
        session.info[change_guard.PLANTED] = True
    try:
        yield
    finally:
        if isinstance(session, Session):
            session.info.pop(change_guard.PLANTED, None)


def past_the_log(url: str) -> Engine:
    """The database as its superuser meets it, all of whose changes are planted."""
    is_postgresql = make_url(url).get_backend_name() == "postgresql"
    options = {"options": "-c session_replication_role=replica"} if is_postgresql else {}
    return create_engine(url, poolclass=NullPool, connect_args=options)


@contextmanager
def past_the_guards(engine: Engine) -> Iterator[Connection]:
    """A transaction in which entries of the log can be altered and removed."""
    with engine.begin() as root:
        if engine.dialect.name == "postgresql":
            root.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            for act in ("update", "delete"):
                root.execute(text(f"DROP TRIGGER IF EXISTS audit_entry_{act}"))
        yield root
