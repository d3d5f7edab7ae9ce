"""Moving pending entries into the tree: one process at a time, in the order of their moments.

Within a lane moments never go back, so any beginning of that order takes each lane without a gap.
Every entry is judged as it is moved: its tag under the lane's key, its number in the lane. What is
wrong is moved all the same, because the tree tells what is in the table, and leaves an entry of its
own. Signing comes after the commit: a published head that the log cannot extend would be a lie.
"""

import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.orm import Session

from casemgr.audit.actions import Action, Outcome
from casemgr.audit.models import LANE, PENDING, STATE, AuditEntry
from casemgr.audit.tiles import Edge
from casemgr.audit.trail import record, tag_of
from casemgr.audit.verify import leaf_hash
from casemgr.crypto.errors import KeyMissing
from casemgr.crypto.keyring import Keyring
from casemgr.crypto.sealed import KEYRING

BATCH = 10_000
TAGGED_FROM = 3  # the leaf version that has lanes and tags
_LOCK = (0x6C6F67, 1)  # "log": of pg_try_advisory_xact_lock(int, int)
_PORTION = 500  # ids in one statement, for SQLite's sake

# Told after each round's commit, when there is something new or not: signing lies here.
after_sequencing: list[Callable[[Session], object]] = []


@dataclass(frozen=True, slots=True)
class Sequencer:
    """Who writes what the sequencer found (Originator)."""

    facility_id: UUID
    account_id: None = None
    acting_as: str = "log-sequencer"
    channel: str = "worker"
    session_ref: None = None
    address: None = None
    request_id: None = None


@dataclass(frozen=True, slots=True)
class _Finding:
    action: Action
    entry_id: UUID
    count: int | None = None  # how many entries a lane lacks


def run(session: Session) -> int:
    """Sequence all that is pending, committing each batch, then tell ``after_sequencing``."""
    total = 0
    while moved := sequence(session):
        session.commit()
        total += moved
    session.commit()
    for tell in after_sequencing:
        tell(session)
        session.commit()
    return total


def sequence(session: Session) -> int:
    """Move up to BATCH pending entries into the tree; the caller commits. Returns how many.

    0 as well while another process is at it. Raises KeyProviderDown before anything is moved.
    """
    if session.get_bind().dialect.name == "postgresql" and not session.scalar(
        select(func.pg_try_advisory_xact_lock(*_LOCK))
    ):
        return 0
    session.flush()
    rows = _next(session)
    gone = _without_entry(session) if len(rows) < BATCH else []
    if not rows and not gone:
        return 0
    state = session.execute(select(STATE).where(STATE.c.id == 1)).one()
    findings = _wrong_tags(session, rows, state)
    forged = {finding.entry_id for finding in findings}
    findings += _gaps(session, [row for row in rows if row.lane and row.id not in forged])
    findings += [_Finding(Action.LOG_LANE_GAP, entry_id, 1) for entry_id in gone]
    edge = Edge(state.size, state.edge, state.edge_ids)
    for row in rows:
        edge.append(leaf_hash(row.leaf), row.id)
    edge.write(session)
    _forget(session, [*(row.id for row in rows), *gone])
    _tell(session.info[KEYRING], findings)
    return len(rows)


def _next(session: Session) -> Sequence[Any]:
    e = AuditEntry
    query = (
        select(e.id, e.facility_id, e.at, e.leaf_version, e.lane, e.lane_seq, e.tag, e.leaf)
        .join(PENDING, PENDING.c.entry_id == e.id)
        .order_by(e.at, e.lane, e.lane_seq, e.id)
        .limit(BATCH)
    )
    return session.execute(query).all()


def _without_entry(session: Session) -> list[UUID]:
    """Entries that were enqueued and are gone: somebody removed them past the guards."""
    query = select(PENDING.c.entry_id).outerjoin(
        AuditEntry.__table__, PENDING.c.entry_id == AuditEntry.id
    )
    return list(session.scalars(query.where(AuditEntry.id.is_(None)).limit(_PORTION)))


def _wrong_tags(session: Session, rows: Sequence[Row[Any]], state: Row[Any]) -> list[_Finding]:
    """Entries that casemgr did not write as they are.

    Old ones have no tags. They all come before the first tagged one, whatever ``untagged`` says:
    the application's role can write that number, and can only ever narrow with it.
    """
    keyring, found = session.info[KEYRING], []
    may_be_old = any(row.lane is None for row in rows) and not _knows_a_lane(session)
    for place, row in enumerate(rows, state.size):
        if _is_ours(keyring, row):
            may_be_old = False
            continue
        is_old = row.lane is None and row.leaf_version < TAGGED_FROM
        if not (is_old and may_be_old and place < state.untagged):
            found.append(_Finding(Action.LOG_TAG_WRONG, row.id))
    return found


def _knows_a_lane(session: Session) -> bool:
    """Whether an entry with a lane was sequenced; asked of the entries too, which nobody removes."""
    waiting = select(PENDING.c.entry_id).where(PENDING.c.entry_id == AuditEntry.id)
    numbered = select(AuditEntry.id).where(AuditEntry.lane.is_not(None), ~waiting.exists())
    return any(
        session.scalar(query.limit(1)) is not None for query in (select(LANE.c.lane), numbered)
    )


def _is_ours(keyring: Keyring, row: Row[Any]) -> bool:
    """Never raises for what stands in the row: one bad leaf must not keep all others waiting."""
    if row.lane is None or row.tag is None:
        return False
    try:
        tag = tag_of(keyring, row.facility_id, row.lane, row.leaf)
        leaf = orjson.loads(row.leaf)
        named = leaf["id"], leaf["lane"], leaf["seq"]
        is_tagged = hmac.compare_digest(tag, row.tag)
    except (KeyMissing, KeyError, TypeError, ValueError):
        return False
    return is_tagged and named == (str(row.id), str(row.lane), row.lane_seq)


def _gaps(session: Session, rows: Sequence[Row[Any]]) -> list[_Finding]:
    """Numbers that a lane skipped or gave twice; and how far each lane is now.

    Only of entries that are ours: a forged number must not make the true ones look wrong.
    """
    known = _sequenced(session, {row.lane for row in rows})
    now, found = dict(known), []
    moments: dict[UUID, datetime] = {}
    for row in rows:
        lacking = row.lane_seq - now.get(row.lane, 0) - 1
        if lacking:
            found.append(_Finding(Action.LOG_LANE_GAP, row.id, abs(lacking)))
        now[row.lane] = row.lane_seq
        moments[row.lane] = row.at
    for lane, number in now.items():
        if lane not in known:
            session.execute(LANE.insert().values(lane=lane, sequenced=number, at=moments[lane]))
        else:
            values = {"sequenced": number, "at": moments[lane]}
            session.execute(update(LANE).where(LANE.c.lane == lane).values(values))
    return found


def _sequenced(session: Session, lanes: Iterable[UUID]) -> Mapping[UUID, int]:
    query = select(LANE.c.lane, LANE.c.sequenced).where(LANE.c.lane.in_(list(lanes)))
    return {row.lane: row.sequenced for row in session.execute(query)}


def _forget(session: Session, ids: list[UUID]) -> None:
    for start in range(0, len(ids), _PORTION):
        these = PENDING.c.entry_id.in_(ids[start : start + _PORTION])
        session.execute(delete(PENDING).where(these))


def _tell(keyring: Keyring, findings: Iterable[_Finding]) -> None:
    facilities = (
        sorted(key.facility_id for key in keyring.store.facility_keys()) if findings else []
    )
    for finding in findings:
        record(
            Sequencer(facilities[0]),
            finding.action,
            outcome=Outcome.FAILED,
            subject_kind="audit_entry",
            subject_id=finding.entry_id,
            count=finding.count,
        )
