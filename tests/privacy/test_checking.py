"""The verification in the background: once a day, at a word, and nobody waits for it."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from casemgr import clock, rooms
from casemgr.access.actor import system_actor
from casemgr.audit import Action, AuditEntry, live
from casemgr.db import session
from casemgr.privacy.proof import checking
from casemgr.work import log_keeper
from casemgr.work.models import Job
from casemgr.work.worker import Worker
from tests.cast import Cast
from tests.house.log_forging import fill, write


def look(cast: Cast) -> int:
    """One look of the thread. How many verifications stand on record after it."""
    with cast.acting():
        checking.look(system_actor(checking.DAILY, cast.facility_id))
        query = select(func.count()).where(AuditEntry.action == Action.LOG_VERIFIED)
        return session.scalar(query) or 0


def pending(cast: Cast) -> int:
    with cast.app.app_context():
        query = select(func.count()).where(Job.kind == checking.VERIFY, Job.done_at.is_(None))
        return session.scalar(query) or 0


def ask(cast: Cast) -> None:
    with cast.acting():
        checking.ask(cast.actor("officer"))


def test_it_is_due_a_day_after_the_last_one_not_at_each_start(cast: Cast) -> None:
    assert [look(cast), look(cast)] == [1, 1]
    with clock.frozen(clock.now() + timedelta(hours=23)):
        assert look(cast) == 1
    with clock.frozen(clock.now() + timedelta(hours=25)):
        assert look(cast) == 2


def test_asking_twice_is_one_verification(cast: Cast) -> None:
    look(cast)
    ask(cast)
    ask(cast)
    assert pending(cast) == 1
    with cast.app.app_context():
        query = select(func.count()).where(AuditEntry.action == Action.LOG_VERIFICATION_ASKED)
        assert session.scalar(query) == 2, "each of them stands on record"
        Worker(cast.facility_id, rooms.HANDLERS, rooms.periodic_rounds()).work_once()
    assert pending(cast) == 1, "the worker's rounds leave it to the thread"
    assert look(cast) == 2
    assert pending(cast) == 0
    assert look(cast) == 2


def test_a_process_that_ends_leaves_it_to_the_next(cast: Cast) -> None:
    fill(cast, 3)
    ask(cast)
    stop = threading.Event()
    stop.set()
    with cast.app.app_context():
        checking.look(system_actor(checking.DAILY, cast.facility_id), stop)
    assert pending(cast) == 1
    assert look(cast) == 1


def test_a_report_keeps_so_many_faults_and_counts_all() -> None:
    report = live.Report(0, 0)
    for index in range(live.MOST_KEPT + 7):
        report.tell(index, live.Flaw.EDITED)
    report.tell(-1, live.Flaw.HEAD)
    assert (len(report.faults), report.found) == (live.MOST_KEPT, live.MOST_KEPT + 8)
    assert report.flaws == {live.Flaw.EDITED, live.Flaw.HEAD}


def test_only_the_worker_that_leads_verifies(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second worker's thread only looks whether it leads; the first one's verifies."""
    monkeypatch.setattr(log_keeper, "VERIFIED_EVERY", 0.01)
    leads, looked, stop = [False] * 3 + [True], threading.Event(), threading.Event()
    asked: list[bool] = []

    def is_leading() -> bool:
        asked.append(leads[min(len(asked), 3)])
        return asked[-1]

    thread = log_keeper.keep_verified(cast.app, stop, looked.set, is_leading)
    assert looked.wait(30)
    stop.set()
    thread.join()
    assert asked[:4] == leads


def test_writers_go_on_meanwhile(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """On SQLite too, where a round of the worker would hold the one lock for writing."""
    real = live.verify
    written: list[object] = []

    def slow(*given: object, **named: object) -> live.Report:
        written.extend(write(cast))
        return real(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(live, "verify", slow)
    assert look(cast) == 1
    assert len(written) == 1
