"""A store that keeps its files in a dictionary: what tests of sealing and judging need."""

from collections.abc import Iterator
from uuid import UUID, uuid4

from casemgr.files.store import FileMissing

NAME = uuid4()


class MemoryStore:
    """The interface of a store, and what was written."""

    def __init__(self) -> None:
        self.files: dict[UUID, bytes] = {}

    def writer(self, name: UUID) -> "MemoryWriter":
        return MemoryWriter(self.files, name)

    def read_at(self, name: UUID, offset: int, length: int) -> bytes:
        if name not in self.files:
            raise FileMissing
        return self.files[name][offset : offset + length]

    def size(self, name: UUID) -> int:
        return len(self.files[name])

    def delete(self, name: UUID) -> None:
        self.files.pop(name, None)

    def names(self) -> Iterator[UUID]:
        yield from self.files


class MemoryWriter:
    """Collects."""

    def __init__(self, files: dict[UUID, bytes], name: UUID) -> None:
        self._files, self._name, self._parts = files, name, list[bytes]()

    def write(self, part: bytes) -> None:
        self._parts.append(part)

    def finish(self) -> None:
        self._files[self._name] = b"".join(self._parts)

    def abort(self) -> None:
        self._parts.clear()
