"""Pending entries go into the tree, whatever they are; what is wrong with them is told."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, create_engine, func, select, text
from sqlalchemy.pool import NullPool

from casemgr.access.actor import system_actor
from casemgr.audit import Action, AuditEntry, record, sequencer
from casemgr.audit.models import LANE, PENDING
from casemgr.audit.tiles import Tree
from casemgr.audit.verify import leaf_hash
from casemgr.db import new_id, session
from config import Settings
from tests.audit.slow_tree import mth
from tests.cast import Cast


@pytest.fixture
def superuser(settings: Settings) -> Iterator[Engine]:
    """Whoever can do everything with the database, past casemgr."""
    engine = create_engine(settings.database_url, poolclass=NullPool)
    yield engine
    engine.dispose()


def write(cast: Cast, count: int = 1) -> None:
    for _ in range(count):
        with cast.acting():
            record(system_actor("tests", cast.facility_id), Action.HOME_SHOWN)


def sequence(cast: Cast) -> int:
    with cast.app.app_context():
        return sequencer.run(session())


def pending(cast: Cast) -> int:
    with cast.app.app_context():
        return session.scalar(select(func.count()).select_from(PENDING)) or 0


def found(cast: Cast, *actions: Action) -> list[tuple[Action, UUID | None, int | None]]:
    with cast.app.app_context():
        query = select(AuditEntry.action, AuditEntry.subject_id, AuditEntry.count)
        query = query.where(
            AuditEntry.action.in_(actions or [Action.LOG_TAG_WRONG, Action.LOG_LANE_GAP])
        )
        return [tuple(row) for row in session.execute(query.order_by(AuditEntry.at))]  # type: ignore[misc]


def do(engine: Engine, statement: str, **values: Any) -> None:
    """As the superuser, with every trigger held still."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            for act in ("update", "delete"):
                connection.execute(text(f"DROP TRIGGER IF EXISTS audit_entry_{act}"))
            values = {k: v.hex if isinstance(v, UUID) else v for k, v in values.items()}
        connection.execute(text(statement), values)


def entries(cast: Cast) -> list[AuditEntry]:
    with cast.app.app_context():
        rows = session.scalars(select(AuditEntry).order_by(AuditEntry.lane, AuditEntry.lane_seq))
        found = list(rows)
        session.expunge_all()
    return found


def test_every_entry_waits_and_then_stands_in_the_tree(cast: Cast) -> None:
    write(cast, 5)
    everything = entries(cast)
    assert pending(cast) == len(everything)
    assert sequence(cast) == len(everything)
    assert pending(cast) == 0
    assert sequence(cast) == 0
    with cast.app.app_context():
        tree = Tree(session())
        by_id = {entry.id: entry.leaf for entry in everything}
        leaves = [by_id[entry_id] for entry_id in tree.entry_ids(0, tree.size)]
        assert sorted(leaves) == sorted(by_id.values())
        assert tree.head().root == mth(leaves)
        assert list(tree.leaf_hashes(0, tree.size)) == [leaf_hash(leaf) for leaf in leaves]
    assert found(cast) == []


def test_a_lane_stands_in_the_tree_in_its_own_order(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However small the batches: ids of one millisecond have no order, moments and numbers have."""
    monkeypatch.setattr(sequencer, "BATCH", 3)
    with cast.acting():
        for _ in range(20):
            record(system_actor("tests", cast.facility_id), Action.HOME_SHOWN)
    sequence(cast)
    by_id = {entry.id: (entry.lane, entry.lane_seq) for entry in entries(cast)}
    with cast.app.app_context():
        tree = Tree(session())
        order = [by_id[entry_id] for entry_id in tree.entry_ids(0, tree.size)]
    assert order == sorted(order, key=lambda place: place[1] or 0)
    assert found(cast) == []


def test_what_was_rolled_back_never_waits(cast: Cast) -> None:
    before = pending(cast)
    with cast.app.app_context():
        record(system_actor("tests", cast.facility_id), Action.HOME_SHOWN)
        session.flush()
        session.rollback()
    assert pending(cast) == before


def test_after_a_round_its_head_can_be_signed(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    monkeypatch.setattr(
        sequencer, "after_sequencing", [lambda reading: sizes.append(Tree(reading).size)]
    )
    write(cast)
    sequence(cast)
    sequence(cast)
    assert sizes == [len(entries(cast))] * 2


@pytest.mark.parametrize("column", ["leaf", "tag", "lane_seq"])
def test_an_entry_that_was_altered_before_it_was_sequenced_is_told_of(
    cast: Cast, superuser: Engine, column: str
) -> None:
    write(cast, 3)
    entry = entries(cast)[-2]
    new: Any = {
        "leaf": json.dumps(json.loads(entry.leaf) | {"as": "nobody"}).encode(),
        "tag": bytes(32),
        "lane_seq": 999,
    }[column]
    statement = f"UPDATE audit_entry SET {column} = :new WHERE id = :id"  # noqa: S608 - our names
    do(superuser, statement, new=new, id=entry.id)
    sequence(cast)
    told = found(cast)
    assert (Action.LOG_TAG_WRONG, entry.id) in {(action, subject) for action, subject, _ in told}
    assert len(told) == 2, "its number is missed as well"
    with cast.app.app_context():
        assert Tree(session()).position_of(entry.id) is not None, "the tree tells what is there"


@pytest.mark.parametrize("untagged", [0, 10**12], ids=["as it is", "raised"])
def test_an_entry_by_somebody_without_the_keys_is_told_of(
    cast: Cast, superuser: Engine, untagged: int
) -> None:
    """A copy under another id, in no lane as the old ones are, or in a lane of its own.

    The application's own role can say that any number of entries is from before there were tags.
    """
    write(cast)
    sequence(cast)
    do(superuser, "UPDATE audit_state SET untagged = :untagged", untagged=untagged)
    original = entries(cast)[-1]
    columns = ", ".join(
        column.name
        for column in AuditEntry.__table__.columns
        if column.name not in {"id", "lane", "lane_seq", "leaf_version"}
    )
    forged = [new_id(), new_id()]
    for version, lane, entry_id in ((2, None, forged[0]), (3, new_id(), forged[1])):
        statement = (
            f"INSERT INTO audit_entry (id, lane, lane_seq, leaf_version, {columns}) "  # noqa: S608
            f"SELECT :new, {':lane' if lane else 'NULL'}, 1, {version}, {columns} "
            "FROM audit_entry WHERE id = :id"
        )
        do(superuser, statement, new=entry_id, id=original.id, **({"lane": lane} if lane else {}))
        if superuser.dialect.name == "postgresql":  # with the triggers at work it waits by itself
            do(superuser, "INSERT INTO audit_pending (entry_id) VALUES (:new)", new=entry_id)
    sequence(cast)
    told = [subject for action, subject, _ in found(cast) if action is Action.LOG_TAG_WRONG]
    assert sorted(told) == sorted(forged)  # type: ignore[type-var]


NO_LEAVES = {
    "a lane alone": b'{"lane":1}',
    "a list": b'["lane"]',
    "a number": b"7",
    "no JSON": b"\xff{",
    "deep": b"[" * 100_000,
}


@pytest.mark.parametrize("name", NO_LEAVES)
def test_a_row_that_says_nonsense_keeps_nobody_waiting(
    cast: Cast, superuser: Engine, name: str
) -> None:
    write(cast, 3)
    entry = entries(cast)[-2]
    statement = "UPDATE audit_entry SET leaf = :leaf WHERE id = :id"
    do(superuser, statement, leaf=NO_LEAVES[name], id=entry.id)
    sequence(cast)
    assert pending(cast) == 0
    told = [subject for action, subject, _ in found(cast) if action is Action.LOG_TAG_WRONG]
    assert told == [entry.id]


def test_old_entries_are_lawful_before_the_first_tagged_one_alone(
    cast: Cast, superuser: Engine
) -> None:
    """As after an upgrade, all in one round: nothing was sequenced before."""
    write(cast, 4)
    with cast.app.app_context():
        ids = list(session.scalars(select(AuditEntry.id).order_by(AuditEntry.at, AuditEntry.id)))
    statement = (
        "UPDATE audit_entry SET lane = NULL, lane_seq = NULL, tag = NULL, leaf_version = 2 "
        "WHERE id = :id"
    )
    for entry_id in (*ids[:-2], ids[-1]):
        do(superuser, statement, id=entry_id)
    do(superuser, "UPDATE audit_state SET untagged = 1000")
    do(superuser, "DELETE FROM audit_lane")
    sequence(cast)
    told = [subject for action, subject, _ in found(cast) if action is Action.LOG_TAG_WRONG]
    assert told == ids[-1:], "it came after the tagged one"


def test_an_entry_removed_before_it_was_sequenced_is_told_of(cast: Cast, superuser: Engine) -> None:
    """Removed alone, it is missed in the queue; with its place in the queue, in its lane."""
    write(cast, 4)
    *_, first, second, _last = entries(cast)
    do(superuser, "DELETE FROM audit_entry WHERE id = :id", id=first.id)
    do(superuser, "DELETE FROM audit_entry WHERE id = :id", id=second.id)
    do(superuser, "DELETE FROM audit_pending WHERE entry_id = :id", id=second.id)
    sequence(cast)
    told = found(cast)
    assert {action for action, _, _ in told} == {Action.LOG_LANE_GAP}
    assert (Action.LOG_LANE_GAP, first.id, 1) in told
    assert (Action.LOG_LANE_GAP, _last.id, 2) in told
    assert len(told) == 2
    sequence(cast)
    assert len(found(cast)) == 2, "told once"


def test_how_far_each_lane_is(cast: Cast) -> None:
    write(cast, 2)
    sequence(cast)
    write(cast, 3)
    sequence(cast)
    newest: dict[UUID | None, int] = {}
    for entry in entries(cast):
        newest[entry.lane] = max(entry.lane_seq or 0, newest.get(entry.lane, 0))
    with cast.app.app_context():
        rows = session.execute(select(LANE.c.lane, LANE.c.sequenced))
        assert {row.lane: row.sequenced for row in rows} == newest
