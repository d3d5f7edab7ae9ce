"""``flask backup verify``: every chunk of every set, and what is missing around them."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from casemgr import clock
from casemgr.cli.installation import Say, the_actor, the_keyring
from casemgr.crypto.backup_header import SetHeader, SetKind
from casemgr.db import session
from casemgr.work import backup_folder, backup_sets, backups
from casemgr.work.backup_folder import BackupRefused
from casemgr.work.backup_sets import Checked

WELL, DAMAGED, INCOMPLETE = 0, 1, 2


def verify(places: Iterable[Path], say: Say) -> int:
    """Read the sets of these files and folders. Returns the exit code."""
    places = tuple(places)
    checked = [backup_sets.check(path, the_keyring()) for path in _files_of(places)]
    for each in checked:
        say(_line(each))
    sound = [each.header for each in checked if each.header and not each.fault]
    missing = list(_missing(sound)) if any(place.is_dir() for place in places) else []
    for line in missing:
        say(line)
    _put_on_record(len(sound), say)
    if len(sound) < len(checked):
        return DAMAGED
    return INCOMPLETE if missing else WELL


def _files_of(places: Iterable[Path]) -> Iterator[Path]:
    for place in places:
        yield from backup_folder.sets_in(place) if place.is_dir() else [place]


def _line(checked: Checked) -> str:
    if checked.fault or checked.header is None:
        return f"{checked.path.name}: {checked.fault}"
    header = checked.header
    told = [
        f"{header.kind} of {header.made_at:%Y-%m-%d %H:%M} UTC",
        f"schema {header.revision} ({header.content})",
        f"{checked.path.stat().st_size:,} bytes",
        f"opened by {checked.opened_by}",
        "whole",
    ]
    if header.is_expired(clock.now()):
        told.append(f"EXPIRED on {header.expires_at:%Y-%m-%d}: remove it")
    return f"{checked.path.name}: {', '.join(told)}"


def _missing(sound: Iterable[SetHeader]) -> Iterator[str]:
    """What a hospital would lack if it had to begin anew from these sets alone."""
    newest = {header.kind: header for header in sorted(sound, key=lambda h: h.made_at)}
    for kind in SetKind:
        if kind not in newest:
            yield f"No sound set of {kind} lies here."
        elif newest[kind].made_at < clock.now() - backups.OVERDUE_AFTER:
            age = (clock.now() - newest[kind].made_at).days
            yield f"The newest set of {kind} is {age} days old."
    main, keys = newest.get(SetKind.MAIN), newest.get(SetKind.KEYS)
    if main and keys and keys.made_at < main.made_at:
        yield "The newest set of keys is older than that of main: it may lack keys of new cases."


def _put_on_record(sound: int, say: Say) -> None:
    try:
        backups.note_verified(the_actor(), sound=sound)
        session.commit()
    except (SQLAlchemyError, BackupRefused):
        session.rollback()
        say("Not put on record: there is no main database yet.")
