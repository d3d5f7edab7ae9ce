"""Which cases a list showed, one narrow row each: "who saw this case on a list" answered by an index.

A projection of the leaves, which alone are proof: ``rows_missing`` finds what was taken out of it.
Rows are only ever added. No foreign key to a case: an erased one keeps its history.
"""

import json
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, PrimaryKeyConstraint, Table, Uuid, insert, select
from sqlalchemy.engine import Connection

from casemgr.audit.actions import Action
from casemgr.audit.models import AuditEntry
from casemgr.db import Model, session
from casemgr.db.types import UtcDateTime

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
    """The ids that a list page showed, out of the entry's proven bytes."""
    return [UUID(text) for text in json.loads(leaf).get("ids", ())]


def rows_missing(connection: Connection, entries: Iterable[AuditEntry]) -> Iterator[UUID]:
    """The entries whose rows here are not those that their leaves ask for."""
    for entry in entries:
        wanted = set(ids_shown(entry.leaf)) if entry.action in LISTING else set()
        query = select(audit_shown.c.case_id).where(
            audit_shown.c.entry_id == entry.id, audit_shown.c.at == entry.at
        )
        if (
            wanted
            and set(connection.scalars(query.where(audit_shown.c.case_id.in_(wanted)))) != wanted
        ):
            yield entry.id


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
