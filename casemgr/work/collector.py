"""The log on its way to a hospital's collector: syslog over TLS (RFC 5424, RFC 5425).

Off unless the setting names one. Two steps of the worker: ``gather`` reads what is to be sent and
ends its transaction; ``deliver`` sends while no transaction is open, then notes how it went. What
was not taken whole is sent again: at least once, never lost. A collector that is away holds up
nobody; the page of the log says so, and the log itself tells when it began.
"""

import socket
import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, Uuid, literal, select, text, tuple_

from casemgr import clock
from casemgr.access import Actor
from casemgr.audit import Action, AuditEntry, Outcome, record
from casemgr.audit.out.syslog import framed, message
from casemgr.db import session
from casemgr.db.types import UtcDateTime
from casemgr.work.models import Forwarding
from casemgr.work.receiver import Receiver

NAME = "log-forwarder"
BATCH = 1_000
SETTLE = timedelta(seconds=30)
"""An entry may become visible later than its time says: nothing younger than this is sent yet."""
PATIENCE = 10.0  # seconds that a collector has for each step
_OLDEST = text(
    "SELECT min(xact_start) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@dataclass(frozen=True, slots=True)
class _Batch:
    frames: bytes
    count: int
    last_at: datetime
    last_id: UUID


class Collector:
    """One collector, and what is under way to it."""

    def __init__(self, receiver: Receiver, host: str) -> None:
        self._receiver, self._host = receiver, host
        self._batch: _Batch | None = None

    def gather(self, actor: Actor) -> None:
        """Read what comes after the last entry that was sent."""
        self._batch = None
        row = session.scalar(_rows(actor, self._receiver))
        entries = list(session.scalars(_after(actor, row)))
        if all(entry.acting_as == NAME for entry in entries):
            return  # its own doings alone would keep it busy for ever; they go with the next act
        self._batch = _Batch(
            frames=b"".join(framed(message(entry, self._host)) for entry in entries),
            count=len(entries),
            last_at=entries[-1].at,
            last_id=entries[-1].id,
        )

    def deliver(self, actor: Actor) -> None:
        """Send what was gathered, then note how it went: as one entry, or once as a failure."""
        batch, self._batch = self._batch, None
        if batch is None:
            return
        try:
            send(self._receiver, batch.frames)
        except OSError:  # that of ssl is one, too
            _note_failure(actor, self._receiver)
            return
        row = _row(actor, self._receiver)
        row.last_at, row.last_entry_id = batch.last_at, batch.last_id
        row.sent_at, row.failing_since = clock.now(), None
        record(actor, Action.LOG_FORWARDED, count=batch.count)


def send(receiver: Receiver, frames: bytes) -> None:
    """One connection for one batch, closed as RFC 5425 §4.4 wants, so that the end was read.

    Raises OSError: nobody there, a certificate that is not believed, or broken off.
    """
    context = ssl.create_default_context(cafile=receiver.ca or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    address = (receiver.host, receiver.port)
    with (
        socket.create_connection(address, timeout=PATIENCE) as plain,
        context.wrap_socket(plain, server_hostname=receiver.host) as connection,
    ):
        connection.sendall(frames)
        try:
            connection.unwrap().close()
        except ssl.SSLEOFError:
            return  # closed without saying so, but after it had read everything


def state(actor: Actor) -> Forwarding | None:
    """How the sending stands, for the page of the log; None where nothing is sent.

    Of several collectors that the setting has named over time, the one that was used last.
    """
    query = select(Forwarding).where(Forwarding.facility_id == actor.facility_id)
    rows = session.scalars(query).all()
    return max(rows, key=lambda row: row.sent_at or row.failing_since or _NEVER, default=None)


_NEVER = datetime.min.replace(tzinfo=clock.HOSPITAL_ZONE)


def _row(actor: Actor, receiver: Receiver) -> Forwarding:
    """The row of this collector, made with the first entry about it."""
    row = session.scalar(_rows(actor, receiver))
    if row is None:
        row = Forwarding(facility_id=actor.facility_id, receiver=str(receiver))
        session.add(row)
    return row


def _rows(actor: Actor, receiver: Receiver) -> Select[Forwarding]:
    return select(Forwarding).where(
        Forwarding.facility_id == actor.facility_id, Forwarding.receiver == str(receiver)
    )


def _after(actor: Actor, row: Forwarding | None) -> Select[AuditEntry]:
    """What comes next; a collector that is new gets the whole log."""
    query = select(AuditEntry).where(
        AuditEntry.facility_id == actor.facility_id, AuditEntry.at < _horizon()
    )
    if row is not None and row.last_at is not None:
        last = tuple_(literal(row.last_at, UtcDateTime()), literal(row.last_entry_id, Uuid()))
        query = query.where(tuple_(AuditEntry.at, AuditEntry.id) > last)
    return query.order_by(AuditEntry.at, AuditEntry.id).limit(BATCH)


def _horizon() -> datetime:
    """Before this moment no entry can appear any more: older than every running transaction."""
    settled = clock.now() - SETTLE
    if session.get_bind().dialect.name != "postgresql":
        return settled
    oldest: datetime | None = session.scalar(_OLDEST)
    return settled if oldest is None else min(settled, oldest - SETTLE)


def _note_failure(actor: Actor, receiver: Receiver) -> None:
    row = _row(actor, receiver)
    if row.failing_since is None:
        row.failing_since = clock.now()
        record(actor, Action.LOG_FORWARDING_FAILED, outcome=Outcome.FAILED)
