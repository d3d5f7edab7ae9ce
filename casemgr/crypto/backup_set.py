"""One sealed backup set in one file. The layout is in FORMAT.md.

    set    = "CMGB" | 0x01 | LP(header) | LP(wrapped set key) | LP(recovery copy) | stream
    header = JSON: which set, of which backup and facility, when, from which schema, who opens it

The header lies open, so that a set can be told from another without a key; it is bound to the set
key as its associated data, and the stream to the kind of the set and to its backup. So no header
serves another body, and no chunk another set.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from os import urandom
from typing import BinaryIO

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from casemgr.crypto import chunks
from casemgr.crypto.backup_header import SetHeader
from casemgr.crypto.envelope import KEY_BYTES, length_prefixed
from casemgr.crypto.errors import SealBroken

MAGIC = b"CMGB\x01"
_GENERATION = 1  # a set key seals one stream and never another

Write = Callable[[bytes], object]
Wrap = Callable[[bytes, bytes], bytes]
"""``wrap(secret, context)`` or ``unwrap(wrapped, context)`` of whoever guards set keys."""


class SetSealer:
    """Seals one set while it is written: hand it the plain bytes, then ``finish``."""

    def __init__(
        self, write: Write, header: SetHeader, wrap: Wrap, to_recovery: Wrap | None = None
    ) -> None:
        """``to_recovery`` seals the set key once more, to the recovery key that the header names.

        Raises KeyProviderDown.
        """
        secret, start = urandom(KEY_BYTES), MAGIC + length_prefixed(header.to_bytes())
        context = _context(header, start)
        copy = to_recovery(secret, context) if to_recovery else b""
        self._sealer = chunks.StreamSealer(AESGCM(secret), _GENERATION, _place(header))
        self._write, self.size = write, 0
        for part in (start, length_prefixed(wrap(secret, context)), length_prefixed(copy)):
            self._put(part)
        self._put(self._sealer.header)

    def __repr__(self) -> str:
        return "SetSealer()"

    def write(self, data: bytes) -> int:
        """Seal what is complete; holds one chunk at most. Returns how much it took: all of it."""
        for sealed in self._sealer.update(data):
            self._put(sealed)
        return len(data)

    def finish(self) -> int:
        """Seal the end. Returns the size of the whole set in bytes."""
        self._put(self._sealer.finish())
        return self.size

    def _put(self, sealed: bytes) -> None:
        self._write(sealed)
        self.size += len(sealed)


@dataclass(frozen=True, slots=True, repr=False)
class SealedSet:
    """A set whose beginning was read; the header proves itself when the set key is unwrapped."""

    header: SetHeader
    context: bytes  # the associated data of the set key
    wrapped: bytes
    recovery_copy: bytes
    body: BinaryIO

    def parts(self, unwrap: Wrap) -> Iterator[bytes]:
        """The plain bytes, chunk by chunk.

        Raises SealBroken at the first that is not whole, KeyProviderDown, KeyMissing.
        """
        yield from self._open(unwrap(self.wrapped, self.context))

    def parts_by_recovery(self, open_copy: Wrap) -> Iterator[bytes]:
        """The same through the copy for the recovery key, where the provider's root is lost."""
        if not self.recovery_copy:
            raise SealBroken
        yield from self._open(open_copy(self.recovery_copy, self.context))

    def _open(self, secret: bytes) -> Iterator[bytes]:
        if len(secret) != KEY_BYTES:
            raise SealBroken
        yield from chunks.open_stream(AESGCM(secret), _place(self.header), self.body)


def read_set(file: BinaryIO) -> SealedSet:
    """Read the beginning of a set and stop before its stream. Raises SealBroken."""
    if file.read(len(MAGIC)) != MAGIC:
        raise SealBroken
    raw, wrapped, copy = _prefixed(file), _prefixed(file), _prefixed(file)
    header = SetHeader.from_bytes(raw)
    if bool(copy) != bool(header.recovery):
        raise SealBroken
    context = _context(header, MAGIC + length_prefixed(raw))
    return SealedSet(header, context, wrapped, copy, file)


def _context(header: SetHeader, start: bytes) -> bytes:
    # The digest, for a provider may limit how much it binds.
    parts = (b"backup set", header.facility_id.bytes, sha256(start).digest())
    return b"".join(map(length_prefixed, parts))


def _place(header: SetHeader) -> bytes:
    return chunks.stream_place("backup", header.kind) + header.backup_id.bytes


def _prefixed(file: BinaryIO) -> bytes:
    length = int.from_bytes(_exactly(file, 2), "big")
    return _exactly(file, length)


def _exactly(file: BinaryIO, length: int) -> bytes:
    read = file.read(length)
    if len(read) != length:
        raise SealBroken
    return read
