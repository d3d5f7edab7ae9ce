"""Appending to a file on a medium that keeps what was written: WORM, object lock, a remote mount.

The notes stand one below the other, each with the moment at which it was written:

    # 2026-11-25T01:02:03+00:00
    host/log
    …
"""

import fcntl
import os
from pathlib import Path

from casemgr import clock
from casemgr.audit.outside.addresses import Address, Kind
from casemgr.audit.outside.way import Errand, NotSent

_MARK = "# "
_TAIL = 256 * 1024  # the newest notes are enough to know the newest head


class AppendFile:
    """Writes at the end and waits until it is on the medium; never reads what it needs to send."""

    kind = Kind.FILE

    def __init__(self, address: Address) -> None:
        self.name, self.target = address.name, address.target

    def send(self, errand: Errand) -> bytes:
        """The byte position after the note. Raises NotSent."""
        at = clock.now().isoformat(timespec="seconds")
        try:
            handle = os.open(self.target, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
            with os.fdopen(handle, "ab") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                file.write(f"{_MARK}{at}\n{errand.note}".encode())
                file.flush()
                os.fsync(file.fileno())
                return str(file.tell()).encode()
        except OSError:
            raise NotSent("cannot_write") from None


def notes_in(path: str) -> list[str]:
    """The newest notes of such a file, unverified, oldest first; none when it cannot be read."""
    try:
        with Path(path).open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _TAIL))
            text = file.read().decode(errors="replace")
    except OSError:
        return []
    parts = ("\n" + text).split("\n" + _MARK)
    return [note for part in parts[1:] if (note := _with_newline(part.partition("\n")[2]))]


def _with_newline(note: str) -> str:
    return note if note.endswith("\n") or not note else note + "\n"
