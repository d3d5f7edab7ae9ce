"""The worker: each job once, in a transaction of its own; failures wait; one worker at a time."""

import threading
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from casemgr import clock
from casemgr.access import Actor, Compartment, Purpose
from casemgr.access.opening import open_keys
from casemgr.audit import Action, AuditEntry, Outcome, record
from casemgr.crypto.sealed import OPEN_KEYS
from casemgr.db import new_id, session
from casemgr.work.models import Job
from casemgr.work.outbox import enqueue
from casemgr.work.worker import LEASE, MAX_ATTEMPTS, Periodic, Worker, is_silent
from tests.cast import Cast

KIND = "tests.job"


class Desk:
    """A handler that remembers, and fails when told to."""

    def __init__(self) -> None:
        self.done: list[UUID] = []
        self.fails = False

    def __call__(self, actor: Actor, ref_id: UUID) -> None:
        record(actor, Action.NOTICE_ESCALATED, subject_id=ref_id)
        session.flush()
        if self.fails:
            raise ValueError("canaryWorker")
        self.done.append(ref_id)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def worker(cast: Cast, desk: Desk, *rounds: Periodic) -> Worker:
    return Worker(cast.facility_id, {KIND: desk}, list(rounds))


def ask(cast: Cast) -> UUID:
    with cast.acting():
        return enqueue(cast.actor("worker"), KIND, new_id()).ref_id


def entries(cast: Cast, action: Action) -> list[AuditEntry]:
    with cast.app.app_context():
        return list(session.scalars(select(AuditEntry).where(AuditEntry.action == action)))


def test_a_job_is_done_once(cast: Cast, desk: Desk) -> None:
    ref = ask(cast)
    with cast.app.app_context():
        assert worker(cast, desk).work_once() == 1
        assert worker(cast, desk).work_once() == 0
    assert desk.done == [ref]
    (entry,) = entries(cast, Action.NOTICE_ESCALATED)
    assert (entry.acting_as, entry.channel) == (KIND, "worker")


def test_a_job_waits_for_its_time(cast: Cast, desk: Desk) -> None:
    with cast.acting():
        later = clock.now() + timedelta(minutes=30)
        enqueue(cast.actor("worker"), KIND, new_id(), later)
    with cast.app.app_context():
        assert worker(cast, desk).work_once() == 0
        with clock.frozen(later):
            assert worker(cast, desk).work_once() == 1


def test_a_job_that_was_rolled_back_was_never_asked(cast: Cast, desk: Desk) -> None:
    with cast.app.app_context():
        enqueue(cast.actor("worker"), KIND, new_id())
        session.flush()
        session.rollback()
        assert worker(cast, desk).work_once() == 0


def test_a_failure_leaves_nothing_and_is_tried_again(
    cast: Cast, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    ref, desk.fails = ask(cast), True
    with cast.app.app_context():
        worker(cast, desk).work_once()
    assert entries(cast, Action.NOTICE_ESCALATED) == []
    assert "canaryWorker" not in caplog.text
    desk.fails = False
    with cast.app.app_context(), clock.frozen(clock.now() + timedelta(minutes=1)):
        worker(cast, desk).work_once()
    assert desk.done == [ref]


def test_in_the_end_it_gives_up_on_record(cast: Cast, desk: Desk) -> None:
    ask(cast)
    desk.fails = True
    at = clock.now()
    for _ in range(MAX_ATTEMPTS + 2):
        at += timedelta(hours=1)
        with cast.app.app_context(), clock.frozen(at):
            worker(cast, desk).work_once()
    (entry,) = entries(cast, Action.JOB_FAILED)
    assert entry.outcome is Outcome.FAILED
    with cast.app.app_context():
        assert session.scalars(select(Job.attempts)).one() == MAX_ATTEMPTS


def test_what_one_job_opened_is_closed_for_the_next(cast: Cast, desk: Desk) -> None:
    owner = new_id()

    def opens(actor: Actor) -> None:
        open_keys(actor, owner, {Compartment.SOCIAL}, purpose=Purpose.CASE_WORK)
        assert session.info[OPEN_KEYS].is_open(owner, Compartment.SOCIAL)

    with cast.app.app_context():
        worker(cast, desk, Periodic("opener", timedelta(minutes=1), opens)).work_once()
        assert not session.info[OPEN_KEYS].is_open(owner, Compartment.SOCIAL)


def test_one_worker_at_a_time(cast: Cast, desk: Desk) -> None:
    first, second = worker(cast, desk), worker(cast, desk)
    with cast.app.app_context():
        assert is_silent()
        assert first._hold_lease()
        assert not second._hold_lease()
        assert first._hold_lease()
        assert not is_silent()
        session.commit()
        with clock.frozen(clock.now() + LEASE + timedelta(seconds=1)):
            assert is_silent()
            assert second._hold_lease(), "the first has been silent for a minute"
            assert not first._hold_lease()


def test_a_worker_that_stops_lets_the_next_one_begin_at_once(cast: Cast) -> None:
    """A restart must not leave notices waiting until the old lease is stale."""
    with cast.app.app_context():
        first = Worker(cast.facility_id, {}, [])
        second = Worker(cast.facility_id, {}, [])
        assert first._hold_lease()
        assert not second._hold_lease()
        stop = threading.Event()
        stop.set()
        first.run(stop)
        assert second._hold_lease()
