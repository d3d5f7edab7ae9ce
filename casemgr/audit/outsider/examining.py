"""What an export proves: its checkpoints, its entries, and what nobody can know from it."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from casemgr.audit.outsider.aligning import Finding, Kind, differences
from casemgr.audit.outsider.facts import facts_of, said_by
from casemgr.audit.outsider.walking import ENTRIES, Walk
from casemgr.audit.verify import (
    HASH,
    Checkpoint,
    Key,
    NoteRefused,
    open_note,
    parse_checkpoint,
)

WHOLE, TAMPERED, INCOMPLETE, WRONG_USE = 0, 1, 2, 3
CHECKPOINT, OLDER = "checkpoint", "older"
INCOMPLETENESS = {Kind.SHORTER, Kind.MISSING}
REMARKS = {Kind.CLOCK_BACK, Kind.HASHES_DIFFER}


@dataclass(frozen=True, slots=True)
class Mark:
    """A checkpoint that a trusted key has signed, and where it came from."""

    name: str
    checkpoint: Checkpoint
    cosigned_at: int
    is_outside: bool  # it had left the hospital; the others came with the export

    @property
    def size(self) -> int:
        """How many entries it counts."""
        return self.checkpoint.size


@dataclass(slots=True)
class Report:
    """What was found and what was looked at."""

    findings: list[Finding] = field(default_factory=list)
    size: int = 0  # entries, dropped ones included
    up_to: Mark | None = None  # the largest checkpoint that the entries fit
    at: str = ""  # its time: of a witness, or of its newest entry
    witnessed: Mark | None = None  # the largest one of those from outside
    dropped: int = 0  # how many old entries are there as hashes only
    dropped_by: int = -1  # the entry that says so
    is_fast: bool = False

    @property
    def code(self) -> int:
        """The exit code."""
        kinds = {finding.kind for finding in self.findings} - REMARKS
        if kinds - INCOMPLETENESS:
            return TAMPERED
        return INCOMPLETE if kinds else WHOLE


def examine(
    folder: Path,
    keys: Sequence[Key],
    outside: Iterable[Path] = (),
    *,
    fast: bool = False,
    say: Callable[[int], object] = lambda _count: None,
    processes: int | None = None,
) -> Report:
    """Verify an export. ``processes``: 2 lets another one read the facts meanwhile."""
    report = Report(is_fast=fast)
    marks = list(_marks(folder, keys, outside, report.findings))
    if not (folder / ENTRIES).exists():
        report.findings.append(Finding(-1, Kind.MISSING, name=ENTRIES))
        return report
    walk = Walk(folder, (mark.size for mark in marks))
    if fast:
        walk.run(say)
    elif (os.cpu_count() or 1 if processes is None else processes) > 1:
        with ProcessPoolExecutor(1) as other:
            facts: Future[list[Finding]] = other.submit(facts_of, folder / ENTRIES, walk.first)
            walk.run(say)
            report.findings += facts.result()
    else:
        walk.run(say)
        report.findings += facts_of(folder / ENTRIES, walk.first)
    _judge(report, walk, marks)
    return report


def _marks(
    folder: Path, keys: Sequence[Key], outside: Iterable[Path], found: list[Finding]
) -> Iterator[Mark]:
    """The checkpoints whose signature is good, with those of one size and two roots told."""
    inside = [folder / CHECKPOINT, *sorted((folder / OLDER).glob("*"))]
    given = [(path, False) for path in inside if path.exists()]
    given += [(path, True) for path in outside]
    if not given:
        found.append(Finding(-1, Kind.MISSING, name=CHECKPOINT))
    roots: dict[int, Mark] = {}
    origin = ""
    for path, is_outside in given:
        name = str(path) if is_outside else str(path.relative_to(folder))
        try:
            note = open_note(path.read_bytes(), keys)
            mark = Mark(name, parse_checkpoint(note.text), note.cosigned_at, is_outside)
        except (NoteRefused, OSError):
            found.append(Finding(-1, Kind.UNSIGNED, name=name))
            continue
        origin = origin or mark.checkpoint.origin
        if mark.checkpoint.origin != origin:
            found.append(Finding(-1, Kind.UNSIGNED, name=name))
            continue
        twin = roots.setdefault(mark.size, mark)
        if twin.checkpoint.root != mark.checkpoint.root:
            found.append(Finding(mark.size, Kind.FORKED, name=f"{twin.name} | {name}"))
        yield mark


def _judge(report: Report, walk: Walk, marks: Sequence[Mark]) -> None:
    report.size = walk.lines.frontier.size
    fits = [m for m in marks if walk.lines.roots.get(m.size) == m.checkpoint.root]
    report.up_to = max(fits, key=lambda mark: mark.size, default=None)
    outside = (mark for mark in fits if mark.is_outside)
    report.witnessed = max(outside, key=lambda mark: mark.size, default=None)
    if report.up_to is not None:
        report.at = _time(report.up_to, walk.ends.get(report.up_to.size, b""))
    if walk.first:
        report.dropped, report.dropped_by = walk.first, walk.expired.get(walk.first, -1)
        if report.dropped_by < 0:
            report.findings.append(Finding(0, Kind.CUT_HEAD, walk.first - 1))
    located = list(_located(walk, marks))
    if _fit_newest(fits, marks):
        newest = max(mark.size for mark in fits)
        is_odd = walk.apart is not None and walk.apart < newest
        located = [Finding(walk.apart or 0, Kind.HASHES_DIFFER)] if is_odd else []
    elif located:  # what the lines say of themselves follows from what was done to them
        report.findings = [f for f in report.findings if f.kind in {Kind.UNSIGNED, Kind.FORKED}]
    report.findings += located
    is_located = any(each.kind not in REMARKS for each in located)
    report.findings += _against(report, marks, fits, is_located=is_located)
    report.findings.sort(key=lambda each: (each.kind in REMARKS, each))


def _fit_newest(fits: Sequence[Mark], marks: Sequence[Mark]) -> bool:
    """Whether the entries themselves fit the largest checkpoint there is."""
    return bool(fits) and max(m.size for m in fits) == max(m.size for m in marks)


def _located(walk: Walk, marks: Sequence[Mark]) -> Iterator[Finding]:
    """Where lines differ from hashes, as far as a checkpoint vouches for the hashes."""
    if walk.apart is None:
        return
    vouched = [m.size for m in marks if walk.known.roots.get(m.size) == m.checkpoint.root]
    begin, rest = walk.apart, bytes(walk.rest)
    if not walk.first and not begin and walk.expired:
        begin = max(walk.expired)
    known = walk.hashes_from(begin)
    size = begin + len(known) // HASH
    for each in differences(rest, known, begin, walk.hashes_from(0)):
        if (
            not marks
            or each.index < max(vouched, default=0)
            or (size in vouched and each.index == size)
        ):
            yield each


def _against(
    report: Report, marks: Sequence[Mark], fits: Sequence[Mark], *, is_located: bool
) -> Iterator[Finding]:
    """Checkpoints that the entries do not fit, and entries that no checkpoint counts."""
    misfits = sorted((m for m in marks if m not in fits), key=lambda mark: mark.size)
    within = [mark for mark in misfits if mark.size <= report.size]
    if within and not is_located:
        first = within[0]
        before = max((m.size for m in fits if m.size < first.size), default=0)
        yield Finding(before, Kind.REWRITTEN, first.size, first.name)
        later = [mark for mark in fits if mark.size > first.size]
        if later:
            yield Finding(first.size, Kind.FORKED, name=f"{first.name} | {later[0].name}")
    for mark in misfits:
        if mark.size > report.size and mark.is_outside:
            yield Finding(report.size, Kind.SHORTER, mark.size, mark.name)
        elif mark.size > report.size and not is_located:
            yield Finding(report.size, Kind.CUT_TAIL, mark.size - 1, mark.name)
    own = [mark.size for mark in marks if not mark.is_outside]
    if own and report.size > max(mark.size for mark in marks) and not is_located:
        yield Finding(max(mark.size for mark in marks), Kind.ADDED, report.size - 1)


def _time(mark: Mark, line: bytes) -> str:
    """When a witness saw it, or when its newest entry was written."""
    if mark.cosigned_at:
        return datetime.fromtimestamp(mark.cosigned_at, UTC).isoformat(sep=" ", timespec="seconds")
    return said_by(line)[0].decode(errors="replace").replace("T", " ")[:19]
