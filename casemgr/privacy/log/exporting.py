"""The narrowed log as a file: an entry before the first byte, and one with the digest at the end.

An export without its second entry was broken off.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, select

from casemgr import clock
from casemgr.access import Actor, Permission
from casemgr.audit import Action, AuditEntry, record
from casemgr.crypto.connections import SealedCell
from casemgr.db import session
from casemgr.privacy.log.query import Branch, Mark, all_of, branches, newest
from casemgr.privacy.log.rules import Filters

EXPORT_BATCH = 1000


class Format(StrEnum):
    """What kind of file the log leaves as."""

    CSV = "csv"
    NDJSON = "ndjson"  # one FHIR AuditEvent per line
    BUNDLE = "fhir"  # one FHIR Bundle


@dataclass(slots=True)
class Export:
    """One export that is under way: what it holds, and what has left so far."""

    entry_id: UUID  # of the entry that it began with
    format: Format
    filters: Filters
    expected: int  # how many entries fitted when it began
    _found: list[Branch]
    rows: int = 0
    _digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def batches(self) -> Iterator[list[AuditEntry]]:
        """The entries, newest first. Between two batches the caller ends the transaction."""
        below: Mark | None = None
        while True:
            rows = list(session.scalars(newest(self._found, below, EXPORT_BATCH)))
            if rows:
                below = Mark(rows[-1].at, rows[-1].id)
                self.rows += len(rows)
                yield rows
                session.expunge_all()
            if len(rows) < EXPORT_BATCH:
                return

    def leaving(self, part: str) -> str:
        """What is about to leave; its bytes count for the digest."""
        self._digest.update(part.encode())
        return part

    @property
    def digest(self) -> bytes:
        """SHA-256 over all bytes that left."""
        return self._digest.digest()


def begin_export(actor: Actor, filters: Filters, kind: Format) -> Export:
    """Record the export with its count; nothing has left yet. The caller commits first."""
    actor.require(Permission.LOG_EXPORT)
    bounded = filters.up_to(clock.now())
    found = branches(actor, bounded)
    count = session.scalar(select(func.count()).select_from(all_of(found))) or 0
    entry = record(
        actor,
        Action.LOG_EXPORTED,
        case_id=filters.case_id,
        subject_kind="account" if filters.colleague_id else f"export:{kind}",
        subject_id=filters.colleague_id,
        count=count,
    )
    return Export(entry.id, kind, bounded, count, found)


def end_export(actor: Actor, export: Export) -> None:
    """Record that everything left: how many entries, and the SHA-256 of the file in the leaf."""
    actor.require(Permission.LOG_EXPORT)
    file = SealedCell(f"log_export.{export.format}", export.entry_id, export.digest)
    record(
        actor,
        Action.LOG_EXPORT_ENDED,
        subject_kind=f"export:{export.format}",
        subject_id=export.entry_id,
        count=export.rows,
        sealed=[file],
    )
