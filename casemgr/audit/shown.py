"""Which cases a list showed, one narrow row each: "who saw this case on a list" answered by an index.

A projection of the leaves, which alone are proof: ``rows_missing`` finds what was taken out of it,
and the live look tells of that.
Rows are only ever added. No foreign key to a case: an erased one keeps its history.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

import orjson
from sqlalchemy import Column, PrimaryKeyConstraint, Row, Table, Uuid, insert, select, tuple_
from sqlalchemy.engine import Connection

from casemgr.audit.actions import Action
from casemgr.audit.models import AuditEntry
from casemgr.db import Model, session
from casemgr.db.types import UtcDateTime

_Key: TypeAlias = tuple[UUID, datetime, UUID]  # case, moment, entry
_AT_ONCE = 300  # rows asked for in one statement

LISTING = frozenset(  # acts whose entry carries the ids of the cases that were shown or compared
    {
        Action.CASES_LISTED,
        Action.CASES_SEARCHED,
        Action.NOTICES_LISTED,
        Action.SCREENINGS_LISTED,
        Action.REFERRALS_LISTED,
        Action.ERASURES_LISTED,
        Action.HOLDS_LISTED,
        Action.RIGHTS_LISTED,
        Action.RIGHTS_STEPS_LISTED,
        Action.NUMBER_COMPARED,
        Action.NUMBER_ASKED,
    }
)

audit_shown = Table(
    "audit_shown",
    Model.metadata,
    Column("facility_id", Uuid(), nullable=False),
    Column("case_id", Uuid(), nullable=False),
    Column("at", UtcDateTime(), nullable=False),
    Column("entry_id", Uuid(), nullable=False),
    PrimaryKeyConstraint("case_id", "at", "entry_id"),
)


def keep_shown(entry: AuditEntry, shown: Collection[UUID]) -> None:
    """Add the rows of a list's entry to the running transaction; called by ``trail.record``."""
    if shown and entry.action in LISTING:
        rows = rows_of(entry.facility_id, entry.at, entry.id, shown)
        session.connection().execute(insert(audit_shown), rows)


def rows_of(
    facility_id: UUID, at: datetime, entry_id: UUID, shown: Iterable[UUID]
) -> list[dict[str, Any]]:
    """One row for each case that the entry shows."""
    same = {"facility_id": facility_id, "at": at, "entry_id": entry_id}
    return [{**same, "case_id": case_id} for case_id in sorted(set(shown))]


def ids_shown(leaf: bytes) -> list[UUID]:
    """The ids that a list page showed, out of the entry's proven bytes.

    None where somebody wrote something else there: the sequencer and the live look tell of that.
    """
    try:
        return [UUID(text) for text in orjson.loads(leaf).get("ids", ())]
    except (AttributeError, TypeError, ValueError):
        return []


def rows_missing(
    connection: Connection, entries: Iterable[AuditEntry | Row[Any]]
) -> Iterator[UUID]:
    """The entries that lack rows which their leaves ask for here; looked up many at once."""
    wanted: list[_Key] = []
    for entry in entries:
        if entry.action in LISTING:
            wanted += [(case_id, entry.at, entry.id) for case_id in ids_shown(entry.leaf)]
        if len(wanted) >= _AT_ONCE:
            yield from _lacking(connection, wanted)
            wanted = []
    yield from _lacking(connection, wanted)


def _lacking(connection: Connection, wanted: Sequence[_Key]) -> Iterator[UUID]:
    columns = audit_shown.c.case_id, audit_shown.c.at, audit_shown.c.entry_id
    there: set[_Key] = set()
    for start in range(0, len(wanted), _AT_ONCE):
        these = tuple_(*columns).in_(wanted[start : start + _AT_ONCE])
        there.update(
            (row[0], row[1], row[2]) for row in connection.execute(select(*columns).where(these))
        )
    yield from dict.fromkeys(key[2] for key in wanted if key not in there)


REFUSAL = "what lists showed is append-only"
_ACTS = ("UPDATE", "DELETE")


def install(dialect: str) -> list[str]:
    """The statements that make the table insert-only; on SQLite against accident only."""
    if dialect != "postgresql":
        return [
            f"CREATE TRIGGER audit_shown_{act.lower()} BEFORE {act} ON audit_shown "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            for act in _ACTS
        ]
    function = (
        "CREATE FUNCTION audit_shown_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
    )
    return [
        function,
        *(
            f"CREATE TRIGGER audit_shown_{act.lower()} BEFORE {act} ON audit_shown "
            f"FOR EACH {'STATEMENT' if act == 'TRUNCATE' else 'ROW'} "
            "EXECUTE FUNCTION audit_shown_refuse()"
            for act in (*_ACTS, "TRUNCATE")
        ),
    ]


def remove(dialect: str) -> list[str]:
    """The statements that take this back, for a downgrade."""
    if dialect != "postgresql":
        return [f"DROP TRIGGER audit_shown_{act.lower()}" for act in _ACTS]
    dropped = [
        f"DROP TRIGGER audit_shown_{act.lower()} ON audit_shown" for act in (*_ACTS, "TRUNCATE")
    ]
    return [*dropped, "DROP FUNCTION audit_shown_refuse()"]
