"""The tamper suite on exports: everything is found and located, an untouched log never accused.

10,000 entries; the truth is what each test did, never what the verifier says elsewhere.
"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from casemgr.audit.outsider.aligning import Finding, Kind
from casemgr.audit.outsider.examining import INCOMPLETE, TAMPERED, WHOLE, Report, examine
from casemgr.audit.outsider.sentences import of_report
from casemgr.audit.trail import canonical
from casemgr.audit.verify import leaf_hash, parse_key
from tests.audit.exports import Signer, expiry, leaves, write

COUNT, OLD, VICTIM = 10_000, 6_000, 4_321
LEAVES = leaves(COUNT)
HOSPITAL, STRANGER = Signer(), Signer()
NEWEST, OLDER = HOSPITAL.checkpoint(LEAVES), HOSPITAL.checkpoint(LEAVES, OLD)


def look(folder: Path, *outside: str, fast: bool = False) -> Report:
    paths = []
    for number, note in enumerate(outside):
        path = folder.parent / f"outside-{number}"
        path.write_text(note, "utf-8")
        paths.append(path)
    return examine(folder, [parse_key(HOSPITAL.vkey)], paths, fast=fast, processes=1)


def kinds(report: Report) -> list[tuple[int, Kind, int]]:
    return [(each.index, each.kind, each.other) for each in report.findings]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "export", LEAVES, NEWEST, [OLDER])


def rewrite(folder: Path, entries: list[bytes]) -> None:
    (folder / "entries.ndjson").write_bytes(b"".join(each + b"\n" for each in entries))


def forge(folder: Path, entries: list[bytes], signer: Signer = HOSPITAL) -> None:
    """With everything that the export holds made to fit: hashes, checkpoint, older ones that do not."""
    rewrite(folder, entries)
    (folder / "hashes.bin").write_bytes(b"".join(leaf_hash(each) for each in entries))
    (folder / "checkpoint").write_text(signer.checkpoint(entries), "utf-8")
    for path in (folder / "older").iterdir():
        path.unlink()


@pytest.mark.parametrize("fast", [False, True], ids=["full", "fast"])
def test_an_untouched_log_is_whole(folder: Path, fast: bool) -> None:
    report = look(folder, OLDER, NEWEST, fast=fast)
    assert (report.findings, report.code, report.size) == ([], WHOLE, COUNT)
    assert report.up_to is not None
    assert report.up_to.size == COUNT
    assert report.witnessed is not None
    assert report.witnessed.size == COUNT
    assert report.at == "2026-01-05 08:46:39"  # six o'clock and 9,999 s


def test_it_never_just_says_whole(folder: Path) -> None:
    without, witnessed = (
        [en for _, en in of_report(look(folder, *older))] for older in ([], [OLDER])
    )
    assert without[0] == f"WHOLE up to checkpoint {COUNT} of 2026-01-05 08:46:39 UTC."
    assert any(line.startswith("What cannot be known: only checkpoints") for line in without)
    assert any(line.startswith("What cannot be known: whether there was") for line in without)
    assert any(line.startswith(f"Unchanged since checkpoint {OLD}") for line in witnessed)
    assert not any("only checkpoints" in line for line in witnessed)


FIELDS = sorted(json.loads(LEAVES[0]))


@pytest.mark.parametrize("field", FIELDS)
def test_an_edited_field_is_found(folder: Path, field: str) -> None:
    leaf = json.loads(LEAVES[VICTIM])
    leaf[field] = 77 if isinstance(leaf[field], int) else "x"
    entries = LEAVES.copy()
    entries[VICTIM] = canonical(leaf)
    rewrite(folder, entries)
    report = look(folder)
    assert kinds(report) == [(VICTIM, Kind.EDITED, -1)]
    assert report.code == TAMPERED


Change = Callable[[list[bytes]], object]
END = COUNT - 1


def _delete(*which: int) -> Change:
    def change(entries: list[bytes]) -> None:
        for each in sorted(which, reverse=True):
            del entries[each]

    return change


def _swap(one: int, other: int) -> Change:
    def change(entries: list[bytes]) -> None:
        entries[one], entries[other] = entries[other], entries[one]

    return change


def _insert(at: int, leaf: bytes) -> Change:
    return lambda entries: entries.insert(at, leaf)


def _replace(at: int, leaf: bytes) -> Change:
    def change(entries: list[bytes]) -> None:
        entries[at] = leaf

    return change


NEW = leaves(1, seed=99)[0]
TAMPERING: dict[str, tuple[Change, list[tuple[int, Kind, int]]]] = {
    "delete": (_delete(VICTIM), [(VICTIM, Kind.REMOVED, VICTIM)]),
    "delete the first": (_delete(0), [(0, Kind.CUT_HEAD, 0)]),
    "delete the last": (_delete(END), [(END, Kind.CUT_TAIL, END)]),
    "delete three": (
        _delete(10, VICTIM, VICTIM + 1),
        [(10, Kind.REMOVED, 10), (VICTIM, Kind.REMOVED, VICTIM + 1)],
    ),
    "insert": (_insert(VICTIM, NEW), [(VICTIM, Kind.ADDED, -1)]),
    "insert first": (_insert(0, NEW), [(0, Kind.ADDED, -1)]),
    "insert last": (_insert(COUNT, NEW), [(COUNT, Kind.ADDED, COUNT)]),
    "replace": (_replace(VICTIM, NEW), [(VICTIM, Kind.EDITED, -1)]),
    "duplicate": (_insert(VICTIM + 1, LEAVES[VICTIM]), [(VICTIM, Kind.REPEATED, VICTIM + 1)]),
    "duplicate far away": (_insert(9_000, LEAVES[VICTIM]), [(VICTIM, Kind.REPEATED, 9_000)]),
    "overwrite by another": (
        _replace(9_000, LEAVES[VICTIM]),
        [(VICTIM, Kind.REPEATED, 9_000), (9_000, Kind.REMOVED, 9_000)],
    ),
    "swap": (
        _swap(VICTIM, 9_000),
        [(VICTIM, Kind.MOVED, 9_000), (9_000, Kind.MOVED, VICTIM)],
    ),
    "swap neighbours": (_swap(VICTIM, VICTIM + 1), [(VICTIM + 1, Kind.MOVED, VICTIM)]),
    "truncate the head": (_delete(*range(1_000)), [(0, Kind.CUT_HEAD, 999)]),
    "truncate whole bundles of the head": (_delete(*range(1_024)), [(0, Kind.CUT_HEAD, 1_023)]),
    "truncate the tail": (_delete(*range(9_500, COUNT)), [(9_500, Kind.CUT_TAIL, END)]),
    "nothing left": (lambda entries: entries.clear(), [(0, Kind.CUT_TAIL, END)]),
}


@pytest.mark.parametrize("fast", [False, True], ids=["full", "fast"])
@pytest.mark.parametrize("name", TAMPERING)
def test_what_was_done_to_the_entries_is_named(folder: Path, name: str, fast: bool) -> None:
    change, expected = TAMPERING[name]
    entries = LEAVES.copy()
    change(entries)
    rewrite(folder, entries)
    report = look(folder, fast=fast)
    assert kinds(report) == expected
    assert report.code == TAMPERED


@pytest.mark.parametrize("name", TAMPERING)
def test_a_forger_with_the_log_key_is_found_by_a_checkpoint_from_outside(
    folder: Path, name: str
) -> None:
    """Everything recomputed and signed anew: what the hospital gave away once tells between which."""
    entries = LEAVES.copy()
    TAMPERING[name][0](entries)
    forge(folder, entries)
    report = look(folder, OLDER, NEWEST)
    pairs = enumerate(zip(entries, LEAVES, strict=False))
    shorter = min(len(entries), COUNT)
    changed = next((at for at, (one, other) in pairs if one != other), shorter)
    found = {each.kind: each for each in report.findings}
    if changed == COUNT:  # only added: as the hospital itself does every day
        assert report.code == WHOLE
    elif changed == len(entries):  # nobody can tell a cut from an export that was made earlier
        assert found[Kind.SHORTER].index == len(entries)
        assert report.code == INCOMPLETE
    else:
        place = found[Kind.REWRITTEN]
        assert (place.index, place.other) == ((0, OLD) if changed < OLD else (OLD, COUNT))
        assert report.code == TAMPERED
        forks = [each.name.split(" | ") for each in report.findings if each.kind is Kind.FORKED]
        assert any("checkpoint" in fork for fork in forks) or len(entries) < COUNT


def test_without_such_a_checkpoint_it_says_what_it_cannot_know(folder: Path) -> None:
    entries = LEAVES.copy()
    del entries[VICTIM]
    del entries[9_000:]
    forge(folder, [*entries])
    report = look(folder)
    lane_gap = [each.kind for each in report.findings]
    assert lane_gap == [Kind.LANE_GAP], "the hole in a worker's own numbers is all that is left"
    assert any("could have rewritten" in en for _, en in of_report(report))


def test_a_forger_who_numbers_anew_is_not_found_by_the_export_alone(folder: Path) -> None:
    """The stated limit: database and log key in one hand, and nothing that left the hospital."""
    forge(folder, leaves(COUNT, seed=5))
    report = look(folder)
    assert report.code == WHOLE
    assert any("could have rewritten" in en for _, en in of_report(report))
    assert look(folder, OLDER).code == TAMPERED


def test_another_key_is_no_key(folder: Path) -> None:
    forge(folder, LEAVES, STRANGER)
    report = look(folder, OLDER)
    assert report.findings[0] == Finding(-1, Kind.UNSIGNED, name="checkpoint")
    assert report.code == TAMPERED


def test_an_older_backup_is_shorter_than_what_left_the_hospital(folder: Path) -> None:
    forge(folder, LEAVES[:7_000])
    alone, later = look(folder, OLDER), look(folder, OLDER, NEWEST)
    assert alone.code == WHOLE
    assert any(f"after entry {6_999}" in en for _, en in of_report(alone))
    assert kinds(later) == [(7_000, Kind.SHORTER, COUNT)]
    assert later.code == INCOMPLETE


def test_two_checkpoints_of_one_size_are_a_fork(folder: Path) -> None:
    report = look(folder, HOSPITAL.checkpoint(leaves(COUNT, seed=5)))
    assert report.code == TAMPERED
    (fork,) = (each for each in report.findings if each.kind is Kind.FORKED)
    assert fork.index == COUNT
    assert fork.name.startswith("checkpoint | ")


def test_a_fork_lies_between_the_checkpoints_that_fit_and_those_that_do_not(folder: Path) -> None:
    other = [*LEAVES[:7_000], *leaves(2_000, seed=5)]
    report = look(folder, OLDER, HOSPITAL.checkpoint(other))
    found = {each.kind: each for each in report.findings}
    assert (found[Kind.REWRITTEN].index, found[Kind.REWRITTEN].other) == (OLD, 9_000)
    assert found[Kind.FORKED].index == 9_000


def test_damaged_hashes_accuse_nobody(folder: Path) -> None:
    hashes = bytearray((folder / "hashes.bin").read_bytes())
    hashes[VICTIM * 32] ^= 1
    (folder / "hashes.bin").write_bytes(hashes)
    report = look(folder)
    assert (kinds(report), report.code) == ([(VICTIM, Kind.HASHES_DIFFER, -1)], WHOLE)


def test_without_hashes_an_edit_lies_between_two_checkpoints(folder: Path) -> None:
    (folder / "hashes.bin").unlink()
    assert look(folder).code == WHOLE
    rewrite(folder, [*LEAVES[:8_000], NEW, *LEAVES[8_001:]])
    report = look(folder)
    assert (OLD, Kind.REWRITTEN, COUNT) in kinds(report)


@pytest.mark.parametrize(
    ("gone", "name"), [("checkpoint", "checkpoint"), ("entries.ndjson", "entries.ndjson")]
)
def test_a_missing_file_is_incomplete(folder: Path, gone: str, name: str) -> None:
    (folder / gone).unlink()
    for path in (folder / "older").iterdir():
        path.unlink()
    report = look(folder)
    assert Finding(-1, Kind.MISSING, name=name) in report.findings
    assert report.code == INCOMPLETE


# ------------------------------------------------- what the hospital itself had left out or let happen
def signed(folder: Path, entries: list[bytes]) -> Report:
    write(folder, entries, HOSPITAL.checkpoint(entries))
    return look(folder)


def edited(leaf: bytes, **values: object) -> bytes:
    return canonical(json.loads(leaf) | values)


def test_an_entry_removed_before_it_was_sequenced_leaves_a_gap(tmp_path: Path) -> None:
    entries = LEAVES[:VICTIM] + LEAVES[VICTIM + 1 : 6_000]
    (gap,) = signed(tmp_path, entries).findings
    lane = json.loads(LEAVES[VICTIM])["lane"]
    assert gap == Finding(VICTIM + 2, Kind.LANE_GAP, VICTIM // 3 + 1, lane)


def test_a_number_used_twice_is_found(tmp_path: Path) -> None:
    entries = [*LEAVES[:100], edited(LEAVES[40], id="another"), *LEAVES[100:200]]
    assert kinds(signed(tmp_path, entries)) == [(100, Kind.LANE_REPEATED, 40 // 3 + 1)]


def test_one_id_for_two_entries_is_found(tmp_path: Path) -> None:
    same = json.loads(LEAVES[40])["id"]
    entries = [*LEAVES[:100], edited(LEAVES[100], id=same), *LEAVES[101:200]]
    assert kinds(signed(tmp_path, entries)) == [(100, Kind.SAME_ID, 40)]


def test_a_clock_that_goes_back_is_a_remark(tmp_path: Path) -> None:
    entries = [*LEAVES[:100], edited(LEAVES[100], at="2026-01-05T05:00:00.000000+00:00")]
    report = signed(tmp_path, entries)
    assert [kind for _, kind, _ in kinds(report)] == [Kind.CLOCK_BACK]
    assert report.code == WHOLE


def test_what_is_no_entry_is_found(tmp_path: Path) -> None:
    assert kinds(signed(tmp_path, [*LEAVES[:5], b"[1]", b"{", *LEAVES[5:9]])) == [
        (5, Kind.MALFORMED, -1),
        (6, Kind.MALFORMED, -1),
    ]


@pytest.mark.parametrize(
    "number", ["x", "-1", "9" * 5_000, [], None], ids=["x", "below 0", "long", "list", "none"]
)
def test_a_number_that_is_none_is_told(tmp_path: Path, number: object) -> None:
    entries = [*LEAVES[:9], edited(LEAVES[9], seq=number, lane="1" * 36), *LEAVES[10:11]]
    assert kinds(signed(tmp_path, entries)) == [(9, Kind.UNNUMBERED, -1)]


def test_a_number_of_thousands_of_digits_is_told(tmp_path: Path) -> None:
    long = edited(LEAVES[9], seq=7).replace(b'"seq":7', b'"seq":' + b"9" * 5_000)
    assert kinds(signed(tmp_path, [*LEAVES[:9], long])) == [(9, Kind.UNNUMBERED, -1)]


def test_a_leaf_of_many_brackets_is_no_entry(tmp_path: Path) -> None:
    deep = b'{"act":"log.expired","n":' + b"[" * 100_000
    assert kinds(signed(tmp_path, [deep, *LEAVES[:9]])) == [(0, Kind.MALFORMED, -1)]


def test_neighbours_may_be_sequenced_out_of_turn(tmp_path: Path) -> None:
    """Two transactions of one worker may end in another order than they began."""
    entries = LEAVES[:300]
    entries[30], entries[33] = entries[33], entries[30]
    assert signed(tmp_path, entries).findings == []


def test_leaves_of_older_versions_have_no_lane(tmp_path: Path) -> None:
    old = [json.loads(leaf) for leaf in leaves(50, seed=6)]
    for leaf in old:
        del leaf["lane"], leaf["seq"]
        leaf["v"] = 2
    for leaf in old[:10]:
        del leaf["sealed"]
        leaf["v"] = 1
    assert signed(tmp_path, [*map(canonical, old), *LEAVES[:50]]).findings == []
    later = [*LEAVES[:50], *map(canonical, old[:2]), *LEAVES[50:60]]
    assert kinds(signed(tmp_path / "later", later)) == [
        (50, Kind.UNNUMBERED, -1),
        (51, Kind.UNNUMBERED, -1),
    ]


# ------------------------------------------------------------------------------- what had its time
DROPPED = 2_048
KEPT = [*LEAVES, expiry(DROPPED, COUNT)]


@pytest.fixture
def pruned(tmp_path: Path) -> Path:
    hashes = [leaf_hash(each) for each in KEPT]
    note = HOSPITAL.checkpoint(KEPT)
    return write(tmp_path / "export", KEPT[DROPPED:], note, [OLDER], hashes=hashes)


@pytest.mark.parametrize("fast", [False, True], ids=["full", "fast"])
def test_dropped_entries_are_proven_by_their_hashes(pruned: Path, fast: bool) -> None:
    early = HOSPITAL.checkpoint(LEAVES, 1_000)
    report = look(pruned, early, OLDER, fast=fast)
    assert (report.findings, report.code, report.size) == ([], WHOLE, COUNT + 1)
    assert (report.dropped, report.dropped_by) == (DROPPED, COUNT)
    assert any(en.startswith(f"The first {DROPPED} entries") for _, en in of_report(report))


@pytest.mark.parametrize("at", [DROPPED, VICTIM], ids=["the first that is left", "another"])
def test_an_edit_behind_them_is_located(pruned: Path, at: int) -> None:
    entries = KEPT[DROPPED:]
    entries[at - DROPPED] = NEW
    rewrite(pruned, entries)
    assert kinds(look(pruned)) == [(at, Kind.EDITED, -1)]


def test_nobody_drops_entries_without_saying_so(tmp_path: Path) -> None:
    hashes = [leaf_hash(each) for each in LEAVES]
    folder = write(tmp_path / "export", LEAVES[DROPPED:], NEWEST, hashes=hashes)
    assert kinds(look(folder)) == [(0, Kind.CUT_HEAD, DROPPED - 1)]


def test_no_more_is_dropped_than_was_said(pruned: Path) -> None:
    rewrite(pruned, KEPT[DROPPED + 256 :])
    report = look(pruned)
    assert report.code == TAMPERED
    assert report.findings[0].kind in {Kind.CUT_HEAD, Kind.REMOVED}
