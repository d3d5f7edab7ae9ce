"""Sealed files as a tar stream: whole, of bounded memory, and nothing but files with our names."""

import io
import tarfile
import tracemalloc
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest

from casemgr.crypto.errors import SealBroken
from casemgr.files.store import FileStore
from casemgr.work import file_archive

MEGABYTE = 1024 * 1024


class Shelf:
    """A store in memory, with the interface of the real ones."""

    def __init__(self, **files: bytes) -> None:
        self.files = {UUID(name.removeprefix("f")): content for name, content in files.items()}
        self.aborted = 0

    def names(self) -> Iterator[UUID]:
        yield from list(self.files)

    def size(self, name: UUID) -> int:
        return len(self._content(name))

    def read_at(self, name: UUID, offset: int, length: int) -> bytes:
        return self._content(name)[offset : offset + length]

    def writer(self, name: UUID) -> "Growing":
        return Growing(self, name)

    def delete(self, name: UUID) -> None:
        self.files.pop(name, None)

    def _content(self, name: UUID) -> bytes:
        if name not in self.files:
            raise SealBroken
        return self.files[name]


class Growing:
    """One file on its way to the shelf."""

    def __init__(self, shelf: Shelf, name: UUID) -> None:
        self._shelf, self._name, self._parts = shelf, name, list[bytes]()

    def write(self, part: bytes) -> None:
        self._parts.append(part)

    def finish(self) -> None:
        self._shelf.files[self._name] = b"".join(self._parts)

    def abort(self) -> None:
        self._shelf.aborted += 1


def shelf(*contents: bytes) -> Shelf:
    made = Shelf()
    made.files = {uuid4(): content for content in contents}
    return made


def dumped(store: FileStore) -> list[bytes]:
    parts: list[bytes] = []
    file_archive.dump(store, lambda part: parts.append(bytes(part)))
    return parts


def test_what_was_dumped_comes_back() -> None:
    source, target = shelf(b"", b"x" * 511, bytes(range(256)) * 4096), Shelf()
    assert file_archive.load(target, dumped(source)) == 3
    assert target.files == source.files


def test_a_restore_that_was_interrupted_goes_on_and_replaces_nothing() -> None:
    source, target = shelf(b"one", b"two", b"three"), Shelf()
    first = next(iter(source.files))
    target.files[first] = b"as it is here"
    assert file_archive.load(target, dumped(source)) == 2
    assert target.files == {**source.files, first: b"as it is here"}


def test_a_file_erased_meanwhile_is_passed_over() -> None:
    source = shelf(b"one", b"two")
    gone, kept = source.files
    names = iter([gone, kept])
    source.names = lambda: names  # type: ignore[method-assign]
    del source.files[gone]
    target = Shelf()
    assert file_archive.load(target, dumped(source)) == 1
    assert set(target.files) == {kept}


def test_a_file_erased_while_it_is_read_does_not_stop_the_rest() -> None:
    source = shelf(b"x" * 200_000, b"kept")
    going, kept = source.files
    reading = source.read_at

    def read_at(name: UUID, offset: int, length: int) -> bytes:
        if name == going and offset > 100_000:
            raise SealBroken
        return reading(name, offset, length)

    source.read_at = read_at  # type: ignore[method-assign]
    target = Shelf()
    assert file_archive.load(target, dumped(source)) == 2
    assert target.files[kept] == b"kept"
    assert len(target.files[going]) == 200_000


def archive(*entries: tarfile.TarInfo) -> list[bytes]:
    out = io.BytesIO()
    with tarfile.open(mode="w", fileobj=out) as made:
        for entry in entries:
            made.addfile(entry, io.BytesIO(bytes(entry.size)))
    return [out.getvalue()]


@pytest.mark.parametrize(
    "name", ["../root.key", "/etc/passwd", "notes", "", "0197a000-0000-7000-8000-000000000001/x"]
)
def test_names_that_are_not_ours_are_refused(name: str) -> None:
    target = Shelf()
    with pytest.raises(SealBroken):
        file_archive.load(target, archive(tarfile.TarInfo(name)))
    assert target.files == {}


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE])
def test_what_is_no_file_is_refused(kind: bytes) -> None:
    entry = tarfile.TarInfo(str(uuid4()))
    entry.type, entry.linkname = kind, "/etc/passwd"
    with pytest.raises(SealBroken):
        file_archive.load(Shelf(), archive(entry))


def test_a_stream_that_breaks_leaves_only_whole_files() -> None:
    source, target = shelf(b"a" * 70_000, b"b" * 70_000), Shelf()

    def broken() -> Iterator[bytes]:
        yield b"".join(dumped(source))[:100_000]
        raise SealBroken

    with pytest.raises(SealBroken):
        file_archive.load(target, broken())
    assert target.aborted == 1
    assert all(content == source.files[name] for name, content in target.files.items())


def test_memory_stays_flat() -> None:
    """64 MB in sixteen files and 20,000 empty ones, out and in again."""

    class Endless(Shelf):
        def size(self, name: UUID) -> int:
            return 4 * MEGABYTE if name.int < 16 else 0

        def read_at(self, name: UUID, offset: int, length: int) -> bytes:
            return bytes(length)

        def names(self) -> Iterator[UUID]:
            return (UUID(int=number) for number in range(20_016))

    taken = 0

    def take(part: bytes) -> None:
        nonlocal taken
        taken += len(part)

    tracemalloc.start()
    try:
        file_archive.dump(Endless(), take)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert taken > 64 * MEGABYTE
    assert peak < 16 * MEGABYTE
