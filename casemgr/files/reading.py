"""Reading a sealed file, any range of it: needs its key and the store, but no database."""

from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from casemgr.crypto.chunks import CHUNK_BYTES, StreamReader
from casemgr.crypto.envelope import KEY_BYTES
from casemgr.crypto.errors import SealBroken
from casemgr.files.incoming import PLACE
from casemgr.files.store import FileStore

_AHEAD = 16 * CHUNK_BYTES  # one request to a distant store brings so much


def reader(files: FileStore, file_id: UUID, key: bytes) -> StreamReader:
    """Any range of a file. Raises SealBroken (also FileMissing), FileStoreDown.

    It needs no database: it may be read from while nothing is held.
    """
    source = _Ahead(files, file_id)
    if len(key) != KEY_BYTES:
        raise SealBroken
    return StreamReader(AESGCM(key), PLACE + file_id.bytes, source.read_at, source.size)


class _Ahead:
    """Reads a stretch at a time, so that a distant store is asked once for sixteen chunks."""

    def __init__(self, files: FileStore, name: UUID) -> None:
        self._files, self._name = files, name
        self._start, self._held = 0, b""
        self.size = files.size(name)

    def read_at(self, offset: int, length: int) -> bytes:
        end = min(offset + length, self.size)
        if not self._start <= offset <= end <= self._start + len(self._held):
            self._start = offset
            self._held = self._files.read_at(self._name, offset, max(length, _AHEAD))
        return self._held[offset - self._start : end - self._start]
