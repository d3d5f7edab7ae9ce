"""Streams of a set as files, for libraries that want one."""

import io
from collections.abc import Iterable

from casemgr.crypto.backup_set import Write


class Outlet:
    """A file to write to that hands on what it gets."""

    def __init__(self, write: Write) -> None:
        self._write = write

    def write(self, data: bytes) -> int:
        """Hand it on. Returns how much it took: all of it."""
        self._write(bytes(data))
        return len(data)


class Inlet(io.RawIOBase):
    """The plain bytes of a set as a file that is read once."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self._parts, self._held = iter(parts), memoryview(b"")

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, into: bytearray) -> int:  # type: ignore[override]
        """The next bytes; 0 at the end."""
        while not self._held:
            part = next(self._parts, None)
            if part is None:
                return 0
            self._held = memoryview(part)
        taken = self._held[: len(into)]
        into[: len(taken)] = taken
        self._held = self._held[len(taken) :]
        return len(taken)
