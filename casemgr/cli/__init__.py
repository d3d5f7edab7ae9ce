"""flask commands: as thin as views."""

import logging
import signal
import sys
import threading
from typing import Protocol
from uuid import UUID

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from flask_babel import force_locale
from sqlalchemy.exc import SQLAlchemyError

from casemgr import rooms
from casemgr.access import Actor, table
from casemgr.access.actor import system_actor
from casemgr.audit import rollback
from casemgr.cases import search
from casemgr.cli import key_watch, provider, recovery
from casemgr.cli.audit import audit
from casemgr.cli.backup import backup
from casemgr.cli.keys import keys
from casemgr.cli.staff import staff
from casemgr.crypto.errors import KeyProviderDown
from casemgr.db import session
from casemgr.directory.service import the_facility
from casemgr.privacy.detection import manual
from casemgr.privacy.proof import checking
from casemgr.work import log_keeper
from casemgr.work.worker import ROUND_SECONDS, Worker

AGAIN_SECONDS = 3.0  # until the log is compared once more with what is known outside

log = logging.getLogger("casemgr")


class Stop(Protocol):
    """Waits so many seconds; whether the process was told to stop. A threading.Event is one."""

    def wait(self, timeout: float) -> bool:
        """True once it was told."""


def init_app(app: Flask) -> None:
    """Register the commands."""
    app.cli.add_command(worker)
    app.cli.add_command(permissions)
    app.cli.add_command(rules)
    app.cli.add_command(audit)
    app.cli.add_command(backup)
    app.cli.add_command(keys)
    app.cli.add_command(staff)
    for command in recovery.COMMANDS:
        keys.add_command(command)
    app.cli.add_command(provider.create_root)


@click.command("worker")
def worker() -> None:
    """Do the work that happens outside requests, until stopped."""
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    while (facility_id := _founded()) is None:
        if stop.wait(ROUND_SECONDS):
            return
    _refuse_if_behind("worker", stop)
    key_watch.try_keys("worker")
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    sequencing = log_keeper.keep_sequenced(app, stop)
    working = Worker(facility_id, rooms.HANDLERS, rooms.periodic_rounds())
    verifier = system_actor(checking.DAILY, facility_id)
    log_keeper.keep_verified(
        app, stop, lambda: _verify_when_due(verifier, stop), lambda: working.is_leading
    )
    working.run(stop)
    log_keeper.close_tails("worker", for_good=True)
    sequencing.join(ROUND_SECONDS)


def _verify_when_due(verifier: Actor, stop: threading.Event) -> None:
    checking.look(verifier, stop)
    session.commit()


def _refuse_if_behind(channel: str, stop: Stop) -> None:
    """End the process where the database is older than what is known of it outside.

    Nobody works before the two were compared: where that cannot be done now, it is tried again
    until the process is told to stop.
    """
    while not _is_compared(channel):
        if stop.wait(AGAIN_SECONDS):
            sys.exit(0)


def _is_compared(channel: str) -> bool:
    try:
        rollback.refuse_if_behind(session(), channel)
    except rollback.RolledBack as reason:
        sys.stderr.write(f"casemgr cannot start: {reason}.\n")
        sys.exit(rollback.EXIT_CODE)
    except (SQLAlchemyError, KeyProviderDown) as error:
        log.warning("the log could not be compared yet (%s)", type(error).__name__)
        return False
    else:
        return True
    finally:
        session.remove()


def _founded() -> UUID | None:
    """The facility, once there is one and the database answers."""
    try:
        facility = the_facility()
    except SQLAlchemyError:
        return None
    else:
        return facility.id if facility else None
    finally:
        session.remove()


@click.command("permissions")
def permissions() -> None:
    """Print docs/permissions.md from the one table of roles."""
    click.echo(table.as_markdown(), nl=False)


@click.command("rules")
@with_appcontext
def rules() -> None:
    """Print docs/detection.md: the rules that watch the log, in English."""
    with current_app.test_request_context(), force_locale("en"):
        click.echo(manual.as_markdown(), nl=False)


def keep_index_current(
    app: Flask, stop: threading.Event, starting: Stop | None = None
) -> threading.Thread:
    """Build the name index in the background; let erased names and destroyed keys leave memory.

    Started by the web server after it has forked: the keys are tried, and every 5 s there is a
    look at the change table and at the key store. The tails of the log's lanes are closed, too.
    Ends the process where the database is older than what is known of it outside, and waits until
    that could be compared, or ``starting`` tells that nobody wants this process any more.
    """
    with app.app_context():
        _refuse_if_behind("web", starting or stop)

    def look() -> None:
        with app.app_context():
            key_watch.try_keys("web")
        while not stop.wait(search.IDLE_SECONDS):
            with app.app_context():
                key_watch.refresh()
                try:
                    app.extensions["keyring"].provider_trouble()  # a line in the log if there is
                    search.catch_up_all()
                    log_keeper.close_tails("web")
                except Exception as error:  # noqa: BLE001 - the thread must outlive one bad look
                    log.error("the name index was not caught up (%s)", type(error).__name__)  # noqa: TRY400

    thread = threading.Thread(target=look, name="name-index", daemon=True)
    thread.start()
    return thread


def end_lanes(app: Flask) -> None:
    """The web server stops: the last entry of each of its lanes."""
    with app.app_context():
        log_keeper.close_tails("web", for_good=True)
