"""What the database itself refuses: changing or removing an entry of the log.

On PostgreSQL the application's role besides has no right to UPDATE or DELETE (docs/operations.md);
on SQLite, whose file belongs to the application, the triggers guard against accident only.
"""

TABLE = "audit_entry"
_ACTS = ("UPDATE", "DELETE")
REFUSAL = "the audit log is append-only"


def install(dialect: str) -> list[str]:
    """The statements that make the table append-only."""
    return _postgresql() if dialect == "postgresql" else _sqlite()


def remove(dialect: str) -> list[str]:
    """The statements that take this back, for a downgrade."""
    if dialect == "postgresql":
        dropped = [
            f"DROP TRIGGER audit_entry_{act.lower()} ON {TABLE}" for act in (*_ACTS, "TRUNCATE")
        ]
        return [*dropped, "DROP FUNCTION audit_entry_refuse()"]
    return [f"DROP TRIGGER audit_entry_{act.lower()}" for act in _ACTS]


def _sqlite() -> list[str]:
    return [
        f"CREATE TRIGGER audit_entry_{act.lower()} BEFORE {act} ON {TABLE} "
        f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        for act in _ACTS
    ]


def _postgresql() -> list[str]:
    function = (
        "CREATE FUNCTION audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
    )
    rows = [
        f"CREATE TRIGGER audit_entry_{act.lower()} BEFORE {act} ON {TABLE} "
        "FOR EACH ROW EXECUTE FUNCTION audit_entry_refuse()"
        for act in _ACTS
    ]
    whole = (
        f"CREATE TRIGGER audit_entry_truncate BEFORE TRUNCATE ON {TABLE} "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_refuse()"
    )
    return [function, *rows, whole]
