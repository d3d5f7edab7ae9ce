"""Writing entries: in the transaction of the act itself (I1), in one canonical encoding.

What an act sealed stands in its entry as digests, so that a cell that was rolled back is found
(casemgr.audit.rolled_back). The leaves of version 1 had none. Since version 3 a leaf names its lane
and its number in it (casemgr.audit.lanes), and a keyed tag over it stands beside it: who can write
to the database but does not have the keys cannot make one. Older leaves are read as before.
"""

import hmac
from collections.abc import Collection, Iterable
from typing import Any, Protocol
from uuid import UUID

import orjson
from sqlalchemy import event, inspect
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, object_session

from casemgr.audit import lanes
from casemgr.audit.actions import Action, Outcome
from casemgr.audit.models import AuditEntry
from casemgr.audit.shown import keep_shown
from casemgr.crypto.connections import SealedCell, connect_alarm, connect_witness
from casemgr.crypto.errors import KeyMissing, KeyProviderDown
from casemgr.crypto.keyring import Keyring
from casemgr.crypto.sealed import KEYRING, SealedRecord
from casemgr.db import new_id, session
from casemgr.db.session import RequestSession

LEAF_VERSION = 3
_NO_KEY = (KeyProviderDown, KeyMissing, SQLAlchemyError)
_WRITTEN, _NEWEST, _TOLD = "audit_entries_written", "audit_newest_entry", "audit_broken_told"


class SealedWithoutEntry(RuntimeError):
    """A value was sealed in a session in which no act was recorded: nothing is written (I1)."""


class Originator(Protocol):
    """Who acts and from where; the Actor is one."""

    @property
    def account_id(self) -> UUID | None:
        """The account, or None for a system actor or nobody."""

    @property
    def facility_id(self) -> UUID:
        """The facility in which the act happens."""

    @property
    def acting_as(self) -> str:
        """The roles, or the name of a system actor."""

    @property
    def channel(self) -> str:
        """web, worker or command."""

    @property
    def session_ref(self) -> UUID | None:
        """The session row, never its secret."""

    @property
    def address(self) -> str | None:
        """The network address of the client."""

    @property
    def request_id(self) -> UUID | None:
        """One id for all entries of one request."""


def record(
    who: Originator,
    action: Action,
    *,
    outcome: Outcome = Outcome.DONE,
    case_id: UUID | None = None,
    subject_kind: str | None = None,
    subject_id: UUID | None = None,
    compartments: Iterable[str] = (),
    purpose: str | None = None,
    count: int | None = None,
    shown: Collection[UUID] = (),
    sealed: Iterable[SealedCell] = (),
) -> AuditEntry:
    """Add one entry to the running transaction and return it.

    ``shown`` are the ids a list page showed; ``sealed`` are cells that were sealed past the session,
    by statements of their own. Nothing about a person may be passed here.
    """
    entry = AuditEntry(
        id=new_id(),
        facility_id=who.facility_id,
        at=lanes.held(session(), who.facility_id).moment(),
        account_id=who.account_id,
        acting_as=who.acting_as,
        action=action,
        outcome=outcome,
        case_id=case_id,
        subject_kind=subject_kind,
        subject_id=subject_id,
        compartments=" ".join(sorted(str(part) for part in compartments)),
        purpose=purpose,
        channel=who.channel,
        session_ref=who.session_ref,
        address=who.address,
        request_id=who.request_id,
        count=count if count is not None else (len(shown) or None),
        leaf_version=LEAF_VERSION,
    )
    entry.draft = _leaf(entry, shown, sealed)
    session.add(entry)
    keep_shown(entry, shown)
    session.info[_WRITTEN] = entries_written() + 1
    session.info[_NEWEST] = (who, entry)
    return entry


def _witness(writing: Session, cells: list[SealedCell]) -> None:
    """Put what a flush seals into the newest entry that it writes, or into one more of its own.

    Raises SealedWithoutEntry where nobody recorded an act in this session yet (I1).
    """
    if not isinstance(writing, RequestSession):
        return
    if _NEWEST not in writing.info:
        raise SealedWithoutEntry
    who, entry = writing.info[_NEWEST]
    if not inspect(entry).pending:
        record(who, Action.VALUES_SEALED, sealed=cells)
        return
    entry.draft["sealed"] += _digests(cells)


@event.listens_for(AuditEntry, "before_insert")
def _finish(_mapper: object, _connection: object, entry: AuditEntry) -> None:
    """The last thing before an entry is written: its number, its exact bytes, its tag."""
    if "draft" not in entry.__dict__:
        return  # not ours: made by hand, whole
    writing = object_session(entry)
    assert writing is not None  # noqa: S101 - it is being flushed
    hold = lanes.held(writing, entry.facility_id)
    entry.lane, entry.lane_seq = hold.lane.id, hold.number(entry)
    entry.draft["lane"], entry.draft["seq"] = str(entry.lane), entry.lane_seq
    entry.leaf = canonical(entry.draft)
    try:
        entry.tag = tag_of(writing.info[KEYRING], entry.facility_id, entry.lane, entry.leaf)
    except _NO_KEY:
        if entry.channel != "command":
            raise
        # A lost root or key store is being recovered: on record without a tag, which is told of.


def tag_of(keyring: Keyring, facility_id: UUID, lane_id: UUID, leaf: bytes) -> bytes:
    """HMAC-SHA256 over the leaf under the lane's key. Raises KeyMissing, KeyProviderDown."""
    return hmac.digest(keyring.derive(facility_id, "tag", lanes.label_of(lane_id)), leaf, "sha256")


def note_emptied(cells: list[SealedCell]) -> None:
    """Put on record that these cells are empty now, by a statement past the session's flush.

    An empty digest is the mark: nothing lies here any more, and the log says so. It goes into the
    newest entry while that is not written yet, else into one more of the same originator. Raises
    SealedWithoutEntry.
    """
    if not cells:
        return
    if _NEWEST not in session.info:
        raise SealedWithoutEntry
    who, entry = session.info[_NEWEST]
    if inspect(entry).pending:
        entry.draft["sealed"] += _digests(cells)
    else:
        record(who, Action.VALUES_EMPTIED, sealed=cells)


def _alarm(reading: Session, row: Any, broken: SealedRecord) -> None:
    """One FAILED entry for each broken record of a row, whoever reads it and however often."""
    if not isinstance(reading, RequestSession) or _NEWEST not in reading.info:
        return
    told: dict[tuple[UUID, str], AuditEntry] = reading.info.setdefault(_TOLD, {})
    earlier = told.get((row.id, broken.name))
    if earlier is not None and not inspect(earlier).transient:
        return  # a transient one went with its savepoint
    who, _ = reading.info[_NEWEST]
    table: str = row.__tablename__
    told[row.id, broken.name] = record(
        who,
        Action.SEAL_BROKEN,
        outcome=Outcome.FAILED,
        case_id=row.id if table == "case" else getattr(row, "case_id", None),
        subject_kind=table,
        subject_id=row.id,
        compartments=[broken.compartment_of(row)],
    )


def record_broken_again() -> None:
    """After a rollback: tell once more what was found broken, so that the log keeps it."""
    for lost in list(session.info.pop(_TOLD, {}).values()):
        if inspect(lost).transient:
            lost.at = lanes.held(session(), lost.facility_id).moment()
            lost.draft["at"] = lost.at.isoformat(timespec="microseconds")
            session.add(lost)


connect_witness(_witness)
connect_alarm(_alarm)


def entries_written() -> int:
    """How many entries this session has recorded; the gate shows nothing that left none."""
    written: int = session.info.get(_WRITTEN, 0)
    return written


def forget_entries_after(count: int) -> None:
    """Count no more than this many: the later ones went with their savepoint."""
    session.info[_WRITTEN] = count


def canonical(leaf: dict[str, Any]) -> bytes:
    """RFC 8785 for our leaves: sorted keys, no blanks, UTF-8, no numbers but small integers."""
    return orjson.dumps(leaf, option=orjson.OPT_SORT_KEYS)


def _leaf(
    entry: AuditEntry, shown: Collection[UUID], sealed: Iterable[SealedCell]
) -> dict[str, Any]:
    return {
        "v": LEAF_VERSION,
        "id": str(entry.id),
        "fac": str(entry.facility_id),
        "at": entry.at.isoformat(timespec="microseconds"),
        "who": _text(entry.account_id),
        "as": entry.acting_as,
        "act": entry.action.value,
        "out": entry.outcome.value,
        "case": _text(entry.case_id),
        "kind": entry.subject_kind,
        "subj": _text(entry.subject_id),
        "parts": entry.compartments.split(),
        "purp": entry.purpose,
        "chan": entry.channel,
        "sess": _text(entry.session_ref),
        "rid": _text(entry.request_id),
        "n": entry.count,
        "ids": sorted(str(item) for item in shown),
        "sealed": _digests(sealed),
    }


def _digests(cells: Iterable[SealedCell]) -> list[str]:
    """``table.column row digest`` of each cell, in the order in which they were sealed."""
    return [f"{cell.place} {cell.row_id.hex} {cell.digest.hex()}" for cell in cells]


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)
