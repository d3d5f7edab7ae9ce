"""One pass over an export: the roots at every checkpoint, and where lines and hashes part ways."""

import json
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from casemgr.audit.outsider.aligning import find_hash
from casemgr.audit.outsider.facts import BLOCK
from casemgr.audit.verify import EMPTY_ROOT, HASH, Frontier, leaf_hash, sha256

BUNDLE = 256  # old entries are dropped in whole bundles
EXPIRED = b'"act":"log.expired"'
ENTRIES, HASHES = "entries.ndjson", "hashes.bin"


class Edge:
    """A growing tree that keeps its root at the sizes that checkpoints tell of."""

    def __init__(self, sizes: Iterable[int], frontier: Frontier | None = None) -> None:
        self.frontier = frontier or Frontier()
        self._sizes = sorted(set(sizes))
        self.roots: dict[int, bytes] = {0: EMPTY_ROOT}

    def copy(self) -> "Edge":
        """Another one that grows on by itself."""
        other = Edge(self._sizes, self.frontier.copy())
        other.roots = dict(self.roots)
        return other

    def grow(self, leaves: Sequence[bytes]) -> None:
        """Add leaf hashes."""
        at = 0
        while at < len(leaves):
            due = bisect_right(self._sizes, self.frontier.size)
            end = len(leaves)
            if due < len(self._sizes):
                end = min(end, at + self._sizes[due] - self.frontier.size)
            self.frontier.extend(leaves[at:end])
            at = end
            if due < len(self._sizes) and self.frontier.size == self._sizes[due]:
                self.roots[self.frontier.size] = self.frontier.root()


class Walk:
    """What one pass has seen. ``lines`` grows with the entries, ``known`` with hashes.bin."""

    def __init__(self, folder: Path, sizes: Iterable[int]) -> None:
        self.sizes = sorted(set(sizes))
        self.lines = self.known = Edge(self.sizes)
        self.ends: dict[int, bytes] = {}  # the last entry of each size
        self.expired: dict[int, int] = {}  # how many entries were dropped → which entry says so
        self.apart: int | None = None  # the first entry at which lines and hashes differ
        self.rest = bytearray()  # hashes of the lines from there on
        self._entries, self._hashes = folder / ENTRIES, folder / HASHES
        self.has_hashes = self._hashes.exists()
        self.first = self._where_lines_begin()

    def hashes_from(self, index: int) -> bytes:
        """hashes.bin from this entry on."""
        with self._hashes.open("rb") as file:
            file.seek(index * HASH)
            return file.read()

    def run(self, say: Callable[[int], object]) -> None:
        """Read everything once; ``say`` is told the number of entries after each block."""
        hashes: BinaryIO = self._hashes.open("rb") if self.has_hashes else BytesIO()
        with hashes, self._entries.open("rb") as entries:
            while (left := self.first - self.lines.frontier.size) > 0:
                self.lines.grow(_split_hashes(hashes.read(min(left, 1 << 15) * HASH)))
            for lines, block in _lines(entries):
                index = self.lines.frontier.size
                self._remember(lines, index)
                # Only a log that does not begin with its first entry has to say why.
                if (self.first or not index or self.apart == 0) and EXPIRED in block:
                    self._expired(lines, index)
                self._add([sha256(b"\x00" + line).digest() for line in lines], hashes)
                say(self.lines.frontier.size)
            self._finish(hashes)

    def _where_lines_begin(self) -> int:
        """0, or the first entry that is left after whole bundles were dropped."""
        if not self.has_hashes:
            return 0
        with self._entries.open("rb") as file:
            wanted = leaf_hash(file.readline().rstrip(b"\n"))
        with self._hashes.open("rb") as file:
            if file.read(HASH) == wanted:
                return 0
        at = find_hash(self.hashes_from(0), wanted)
        return at if at > 0 and at % BUNDLE == 0 else 0

    def _remember(self, lines: Sequence[bytes], index: int) -> None:
        for size in self.sizes[bisect_right(self.sizes, index) :]:
            if size > index + len(lines):
                break
            self.ends[size] = lines[size - index - 1]

    def _expired(self, lines: Sequence[bytes], index: int) -> None:
        for place, line in enumerate(lines, index):
            if EXPIRED in line:
                try:
                    count = json.loads(line)["n"]
                except (ValueError, KeyError, TypeError, RecursionError):
                    continue
                if isinstance(count, int):
                    self.expired[count] = place

    def _add(self, leaves: list[bytes], hashes: BinaryIO) -> None:
        joined = b"".join(leaves)
        if self.apart is None and self.has_hashes:
            known = hashes.read(len(joined))
            if known != joined:
                self._part(leaves, known, hashes)
                return
        elif self.apart is not None:
            self.rest += joined
        self.lines.grow(leaves)

    def _part(self, leaves: list[bytes], known: bytes, hashes: BinaryIO) -> None:
        """Lines and hashes differ here for the first time: each goes on with an edge of its own."""
        same = 0
        while known[same * HASH : (same + 1) * HASH] == leaves[same]:
            same += 1
        self.lines.grow(leaves[:same])
        self.apart = self.lines.frontier.size
        self.known = self.lines.copy()
        self.lines.grow(leaves[same:])
        self.rest += b"".join(leaves[same:])
        hashes.seek(self.apart * HASH)

    def _finish(self, hashes: BinaryIO) -> None:
        if self.apart is None:
            if not hashes.read(1):
                return
            self.apart = self.lines.frontier.size
            self.known = self.lines.copy()
            hashes.seek(self.apart * HASH)
        while piece := hashes.read(HASH << 15):
            self.known.grow(_split_hashes(piece))


def _lines(file: BinaryIO) -> Iterator[tuple[list[bytes], bytes]]:
    """The lines of the file, many at once, and the bytes that they stand in."""
    rest = b""
    while piece := file.read(BLOCK):
        block = rest + piece
        *lines, rest = block.split(b"\n")
        yield lines, block
    if rest:
        yield [rest], rest


def _split_hashes(hashes: bytes) -> list[bytes]:
    return [hashes[at : at + HASH] for at in range(0, len(hashes), HASH)]
