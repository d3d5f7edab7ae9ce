"""A writer of bench/audit_write.py: obeys lines ``mode seconds``, answers with what it did.

Started with the settings in its environment and facility and row as arguments. One act is one
transaction: a row is changed, and its entry is written. The modes share everything but the log:
``plain`` inserts the very same row into a table without number, tag, queue and trigger; ``chain``
binds each such row to the one before it under a lock on the head, inside the transaction.
"""

import hashlib
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import Column, LargeBinary, MetaData, Table, select, text, update

from casemgr import clock, create_app
from casemgr.access.actor import system_actor
from casemgr.audit import Action, AuditEntry, Outcome, record, sequencer, trail
from casemgr.audit.models import PENDING
from casemgr.db import Model, new_id, session
from config import load

_SAME = [c.name for c in AuditEntry.__table__.columns if c.name not in {"lane", "lane_seq", "tag"}]


class PlainEntry(Model):
    """The same row without its log."""

    __table__ = Table(
        "bench_entry",
        Model.metadata,
        *(AuditEntry.__table__.columns[name]._copy() for name in _SAME),  # noqa: SLF001
    )

    if TYPE_CHECKING:
        leaf: bytes


HEAD = Table("bench_head", MetaData(), Column("head", LargeBinary))
WORKER = "worker"


class Writer:
    """One process at work."""

    def __init__(self, facility_id: UUID, row: int) -> None:
        self.actor, self.row = system_actor("bench", facility_id, WORKER), row
        self.modes: dict[str, Callable[[], None]] = {
            "audited": self.audited,
            "plain": self.plain,
            "chain": self.chain,
        }

    def audited(self) -> None:
        """What casemgr does."""
        self._change("bench_row")
        record(self.actor, Action.CASE_SHOWN, case_id=self.actor.facility_id, purpose="case_work")
        session.commit()

    def plain(self) -> None:
        """The twin: an insert of the same row that proves nothing."""
        self._change("bench_row_plain")
        session.add(self._entry())
        session.commit()

    def chain(self) -> None:
        """What a chain inside the transaction costs."""
        self._change("bench_row_plain")
        head = session.scalars(select(HEAD.c.head).with_for_update()).one()
        entry = self._entry()
        session.add(entry)
        session.execute(update(HEAD).values(head=hashlib.sha256(head + entry.leaf).digest()))
        session.commit()

    def _change(self, table: str) -> None:
        session.execute(text(f"UPDATE {table} SET n = n + 1 WHERE id = :id"), {"id": self.row})  # noqa: S608

    def _entry(self) -> PlainEntry:
        values = {
            "id": new_id(),
            "facility_id": self.actor.facility_id,
            "at": clock.now(),
            "account_id": None,
            "acting_as": self.actor.acting_as,
            "action": Action.CASE_SHOWN,
            "outcome": Outcome.DONE,
            "case_id": self.actor.facility_id,
            "subject_kind": None,
            "subject_id": None,
            "compartments": "",
            "purpose": "case_work",
            "channel": self.actor.channel,
            "session_ref": None,
            "address": None,
            "request_id": None,
            "count": None,
            "leaf_version": 3,
        }
        entry = PlainEntry(**values)
        draft = trail._leaf(entry, (), ())  # type: ignore[arg-type]  # noqa: SLF001 - the same bytes
        entry.leaf = trail.canonical(draft | {"lane": str(entry.id), "seq": 1})
        return entry


def _backend_seconds(pid: int) -> float:
    """Processor time of our backend, where it runs on this machine; else 0."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _work(act: Callable[[], None], seconds: float) -> dict[str, float]:
    pid = int(session.scalar(text("SELECT pg_backend_pid()")) or 0)
    session.commit()
    began, ours, theirs, acts = time.perf_counter(), time.process_time(), _backend_seconds(pid), 0
    while (spent := time.perf_counter() - began) < seconds:
        act()
        acts += 1
    cpu = time.process_time() - ours + _backend_seconds(pid) - theirs
    return {"acts": acts, "per_second": acts / spent, "cpu": cpu / acts}


def _sequence(seconds: float) -> dict[str, float]:
    """Rounds of a second, as the worker makes them; how old the oldest entry was that each moved."""
    began, moved, busy, lag = time.perf_counter(), 0, 0.0, 0.0
    while (spent := time.perf_counter() - began) < seconds:
        time.sleep(min(1.0, seconds - spent))
        oldest = session.scalar(
            select(AuditEntry.at)
            .join(PENDING, PENDING.c.entry_id == AuditEntry.id)
            .order_by(AuditEntry.at)
            .limit(1)
        )
        session.commit()
        start = time.perf_counter()
        moved += sequencer.run(session())
        busy += time.perf_counter() - start
        if oldest is not None:
            lag = max(lag, (clock.now() - oldest).total_seconds())
    return {"moved": moved, "busy": busy, "lag": lag}


def main() -> None:
    """Obey until the input ends."""
    writer = Writer(UUID(sys.argv[1]), int(sys.argv[2]))
    with create_app(load()).app_context():
        print("ready", flush=True)
        for line in sys.stdin:
            mode, seconds = line.split()
            if mode == "sequence":
                answer = _sequence(float(seconds))
            else:
                answer = _work(writer.modes[mode], float(seconds))
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
