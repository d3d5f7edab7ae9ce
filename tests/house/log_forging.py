"""A long log in a real database, and what its superuser can do to it; all of it is rolled back."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias, cast
from uuid import UUID

from sqlalchemy import Connection, Engine, Table, delete, insert, select, text, update
from sqlalchemy.orm import Session

from casemgr.access.actor import system_actor
from casemgr.audit import Action, AuditEntry, live, record, sequencer
from casemgr.audit.exporting import SignedHead, write_export
from casemgr.audit.models import LANE, PENDING, STATE, TILE
from casemgr.audit.tiles import Edge, Tree
from casemgr.audit.trail import canonical
from casemgr.audit.verify import leaf_hash, parse_key
from casemgr.crypto.keyring import Keyring
from casemgr.db import session
from tests.audit.exports import BEGIN, Signer
from tests.cast import Cast

ENTRY = cast(Table, AuditEntry.__table__)
Leaves: TypeAlias = list[tuple[UUID, bytes]]  # in the order of the tree
_GUARDED = ("audit_entry", "audit_tile")


def fill(people: Cast, count: int, lanes: int = 3, each: int = 500) -> None:
    """At least so many real entries by the real way, from a few open transactions at a time."""
    for start in range(0, count, lanes * each):
        _write_together(people, lanes, min(each, -(-(count - start) // lanes)))
    sequence(people)


def sequence(people: Cast) -> None:
    """Everything into the tree."""
    with people.app.app_context():
        sequencer.run(session())


def write(people: Cast, count: int = 1) -> list[UUID]:
    """A few entries that wait for the sequencer. Returns their ids."""
    with people.acting():
        who = system_actor("tests", people.facility_id)
        return [record(who, Action.CASE_SHOWN, case_id=UUID(int=7)).id for _ in range(count)]


def _write_together(people: Cast, lanes: int, each: int) -> None:
    with people.acting():
        for number in range(each):
            who = system_actor("tests", people.facility_id)
            record(who, Action.CASE_SHOWN, case_id=UUID(int=number + 1), purpose="case_work")
        if lanes > 1:
            _write_together(people, lanes - 1, each)


@dataclass
class Log:
    """A long log, its keys, and the heads that were signed over it."""

    people: Cast
    engine: Engine
    signer: Signer = field(default_factory=Signer)
    waiting: list[UUID] = field(default_factory=list)  # what a test has left in the queue

    @cached_property
    def leaves(self) -> Leaves:
        """What was written, as the tree has it."""
        with Session(self.engine) as reading:
            tree = Tree(reading)
            rows = reading.execute(select(AuditEntry.id, AuditEntry.leaf))
            by_id = {row.id: row.leaf for row in rows}
            return [(each, by_id[each]) for each in tree.entry_ids(0, tree.size)]

    @property
    def keyring(self) -> Keyring:
        return cast(Keyring, self.people.app.extensions["keyring"])

    def note(self, size: int | None = None, leaves: Leaves | None = None) -> str:
        """A signed head over the first entries."""
        everything = self.leaves if leaves is None else leaves
        return self.signer.sign_hashes([leaf_hash(leaf) for _, leaf in everything[:size]])

    @contextmanager
    def superuser(self) -> Iterator["Superuser"]:
        """Whoever can do everything with the database; nothing of it stays."""
        with self.engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SET LOCAL session_replication_role = replica"))
            else:
                connection.exec_driver_sql("BEGIN")  # the driver begins by itself only at a change
                for table in _GUARDED:
                    for act in ("update", "delete"):
                        connection.execute(text(f"DROP TRIGGER {table}_{act}"))
                connection.execute(text("DROP TRIGGER audit_entry_enqueue"))
            try:
                yield Superuser(connection, self)
            finally:
                connection.rollback()


@dataclass
class Superuser:
    """One transaction in which the log is forged, looked at and exported."""

    connection: Connection
    log: Log

    def edit(self, entry_id: UUID, **columns: Any) -> None:
        """Some columns of one entry."""
        self.connection.execute(update(ENTRY).where(ENTRY.c.id == entry_id).values(columns))

    def edit_leaf(self, index: int, **facts: Any) -> tuple[UUID, bytes]:
        """The leaf of an entry, in place; the columns stay."""
        entry_id, leaf = self.log.leaves[index]
        forged = canonical(json.loads(leaf) | facts)
        self.edit(entry_id, leaf=forged)
        return entry_id, forged

    def delete(self, entry_ids: Iterable[UUID]) -> None:
        """Entries."""
        ids = list(entry_ids)
        for start in range(0, len(ids), 500):
            these = ENTRY.c.id.in_(ids[start : start + 500])
            self.connection.execute(delete(ENTRY).where(these))

    def copy(self, entry_id: UUID, new_id: UUID, **columns: Any) -> tuple[UUID, bytes]:
        """One more entry, made of another one."""
        row = self.row_of(entry_id)
        leaf = canonical(json.loads(row["leaf"]) | {"id": str(new_id)})
        values = {**row, "id": new_id, "leaf": leaf, "lane": None, "lane_seq": None}
        self.connection.execute(insert(ENTRY).values(values | columns))
        return new_id, leaf

    def enqueue(self, entry_id: UUID) -> None:
        """As the trigger would."""
        self.connection.execute(insert(PENDING).values(entry_id=entry_id))

    def dequeue(self, entry_ids: Sequence[UUID]) -> None:
        """As if they had never waited."""
        self.connection.execute(delete(PENDING).where(PENDING.c.entry_id.in_(entry_ids)))

    def row_of(self, entry_id: UUID) -> dict[str, Any]:
        """An entry as it lies there."""
        row = self.connection.execute(select(ENTRY).where(ENTRY.c.id == entry_id)).one()
        return row._asdict()

    def put(self, row: dict[str, Any]) -> None:
        """An entry back, and into the queue."""
        self.connection.execute(insert(ENTRY).values(row))
        self.enqueue(row["id"])

    def rebuild(self, leaves: Sequence[tuple[UUID, bytes]]) -> None:
        """The whole tree anew, as if it had never held anything else."""
        self.connection.execute(delete(TILE))
        self.connection.execute(update(STATE).values(size=0, edge=b"", edge_ids=b""))
        edge = Edge(0, b"", b"")
        for entry_id, leaf in leaves:
            edge.append(leaf_hash(leaf), entry_id)
        with Session(self.connection) as writing:
            edge.write(writing)
            writing.flush()
        last: dict[UUID, int] = {}
        for _, leaf in leaves:
            facts = json.loads(leaf)
            if "lane" in facts:
                last[UUID(facts["lane"])] = facts["seq"]
        for lane, seq in last.items():
            self.connection.execute(update(LANE).where(LANE.c.lane == lane).values(sequenced=seq))

    def look(self, *outside: str) -> live.Report:
        """Verify the database as it lies."""
        with Session(self.connection) as reading:
            keys = [parse_key(self.log.signer.vkey)]
            return live.verify(reading, self.log.keyring, keys=keys, outside=outside)

    def export(self, folder: Path, *notes: str) -> Path:
        """As the product does it, with these heads in the database."""
        heads = [SignedHead(int(note.split("\n")[1]), BEGIN, note) for note in notes]
        with Session(self.connection) as reading:
            write_export(reading, folder, heads)
        return folder
