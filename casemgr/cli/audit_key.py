"""flask audit key: what signs the head of the log, from the terminal. Each act leaves its entry."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask.cli import AppGroup

from casemgr.access import Actor
from casemgr.access.actor import system_actor
from casemgr.audit import Action, checkpoints, record
from casemgr.audit.signing import LogKey
from casemgr.crypto.errors import KeyProviderDown
from casemgr.db import session
from casemgr.db.session import PROCESS
from casemgr.directory.service import the_facility

NAME = "log-key"

key = AppGroup("key", help="Make, rotate and show the key that signs the head of the log.")


@contextmanager
def _acting() -> Iterator[tuple[Actor, LogKey]]:
    """The system actor and the key of the settings; what goes wrong is one clear line."""
    try:
        facility = the_facility()
        if facility is None:
            raise click.ClickException("No hospital was founded yet.")
        found: LogKey | None = session.info[PROCESS].get(checkpoints.LOG_KEY)
        if found is None:
            raise click.ClickException("CASEMGR_LOG_KEY is not set: file:/path.")
        yield system_actor(NAME, facility.id, "command"), found
        session.commit()
    except KeyProviderDown as reason:
        raise click.ClickException(f"{reason}.") from None
    finally:
        session.remove()


@key.command("create")
def create() -> None:
    """Make the key that CASEMGR_LOG_KEY names. Never replaces one."""
    with _acting() as (actor, log_key):
        if log_key.is_there():
            raise click.ClickException("There is a key already; rotate it instead.")
        record(actor, Action.LOG_KEY_MADE)
        session.commit()  # said before it is done: no key without its entry
        log_key.create()
        _print(log_key)


@key.command("rotate")
def rotate() -> None:
    """A new key; the next checkpoint is signed by both, then the old seed is wiped."""
    with _acting() as (actor, log_key):
        log_key.vkey()  # raises before anything is said when there is none
        record(actor, Action.LOG_KEY_ROTATED)
        session.commit()
        log_key.rotate()
        _print(log_key)
        click.echo("Give the new public key to every witness and print it for the bound book.")


@key.command("show")
def show() -> None:
    """The public keys: of the log, the newest first, and of this hospital as a witness."""
    with _acting() as (actor, log_key):
        record(actor, Action.LOG_KEY_SHOWN)
        _print(log_key)


def _print(log_key: LogKey) -> None:
    newest, *older = log_key.vkeys()
    click.echo(f"Log:     {newest}")
    for known in older:
        click.echo(f"Earlier: {known}")
    click.echo(f"Witness: {log_key.witness_vkey()}")
