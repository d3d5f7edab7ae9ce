"""The log's tree as RFC 6962 and RFC 9162 define it, kept in tiles of 256 hashes (C2SP tlog-tiles).

A tile of level L holds the hashes of 256 neighbours of height 8 L. Full tiles are rows that are
only ever added; what does not fill one yet lies in the one row of ``audit_state``, level by level.
A proof reads one tile for each level and side: seven at ten million entries.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from casemgr.audit.models import STATE, TILE
from casemgr.audit.verify import EMPTY_ROOT, node_hash

WIDTH, HEIGHT = 256, 8  # hashes in a tile, and how many levels of the tree it spans
HASH, ID = 32, 16  # bytes


@dataclass(frozen=True)
class Head:
    """How many entries the tree has, and its root over all of them."""

    size: int
    root: bytes


class Tree:
    """The tree as one transaction sees it. Raises IndexError for what lies beyond its end."""

    def __init__(self, session: Session) -> None:
        self._session = session
        row = session.execute(select(STATE).where(STATE.c.id == 1)).one()
        self.size: int = row.size
        self._edge, self._edge_ids = _levels(row.size, row.edge), bytes(row.edge_ids)
        self._tiles: dict[tuple[int, int], bytes] = {}  # content by level and index
        self.tiles_read = 0

    def head(self) -> Head:
        """The newest state."""
        return Head(self.size, self.root_at(self.size))

    def root_at(self, size: int) -> bytes:
        """The root over the first ``size`` entries."""
        self._require(size)
        return self._range(0, size) if size else EMPTY_ROOT

    def leaf_hashes(self, start: int, end: int) -> Iterator[bytes]:
        """The hashes of the entries from ``start`` to before ``end``."""
        self._require(end)
        for tile, first, last in _spans(start, end):
            hashes = self._tile(0, tile)
            self._tiles.pop((0, tile), None)  # a long run is not kept in memory
            for place in range(first, last):
                yield hashes[place * HASH : (place + 1) * HASH]

    def entry_ids(self, start: int, end: int) -> Iterator[UUID]:
        """The ids of the entries from ``start`` to before ``end``."""
        self._require(end)
        for tile, first, last in _spans(start, end):
            ids = self._ids(tile)
            self._tiles.pop((0, tile), None)
            for place in range(first, last):
                yield UUID(bytes=ids[place * ID : (place + 1) * ID])

    def position_of(self, entry_id: UUID) -> int | None:
        """Where an entry stands, or None for one that is not in the tree (yet)."""
        where = (TILE.c.level == 0, TILE.c.least_id <= entry_id, TILE.c.greatest_id >= entry_id)
        candidates = self._session.scalars(select(TILE.c.tile_index).where(*where)).all()
        for tile in (*candidates, self.size // WIDTH):
            ids, place = self._ids(int(tile)), -1
            while (place := ids.find(entry_id.bytes, place + 1)) >= 0:
                if place % ID == 0:  # not across two ids
                    return int(tile) * WIDTH + place // ID
        return None

    def inclusion_proof(self, index: int, size: int) -> list[bytes]:
        """That entry ``index`` stands in the tree of ``size`` entries (RFC 6962 §2.1.1)."""
        self._require(size)
        if not 0 <= index < size:
            raise IndexError(index)
        proof, start, end = list[bytes](), 0, size
        while end - start > 1:
            middle = start + _split(end - start)
            if index < middle:
                proof.append(self._range(middle, end))
                end = middle
            else:
                proof.append(self._range(start, middle))
                start = middle
        return proof[::-1]

    def consistency_proof(self, old: int, new: int) -> list[bytes]:
        """That the tree of ``old`` entries begins that of ``new`` ones (RFC 6962 §2.1.2)."""
        self._require(new)
        if not 0 <= old <= new:
            raise IndexError(old)
        if old in {0, new}:
            return []
        proof, start, end, is_whole = list[bytes](), 0, new, True
        while old != end:
            middle = start + _split(end - start)
            if old <= middle:
                proof.append(self._range(middle, end))
                end = middle
            else:
                proof.append(self._range(start, middle))
                start, is_whole = middle, False
        if not is_whole:
            proof.append(self._range(start, end))
        return proof[::-1]

    def _require(self, size: int) -> None:
        if not 0 <= size <= self.size:
            raise IndexError(size)

    def _range(self, start: int, end: int) -> bytes:
        """MTH(D[start:end]) of RFC 6962 for the ranges that its own recursion makes."""
        length = end - start
        if length & (length - 1) == 0:
            height = length.bit_length() - 1
            return self._node(height, start >> height)
        middle = start + _split(length)
        return node_hash(self._range(start, middle), self._range(middle, end))

    def _node(self, height: int, index: int) -> bytes:
        """A complete node, made of the neighbours in its tile that lie below it."""
        level, above = divmod(height, HEIGHT)
        first = index << above
        tile, place = divmod(first, WIDTH)
        hashes = self._tile(level, tile)
        return fold(hashes[place * HASH : (place + (1 << above)) * HASH])

    def _tile(self, level: int, index: int) -> bytes:
        if index == self.size >> HEIGHT * (level + 1):
            return bytes(self._edge[level]) if level < len(self._edge) else b""
        known = self._tiles.get((level, index))
        if known is None:
            where = (TILE.c.level == level, TILE.c.tile_index == index)
            known = bytes(self._session.scalars(select(TILE.c.content).where(*where)).one())
            self._tiles[level, index] = known
            self.tiles_read += 1
        return known

    def _ids(self, tile: int) -> bytes:
        if tile == self.size // WIDTH:
            return self._edge_ids
        return self._tile(0, tile)[WIDTH * HASH :]


class Edge:
    """The right edge of the tree while the sequencer adds to it."""

    def __init__(self, size: int, edge: bytes, edge_ids: bytes) -> None:
        self.size, self._old_size = size, size
        self._levels, self._ids = _levels(size, edge), bytearray(edge_ids)
        self._full: list[dict[str, object]] = []

    def append(self, leaf_hash: bytes, entry_id: UUID) -> None:
        """One more entry."""
        self.size += 1
        self._ids += entry_id.bytes
        self._push(0, leaf_hash)

    def write(self, session: Session) -> None:
        """Add the tiles that became full, and move the edge. Raises if somebody else moved it."""
        if self._full:
            session.execute(TILE.insert(), self._full)
        moved = session.execute(
            update(STATE)
            .where(STATE.c.id == 1, STATE.c.size == self._old_size)
            .values(size=self.size, edge=b"".join(self._levels), edge_ids=bytes(self._ids))
        )
        if moved.rowcount != 1:  # type: ignore[attr-defined]
            raise RuntimeError("two sequencers at once")

    def _push(self, level: int, value: bytes) -> None:
        if level == len(self._levels):
            self._levels.append(bytearray())
        hashes = self._levels[level]
        hashes += value
        if len(hashes) < WIDTH * HASH:
            return
        row: dict[str, object] = {
            "level": level,
            "tile_index": (self.size >> HEIGHT * (level + 1)) - 1,
            "content": bytes(hashes),
            "least_id": None,
            "greatest_id": None,
        }
        if level == 0:
            ids = [bytes(self._ids[at : at + ID]) for at in range(0, len(self._ids), ID)]
            row["content"] = bytes(hashes + self._ids)
            row["least_id"], row["greatest_id"] = UUID(bytes=min(ids)), UUID(bytes=max(ids))
            self._ids.clear()
        self._full.append(row)
        above = fold(bytes(hashes))
        hashes.clear()
        self._push(level + 1, above)


def fold(hashes: bytes) -> bytes:
    """The root over a power of two of neighbouring hashes."""
    row = [hashes[at : at + HASH] for at in range(0, len(hashes), HASH)]
    while len(row) > 1:
        row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
    return row[0]


def _levels(size: int, edge: bytes) -> list[bytearray]:
    """The edge cut into its levels; their lengths follow from the size."""
    levels, at = list[bytearray](), 0
    while size:
        length = size % WIDTH * HASH
        levels.append(bytearray(edge[at : at + length]))
        at, size = at + length, size // WIDTH
    return levels


def _spans(start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Tile by tile: its number, the first place in it and the one after the last."""
    while start < end:
        tile, first = divmod(start, WIDTH)
        last = min(WIDTH, first + end - start)
        yield tile, first, last
        start += last - first


def _split(length: int) -> int:
    """The largest power of two below ``length`` (RFC 6962 §2.1)."""
    return 1 << (length - 1).bit_length() - 1
