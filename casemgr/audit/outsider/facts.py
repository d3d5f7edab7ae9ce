"""What the entries say of themselves: ids that occur once, lanes without a gap, clocks."""

import json
import re
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, TypeAlias

from casemgr.audit.outsider.aligning import Finding, Kind

BLOCK = 1 << 17  # bytes read at once: what a processor keeps near
PART = 1_000_000  # ids compared at once: about 100 MB
Said: TypeAlias = tuple[bytes, bytes, bytes, bytes]  # time, id, lane, number; the last two or empty

# The shape that leaves have, between their time and their number: keys stand sorted, and a quote
# inside a text is escaped. Whatever has another shape is read as JSON, four times slower.
LEAF = re.compile(
    rb'"at":"([^"]{26,32})","case":(?:null|".{36}"),"chan":"[^"]*","fac":".{36}","id":"(.{36})",'
    rb'"ids":\[[^\]\n]*\],"kind":(?:null|"[^"]*"),(?:"lane":"(.{36})",)?"n":(?:null|[0-9]+),'
    rb'"out":"[^"]*","parts":\[[^\]\n]*\],"purp":(?:null|"[^"]*"),"rid":(?:null|".{36}"),'
    rb'(?:"sealed":\[[^\]\n]*\],)?(?:"seq":([0-9]+))?'
)
MOST_EARLY = 1_000  # entries of one lane that wait for a number before it is called missing
DIGITS = 18  # of a number at most: longer ones are none, and Python refuses to read thousands


def blocks(file: BinaryIO) -> Iterator[bytes]:
    """The file in pieces that end with a line."""
    rest = b""
    while piece := file.read(BLOCK):
        whole, newline, piece_rest = piece.rpartition(b"\n")
        if newline:
            yield rest + whole + newline
            rest = piece_rest
        else:
            rest += piece
    if rest:
        yield rest + b"\n"


def facts_of(entries: Path, first: int) -> list[Finding]:
    """What is wrong with the entries as they speak; the file begins with entry ``first``."""
    found: list[Finding] = []
    lanes = Lanes(begin_anywhere=first > 0)
    ids = array("q")
    with entries.open("rb") as file:
        for block in blocks(file):
            index = first + len(ids)
            said: list[Said] = LEAF.findall(block)
            if len(said) != block.count(b"\n"):
                said = [said_by(line) for line in block.split(b"\n")[:-1]]
                found += (
                    Finding(index + n, Kind.MALFORMED) for n, e in enumerate(said) if not e[1]
                )
            ids.extend(hash(each[1]) for each in said)
            lanes.follow(said, index)
    return found + lanes.findings() + list(_same_ids(entries, first, ids))


@dataclass(slots=True)
class Lane:
    """One worker's own numbering: the next number, the last time, what came before its turn."""

    expected: int
    at: bytes = b""
    early: dict[int, tuple[bytes, int]] = field(default_factory=dict)


class Lanes:
    """Every lane's numbers are 1, 2, 3 … and its clock never goes back.

    Entries from before there were lanes have none; all of them come before the first numbered one.
    """

    def __init__(self, *, begin_anywhere: bool) -> None:
        self._begin_anywhere = begin_anywhere  # the first numbers went with dropped entries
        self._lanes: dict[bytes, Lane] = {}
        self._found: list[Finding] = []

    def follow(self, said: Iterable[Said], index: int) -> None:
        """The next entries, from this index on."""
        for at, entry_id, name, number in said:
            if name and number.isdigit() and len(number) <= DIGITS:
                seq = int(number)
                lane = self._lanes.get(name) or self._begin(name, seq)
                if seq == lane.expected and not lane.early:
                    if at < lane.at:
                        self._tell(index, Kind.CLOCK_BACK, seq, name)
                    lane.at, lane.expected = at, seq + 1
                elif seq < lane.expected or seq in lane.early:
                    self._tell(index, Kind.LANE_REPEATED, seq, name)
                else:
                    lane.early[seq] = at, index
                    self._catch_up(name, lane, MOST_EARLY)
            elif entry_id and (self._lanes or name or number):
                self._found.append(Finding(index, Kind.UNNUMBERED))
            index += 1

    def findings(self) -> list[Finding]:
        """What was found, when every entry was seen."""
        for name, lane in self._lanes.items():
            self._catch_up(name, lane, 0)
        return self._found

    def ends(self) -> dict[bytes, int]:
        """The newest number of each lane."""
        return {name: lane.expected - 1 for name, lane in self._lanes.items()}

    def _begin(self, name: bytes, seq: int) -> Lane:
        return self._lanes.setdefault(name, Lane(seq if self._begin_anywhere else 1))

    def _catch_up(self, name: bytes, lane: Lane, patience: int) -> None:
        while lane.early:
            if lane.expected in lane.early:
                at, index = lane.early.pop(lane.expected)
                if at < lane.at:
                    self._tell(index, Kind.CLOCK_BACK, lane.expected, name)
                lane.at, lane.expected = at, lane.expected + 1
            elif len(lane.early) > patience:
                _, index = lane.early[min(lane.early)]
                self._tell(index, Kind.LANE_GAP, lane.expected, name)
                lane.expected = min(lane.early)
            else:
                return

    def _tell(self, index: int, kind: Kind, seq: int, name: bytes) -> None:
        self._found.append(Finding(index, kind, seq, name.decode(errors="replace")))


def said_by(line: bytes) -> Said:
    """What a leaf of another shape says; empty where it is no leaf."""
    try:
        leaf = json.loads(line)
        texts = [str(leaf.get(key, "")).encode() for key in ("at", "id", "lane", "seq")]
    except (ValueError, AttributeError, RecursionError):
        return b"", b"", b"", b""
    at, entry_id, lane, seq = texts
    return at, entry_id, lane, seq if seq.isdigit() else b""


def _same_ids(entries: Path, first: int, ids: "array[int]") -> Iterator[Finding]:
    """Two entries of one id; the file is read again only where two hashes are alike."""
    parts = len(ids) // PART + 1
    alike: set[int] = set()
    for part in range(parts):
        seen = {each for each in ids if each % parts == part} if parts > 1 else set(ids)
        count = sum(each % parts == part for each in ids) if parts > 1 else len(ids)
        if len(seen) != count:
            times = Counter(each for each in ids if each % parts == part)
            alike |= {each for each, many in times.items() if many > 1}
    if not alike:
        return
    known: dict[bytes, int] = {}
    with entries.open("rb") as file:
        for index, line in enumerate(file, first):
            entry_id = said_by(line)[1]
            if entry_id and hash(entry_id) in alike and known.setdefault(entry_id, index) != index:
                yield Finding(index, Kind.SAME_ID, known[entry_id])
