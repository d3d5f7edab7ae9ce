"""I13 in the databases: 10,000 real entries, tampered with by the superuser of either database.

Everything is found and located by the live verifier and in an export; an untouched log is never
accused. What each test did is the truth; the verifier's answers are written by hand.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias
from uuid import UUID

import pytest
from sqlalchemy import text

from casemgr.audit.live import Fault, Flaw
from casemgr.audit.outsider.aligning import Kind
from casemgr.audit.outsider.examining import WHOLE, examine
from casemgr.audit.trail import canonical
from casemgr.audit.verify import leaf_hash, parse_key
from tests.audit.exports import Signer
from tests.house.log_forging import Log, Superuser

pytestmark = pytest.mark.xdist_group("a long log")  # it is written once for each database
COUNT, VICTIM, OTHER = 10_000, 4_321, 9_001
NEW = UUID(int=0xABCD)


def test_an_untouched_log_is_never_accused(log: Log, tmp_path: Path) -> None:
    assert len(log.leaves) >= COUNT
    with log.superuser() as root:
        report = root.look(log.note(), log.note(6_000))
        assert (report.faults, report.size, report.pending) == ([], len(log.leaves), 0)
        assert report.newest is not None
        assert report.newest.size == len(log.leaves)
        exported = root.export(tmp_path / "export", log.note())
    outside = tmp_path / "older"
    outside.write_text(log.note(6_000), "utf-8")
    told = examine(exported, [parse_key(log.signer.vkey)], [outside], processes=1)
    assert (told.findings, told.code, told.size) == ([], WHOLE, len(log.leaves))


COLUMNS = {
    "facility_id": UUID(int=5),
    "account_id": UUID(int=5),
    "acting_as": "director",
    "action": "case.listed",
    "outcome": "refused",
    "case_id": UUID(int=5),
    "subject_kind": "note",
    "subject_id": UUID(int=5),
    "compartments": "PSYCH",
    "purpose": "other",
    "channel": "web",
    "session_ref": UUID(int=5),
    "request_id": UUID(int=5),
    "count": 5,
    "leaf_version": 2,
    "lane_seq": 77_777,
}


def test_every_edited_column_is_named(log: Log) -> None:
    """What officers see is compared with what is proven."""
    with log.superuser() as root:
        for place, (name, value) in enumerate(COLUMNS.items(), VICTIM):
            root.edit(log.leaves[place][0], **{name: value})
        faults = root.look().faults
    expected = [Fault(place, Flaw.COLUMN, name) for place, name in enumerate(COLUMNS, VICTIM)]
    assert [fault for fault in faults if fault.flaw is Flaw.COLUMN] == expected


Tamper: TypeAlias = Callable[[Superuser, Log], object]


def _swap_leaves(root: Superuser, log: Log) -> None:
    (one, its), (other, others) = log.leaves[VICTIM], log.leaves[OTHER]
    root.edit(one, leaf=others)
    root.edit(other, leaf=its)


def _insert(root: Superuser, log: Log) -> None:
    root.copy(log.leaves[VICTIM][0], NEW)


def _insert_waiting(root: Superuser, log: Log) -> None:
    root.copy(log.leaves[VICTIM][0], NEW)
    root.enqueue(NEW)


def _delete(*places: int) -> Tamper:
    return lambda root, log: root.delete(log.leaves[place][0] for place in places)


def _run(statement: str) -> Tamper:
    return lambda root, _log: root.connection.execute(text(statement))


SIMPLE: dict[str, tuple[Tamper, dict[int, Flaw]]] = {
    "edit a leaf": (
        lambda root, _log: root.edit_leaf(VICTIM, act="home.shown"),
        {VICTIM: Flaw.EDITED},
    ),
    "delete": (_delete(VICTIM), {VICTIM: Flaw.REMOVED}),
    "truncate the head": (
        _delete(*range(1_000)),
        dict.fromkeys(range(1_000), Flaw.REMOVED),
    ),
    "truncate the tail": (
        _delete(*range(9_500, 10_000)),
        dict.fromkeys(range(9_500, 10_000), Flaw.REMOVED),
    ),
    "swap two leaves": (_swap_leaves, {VICTIM: Flaw.EDITED, OTHER: Flaw.EDITED}),
    "insert past the queue": (_insert, {-1: Flaw.BESIDE}),
    "forge a tag": (
        lambda root, log: root.edit(log.leaves[VICTIM][0], tag=b"\0" * 32),
        {VICTIM: Flaw.FORGED},
    ),
    "more was sequenced than there is": (
        _run("UPDATE audit_lane SET sequenced = sequenced + 1"),
        {-1: Flaw.LANE_CUT},
    ),
    "lost on its way to the tree": (
        lambda root, _log: root.enqueue(NEW),
        {-1: Flaw.LOST},
    ),
    "remove a tag": (
        lambda root, log: root.edit(log.leaves[VICTIM][0], tag=None),
        {VICTIM: Flaw.FORGED},
    ),
}


@pytest.mark.parametrize("name", SIMPLE)
def test_what_was_done_to_the_table_is_named(log: Log, name: str) -> None:
    tamper, expected = SIMPLE[name]
    with log.superuser() as root:
        tamper(root, log)
        faults = root.look().faults
    found = {fault.index: fault.flaw for fault in faults if fault.flaw is not Flaw.COLUMN}
    assert found == expected


def test_an_entry_slipped_into_the_queue_is_not_ours(log: Log) -> None:
    with log.superuser() as root:
        _insert_waiting(root, log)
        faults = root.look().faults
    assert Fault(len(log.leaves), Flaw.FORGED, str(NEW)) in faults


def test_nobody_declares_an_entry_to_be_from_before_there_were_tags(
    log: Log, tmp_path: Path
) -> None:
    """The application's role can write the number of such entries; their place it cannot."""
    with log.superuser() as root:
        root.connection.execute(text("UPDATE audit_state SET untagged = 1000000000000"))
        leaf = json.loads(log.leaves[VICTIM][1]) | {"id": str(NEW), "v": 2}
        old = canonical({key: leaf[key] for key in leaf if key not in {"lane", "seq"}})
        root.copy(log.leaves[VICTIM][0], NEW, leaf=old, leaf_version=2, tag=None)
        forged = [*log.leaves, (NEW, old)]
        root.rebuild(forged)
        assert Fault(len(log.leaves), Flaw.FORGED, str(NEW)) in root.look().faults
        exported = root.export(tmp_path / "export", log.note(leaves=forged))
    (found,) = examine(exported, [parse_key(log.signer.vkey)], processes=1).findings
    assert (found.index, found.kind) == (len(log.leaves), Kind.UNNUMBERED)


@pytest.mark.parametrize("leaf", [b'{"lane":1}', b"{", b"[1]"], ids=["lane", "no JSON", "list"])
def test_what_is_no_entry_ends_no_look(log: Log, leaf: bytes) -> None:
    with log.superuser() as root:
        root.copy(log.leaves[VICTIM][0], NEW, leaf=leaf)
        root.enqueue(NEW)
        assert Fault(len(log.leaves), Flaw.FORGED, str(NEW)) in root.look().faults


@pytest.mark.parametrize("number", ["x", "9" * 5_000], ids=["x", "long"])
def test_a_number_that_is_none_ends_no_look(log: Log, number: str) -> None:
    with log.superuser() as root:
        leaf = canonical(json.loads(log.leaves[VICTIM][1]) | {"id": str(NEW), "seq": number})
        root.copy(log.leaves[VICTIM][0], NEW, leaf=leaf)
        root.enqueue(NEW)
        faults = root.look().faults
    assert Fault(len(log.leaves), Flaw.COLUMN, "lane_seq") in faults
    assert Fault(len(log.leaves), Flaw.FORGED, str(NEW)) in faults


def test_every_tile_is_looked_at(log: Log) -> None:
    """A hash in the tree that is not what lies below it."""
    flipped = b"\1" * 32
    with log.superuser() as root:
        content = "content = :new || substr(content, 33)"
        if root.connection.dialect.name == "sqlite":
            content = "content = CAST(:new || substr(content, 33) AS BLOB)"
        statement = text(f"UPDATE audit_tile SET {content} WHERE level = 0 AND tile_index = 3")  # noqa: S608 - our own words
        root.connection.execute(statement, {"new": flipped})
        faults = root.look(log.note()).faults
    flaws = {fault.flaw: fault.index for fault in faults}
    assert flaws[Flaw.EDITED] == 3 * 256
    assert Flaw.MISFIT in flaws


def _exported(log: Log, root: Superuser, folder: Path, *outside: str) -> list[tuple[int, Kind]]:
    """What an outsider finds in an export of the tampered database, with its own newest head."""
    exported = root.export(folder / "export", log.note())
    paths = []
    for number, note in enumerate(outside):
        paths.append(folder / f"outside-{number}")
        paths[-1].write_text(note, "utf-8")
    report = examine(exported, [parse_key(log.signer.vkey)], paths, processes=1)
    return [(each.index, each.kind) for each in report.findings]


EXPORTED: dict[str, tuple[str, list[tuple[int, Kind]]]] = {
    "edit a leaf": ("edit a leaf", [(VICTIM, Kind.EDITED)]),
    "delete": ("delete", [(VICTIM, Kind.REMOVED)]),
    "truncate the head": ("truncate the head", [(0, Kind.CUT_HEAD)]),
    "swap two leaves": ("swap two leaves", [(VICTIM, Kind.MOVED), (OTHER, Kind.MOVED)]),
}


@pytest.mark.parametrize("name", EXPORTED)
def test_an_export_of_it_shows_the_same(log: Log, name: str, tmp_path: Path) -> None:
    tamper, expected = SIMPLE[EXPORTED[name][0]][0], EXPORTED[name][1]
    with log.superuser() as root:
        tamper(root, log)
        assert _exported(log, root, tmp_path) == expected


def test_a_database_put_back_is_found_by_a_head_that_left_it(log: Log, tmp_path: Path) -> None:
    """Without one it is whole, and says so no further than it can know."""
    with log.superuser() as root:
        root.delete(entry_id for entry_id, _ in log.leaves[7_000:])
        root.rebuild(log.leaves[:7_000])
        assert root.look(log.note(6_000)).faults == []
        assert root.look(log.note()).faults == [
            Fault(7_000, Flaw.ROLLED_BACK, str(len(log.leaves)))
        ]
        exported = root.export(tmp_path / "export", log.note(7_000))
    outside = tmp_path / "newest"
    outside.write_text(log.note(), "utf-8")
    key = [parse_key(log.signer.vkey)]
    assert examine(exported, key, processes=1).code == WHOLE
    (shorter,) = examine(exported, key, [outside], processes=1).findings
    assert (shorter.index, shorter.kind, shorter.other) == (7_000, Kind.SHORTER, len(log.leaves))


def test_a_fork_is_told_by_its_two_heads(log: Log, tmp_path: Path) -> None:
    other = [*log.leaves[:7_000], *log.leaves[7_500:]]
    with log.superuser() as root:
        root.delete(entry_id for entry_id, _ in log.leaves[7_000:7_500])
        root.rebuild(other)
        flaws = {(f.index, f.flaw) for f in root.look(log.note(9_000), log.note(6_000)).faults}
        assert (9_000, Flaw.MISFIT) in flaws
        assert (6_000, Flaw.MISFIT) not in flaws
        exported = root.export(tmp_path / "export", log.note(leaves=other))
    outside = tmp_path / "outside"
    outside.write_text(log.note(9_000), "utf-8")
    report = examine(exported, [parse_key(log.signer.vkey)], [outside], processes=1)
    assert any(
        f.kind is Kind.FORKED and f.name == f"{outside} | checkpoint" for f in report.findings
    )


def test_another_key_signs_for_nobody(log: Log, tmp_path: Path) -> None:
    stranger = Signer(name=log.signer.name)
    note = stranger.sign_hashes([leaf_hash(leaf) for _, leaf in log.leaves])
    with log.superuser() as root:
        assert [fault.flaw for fault in root.look(note).faults] == [Flaw.UNSIGNED]
        exported = root.export(tmp_path / "export", note)
    (unsigned,) = examine(exported, [parse_key(log.signer.vkey)], processes=1).findings
    assert unsigned.kind is Kind.UNSIGNED
