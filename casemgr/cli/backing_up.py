"""The steps of ``flask backup create``: swept, put on record, written, named, expired ones removed.

The key store comes last: whatever key the main set names was committed there before (design §4).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from flask import current_app
from sqlalchemy import text

from casemgr import clock
from casemgr.access import Actor
from casemgr.access.actor import system_actor
from casemgr.crypto import key_store_schema
from casemgr.crypto.backup_set import SetHeader, SetKind
from casemgr.crypto.keyring import Keyring
from casemgr.db import new_id, session
from casemgr.directory.service import the_facility
from casemgr.work import backup_folder, backup_sets, backups, dumping, file_archive
from casemgr.work.backup_folder import BackupRefused
from config import Settings

Say = Callable[[str], None]


@dataclass(frozen=True)
class Run:
    """One call of ``create``: its sets share an id and a moment."""

    folder: Path
    actor: Actor
    backup_id: UUID
    made_at: datetime
    keep: timedelta


def make_sets(folder: Path, kinds: Iterable[SetKind], keep: int, say: Say) -> None:
    """Write these sets to the folder, each whole or not at all."""
    backup_folder.require_apart(folder, _guarded())
    now = clock.now().replace(microsecond=0)
    run = Run(folder, the_actor(), new_id(), now, timedelta(days=keep))
    _sweep(run, say)
    for kind in kinds:
        made, size = _make_set(run, kind)
        say(f"{made.name}: {size:,} bytes")
    _remove_expired(run, say)


def note_destroyed(backup_id: object, say: Say) -> None:
    """Somebody says that no copy of an expired key store is left."""
    actor = the_actor()
    found = [row for row in backups.overdue_copies() if row.backup_id == backup_id]
    if not found:
        raise BackupRefused("no expired set of the key store has this id")
    backups.note_expiry(actor, found[0])
    found[0].removed_at = clock.now()
    session.commit()
    say("On record: no copy of it is left.")


def the_actor() -> Actor:
    """The system actor under whose name backups stand in the log. Raises BackupRefused."""
    facility = the_facility()
    session.commit()
    if facility is None:
        raise BackupRefused("there is no facility yet: nothing to back up")
    return system_actor("backup", facility.id, "command")


def the_settings() -> Settings:
    """The settings of this installation."""
    settings: Settings = current_app.extensions["settings"]
    return settings


def the_keyring() -> Keyring:
    """The keyring of this process."""
    keyring: Keyring = current_app.extensions["keyring"]
    return keyring


def the_file_store() -> file_archive.Store | None:
    """The store of sealed files, where there is one."""
    store: file_archive.Store | None = current_app.extensions.get("file_store")
    return store


def _make_set(run: Run, kind: SetKind) -> tuple[Path, int]:
    """On record first, so that no copy is ever missed; then written; then given its name."""
    header = _header(run, kind)
    name = backup_folder.name_of(kind, run.made_at, run.backup_id)
    with backup_folder.new_file(run.folder, name) as new:
        row = backups.begin(run.actor, header)
        session.commit()
        size = backup_sets.write_set(new, header, the_keyring(), _dump_of(kind))
        made = new.keep()
        row.size = size
        session.commit()
    return made, size


def _header(run: Run, kind: SetKind) -> SetHeader:
    urls = {SetKind.MAIN: the_settings().database_url, SetKind.KEYS: the_settings().key_store_url}
    return SetHeader(
        kind=kind,
        backup_id=run.backup_id,
        facility_id=run.actor.facility_id,
        made_at=run.made_at,
        expires_at=run.made_at + run.keep if kind is SetKind.KEYS else None,
        revision=_revision(kind),
        content=dumping.content_of(urls[kind]) if kind in urls else "tar",
    )


def _revision(kind: SetKind) -> str:
    """Of the schema inside: the migration of the main database, the version of the key store."""
    if kind is SetKind.MAIN:
        return str(session.scalar(text("SELECT version_num FROM alembic_version")))
    return str(key_store_schema.NEWEST) if kind is SetKind.KEYS else "1"


def _dump_of(kind: SetKind) -> dumping.Dump:
    settings = the_settings()
    if kind is SetKind.FILES:
        return lambda write: file_archive.dump(the_file_store(), write)
    url = settings.migration_database_url if kind is SetKind.MAIN else settings.key_store_url
    return lambda write: dumping.dump(url, write)


def _sweep(run: Run, say: Say) -> None:
    """Remove what a killed run left, and say in the table that those sets never came to be."""
    swept = {(name.split("-")[1], _short_id(name)) for name in backup_folder.sweep(run.folder)}
    for row in backups.unfinished():
        if (row.kind.value, row.backup_id.hex[-8:]) in swept:
            backups.note_swept(run.actor, row)
    session.commit()
    if swept:
        say(f"Swept {len(swept)} unfinished sets of a run that was killed.")


def _remove_expired(run: Run, say: Say) -> None:
    """Expired sets of the key store go: on record, overwritten and unlinked, confirmed."""
    for path in backup_folder.sets_in(run.folder):
        header = backup_sets.header_of(path)
        if header is None or not header.is_expired(clock.now()):
            continue
        row = backups.find(header.backup_id, SetKind.KEYS)
        backups.note_expiry(run.actor, row)
        session.commit()
        backup_folder.destroy(path)
        if row is not None:
            row.removed_at = clock.now()
        session.commit()
        say(f"{path.name} had expired: overwritten and removed.")
    for row in backups.overdue_copies():
        say(
            f"An expired set of the key store of {row.made_at:%Y-%m-%d} does not lie here: destroy"
            f" every copy, then say so: flask backup destroyed {row.backup_id}"
        )
    session.commit()


def _short_id(name: str) -> str:
    return name.removesuffix(backup_folder.ENDING).rpartition("-")[2]


def _guarded() -> Iterator[Path]:
    """What no backup may lie beside: database files, the key file, the folder of sealed files."""
    settings = the_settings()
    for url in (settings.database_url, settings.key_store_url):
        if dumping.content_of(url) == "sqlite":
            yield dumping.file_of(url)
    for url in (settings.key_provider, getattr(settings, "file_store", "")):
        _, _, rest = url.partition(":")
        if rest.startswith("/"):
            yield Path(rest.partition("?")[0])
