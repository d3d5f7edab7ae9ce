"""``flask backup``: sealed sets of the main database, the files and the key store."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy.exc import SQLAlchemyError

from casemgr.cli import backing_up, expiring, restoring, verifying
from casemgr.crypto.backup_header import SetKind
from casemgr.crypto.errors import KeyMissing, KeyProviderDown, SealBroken, SetReplaced
from casemgr.files.store import FileStoreDown
from casemgr.work.backup_folder import BackupRefused
from casemgr.work.backups import LONGEST_KEPT
from casemgr.work.pg_newest import ProgramFailed

_KINDS = click.Choice([kind.value for kind in SetKind])
_FOLDER = click.Path(file_okay=False, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_WITH_WORDS = (BackupRefused, ProgramFailed, KeyProviderDown, SetReplaced)


backup = AppGroup("backup", help="Sealed backups of the main database, the files, the key store.")


@backup.command("create")
@click.argument("folder", type=_FOLDER)
@click.option("--only", type=_KINDS, help="one of the three sets alone")
@click.option(
    "--keep",
    type=click.IntRange(1, LONGEST_KEPT.days),
    default=LONGEST_KEPT.days,
    show_default=True,
    help="days after which the set of the key store must be gone",
)
def create(folder: Path, only: str | None, keep: int) -> None:
    """Write sealed sets to FOLDER, and remove expired sets of the key store from it."""
    kinds = [SetKind(only)] if only else list(SetKind)
    with in_one_line():
        backing_up.make_sets(folder, kinds, keep, click.echo)


@backup.command("verify")
@click.argument("places", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.pass_context
def verify(context: click.Context, places: tuple[Path, ...]) -> None:
    """Read sets, or folders of sets, to their end. 0: all is well; 1: damaged; 2: incomplete."""
    with in_one_line():
        outcome = verifying.verify(places, click.echo)
    context.exit(outcome)


@backup.command("restore")
@click.argument("file", type=_FILE)
@click.option("--into", type=_KINDS, required=True, help="which one is filled: say it aloud")
@click.option(
    "--although-expired", is_flag=True, help="a key store that brings back what was erased since"
)
@click.option(
    "--with-shares", is_flag=True, help="a key store whose root is lost: asks three shares"
)
def restore(file: Path, into: str, *, although_expired: bool, with_shares: bool) -> None:
    """Fill the EMPTY database of the settings, or the file store, from FILE."""
    kind = SetKind(into)
    with in_one_line():
        restoring.restore(
            file, kind, click.echo, although_expired=although_expired, with_shares=with_shares
        )


@backup.command("destroyed")
@click.argument("backup_id", type=click.UUID)
def destroyed(backup_id: object) -> None:
    """Say that every copy of an expired set of the key store, wherever it lay, was destroyed."""
    with in_one_line():
        expiring.note_destroyed(backup_id, click.echo)


@contextmanager
def in_one_line() -> Iterator[None]:
    """Whatever stops a command is told in one line: no traceback, no value."""
    try:
        yield
    except _WITH_WORDS as reason:
        raise click.ClickException(str(reason)) from None
    except KeyMissing:
        raise click.ClickException("the key store holds no key of this hospital") from None
    except SealBroken:
        raise click.ClickException("what was sealed does not open") from None
    except FileStoreDown:
        raise click.ClickException("the store of sealed files does not answer") from None
    except (SQLAlchemyError, sqlite3.Error) as error:
        name = type(error).__name__
        raise click.ClickException(f"the database does not answer ({name})") from None
    except OSError as error:
        raise click.ClickException(f"{error.strerror or type(error).__name__}") from None
