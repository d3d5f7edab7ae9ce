"""flask audit: the log verified, exported, proven and, when its time is over, dropped."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import click
from flask.cli import AppGroup
from sqlalchemy import create_engine, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from casemgr import clock
from casemgr.access import Actor
from casemgr.access.actor import system_actor
from casemgr.audit import Action, expiring, live, record, sequencer
from casemgr.audit.exporting import (
    Exported,
    FolderTaken,
    NotProven,
    proof_of,
    signed_heads,
    write_export,
)
from casemgr.audit.outsider.examining import WHOLE, examine
from casemgr.audit.outsider.sentences import of_report
from casemgr.audit.outsider.single_file import single_file
from casemgr.audit.tiles import Tree
from casemgr.audit.verify import Key, NoteRefused, parse_key
from casemgr.cli.audit_key import key as key_commands
from casemgr.cli.installation import the_keyring, the_settings
from casemgr.crypto.errors import KeyProviderDown
from casemgr.db import session
from casemgr.db.session import prepare
from casemgr.db.snapshots import of_one_moment
from casemgr.directory.service import the_facility
from casemgr.privacy.erasure.models import LegalHold

NAME = "audit"
ATTEMPTS, PAUSE = 20, 0.5  # seconds between two looks whether an entry is in the tree
FOLDER = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path, exists=True, dir_okay=False)

audit = AppGroup(NAME, help="Verify, export and prove the log; drop what had its time.")
audit.add_command(key_commands)


@contextmanager
def acting() -> Iterator[Actor]:
    """The system actor of a command; whatever goes wrong is one clear line and a failure."""
    try:
        facility = the_facility()
        if facility is None:
            raise click.ClickException("No hospital was founded yet.")
        actor = system_actor(NAME, facility.id, "command")
        session.commit()  # nobody waits for a command that only reads
        yield actor
        session.commit()
    except KeyProviderDown as reason:
        raise click.ClickException(f"The key provider does not answer: {reason}") from None
    except FolderTaken as folder:
        raise click.ClickException(f"{folder} is not empty.") from None
    except NotProven:
        raise click.ClickException("There is no such entry under a signed head yet.") from None
    except SQLAlchemyError as reason:
        line = f"A database does not answer ({type(reason).__name__}); run it again."
        raise click.ClickException(line) from None
    finally:
        session.remove()


@contextmanager
def reading() -> Iterator[Session]:
    """A session that only reads, of one moment: what is written meanwhile must not look forged."""
    with of_one_moment(the_settings().database_url) as only_reads:
        yield only_reads


def _keys(_context: click.Context, _option: click.Parameter, given: str | None) -> list[Key]:
    if given is None:
        return []
    try:
        text = given if "+" in given else Path(given).read_text("utf-8")
        return [parse_key(line) for line in text.splitlines() if line.strip()]
    except (NoteRefused, OSError):
        raise click.BadParameter("no public key of a log, nor a file of such keys") from None


key_option = click.option("--key", callback=_keys, help="The log's public key, or a file of keys.")


@audit.command("verify")
@click.argument("outside", nargs=-1, type=FILE)
@key_option
def verify(outside: tuple[Path, ...], key: list[Key]) -> None:
    """Look at every entry in the database; OUTSIDE: heads that left the machine."""
    with acting() as actor, reading() as source:
        record(actor, Action.LOG_VERIFIED)
        session.commit()
        notes = [path.read_text("utf-8") for path in outside]
        report = live.verify(source, the_keyring(), keys=key, outside=notes)
        for line in lines_of(report):
            click.echo(line)
        if not report.is_whole:
            raise click.exceptions.Exit(1)


@audit.command("export")
@click.argument("folder", type=FOLDER)
def export(folder: Path) -> None:
    """Write the whole log into FOLDER, with the program that verifies it."""
    with acting() as actor, reading() as source:
        click.echo(_line(_export(actor, source, folder), folder))


@audit.command("proof")
@click.argument("entry", type=click.UUID)
def proof(entry: UUID) -> None:
    """Print a C2SP tlog-proof of one ENTRY (its id), with the entry itself."""
    with acting() as actor, reading() as source:
        text = proof_of(source, entry)
        record(actor, Action.LOG_PROVEN, subject_kind="audit_entry", subject_id=entry)
        session.commit()
        click.echo(text, nl=False)


@audit.command("verifier")
def verifier() -> None:
    """Print the program that an outsider runs: one file for Python and cryptography."""
    click.echo(single_file(), nl=False)


@audit.command("expire")
@click.argument("folder", type=FOLDER)
@click.option("--yes", is_flag=True, help="Do not ask.")
@key_option
def expire(folder: Path, key: list[Key], *, yes: bool) -> None:
    """Export the log into FOLDER, verify that, and drop the months whose time is over."""
    keyring, today = the_keyring(), clock.today()
    with acting() as actor:
        with reading() as source:
            heads, before = signed_heads(source), expiring.dropped(source, keyring)
            covered = heads[-1].size if heads else 0
            held = _held(source)
            count = expiring.expirable(source, today, covered, held, keyring)
            # A run that was stopped may have left some that it had announced.
            if count == before and not expiring.left(source, before, today, held):
                click.echo("Nothing can be dropped: too young, under a hold, or not signed yet.")
                return
            click.echo(_line(_export(actor, source, folder), folder))
        _require_whole(folder, key)
        if not yes:
            click.confirm(f"Drop the first {count} entries from the database?", abort=True)
        if count > before:
            expiring.announce(actor, count)
            session.commit()
            _put_in_tree(count)
        click.echo(f"{_remove_announced()} entries dropped. Keep {folder} where it is safe.")


def lines_of(report: live.Report) -> Iterator[str]:
    """A live report for the terminal: never just that it is whole."""
    for fault in report.faults[:100]:
        place = f"entry {fault.index}" if fault.index >= 0 else "no place in the tree"
        yield f"{fault.flaw.value.replace('_', ' ')}: {place} {fault.detail}".rstrip()
    if report.found > 100:
        yield f"… and {report.found - 100} more."
    if report.dropped:
        yield f"The first {report.dropped} entries were dropped when their time was over."
    yield f"{report.size} entries in the tree, {report.pending} on their way."
    if not report.is_whole:
        yield "The log was TAMPERED with."
    elif report.newest is None:
        yield "Nothing was found. No signed head covers it: whoever has the database could rewrite it."
    else:
        yield f"Whole up to the signed head of {report.newest.size}. What left the machine proves more."


def _export(actor: Actor, source: Session, folder: Path) -> Exported:
    record(actor, Action.LOG_EXPORTED, count=Tree(source).size)
    session.commit()
    return write_export(source, folder, signed_heads(source), keyring=the_keyring())


def _line(exported: Exported, folder: Path) -> str:
    signed = "" if exported.is_signed else " No signed head: an outsider can verify nothing."
    return f"{exported.size - exported.first} entries in {folder}.{signed}"


def _require_whole(folder: Path, keys: list[Key]) -> None:
    if not keys:
        raise click.ClickException(
            "Name the log's public key (--key): the export is verified first."
        )
    report = examine(folder, keys, processes=1)
    if report.code != WHOLE:
        for _, line in of_report(report):
            click.echo(line)
        raise click.ClickException("The export is not whole: nothing was dropped.")


def _held(source: Session) -> set[UUID]:
    """The cases under a legal hold."""
    return set(source.scalars(select(LegalHold.case_id).where(LegalHold.lifted_at.is_(None))))


def _put_in_tree(count: int) -> None:
    """Have the announcement sequenced, here or by the worker, which may be at it just now."""
    for _ in range(ATTEMPTS):
        while sequencer.sequence(session()):
            session.commit()
        session.commit()
        with reading() as source:
            if expiring.dropped(source, the_keyring()) >= count:
                return
        time.sleep(PAUSE)
    raise click.ClickException("It is on record, but not in the tree yet: run it again later.")


def _remove_announced() -> int:
    """Under the role that owns the tables; age and holds are looked at once more."""
    with reading() as source:
        held = _held(source)
    engine = create_engine(the_settings().migration_database_url, poolclass=NullPool)
    prepare(engine)
    gone = 0
    with engine.connect() as owner:
        for count in expiring.remove(owner, the_keyring(), clock.today(), held):
            owner.commit()
            gone += count
    engine.dispose()
    return gone
