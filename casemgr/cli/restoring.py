"""The steps of ``flask backup restore``: read to its end first, into an empty place, then checked.

Nothing is half restored: PostgreSQL takes a set in one transaction, SQLite in a file that is put
in place when it is whole, and the file store only ever gains whole files.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy.exc import SQLAlchemyError

from casemgr import clock
from casemgr.access import restored_keys
from casemgr.access.actor import system_actor
from casemgr.cli.backing_up import Say, the_file_store, the_keyring, the_settings
from casemgr.crypto import key_store_schema
from casemgr.crypto.backup_set import SealedSet, SetHeader, SetKind, read_set
from casemgr.db import db, session
from casemgr.install import MIGRATIONS, migrate
from casemgr.work import backup_sets, backups, dumping, file_archive
from casemgr.work.backup_folder import BackupRefused


def restore(path: Path, into: SetKind, say: Say, *, although_expired: bool) -> None:
    """Fill what ``into`` names from a set of the same kind. Raises BackupRefused and the like."""
    with _opened(path) as sealed:
        header = sealed.header
        _require_fitting(header, into, although_expired=although_expired)
        for _ in backup_sets.parts_of(sealed, the_keyring()):
            pass  # to its end, before a byte of it is used
    say(f"Whole: {header.kind} of {header.made_at:%Y-%m-%d %H:%M} UTC, schema {header.revision}.")
    with _opened(path) as sealed:
        _FILL[into](sealed, say)
    _afterwards(header, say)


@contextmanager
def _opened(path: Path) -> Iterator[SealedSet]:
    with path.open("rb") as file:
        yield read_set(file)


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
    url = _url(into)
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


def _url(kind: SetKind) -> str:
    settings = the_settings()
    return settings.migration_database_url if kind is SetKind.MAIN else settings.key_store_url


def _fill_main(sealed: SealedSet, say: Say) -> None:
    dumping.load(_url(SetKind.MAIN), backup_sets.parts_of(sealed, the_keyring()))
    db.engine.dispose()
    migrate(the_settings(), say)


def _fill_keys(sealed: SealedSet, say: Say) -> None:
    dumping.load(_url(SetKind.KEYS), backup_sets.parts_of(sealed, the_keyring()))
    the_keyring().store.engine.dispose()
    the_keyring().store.create_schema()
    the_keyring().refresh()
    say("The key store opens.")


def _fill_files(sealed: SealedSet, say: Say) -> None:
    store = the_file_store()
    if store is None:
        raise BackupRefused("the settings name no store for files")
    restored = file_archive.load(store, backup_sets.parts_of(sealed, the_keyring()))
    say(f"{restored} files came back; those that were there stayed as they are.")


_FILL = {SetKind.MAIN: _fill_main, SetKind.FILES: _fill_files, SetKind.KEYS: _fill_keys}


def _afterwards(header: SetHeader, say: Say) -> None:
    """Put it on record, remove again what was erased, and say which named keys are there."""
    actor = system_actor("backup", header.facility_id, "command")
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
