"""The whole log verified in the background, at an officer's word and once a day.

A thread of the worker looks whether it is due (casemgr.work.log_keeper). It reads one moment of the
database on a connection of its own, for hours if need be, and writes only how it ended.
"""

import threading
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select

from casemgr import clock
from casemgr.access import Actor
from casemgr.access.key_names import the_keyring
from casemgr.audit import Action, AuditEntry, Outcome, checkpoints, live, publishing, record
from casemgr.audit.verify import parse_key
from casemgr.db import new_id, session
from casemgr.db.snapshots import of_one_moment
from casemgr.privacy.proof.state import LastCheck
from casemgr.work.models import Job
from casemgr.work.outbox import enqueue

VERIFY: Final = "log.verify"
DAILY: Final = "log-verifier"
EVERY: Final = timedelta(days=1)


class Stopped(RuntimeError):
    """The process ends; the next one begins anew."""


def ask(actor: Actor) -> None:
    """Have the worker verify the log as soon as it can; the one who asked stands on record."""
    record(actor, Action.LOG_VERIFICATION_ASKED)
    if not _asked_for(actor):
        enqueue(actor, VERIFY, new_id())


def look(actor: Actor, stop: threading.Event | None = None) -> None:
    """Verify when somebody asked, or when the last time is a day ago. Leaves off when told to stop.

    The caller commits.
    """
    asked, before = _asked_for(actor), last(actor)
    if asked or before is None or before.at + EVERY <= clock.now():
        with suppress(Stopped):
            run(actor, asked, stop)


def run(actor: Actor, asked: Sequence[UUID] = (), stop: threading.Event | None = None) -> None:
    """Look at every entry, tile and signed head; then a new transaction says how it ended.

    ``asked``: the jobs that are done by this. Raises Stopped, KeyProviderDown, SQLAlchemyError.
    """
    key = checkpoints.log_key(session)
    keys = [parse_key(str(vkey)) for vkey in key.vkeys()] if key else []
    known = publishing.known_outside()  # before the moment, or the tree might be behind by chance
    url = session.get_bind().engine.url
    session.rollback()  # on SQLite everybody who writes would wait for us
    with of_one_moment(url) as reading:
        report = live.verify(
            reading, the_keyring(), keys=keys, known=known, say=lambda _count: _go_on(stop)
        )
    for job in session.scalars(select(Job).where(Job.id.in_(asked))):
        job.done_at = clock.now()
    ended = Outcome.DONE if report.is_whole else Outcome.FAILED
    record(actor, Action.LOG_VERIFIED, outcome=ended, count=report.size)


def _go_on(stop: threading.Event | None) -> None:
    if stop is not None and stop.is_set():
        raise Stopped


def _asked_for(actor: Actor) -> Sequence[UUID]:
    pending = select(Job.id).where(
        Job.facility_id == actor.facility_id, Job.kind == VERIFY, Job.done_at.is_(None)
    )
    return session.scalars(pending).all()


def last(actor: Actor) -> LastCheck | None:
    """How the newest verification of ours ended; those of the command line tell their own reader."""
    query = (
        select(AuditEntry.at, AuditEntry.outcome)
        .where(
            AuditEntry.facility_id == actor.facility_id,
            AuditEntry.action == Action.LOG_VERIFIED,
            AuditEntry.channel == "worker",
        )
        .order_by(AuditEntry.at.desc())
        .limit(1)
    )
    row = session.execute(query).first()
    return LastCheck(row.at, row.outcome is Outcome.DONE) if row else None
