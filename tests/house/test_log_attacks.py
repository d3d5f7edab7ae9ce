"""The attack matrix of audit.md §1.2 against the real databases, row by row, as their superuser.

1,000 events and the last head that left the house at 900, as there. The table is written by hand; a
"-" is as much a promise as an "X": what cannot be seen must not be claimed.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from casemgr.access.actor import system_actor
from casemgr.audit import Action, record
from casemgr.audit.outsider.examining import WHOLE, examine
from casemgr.audit.verify import parse_key
from tests.house.log_forging import Leaves, Log, Superuser, write

pytestmark = pytest.mark.xdist_group("the attack matrix")
COUNT, OLD, WITNESSED, ROW = 1_000, 500, 900, 123
Attack: TypeAlias = Callable[[Superuser, Log], "Leaves | None"]  # the leaves that it recomputed


def _edit(index: int) -> Attack:
    def attack(root: Superuser, log: Log) -> Leaves:
        forged = log.leaves.copy()
        forged[index] = root.edit_leaf(index, purp="other")
        root.edit(forged[index][0], purpose="other")
        return forged

    return attack


def _backdate(root: Superuser, log: Log) -> Leaves:
    forged = log.leaves.copy()
    forged[ROW] = root.edit_leaf(ROW, at="2020-01-01T00:00:00.000000+00:00")
    return forged


def _delete(index: int) -> Attack:
    def attack(root: Superuser, log: Log) -> Leaves:
        root.delete([log.leaves[index][0]])
        return log.leaves[:index] + log.leaves[index + 1 :]

    return attack


def _swap(_root: Superuser, log: Log) -> Leaves:
    forged = log.leaves.copy()
    forged[ROW], forged[ROW + 1] = forged[ROW + 1], forged[ROW]
    return forged


def _restore(root: Superuser, log: Log) -> Leaves:
    root.delete(entry_id for entry_id, _ in log.leaves[700:])
    return log.leaves[:700]


def _nothing(attack: Attack) -> Attack:
    """Without recomputing anything."""

    def without(root: Superuser, log: Log) -> None:
        attack(root, log)

    return without


def _waiting(*places: int) -> Attack:
    """Entries that wait for the sequencer, with their places in the queue."""

    def attack(root: Superuser, log: Log) -> None:
        ids = [log.waiting[place] for place in places]
        root.delete(ids)
        root.dequeue(ids)

    return attack


# Each column sees what those to its left see. Of the chain: its own root alone.
EVIDENCE = ("chain", "own heads", "one old head", "witness", "tags and lanes", "heartbeat")
MATRIX: dict[str, tuple[Attack, bool, str]] = {  # attack, whether it has the log key, what is seen
    "edit a row, recompute nothing": (_nothing(_edit(ROW)), False, "X X X X X X"),
    "edit, recompute": (_edit(ROW), False, "- - X X X X"),
    "delete, recompute": (_delete(ROW), False, "- - X X X X"),
    "swap, recompute": (_swap, False, "- - X X X X"),
    "backdate, recompute": (_backdate, False, "- - X X X X"),
    "edit row 123 with a stolen key": (_edit(ROW), True, "- - X X X X"),
    "edit row 750 with a stolen key": (_edit(750), True, "- - - X X X"),
    "restore an old backup": (_restore, False, "- - - X X X"),
    "edit row 950, not yet witnessed": (_edit(950), True, "- - - - X X"),
    "delete what is not yet sequenced": (_waiting(0), True, "- - - - X X"),
    "delete the newest of a lane": (_waiting(1), True, "- - - - - X"),
}


@pytest.fixture(scope="module")
def attacked(log: Log) -> Log:
    """With three entries of one lane in the queue, the last of them its heartbeat."""
    log.waiting = write(log.people, 2)
    with log.people.acting():
        who = system_actor("tests", log.people.facility_id)
        log.waiting.append(record(who, Action.LOG_HEARTBEAT).id)
    return log


def _is_seen(folder: Path, log: Log, own: list[str], outside: list[str]) -> bool:
    """Whether an outsider finds anything, looking at the tree alone."""
    paths = []
    for note in outside:
        paths.append(folder.parent / f"{folder.name}-{note.split()[1]}")
        paths[-1].write_text(note, "utf-8")
    keys = [parse_key(log.signer.vkey)]
    report = examine(folder, keys, paths, fast=True)
    return report.code != WHOLE if own or outside else any(f.index >= 0 for f in report.findings)


def seen(log: Log, name: str, folder: Path) -> str:
    """The row of the matrix as it turns out."""
    attack, has_key, _ = MATRIX[name]
    old, witnessed = log.note(OLD), log.note(WITNESSED)
    with log.superuser() as root:
        if name == "delete the newest of a lane":
            return _tail(root, log, folder, [old, witnessed])
        forged = attack(root, log)
        leaves = log.leaves if forged is None else forged
        if forged is not None:
            root.rebuild(forged)
        own = [log.note(leaves=leaves)] if has_key else _that_fit(log, leaves)
        chain, signed = root.export(folder / "chain"), root.export(folder / "signed", *own)
        outside = root.export(folder / "outside", log.note(leaves=leaves))
        answers = [
            _is_seen(chain, log, [], []),
            _is_seen(signed, log, own, []),
            _is_seen(outside, log, own, [old]),
            _is_seen(outside, log, own, [old, witnessed]),
            bool(root.look(old, witnessed).faults),
        ]
    return " ".join("X" if answer else "-" for answer in [*answers, answers[-1]])


def _tail(root: Superuser, log: Log, folder: Path, notes: list[str]) -> str:
    """The newest of a lane are gone: with what follows them, and then with a heartbeat left."""
    chain, own = root.export(folder / "chain"), [log.note()]
    signed = root.export(folder / "signed", *own)
    with_tail = [
        _is_seen(chain, log, [], []),
        _is_seen(signed, log, own, []),
        _is_seen(signed, log, own, notes[:1]),
        _is_seen(signed, log, own, notes),
    ]
    heartbeat = log.waiting[2]
    row = root.row_of(heartbeat)
    _waiting(1, 2)(root, log)
    with_tail.append(bool(root.look(*notes).faults))
    root.put(row)
    with_tail.append(bool(root.look(*notes).faults))
    return " ".join("X" if answer else "-" for answer in with_tail)


def _that_fit(log: Log, leaves: Leaves) -> list[str]:
    """The heads that a forger without the key leaves in the database: those before the change."""
    same = 0
    for one, other in zip(log.leaves, leaves, strict=False):
        if one != other:
            break
        same += 1
    return [log.note(size) for size in range(100, same + 1, 100)]


@pytest.mark.parametrize("name", MATRIX)
def test_each_row_is_seen_by_what_can_see_it(attacked: Log, name: str, tmp_path: Path) -> None:
    assert seen(attacked, name, tmp_path) == MATRIX[name][2], EVIDENCE


def test_nothing_is_seen_where_nothing_was_done(attacked: Log, tmp_path: Path) -> None:
    with attacked.superuser() as root:
        exported = root.export(tmp_path / "export", attacked.note())
        assert not _is_seen(exported, attacked, ["own"], [attacked.note(OLD), attacked.note()])
        assert root.look(attacked.note(OLD), attacked.note(WITNESSED)).faults == []
