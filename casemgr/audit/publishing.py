"""Sending the newest head out of the machine, by each way at its own pace, on record.

Nothing is sent while a transaction is open: ``plan`` reads what is due, the worker commits, ``send``
speaks to the network and then writes down how it ended.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

from sqlalchemy import BigInteger, Index, LargeBinary, String, select
from sqlalchemy.orm import Mapped, mapped_column

from casemgr import clock
from casemgr.audit import checkpoints
from casemgr.audit.actions import Action, Outcome
from casemgr.audit.checkpoints import Checkpoint
from casemgr.audit.outside import known
from casemgr.audit.outside.addresses import Kind
from casemgr.audit.outside.known import Seen
from casemgr.audit.outside.note import Vkey
from casemgr.audit.outside.way import Errand, NotSent, Way, WitnessKnows
from casemgr.audit.outside.ways import pace_of, wait_after
from casemgr.audit.signing import LogKey
from casemgr.audit.trail import Originator, record
from casemgr.db import Model, enum_type, session
from casemgr.db.session import PROCESS

WAYS = "checkpoint_ways"  # in the process's memory: the ways of the settings
ENDPOINTS = "checkpoint_endpoints"  # in there too: what of it is on the network
WITNESSED = "witnessed_logs"  # in there too: other hospitals' logs and their keys
_RECENT = 200  # rows of one way that are looked at: more failures than that wait the longest anyway


class Fate(StrEnum):
    """How one sending ended."""

    SENT = "sent"
    FAILED = "failed"
    BEHIND = "behind"  # the witness has seen less, or more, than we thought; the proof is made anew
    AHEAD = "ahead"  # the witness has seen more than this log holds: a roll-back


class Publication(Model):
    """One sending of one head by one way. Insert-only; triggers hold it (migration 0009)."""

    __tablename__ = "audit_publication"
    __table_args__ = (Index("ix_audit_publication_way_at", "way", "at"),)

    checkpoint_size: Mapped[int] = mapped_column(BigInteger)
    way: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]
    outcome: Mapped[Fate] = mapped_column(enum_type(Fate))
    receipt: Mapped[bytes] = mapped_column(LargeBinary)  # proof of arrival, or why it failed


def configured(
    log_key: str,
    host: str,
    ways: Sequence[Way],
    endpoints: list[str],
    witnessed: dict[str, list[Vkey]],
    apart_from: Sequence[Path],
) -> dict[str, object]:
    """What the process keeps of the settings. Raises KeyProviderRefused for a key file not to use."""
    key = LogKey(log_key, host, apart_from) if log_key else None
    return {
        checkpoints.LOG_KEY: key,
        WAYS: tuple(ways),
        ENDPOINTS: endpoints,
        WITNESSED: witnessed,
    }


Result: TypeAlias = tuple[Way, Errand, Fate, bytes]


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of one way: its newest sendings, the newest first."""

    rows: Sequence[Publication]

    @property
    def last_sent(self) -> Publication | None:
        """The newest that arrived."""
        return next((row for row in self.rows if row.outcome is Fate.SENT), None)

    @property
    def failures(self) -> list[Publication]:
        """Those that failed since then, the newest first."""
        found: list[Publication] = []
        for row in self.rows:
            if row.outcome is Fate.SENT:
                break
            found.append(row)
        return found

    def known_size(self) -> int:
        """The size that a witness has seen last, as far as we know."""
        for row in self.rows:
            if row.outcome is Fate.SENT:
                return row.checkpoint_size
            if row.outcome in {Fate.BEHIND, Fate.AHEAD}:
                return int(row.receipt)
        return 0


def ways() -> tuple[Way, ...]:
    """The ways of the settings."""
    found: tuple[Way, ...] = session.info[PROCESS].get(WAYS, ())
    return found


def record_of(way: Way) -> Record:
    """How this way went lately."""
    query = select(Publication).where(Publication.way == way.name)
    newest = query.order_by(Publication.at.desc(), Publication.id.desc()).limit(_RECENT)
    return Record(session.scalars(newest).all())


def is_due(way: Way, past: Record, newest: Checkpoint, now: datetime) -> bool:
    """Whether this head should leave by this way now."""
    last, failures = past.last_sent, past.failures
    if last is not None and newest.size <= last.checkpoint_size:
        return False
    if failures:
        again = failures[0].outcome is Fate.BEHIND and len(failures) == 1
        return again or failures[0].at + wait_after(len(failures)) <= now
    return last is None or last.at + pace_of(way.kind, now.date()) <= now


class Sender:
    """The worker's round "checkpoint-sender": first ``plan``, after its commit ``send``."""

    def __init__(self) -> None:
        self._planned: list[tuple[Way, Errand]] = []

    def plan(self, _who: Originator) -> None:
        """Choose what is due, and make the proofs for the witnesses."""
        self._planned = []
        newest, now = checkpoints.newest(session), clock.now()
        if newest is None:
            return
        for way in ways():
            past = record_of(way)
            if is_due(way, past, newest, now):
                self._planned.append((way, _errand(way, past, newest)))

    def send(self, who: Originator) -> None:
        """Speak to the network, without a transaction; then keep how it went."""
        results = [_sent(way, errand) for way, errand in self._planned]
        self._planned = []
        for result in results:
            _keep(who, result)


def known_outside() -> list[Seen]:
    """Every head that this machine knows of from outside the database."""
    return [seen for source in _sources() for seen in source]


def contradicted(reading: checkpoints.Tree) -> Seen | None:
    """A head outside that this tree does not begin with: it went back, or was rewritten.

    Of each source the newest heads are asked; the others are those of a daily verification.
    """
    for source in _sources():
        largest = max((seen.size for seen in source if seen.root), default=0)
        for seen in source:
            is_asked = seen.root is None or seen.size == largest
            if is_asked and not checkpoints.begins_with(reading, seen):
                return seen
    return None


def _sources() -> list[list[Seen]]:
    """The small file beside the key, and each file that takes heads."""
    key = checkpoints.log_key(session)
    if key is None:
        return []
    files = [way.target for way in ways() if way.kind is Kind.FILE]
    heads = [known.heads_in_file(file, key.vkeys()) for file in files]
    return [checkpoints.seen_file(key).read(), *heads]


def newest_known_outside() -> Seen | None:
    """The largest of them. A database whose tree is smaller, or has another root there, went back.

    A claim of a size that the tree has reached since tells nothing: nobody said its root.
    """
    reading = checkpoints.tree(session)
    held = reading.head().size if reading else 0
    return known.newest_known(
        seen for seen in known_outside() if seen.root is not None or seen.size > held
    )


def _errand(way: Way, past: Record, newest: Checkpoint) -> Errand:
    """A witness that has seen more than we hold is asked from zero, and says so again."""
    if way.kind is not Kind.WITNESS:
        return Errand(newest.note, newest.size, newest.root)
    old = size if (size := past.known_size()) <= newest.size else 0
    reading = checkpoints.tree(session)
    needs_proof = reading is not None and 0 < old < newest.size
    proof = reading.consistency_proof(old, newest.size) if reading and needs_proof else []
    return Errand(newest.note, newest.size, newest.root, old, tuple(proof))


def _sent(way: Way, errand: Errand) -> Result:
    try:
        return way, errand, Fate.SENT, way.send(errand)
    except WitnessKnows as witness:
        fate = Fate.AHEAD if witness.size > errand.size else Fate.BEHIND
        return way, errand, fate, str(witness.size).encode()
    except NotSent as failure:
        return way, errand, Fate.FAILED, failure.reason.encode()


def _keep(who: Originator, result: Result) -> None:
    way, errand, fate, receipt = result
    row = Publication(
        facility_id=who.facility_id,
        checkpoint_size=errand.size,
        way=way.name,
        at=clock.now(),
        outcome=fate,
        receipt=receipt,
    )
    session.add(row)
    record(
        who,
        Action.CHECKPOINT_SENT,
        outcome=Outcome.DONE if fate is Fate.SENT else Outcome.FAILED,
        subject_kind=way.name,
        subject_id=row.id,
    )
    key = checkpoints.log_key(session)
    if fate is Fate.AHEAD and key is not None:
        checkpoints.seen_file(key).remember(Seen(int(receipt)))
