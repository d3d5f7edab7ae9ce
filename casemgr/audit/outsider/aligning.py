"""How the lines of an export differ from the hashes that the signed tree is made of. Pure."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from casemgr.audit.verify import HASH


class Kind(StrEnum):
    """What is wrong, or cannot be known."""

    EDITED = "edited"
    REMOVED = "removed"  # entries ``index`` to ``other``
    CUT_HEAD = "cut_head"  # the same, at the beginning
    CUT_TAIL = "cut_tail"  # the same, at the end
    ADDED = "added"  # after the entry before ``index``
    MOVED = "moved"  # ``index`` stands after the entry before ``other``
    REPEATED = "repeated"  # ``index`` stands once more after the entry before ``other``
    REWRITTEN = "rewritten"  # somewhere from ``index`` to before ``other``
    FORKED = "forked"  # two checkpoints, ``name`` says which
    UNSIGNED = "unsigned"  # a checkpoint that no given key has signed
    LANE_GAP = "lane_gap"  # number ``other`` of a lane never came, ``index`` is after it
    LANE_REPEATED = "lane_repeated"
    UNNUMBERED = "unnumbered"  # without lane and number, after entries that have them
    SAME_ID = "same_id"
    MALFORMED = "malformed"  # no entry at all
    SHORTER = "shorter"  # a checkpoint that left the hospital counts ``other`` entries
    MISSING = "missing"  # a file is not there
    CLOCK_BACK = "clock_back"  # no accusation: clocks are set
    HASHES_DIFFER = "hashes_differ"  # the entries are proven without them


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing that was found, at which entry (counted from 0; -1: at none)."""

    index: int
    kind: Kind
    other: int = -1
    name: str = ""


def differences(lines: bytes, known: bytes, first: int, everything: bytes) -> list[Finding]:
    """What was done to ``lines`` if they were ``known`` once; all are hashes, one after the other.

    Both begin at entry ``first``; ``everything`` are the hashes of the whole log.
    """
    tail = _common_tail(lines, known)
    ours, theirs = _split(lines[: len(lines) - tail]), _split(known[: len(known) - tail])
    place = {each: position for position, each in enumerate(theirs)}
    positions = [place.get(each) for each in ours]
    return sorted(_told(ours, positions, len(theirs), first, everything, is_end=not tail))


def _told(
    ours: Sequence[bytes],
    positions: Sequence[int | None],
    count: int,
    first: int,
    everything: bytes,
    *,
    is_end: bool,
) -> Iterator[Finding]:
    times = Counter(positions)
    in_place = _longest_rising(positions)
    gone = [position not in times for position in range(count)]
    after, strangers = -1, 0
    for line, position in enumerate([*positions, count]):
        if position is None:
            original = find_hash(everything, ours[line])
            if original >= 0:
                yield Finding(original, Kind.REPEATED, first + after + 1)
            else:
                strangers += 1
        elif line in in_place or line == len(positions):
            holes = [each for each in range(after + 1, position) if gone[each]]
            yield from _paired(holes, strangers, first, after + 1, count if is_end else -1)
            after, strangers = position, 0
        else:
            kind = Kind.REPEATED if times[position] > 1 else Kind.MOVED
            yield Finding(first + position, kind, first + after + 1)


def _paired(holes: list[int], strangers: int, first: int, at: int, end: int) -> Iterator[Finding]:
    """Unknown lines between two known ones stand for what is missing there; the rest is told."""
    for hole in holes[:strangers]:
        yield Finding(first + hole, Kind.EDITED)
    for _ in range(strangers - len(holes)):
        yield Finding(first + at, Kind.ADDED)
    for _, run in groupby(enumerate(holes[strangers:]), key=lambda pair: pair[1] - pair[0]):
        in_row = [hole for _, hole in run]
        is_last = in_row[-1] + 1 == end
        yield _hole(first + in_row[0], first + in_row[-1], is_last=is_last)


def _hole(start: int, last: int, *, is_last: bool) -> Finding:
    kind = Kind.CUT_TAIL if is_last else Kind.REMOVED if start else Kind.CUT_HEAD
    return Finding(start, kind, last)


def _longest_rising(positions: Sequence[int | None]) -> set[int]:
    """The lines that kept their order: a longest strictly rising subsequence."""
    lowest: list[int] = []
    ends: list[int] = []
    before: dict[int, int] = {}
    for line, position in enumerate(positions):
        if position is not None:
            length = bisect_left(lowest, position)
            before[line] = ends[length - 1] if length else -1
            lowest[length : length + 1] = [position]
            ends[length : length + 1] = [line]
    kept, line = set(), ends[-1] if ends else -1
    while line >= 0:
        kept.add(line)
        line = before[line]
    return kept


def _common_tail(one: bytes, other: bytes) -> int:
    """How many bytes both have in common at the end, in whole hashes."""
    low, high = 0, min(len(one), len(other)) // HASH
    while low < high:
        middle = (low + high + 1) // 2
        if one[-middle * HASH :] == other[-middle * HASH :]:
            low = middle
        else:
            high = middle - 1
    return low * HASH


def _split(hashes: bytes) -> list[bytes]:
    return [hashes[at : at + HASH] for at in range(0, len(hashes), HASH)]


def find_hash(everything: bytes, one: bytes) -> int:
    """The entry with this hash, or -1."""
    at = everything.find(one)
    while at >= 0 and at % HASH:
        at = everything.find(one, at + 1)
    return at // HASH if at >= 0 else -1
