"""What the database itself refuses: changing or removing an entry of the log, or a tile.

On PostgreSQL the application's role besides has no right to UPDATE or DELETE (casemgr.audit.grants);
on SQLite, whose file belongs to the application, the triggers guard against accident only.

It also enqueues every entry for the tree: one that is inserted past casemgr is enqueued as well.
"""

TABLE = "audit_entry"
_ACTS = ("UPDATE", "DELETE")
REFUSAL = "the audit log is append-only"
_ENQUEUE = """
CREATE FUNCTION audit_entry_enqueue() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO audit_pending (entry_id, xid) VALUES (NEW.id, pg_current_xact_id()::text::bigint);
  RETURN NULL;
END $$
"""


def guard(dialect: str, table: str) -> list[str]:
    """The statements that make one more table append-only; ``install`` has run before."""
    return _sqlite(table) if dialect == "sqlite" else _triggers(table)


def unguard(dialect: str, table: str) -> list[str]:
    """The statements that take this back, before the table is dropped on SQLite or PostgreSQL."""
    acts = _ACTS if dialect == "sqlite" else (*_ACTS, "TRUNCATE")
    on = "" if dialect == "sqlite" else f" ON {table}"
    return [f"DROP TRIGGER {table}_{act.lower()}{on}" for act in acts]


def enqueue(dialect: str) -> list[str]:
    """The statements that have every inserted entry wait for the sequencer, in its transaction."""
    trigger = f"CREATE TRIGGER {TABLE}_enqueue AFTER INSERT ON {TABLE} "
    if dialect == "sqlite":
        return [trigger + "BEGIN INSERT INTO audit_pending (entry_id) VALUES (NEW.id); END"]  # noqa: S608
    return [_ENQUEUE, trigger + f"FOR EACH ROW EXECUTE FUNCTION {TABLE}_enqueue()"]


def dequeue(dialect: str) -> list[str]:
    """The statements that take ``enqueue`` back."""
    if dialect == "sqlite":
        return [f"DROP TRIGGER {TABLE}_enqueue"]
    return [f"DROP TRIGGER {TABLE}_enqueue ON {TABLE}", f"DROP FUNCTION {TABLE}_enqueue()"]


def install(dialect: str) -> list[str]:
    """The statements that make the table append-only."""
    return _postgresql() if dialect == "postgresql" else _sqlite()


def remove(dialect: str) -> list[str]:
    """The statements that take this back, for a downgrade."""
    if dialect == "postgresql":
        return [*unguard(dialect, TABLE), "DROP FUNCTION audit_entry_refuse()"]
    return unguard(dialect, TABLE)


def _sqlite(table: str = TABLE) -> list[str]:
    return [
        f"CREATE TRIGGER {table}_{act.lower()} BEFORE {act} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        for act in _ACTS
    ]


def _postgresql() -> list[str]:
    function = (
        "CREATE FUNCTION audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
    )
    return [function, *_triggers(TABLE)]


def _triggers(table: str) -> list[str]:
    rows = [
        f"CREATE TRIGGER {table}_{act.lower()} BEFORE {act} ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION audit_entry_refuse()"
        for act in _ACTS
    ]
    whole = (
        f"CREATE TRIGGER {table}_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_refuse()"
    )
    return [*rows, whole]
