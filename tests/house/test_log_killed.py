"""I14: writers, sequencer and server connections killed at random under load.

No act without its entry, no entry without its act, the tree verifies, sequencing catches up. 3
points here, 200 in soak; each is one of: kill -9 of a writer, of the sequencer, or (PostgreSQL) an
end of every connection of the database.
"""

import random
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.pool import NullPool

from casemgr.audit import Action, AuditEntry, sequencer
from casemgr.audit.models import PENDING
from casemgr.audit.tiles import Tree
from casemgr.audit.verify import leaf_hash
from casemgr.db import session
from casemgr.directory.models import Organisation
from config import Settings
from tests.audit.slow_tree import mth
from tests.cast import Cast
from tests.house.test_keys_soak import child
from tests.planting import past_the_log

Process = subprocess.Popen[str]
WRITERS = 2


class Load:
    """Two writers and a sequencer, each started anew after it was killed."""

    def __init__(self, settings: Settings, facility_id: UUID, stack: ExitStack) -> None:
        self._settings, self._facility_id, self._stack = settings, str(facility_id), stack
        self.writers = [self._start("logging_acts", self._facility_id) for _ in range(WRITERS)]
        self.sequencer = self._start("sequencing")
        self.confirmed: set[UUID] = set()

    def kill_writer(self, which: int) -> None:
        self._collect(self.writers[which])
        self.writers[which] = self._start("logging_acts", self._facility_id)

    def kill_sequencer(self) -> None:
        self.sequencer.kill()
        self.sequencer.communicate()
        self.sequencer = self._start("sequencing")

    def end_connections(self) -> None:
        """As a server that is restarted, or killed, does to everybody."""
        engine = create_engine(self._settings.database_url, poolclass=NullPool)
        with engine.begin() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        engine.dispose()

    def stop(self) -> None:
        for writer in self.writers:
            self._collect(writer)
        self.sequencer.kill()
        self.sequencer.communicate()

    def _start(self, program: str, *arguments: str) -> Process:
        process = self._stack.enter_context(child(program, self._settings, *arguments))
        assert process.stdout
        assert process.stdout.readline() == "ready\n", process.communicate()
        return process

    def _collect(self, writer: Process) -> None:
        assert writer.poll() is None, writer.communicate()
        writer.kill()
        said = writer.communicate()[0].split("\n")
        self.confirmed |= {UUID(line) for line in said if len(line) == 36}


def faults(app: Flask) -> list[str]:
    """Everything that does not fit together; sequences first what waits."""
    with app.app_context():
        sequencer.run(session())
        acts = set(session.scalars(select(Organisation.id)))
        query = select(AuditEntry.subject_id).where(AuditEntry.action == Action.DIRECTORY_SEEDED)
        told = set(session.scalars(query))
        found = [f"{act} has no entry" for act in acts - told]
        found += [f"an entry tells of {act}, which is not there" for act in told - acts]
        found += [*_of_the_lanes(), *_of_the_tree()]
        session.rollback()
    return found


def _of_the_lanes() -> Iterator[str]:
    gone = select(AuditEntry.lane, func.max(AuditEntry.lane_seq), func.count())
    for lane, newest, count in session.execute(gone.group_by(AuditEntry.lane)):
        if newest != count:
            yield f"lane {lane} has {count} entries and ends with {newest}"
    wrong = select(AuditEntry.action).where(
        AuditEntry.action.in_([Action.LOG_TAG_WRONG, Action.LOG_LANE_GAP])
    )
    yield from (f"the sequencer accused the log: {action}" for action in session.scalars(wrong))


def _of_the_tree() -> Iterator[str]:
    """Every entry once, every leaf as it lies in its row, the root by the slow way."""
    tree = Tree(session())
    leaves = {row.id: row.leaf for row in session.execute(select(AuditEntry.id, AuditEntry.leaf))}
    ids = list(tree.entry_ids(0, tree.size))
    if sorted(ids) != sorted(leaves):
        yield f"{len(leaves)} entries, {len(ids)} in the tree, {len(set(ids))} different ones"
        return
    ordered = [leaves[each] for each in ids]
    if list(tree.leaf_hashes(0, tree.size)) != [leaf_hash(leaf) for leaf in ordered]:
        yield "a leaf is not what the tree says"
    if tree.head().root != mth(ordered):
        yield "the root is another one"
    if session.scalar(select(func.count()).select_from(PENDING)):
        yield "something still waits"


@contextmanager
def load(settings: Settings, cast: Cast) -> Iterator[Load]:
    with ExitStack() as stack:
        yield Load(settings, cast.facility_id, stack)


@pytest.mark.soak
def test_whoever_is_killed_the_log_is_whole(
    app: Flask, cast: Cast, settings: Settings, share: int
) -> None:
    seed = int(time.time())
    moments, points = random.Random(seed), max(3, share // 5)
    ways = ["writer", "sequencer"]
    if settings.database_url.startswith("postgresql"):
        ways.append("connections")
    with load(settings, cast) as at_work:
        for point in range(points):
            time.sleep(moments.uniform(0.05, 0.4))
            way = ways[point % len(ways)]
            if way == "writer":
                at_work.kill_writer(moments.randrange(WRITERS))
            elif way == "sequencer":
                at_work.kill_sequencer()
            else:
                at_work.end_connections()
        time.sleep(0.3)
        at_work.stop()
    assert faults(app) == [], f"seed {seed}"
    with app.app_context():
        kept = set(session.scalars(select(Organisation.id)))
        session.rollback()
    assert at_work.confirmed, "nobody committed anything"
    assert at_work.confirmed <= kept, f"lost what was confirmed (seed {seed})"


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DELETE FROM organisation", "which is not there"),
        ("DELETE FROM audit_entry WHERE action = 'directory.seeded'", "has no entry"),
        ("UPDATE audit_entry SET leaf = :other WHERE action = 'directory.seeded'", "not what"),
    ],
    ids=["act gone", "entry gone", "entry altered"],
)
def test_what_is_torn_is_found(
    app: Flask, cast: Cast, settings: Settings, statement: str, said: str
) -> None:
    from tests.house.logging_acts import act

    with app.app_context():
        act(cast.facility_id, 1)
    assert faults(app) == []
    engine = past_the_log(settings.database_url)
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            for name in ("update", "delete"):
                connection.execute(text(f"DROP TRIGGER audit_entry_{name}"))
        values = {"other": b"{}"} if ":other" in statement else {}
        connection.execute(text(statement), values)
    engine.dispose()
    assert any(said in fault for fault in faults(app))
