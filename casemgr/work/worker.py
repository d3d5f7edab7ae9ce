"""The one worker: due jobs and periodic rounds, each in a transaction of its own."""

import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from casemgr import clock
from casemgr.access import Actor
from casemgr.access.actor import system_actor
from casemgr.access.opening import close_keys
from casemgr.audit import Action, Outcome, record
from casemgr.db import new_id, session
from casemgr.work.models import Job, WorkerLease

LEASE = timedelta(seconds=60)
ROUND_SECONDS = 2.0
MAX_ATTEMPTS = 8

Handler: TypeAlias = Callable[[Actor, UUID], None]
Round: TypeAlias = Callable[[Actor], object]

log = logging.getLogger("casemgr.worker")


@dataclass(slots=True)
class Periodic:
    """Something to do again and again, under its own name in the log."""

    name: str
    every: timedelta
    act: Round
    afterwards: Round | None = None  # once ``act`` is committed: a removal after its intent
    due_at: datetime | None = None


class Worker:
    """Does due work while it holds the lease; a second worker waits for the first to be silent."""

    def __init__(
        self, facility_id: UUID, handlers: Mapping[str, Handler], rounds: list[Periodic]
    ) -> None:
        self._facility_id, self._handlers, self._rounds = facility_id, handlers, rounds
        self._id = new_id()
        self.is_leading = False  # whether it held the lease at its last look

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop. A database that is away is waited for."""
        while not stop.wait(ROUND_SECONDS):
            try:
                self.is_leading = self._hold_lease()
                if self.is_leading:
                    self.work_once()
            except SQLAlchemyError as error:
                session.rollback()
                log.warning("the database does not answer (%s)", type(error).__name__)
            finally:
                session.remove()
        self._give_back_lease()

    def work_once(self) -> int:
        """Do what is due now. Returns how many jobs were tried."""
        for periodic in self._rounds:
            if periodic.due_at is None or periodic.due_at <= clock.now():
                periodic.due_at = clock.now() + periodic.every
                if self._in_transaction(periodic.name, periodic.act) and periodic.afterwards:
                    self._in_transaction(periodic.name, periodic.afterwards)
        ours = Job.kind.in_(self._handlers)  # the others are done by threads of their own
        due = select(Job.id).where(Job.done_at.is_(None), Job.run_at <= clock.now(), ours)
        ids = list(session.scalars(due.order_by(Job.run_at).limit(100)))
        session.commit()
        for job_id in ids:
            self._do(job_id)
        return len(ids)

    def _do(self, job_id: UUID) -> None:
        job = session.get(Job, job_id, with_for_update=True)
        if job is None or job.done_at is not None:
            session.rollback()
            return
        kind, ref_id = job.kind, job.ref_id
        job.done_at = clock.now()  # in the transaction of the act: it happens once, or again
        if not self._in_transaction(kind, lambda actor: self._handlers[kind](actor, ref_id)):
            self._postpone(job_id, kind)

    def _postpone(self, job_id: UUID, kind: str) -> None:
        """Try again later and later; give up, on record, after MAX_ATTEMPTS."""
        job = session.get(Job, job_id)
        if job is None:
            return
        job.attempts += 1
        job.run_at = clock.now() + timedelta(seconds=2**job.attempts)
        if job.attempts >= MAX_ATTEMPTS:
            job.done_at = clock.now()
            actor = system_actor(kind, self._facility_id)
            record(actor, Action.JOB_FAILED, outcome=Outcome.FAILED, subject_id=job.id)
        session.commit()

    def _in_transaction(self, name: str, act: Round) -> bool:
        try:
            act(system_actor(name, self._facility_id))
            session.commit()
        except (OperationalError, InterfaceError, PoolTimeout):
            session.rollback()
            raise  # the database is away: nobody's fault, and nothing else would work either
        except Exception as error:  # noqa: BLE001 - one bad job must not stop the others
            session.rollback()
            log.error("%s failed (%s)", name, type(error).__name__)  # noqa: TRY400 - no values
            return False
        finally:
            close_keys()  # what one job opened is no business of the next
        return True

    def _give_back_lease(self) -> None:
        """So that the next worker need not wait until this one has been silent long enough."""
        with suppress(SQLAlchemyError):
            lease = session.scalar(select(WorkerLease).where(WorkerLease.holder == self._id))
            if lease is not None:
                lease.seen_at = clock.now() - LEASE
                session.commit()
        session.remove()

    def _hold_lease(self) -> bool:
        """Take or renew the lease. False while another worker is alive."""
        now = clock.now()
        lease = session.scalar(
            select(WorkerLease).where(WorkerLease.name == "worker").with_for_update()
        )
        if lease is None:
            lease = WorkerLease(
                facility_id=self._facility_id, name="worker", holder=self._id, seen_at=now
            )
            session.add(lease)
        elif lease.holder != self._id and lease.seen_at > now - LEASE:
            session.rollback()
            return False
        lease.holder, lease.seen_at = self._id, now
        session.commit()
        return True


def is_silent() -> bool:
    """Whether the worker has not been heard of for a minute; the duty pages then say so."""
    seen = session.scalar(select(WorkerLease.seen_at).where(WorkerLease.name == "worker"))
    return seen is None or seen < clock.now() - LEASE
