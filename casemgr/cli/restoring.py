"""The steps of ``flask backup restore``: read to its end first, into an empty place, then checked."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy.exc import SQLAlchemyError

from casemgr import clock
from casemgr.access import restored_keys
from casemgr.access.actor import system_actor
from casemgr.cli.asking import ask_key, words_for
from casemgr.cli.ceremony import ceremony
from casemgr.cli.filling import FILL
from casemgr.cli.installation import NAME, Say, the_actor, the_keyring, url_of
from casemgr.cli.screen import require_terminal
from casemgr.crypto import key_store_schema
from casemgr.crypto.backup_header import SetHeader, SetKind
from casemgr.crypto.backup_set import read_set
from casemgr.crypto.recovery import key_pair
from casemgr.crypto.recovery.key_pair import RecoveryKey
from casemgr.crypto.recovery.shares import ShareRefused
from casemgr.db import session
from casemgr.install import MIGRATIONS
from casemgr.work import backup_sets, backups, dumping
from casemgr.work.backup_folder import BackupRefused
from casemgr.work.rules import Ceremony


def restore(
    path: Path,
    into: SetKind,
    say: Say,
    *,
    although_expired: bool = False,
    with_shares: bool = False,
) -> None:
    """Fill what ``into`` names from a set of the same kind. Raises BackupRefused and the like."""
    header = backup_sets.header_of(path)
    if header is None:
        raise BackupRefused(f"{path.name}: {backup_sets.BROKEN}")
    _require_fitting(header, into, although_expired=although_expired)
    if with_shares:
        public = _recovery_key_of(header)
        with _announced(public, say):
            _fill(path, header, say, _ask_for_shares(public))
    else:
        _fill(path, header, say, None)
    _afterwards(header, say)


def _fill(path: Path, header: SetHeader, say: Say, shares: RecoveryKey | None) -> None:
    checked = backup_sets.check(path, the_keyring(), shares)  # to its end, before it is used
    if checked.fault:
        raise BackupRefused(f"{path.name}: {checked.fault}")
    say(f"Whole: {header.kind} of {header.made_at:%Y-%m-%d %H:%M} UTC, schema {header.revision}.")
    with path.open("rb") as file:
        sealed = read_set(file)
        if not sealed.header == checked.header == header:
            raise BackupRefused(f"{path.name}: another file was put in its place")
        FILL[header.kind](sealed, shares, say)


@contextmanager
def _announced(public: bytes, say: Say) -> Iterator[None]:
    """Every privacy officer is told before the first share is asked for, and how it ended.

    On a bare machine there is nobody to tell yet.
    """
    try:
        actor = the_actor()
    except (SQLAlchemyError, BackupRefused):
        session.rollback()
        say("No main database yet, so nothing announces this: say it to the officers yourself.")
        yield
        return
    with ceremony(actor, Ceremony.RECOVER, key_pair.set_id(public)):
        yield


def _require_fitting(header: SetHeader, into: SetKind, *, although_expired: bool) -> None:
    if header.kind is not into:
        raise BackupRefused(f"this is a set of {header.kind}, not of {into}")
    if header.is_expired(clock.now()) and not although_expired:
        raise BackupRefused(
            f"this copy of the key store expired on {header.expires_at:%Y-%m-%d}: it would bring"
            " back what was erased since (--although-expired if it is the only one)"
        )
    if into is SetKind.FILES:
        return
    url = url_of(into)
    if header.content != dumping.content_of(url):
        raise BackupRefused(f"it was made from {header.content}: name such a database")
    if not _is_known(header):
        raise BackupRefused(f"schema {header.revision} is newer than this release: update it first")
    dumping.require_empty(url)


def _is_known(header: SetHeader) -> bool:
    if header.kind is SetKind.KEYS:
        return header.revision.isdecimal() and int(header.revision) <= key_store_schema.NEWEST
    known = ScriptDirectory(str(MIGRATIONS)).walk_revisions()
    return header.revision in {script.revision for script in known}


def _recovery_key_of(header: SetHeader) -> bytes:
    """Whose shares open it. Raises BackupRefused where the set has no copy for any."""
    if not header.recovery:
        raise BackupRefused("recovery shares do not open this set")
    try:
        return bytes.fromhex(header.recovery)
    except ValueError:
        raise BackupRefused(backup_sets.BROKEN) from None


def _ask_for_shares(public: bytes) -> RecoveryKey:
    """Three recovery shares, at a terminal. Raises BackupRefused."""
    require_terminal()
    try:
        return ask_key(public, hidden=True)
    except ShareRefused as refused:
        raise BackupRefused(words_for(refused)) from None


def _afterwards(header: SetHeader, say: Say) -> None:
    """Put it on record, remove again what was erased, and say which named keys are there."""
    actor = system_actor(NAME, header.facility_id, "command")
    try:
        backups.note_restored(actor, header.kind, header.backup_id)
        session.commit()
    except SQLAlchemyError:  # a bare machine: the key store comes first
        session.rollback()
        say("Now restore the main set.")
        return
    again = restored_keys.remove_again(actor)
    session.commit()
    if again:
        say(f"{again} keys that had been removed before were removed again.")
    counted = restored_keys.count_named()
    session.commit()
    say(
        f"The main database names {counted.named} keys: {counted.present} are in the key store,"
        f" {counted.removed} were removed since (erased), {counted.missing} are missing."
    )
    if counted.missing:
        say("What was sealed under missing keys stays unreadable: is this the right key store?")
