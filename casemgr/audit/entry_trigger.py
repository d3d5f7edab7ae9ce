"""No change without its entry, held by PostgreSQL itself.

At COMMIT it refuses, with SQLSTATE AU001, what changed a business table and wrote no entry. An entry enqueues itself (casemgr.audit.append_only), and the row in ``audit_pending`` carries the
number of its transaction; a deferred trigger looks for one. Every table has it from the moment it
exists: migrations/env.py asks for the missing ones after each migration. TRUNCATE is nobody's right
but the owner's (casemgr.audit.grants).
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from sqlalchemy import Connection, text

SQLSTATE = "AU001"
FUNCTION, TRIGGER = "audit_require_entry", "audit_entry_required"

_FUNCTION = f"""
CREATE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF NOT EXISTS (SELECT FROM audit_pending WHERE xid = pg_current_xact_id()::text::bigint) THEN
    RAISE EXCEPTION 'a change of % without an entry in the log', TG_TABLE_NAME
      USING ERRCODE = '{SQLSTATE}';
  END IF;
  RETURN NULL;
END $$
"""

# Rows that change without an act of anybody, or that are the log itself, each with its reason.
EXEMPT: Mapping[str, str] = MappingProxyType(
    {
        "audit_entry": "is the log",
        "audit_lane": "the sequencer's own account of the log",
        "audit_pending": "what the sequencer has still to do",
        "audit_state": "the right edge of the log's tree",
        "audit_tile": "the log's tree",
        "audit_shown": "which cases an entry of the log shows, written with it",
        "audit_checkpoint": "signed heads of the log's tree, written when the tree grew",
        "audit_publication": "where signed heads went: told in the row itself",
        "backup": "that a backup is being made, or its copy went; made, swept and expired have entries",
        "detection_progress": "how far the rules have read the log, also where they found nothing",
        "web_session": "when a browser was last seen, and its language: each page, acts or not",
        "worker_lease": "that the worker lives, every two seconds",
        "job": "attempts and ends of jobs, whose acts have entries of their own",
        "packed_block": "sealed blocks of the name index, packed in steps; its epochs have entries",
        "packed_epoch": "how far the packing is; begin, switch and giving up have entries",
        "stored_file": "the name of a file whose bytes are still arriving: who claims it has an entry",
        "submission": "the id of a form that was accepted, beside the act that has its entry",
    }
)


def install() -> list[str]:
    """The statement that makes the function, on PostgreSQL."""
    return [_FUNCTION]


def remove() -> list[str]:
    """The statement that takes the function and every trigger of it away."""
    return [f"DROP FUNCTION IF EXISTS {FUNCTION}() CASCADE"]


def cover(connection: Connection, tables: Iterable[str]) -> list[str]:
    """Give the trigger to those of these tables that exist and have none. Returns their names.

    Does nothing before the migration that made the function, and on SQLite.
    """
    if connection.dialect.name != "postgresql" or not _has_function(connection):
        return []
    wanted = set(tables) - set(EXEMPT) - covered(connection)
    missing = sorted(wanted & _existing(connection))
    quote = connection.dialect.identifier_preparer.quote
    for name in missing:
        connection.execute(
            text(
                f"CREATE CONSTRAINT TRIGGER {TRIGGER} AFTER INSERT OR UPDATE OR DELETE "
                f"ON {quote(name)} DEFERRABLE INITIALLY DEFERRED "
                f"FOR EACH ROW EXECUTE FUNCTION {FUNCTION}()"
            )
        )
    return missing


def covered(connection: Connection) -> set[str]:
    """The tables that have the trigger, switched on."""
    query = (
        "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "WHERE t.tgname = :name AND t.tgenabled = 'O'"
    )
    return set(connection.scalars(text(query), {"name": TRIGGER}))


def _existing(connection: Connection) -> set[str]:
    query = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
    return set(connection.scalars(text(query)))


def _has_function(connection: Connection) -> bool:
    query = text("SELECT count(*) FROM pg_proc WHERE proname = :name")
    return bool(connection.scalar(query, {"name": FUNCTION}))
