"""What ``flask backup create`` takes away: halves of killed runs, expired copies of the key store."""

from pathlib import Path

from casemgr import clock
from casemgr.access import Actor
from casemgr.cli.installation import Say, the_actor
from casemgr.crypto.backup_header import SetKind
from casemgr.db import session
from casemgr.work import backup_folder, backup_sets, backups
from casemgr.work.backup_folder import BackupRefused


def sweep(actor: Actor, folder: Path, say: Say) -> None:
    """Remove what a killed run left, and say in the table that those sets never came to be."""
    swept = set(backup_folder.sweep(folder))
    for row in backups.unfinished():
        if backup_folder.name_of(row.kind, row.made_at, row.backup_id) in swept:
            backups.note_swept(actor, row)
    session.commit()
    if swept:
        say(f"Swept {len(swept)} unfinished sets of a run that was killed.")


def remove_expired(actor: Actor, folder: Path, say: Say) -> None:
    """Expired sets of the key store go: on record, overwritten and unlinked, confirmed."""
    for path in backup_folder.sets_in(folder):
        header = backup_sets.header_of(path)
        if header is None or not header.is_expired(clock.now()):
            continue
        row = backups.find(header.backup_id, SetKind.KEYS)
        backups.note_expiry(actor, row)
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
