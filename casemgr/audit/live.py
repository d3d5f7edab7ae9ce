"""The log as it lies in the database, against its own tree, tags, lanes, tiles and signed heads.

What an export cannot show is looked at here: the columns that officers see, the keyed tags, what is
not in the tree yet. What only a head that left the machine can show is asked of ``outside``.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from casemgr.audit import projection, shown
from casemgr.audit.expiring import dropped
from casemgr.audit.exporting import SignedHead, signed_heads
from casemgr.audit.lanes import LONG_AGO
from casemgr.audit.models import LANE, PENDING, STATE, TILE, AuditEntry
from casemgr.audit.outside.known import Seen
from casemgr.audit.outsider.aligning import Kind
from casemgr.audit.outsider.facts import Lanes
from casemgr.audit.outsider.walking import Edge
from casemgr.audit.tiles import HASH, HEIGHT, WIDTH, Tree, fold
from casemgr.audit.verify import (
    Key,
    NoteRefused,
    leaf_hash,
    open_note,
    parse_checkpoint,
    text_of,
)
from casemgr.crypto.keyring import Keyring

PORTION = 2 * WIDTH  # entries read at once
MOST_KEPT = 1_000  # faults of which a report keeps the place; the others are only counted
_Row: TypeAlias = Row[Any]


class Flaw(StrEnum):
    """What is wrong."""

    EDITED = "edited"  # the leaf is not the one that the tree holds
    REMOVED = "removed"
    COLUMN = "column"  # a column says something else than the leaf
    FORGED = "forged"  # its tag is not ours
    BESIDE = "beside"  # in the table, but neither in the tree nor on its way there
    LOST = "lost"  # it was on its way to the tree and is gone
    TILE = "tile"  # a stored hash of the tree is not what lies below it
    HEAD = "head"  # the tree's own root is not that of its entries
    MISFIT = "misfit"  # a signed head that the entries do not fit
    UNSIGNED = "unsigned"  # a head that the log's key has not signed
    ROLLED_BACK = "rolled_back"  # a signed head counts more entries than there are
    LANE_GAP = "lane_gap"  # a number of a lane never came
    LANE_REPEATED = "lane_repeated"
    LANE_CUT = "lane_cut"  # a lane's newest entries are gone
    CLOCK_BACK = "clock_back"
    SHOWN = (
        "shown_rows_missing"  # the table of what lists showed lacks rows that the entry asks for
    )


_OF_LANES = {
    Kind.LANE_GAP: Flaw.LANE_GAP,
    Kind.LANE_REPEATED: Flaw.LANE_REPEATED,
    Kind.CLOCK_BACK: Flaw.CLOCK_BACK,
}


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing that is wrong: at which entry (counted from 0; -1: none or not in the tree)."""

    index: int
    flaw: Flaw
    detail: str = ""  # an entry's id, a column, a lane, a size


@dataclass(slots=True)
class Report:
    """What was found and what was looked at."""

    size: int
    dropped: int
    pending: int = 0
    newest: SignedHead | None = None  # the largest head that fits
    faults: list[Fault] = field(default_factory=list)  # the first MOST_KEPT
    found: int = 0  # how many there are
    flaws: set[Flaw] = field(default_factory=set)

    def tell(self, index: int, flaw: Flaw, detail: str = "") -> None:
        """One fault more."""
        self.found += 1
        self.flaws.add(flaw)
        if len(self.faults) < MOST_KEPT:
            self.faults.append(Fault(index, flaw, detail))

    @property
    def is_whole(self) -> bool:
        """Nothing was found. Never more than that: what is gone without a trace is not seen."""
        return not self.faults


def verify(
    session: Session,
    keyring: Keyring,
    *,
    keys: Sequence[Key] = (),
    outside: Iterable[str] = (),
    known: Iterable[Seen] = (),
    say: Callable[[int], object] = lambda _count: None,
) -> Report:
    """Look at every entry, every tile and every signed head.

    ``keys`` of the log: without any, signatures are not looked at. ``outside``: notes that left the
    machine and came back; ``known``: heads outside whose signature was looked at, or sizes that a
    witness claimed, all of them asked for before this session's moment. Raises KeyProviderDown.
    """
    tree = Tree(session)
    report = Report(tree.size, dropped(session, keyring))
    look = _Look(session, keyring, tree, report)
    heads = _heads(session, keys, outside, report)
    for seen in known:
        if seen.root is not None or seen.size > tree.size:
            root = seen.root or b""
            heads[SignedHead(seen.size, LONG_AGO, f"known {root.hex()}")] = root
    edge = Edge(head.size for head in heads)
    for start in range(0, tree.size, PORTION):
        look.at_entries(start, min(start + PORTION, tree.size), edge)
        say(edge.frontier.size)
    look.at_the_tree(edge)
    look.at_pending()
    look.at_lanes()
    for head, root in heads.items():
        if head.size > tree.size:
            report.tell(tree.size, Flaw.ROLLED_BACK, str(head.size))
        elif edge.roots.get(head.size) != root or tree.root_at(head.size) != root:
            report.tell(head.size, Flaw.MISFIT, str(head.size))
        elif report.newest is None or report.newest.size < head.size:
            report.newest = head
    report.faults.sort()
    return report


class _Look:
    """One look at everything; keeps no more than a portion of entries."""

    def __init__(self, session: Session, keyring: Keyring, tree: Tree, report: Report) -> None:
        self._session, self._keyring, self._tree, self._report = session, keyring, tree, report
        state = session.execute(select(STATE.c.untagged).where(STATE.c.id == 1)).one()
        self._untagged: int = state.untagged  # the application can write it: it may only narrow
        self._is_numbered = False  # whether an entry with a lane was seen: old ones came before
        self._lanes = Lanes(begin_anywhere=report.dropped > 0)
        self._above: list[bytearray] = []  # hashes of full tiles, level by level
        self._compared: list[int] = []  # how many stored tiles of the level above were compared
        self._seen = 0

    def at_entries(self, start: int, end: int, edge: Edge) -> None:
        """Entries against their hashes, columns against leaves, tags against keys."""
        hashes = list(self._tree.leaf_hashes(start, end))
        ids = list(self._tree.entry_ids(start, end))
        edge.grow(hashes)
        for first in range(0, len(hashes) - WIDTH + 1, WIDTH):
            self._add_tile(0, fold(b"".join(hashes[first : first + WIDTH])))
        rows = {row.id: row for row in self._session.execute(_entries(ids))}
        said: list[projection.Said] = []
        good: list[tuple[int, _Row]] = []
        for index, (entry_id, known) in enumerate(zip(ids, hashes, strict=True), start):
            row = rows.get(entry_id)
            if row is None:
                if index >= self._report.dropped:
                    self._tell(index, Flaw.REMOVED, str(entry_id))
                continue
            self._seen += 1
            if leaf_hash(row.leaf) != known:
                self._tell(index, Flaw.EDITED, str(entry_id))
            else:
                said.append(self._judge(row, index))
                good.append((index, row))
        self._lanes.follow(said, start)
        self._at_shown(good)

    def at_the_tree(self, edge: Edge) -> None:
        """The root of the stored tiles and edge against that of the entries."""
        if self._tree.head().root != edge.frontier.root():
            self._tell(self._tree.size, Flaw.HEAD)

    def at_pending(self) -> None:
        """What waits for the tree, and what neither waits nor is in it."""
        query = _entries().add_columns(PENDING.c.entry_id)
        query = query.join_from(
            PENDING, AuditEntry, PENDING.c.entry_id == AuditEntry.id, isouter=True
        )
        order = (AuditEntry.at, AuditEntry.lane, AuditEntry.lane_seq, AuditEntry.id)
        said: list[projection.Said] = []
        waiting: list[_Row] = []
        for row in self._session.execute(query.order_by(*order)):
            if row.id is None:
                self._tell(-1, Flaw.LOST, str(row.entry_id))
            else:
                waiting.append(row)
                said.append(self._judge(row, self._tree.size + len(said)))
        self._report.pending = len(waiting)
        self._lanes.follow(said, self._tree.size)
        self._at_shown(list(enumerate(waiting, self._tree.size)))
        count = self._session.scalar(select(func.count()).select_from(AuditEntry)) or 0
        if count != self._seen + len(waiting):
            known = {row.id for row in waiting}.union(self._tree.entry_ids(0, self._tree.size))
            for entry_id in self._session.scalars(select(AuditEntry.id)):
                if entry_id not in known:
                    self._tell(-1, Flaw.BESIDE, str(entry_id))

    def at_lanes(self) -> None:
        """Numbers without a gap, as far as the sequencer has seen each lane."""
        if self._report.flaws & {Flaw.REMOVED, Flaw.EDITED}:
            return  # what the lanes lack follows from that
        found, ends = self._lanes.findings(), self._lanes.ends()
        for lane, sequenced in self._session.execute(select(LANE.c.lane, LANE.c.sequenced)):
            name = str(lane)
            if ends.get(name.encode(), 0 if not self._report.dropped else sequenced) < sequenced:
                self._tell(-1, Flaw.LANE_CUT, name)
        for each in found:
            if each.kind is not Kind.UNNUMBERED:  # its tag told that already
                self._tell(each.index, _OF_LANES[each.kind], each.name)

    def _at_shown(self, placed: Sequence[tuple[int, _Row]]) -> None:
        """What lists showed, case by case, against the entries that say so."""
        places = {row.id: index for index, row in placed}
        rows = (row for _, row in placed)
        for entry_id in shown.rows_missing(self._session.connection(), rows):
            self._tell(places[entry_id], Flaw.SHOWN, str(entry_id))

    def _judge(self, row: _Row, index: int) -> projection.Said:
        """Columns and tag of one entry; what it says of its lane."""
        for name in projection.differences(row):
            self._tell(index, Flaw.COLUMN, name)
        may_be_old = index < self._untagged and not self._is_numbered
        if not projection.is_tagged(row, self._keyring, may_be_old=may_be_old):
            self._tell(index, Flaw.FORGED, str(row.id))
        said = projection.said_by(row)
        self._is_numbered |= bool(said[2])
        return said

    def _add_tile(self, level: int, value: bytes) -> None:
        """The hash of a full tile is one more in the level above; full there, it is compared."""
        if level == len(self._above):
            self._above.append(bytearray())
            self._compared.append(0)
        hashes = self._above[level]
        hashes += value
        if len(hashes) < WIDTH * HASH:
            return
        whole, index = bytes(hashes), self._compared[level]
        hashes.clear()
        self._compared[level] += 1
        where = (TILE.c.level == level + 1, TILE.c.tile_index == index)
        stored = self._session.scalar(select(TILE.c.content).where(*where))
        if stored is None or bytes(stored) != whole:
            self._tell(index << HEIGHT * (level + 2), Flaw.TILE, f"{level + 1}/{index}")
        self._add_tile(level + 1, fold(whole))

    def _tell(self, index: int, flaw: Flaw, detail: str = "") -> None:
        self._report.tell(index, flaw, detail)


def _entries(ids: Sequence[UUID] | None = None) -> Select[Any]:
    columns = [getattr(AuditEntry, name) for name in projection.COLUMNS]
    query = select(*columns, AuditEntry.leaf, AuditEntry.tag)
    return query if ids is None else query.where(AuditEntry.id.in_(ids))


def _heads(
    session: Session, keys: Sequence[Key], outside: Iterable[str], report: Report
) -> dict[SignedHead, bytes]:
    """Every signed head with its root; those that are none are told."""
    heads = signed_heads(session)
    heads += [SignedHead(-1, LONG_AGO, note) for note in outside]
    roots: dict[SignedHead, bytes] = {}
    for head in heads:
        try:
            text = open_note(head.note, keys).text if keys else text_of(head.note)
            checkpoint = parse_checkpoint(text)
        except NoteRefused:
            report.tell(-1, Flaw.UNSIGNED, str(head.size))
            continue
        if head.size not in {-1, checkpoint.size}:
            report.tell(-1, Flaw.UNSIGNED, str(head.size))
        roots[SignedHead(checkpoint.size, head.at, head.note)] = checkpoint.root
    return roots
