"""The steps of ``flask backup create``: put on record, written, given its name.

The key store comes last: whatever key the main set names was committed there before (design §4).
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from casemgr import clock
from casemgr.access import Actor
from casemgr.cli.expiring import remove_expired, sweep
from casemgr.cli.installation import Say, guarded, the_actor, the_file_store, the_keyring, url_of
from casemgr.crypto import key_store_schema
from casemgr.crypto.backup_header import SetHeader, SetKind
from casemgr.db import new_id, session
from casemgr.work import backup_folder, backup_sets, backups, dumping, file_archive


@dataclass(frozen=True)
class Run:
    """One call of ``create``: its sets share an id and a moment."""

    folder: Path
    actor: Actor
    backup_id: UUID
    made_at: datetime
    keep: timedelta


def make_sets(folder: Path, kinds: Iterable[SetKind], keep: int, say: Say) -> None:
    """Write these sets to the folder, each whole or not at all. ``keep`` is in days."""
    backup_folder.require_apart(folder, guarded())
    now = clock.now().replace(microsecond=0)
    run = Run(folder, the_actor(), new_id(), now, timedelta(days=keep))
    sweep(run.actor, folder, say)
    for kind in kinds:
        made, size = _make_set(run, kind)
        say(f"{made.name}: {size:,} bytes")
    remove_expired(run.actor, folder, say)


def _make_set(run: Run, kind: SetKind) -> tuple[Path, int]:
    """On record first, so that no copy is ever missed; then written; then given its name."""
    header, row = _header(run, kind), None
    name = backup_folder.name_of(kind, run.made_at, run.backup_id)
    try:
        with backup_folder.new_file(run.folder, name) as new:
            row = backups.begin(run.actor, header)
            session.commit()
            size = backup_sets.write_set(new, header, the_keyring(), _dump_of(kind))
            made = new.keep()
    except BaseException:  # Ctrl-C too: nothing of it is left, and nobody shall wait for it
        _give_up(run.actor, row)
        raise
    row.size = size
    session.commit()
    return made, size


def _give_up(actor: Actor, row: backups.Backup | None) -> None:
    session.rollback()
    if row is not None:
        with suppress(SQLAlchemyError):
            backups.note_swept(actor, row)
            session.commit()


def _header(run: Run, kind: SetKind) -> SetHeader:
    is_files = kind is SetKind.FILES
    return SetHeader(
        kind=kind,
        backup_id=run.backup_id,
        facility_id=run.actor.facility_id,
        made_at=run.made_at,
        expires_at=run.made_at + run.keep if kind is SetKind.KEYS else None,
        revision=_revision(kind),
        content="tar" if is_files else dumping.content_of(url_of(kind)),
    )


def _revision(kind: SetKind) -> str:
    """Of the schema inside: the migration of the main database, the version of the key store."""
    if kind is SetKind.MAIN:
        return str(session.scalar(text("SELECT version_num FROM alembic_version")))
    return str(key_store_schema.NEWEST) if kind is SetKind.KEYS else "1"


def _dump_of(kind: SetKind) -> dumping.Dump:
    if kind is SetKind.FILES:
        return lambda write: file_archive.dump(the_file_store(), write)
    url = url_of(kind)
    return lambda write: dumping.dump(url, write)
