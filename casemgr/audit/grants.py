"""What the application's role may do with the log on PostgreSQL: add and read, nothing else.

Given after each migration by the role that owns the tables, where the application has another one
(docs/operations.md). The sequencer works under the application's role, so that role empties the
queue and moves the tree's edge: whoever holds it can lose entries of the last second, which the
lanes tell, and none before that.
"""

from collections.abc import Mapping
from types import MappingProxyType

from sqlalchemy import Connection, text

# Every other table: SELECT, INSERT, UPDATE, DELETE.
RIGHTS: Mapping[str, str] = MappingProxyType(
    {
        "audit_entry": "SELECT, INSERT",
        "audit_tile": "SELECT, INSERT",
        "audit_shown": "SELECT, INSERT",
        "audit_checkpoint": "SELECT, INSERT",
        "audit_publication": "SELECT, INSERT",
        "audit_pending": "SELECT, INSERT, DELETE",
        "audit_state": "SELECT, UPDATE",
        "audit_lane": "SELECT, INSERT, UPDATE",
        "alembic_version": "SELECT",
    }
)
_ROWS = "SELECT, INSERT, UPDATE, DELETE"


def give(connection: Connection, role: str) -> None:
    """Give ``role`` its rights on every table, and take back what it had beyond them."""
    if connection.dialect.name != "postgresql" or role == _migrating(connection):
        return
    quote = connection.dialect.identifier_preparer.quote
    schema, to = quote(str(connection.scalar(text("SELECT current_schema()")))), quote(role)
    connection.execute(text(f"GRANT USAGE ON SCHEMA {schema} TO {to}"))
    tables = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
    for name in connection.scalars(text(tables)).all():
        table = f"{schema}.{quote(name)}"
        connection.execute(text(f"REVOKE ALL ON {table} FROM {to}"))
        connection.execute(text(f"GRANT {RIGHTS.get(name, _ROWS)} ON {table} TO {to}"))


def _migrating(connection: Connection) -> str:
    return str(connection.scalar(text("SELECT current_user")))
