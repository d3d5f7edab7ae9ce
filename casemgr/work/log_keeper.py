"""What each process does for the log beside its work: sequence it, close the tails of its lanes.

The sequencer has a thread of its own in the worker, each second, on PostgreSQL and SQLite alike: a
long job must not hold up the log, and on SQLite a second write after each request would double
what every page waits for, with nobody to tell when it fails. Whoever comes second finds the lock
taken and goes away, so any number of workers may run it.
"""

import logging
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from casemgr.audit import heartbeats, sequencer
from casemgr.crypto.errors import KeyProviderDown
from casemgr.db import session

EVERY_SECONDS = 1.0
VERIFIED_EVERY = 5.0  # how often there is a look whether a verification is due
AGAIN_AFTER = 300.0  # seconds after one that could not be ended

log = logging.getLogger("casemgr.log")


class InContext(Protocol):
    """An application in whose context a thread can work."""

    def app_context(self) -> AbstractContextManager[object]:
        """The context with its session."""


def keep_sequenced(app: InContext, stop: threading.Event) -> threading.Thread:
    """Start the sequencer's thread; it ends soon after ``stop``, having sequenced once more."""

    def run() -> None:
        while not stop.wait(EVERY_SECONDS):
            look(app)
        look(app)

    thread = threading.Thread(target=run, name="log-sequencer", daemon=True)
    thread.start()
    return thread


def keep_verified(
    app: InContext, stop: threading.Event, act: Callable[[], object], is_leading: Callable[[], bool]
) -> threading.Thread:
    """Start the thread that verifies the log: for hours, so no other round may wait for it.

    ``act`` looks whether it is due; only the worker that leads does.
    """

    def run() -> None:
        wait = VERIFIED_EVERY
        while not stop.wait(wait):
            wait = VERIFIED_EVERY
            if is_leading():
                with app.app_context():
                    wait = VERIFIED_EVERY if _calmly(act) else AGAIN_AFTER

    thread = threading.Thread(target=run, name="log-verifier", daemon=True)
    thread.start()
    return thread


def look(app: InContext) -> None:
    """One round of the worker: its tails, then the tree."""
    with app.app_context():
        _calmly(lambda: heartbeats.beat(session(), "worker"))
        _calmly(lambda: sequencer.run(session()))


def close_tails(channel: str, *, for_good: bool = False) -> None:
    """Heartbeats of this process's lanes, or their last entries when it stops."""
    act = heartbeats.end if for_good else heartbeats.beat
    _calmly(lambda: act(session(), channel))


def _calmly(act: Callable[[], object]) -> bool:
    """Whether it was done."""
    try:
        act()
    except KeyProviderDown:
        session.rollback()
        log.warning("the log waits for the key provider")
    except SQLAlchemyError as error:
        session.rollback()
        log.warning("the log waits for the database (%s)", type(error).__name__)
    except Exception as error:  # noqa: BLE001 - the next round must come
        session.rollback()
        log.error("the log was not kept (%s)", type(error).__name__)  # noqa: TRY400 - no values
    else:
        return True
    finally:
        session.remove()
    return False
