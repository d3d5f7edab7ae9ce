"""A file that is arriving: sealed chunk by chunk, never whole in memory, never in clear on disk.

Its key is its own and random, so that nothing has to be opened while it arrives; whoever claims the
file seals that key in a row of theirs.
"""

import codecs
from dataclasses import dataclass
from hashlib import sha256
from os import urandom
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from casemgr.crypto.chunks import StreamSealer, stream_place
from casemgr.crypto.envelope import KEY_BYTES
from casemgr.files.rules import HEAD_BYTES, TAIL_BYTES, Glimpse
from casemgr.files.store import FileStore

GENERATION = 1  # a file's key seals one stream and is never renewed
PLACE = stream_place("stored_file", "content")
_CONTROL = bytes(set(range(32)) - set(b"\t\n\r\f"))


@dataclass(frozen=True, slots=True, repr=False)
class SealedFile:
    """A file that lies sealed in the store, for whoever claims it. No repr: it holds the key."""

    id: UUID
    key: bytes
    size: int  # of the original, in bytes
    digest: bytes  # SHA-256 of the unaltered original
    glimpse: Glimpse


class Incoming:
    """Takes the plain bytes of one file and writes sealed ones."""

    def __init__(self, store: FileStore, name: UUID) -> None:
        """Raises FileStoreDown."""
        self._id, self._key = name, urandom(KEY_BYTES)
        self._sealer = StreamSealer(AESGCM(self._key), GENERATION, PLACE + name.bytes)
        self._digest, self.size = sha256(), 0
        self._head, self._tail, self._text = b"", b"", _Text()
        self._writer = store.writer(name)
        self._writer.write(self._sealer.header)

    def write(self, part: bytes) -> None:
        """Seal what came. Raises FileStoreDown."""
        self.size += len(part)
        self._digest.update(part)
        if len(self._head) < HEAD_BYTES:
            self._head = (self._head + part)[:HEAD_BYTES]
        self._tail = (self._tail + part)[-TAIL_BYTES:]
        self._text.look(part)
        for chunk in self._sealer.update(part):
            self._writer.write(chunk)

    def finish(self) -> SealedFile:
        """Seal the end and make it a file. Raises FileStoreDown."""
        self._writer.write(self._sealer.finish())
        self._writer.finish()
        glimpse = Glimpse(self._head, self._tail, self._text.is_whole())
        return SealedFile(self._id, self._key, self.size, self._digest.digest(), glimpse)

    def abort(self) -> None:
        """Leave nothing of a file that did not arrive whole."""
        self._writer.abort()


class _Text:
    """Whether everything so far is plain text; stops looking at the first byte that is not."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._holds = True

    def look(self, part: bytes, *, last: bool = False) -> None:
        if not self._holds:
            return
        try:
            self._decoder.decode(part, last)
        except UnicodeDecodeError:
            self._holds = False
        else:
            self._holds = len(part.translate(None, _CONTROL)) == len(part)

    def is_whole(self) -> bool:
        self.look(b"", last=True)
        return self._holds
