"""Sealed streams: files and backups in authenticated chunks of 64 KB. The layout is in FORMAT.md.

    stream = header | chunk 0 | chunk 1 | … | last chunk
    header = 0x81 | generation:u32be | stream id:16
    chunk  = nonce:12 | AES-256-GCM(up to 65,536 bytes) | tag:16
    AAD    = header | LP("CMG1 stream") | LP(table) | LP(column) | LP(row id: 16) | no.:u64be | last:u8

Every chunk is bound to its place, to its number, to whether it is the last, and to the one sealing
that made it: cut, repeated, swapped or mixed chunks do not open. Only the last may be shorter than
a whole chunk, and there is always a last one, so an empty stream cannot be made by cutting.
"""

from collections.abc import Callable, Iterable, Iterator
from os import urandom
from struct import Struct
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from casemgr.crypto.envelope import NONCE_BYTES, length_prefixed
from casemgr.crypto.errors import SealBroken

STREAM_VERSION = 0x81
CHUNK_BYTES = 64 * 1024
HEADER_BYTES = 21
SEALED_CHUNK_BYTES = NONCE_BYTES + CHUNK_BYTES + 16
_OVERHEAD = NONCE_BYTES + 16
_HEADER = Struct(">BI16s")
_POSITION = Struct(">QB")

ReadAt = Callable[[int, int], bytes]
"""``read_at(offset, length)`` of a store: fewer bytes only where the sealed stream ends."""


def stream_place(table: str, column: str) -> bytes:
    """The part of the associated data that every stream of one column shares."""
    return b"".join(map(length_prefixed, (b"CMG1 stream", table.encode(), column.encode()))) + (
        b"\x00\x10"
    )


class StreamSealer:
    """Takes plain bytes in any portions and hands out sealed ones; holds one chunk at most."""

    def __init__(self, key: AESGCM, generation: int, where: bytes) -> None:
        """``where`` is ``stream_place(...)`` followed by the row's 16 id bytes."""
        self._key = key
        self._header = _HEADER.pack(STREAM_VERSION, generation, urandom(16))
        self._bound = self._header + where
        self._held = bytearray()
        self._number = 0
        self.header = self._header

    def update(self, data: bytes) -> Iterator[bytes]:
        """Sealed chunks that are complete now. A full one is held back until more follows it."""
        view = memoryview(data)
        while view:
            if len(self._held) == CHUNK_BYTES:
                yield self._seal(last=False)
            taken = view[: CHUNK_BYTES - len(self._held)]
            self._held += taken
            view = view[len(taken) :]

    def finish(self) -> bytes:
        """The last chunk. Nothing can be sealed afterwards."""
        return self._seal(last=True)

    def _seal(self, *, last: bool) -> bytes:
        nonce = urandom(NONCE_BYTES)
        bound = self._bound + _POSITION.pack(self._number, last)
        sealed = self._key.encrypt(nonce, bytes(self._held), bound)
        self._number += 1
        self._held.clear()
        return nonce + sealed


def seal_stream(
    key: AESGCM, generation: int, where: bytes, parts: Iterable[bytes]
) -> Iterator[bytes]:
    """Seal a whole stream: the header, then its chunks."""
    sealer = StreamSealer(key, generation, where)
    yield sealer.header
    for part in parts:
        yield from sealer.update(part)
    yield sealer.finish()


def stream_generation(header: bytes) -> int:
    """The key generation that a stream names. Raises SealBroken for any other layout."""
    if len(header) < HEADER_BYTES or header[0] != STREAM_VERSION:
        raise SealBroken
    return int.from_bytes(header[1:5], "big")


def open_stream(key: AESGCM, where: bytes, sealed: BinaryIO) -> Iterator[bytes]:
    """Open a stream from its beginning, chunk by chunk.

    Raises SealBroken at the first chunk that is not what was sealed there; what was yielded before
    it was whole. A reader that must not act on half a stream keeps it until the end.
    """
    header = sealed.read(HEADER_BYTES)
    stream_generation(header)
    bound, number = header + where, 0
    chunk = _read_whole(sealed)
    while True:
        following = _read_whole(sealed) if len(chunk) == SEALED_CHUNK_BYTES else b""
        yield _unseal(key, chunk, bound, number, last=not following)
        if not following:
            return
        chunk, number = following, number + 1


class StreamReader:
    """Any range of a sealed stream of known length, opening only the chunks that it touches."""

    def __init__(self, key: AESGCM, where: bytes, read_at: ReadAt, sealed_size: int) -> None:
        """Raises SealBroken where no stream can have this length."""
        header = read_at(0, HEADER_BYTES)
        stream_generation(header)
        self._key, self._read_at, self._bound = key, read_at, header + where
        self._chunks, rest = divmod(sealed_size - HEADER_BYTES, SEALED_CHUNK_BYTES)
        if rest:
            self._chunks += 1
        if not self._chunks or 0 < rest < _OVERHEAD:
            raise SealBroken
        self.size = sealed_size - HEADER_BYTES - self._chunks * _OVERHEAD

    def read(self, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """``length`` bytes from ``start``, or all that follow. Raises SealBroken.

        The last chunk is opened before anything is given out: a stream that was cut is found
        whichever range is asked for.
        """
        end = self.size if length is None else min(self.size, start + length)
        self._chunk(self._chunks - 1)
        while start < end:
            number, skipped = divmod(start, CHUNK_BYTES)
            part = self._chunk(number)[skipped : skipped + end - start]
            yield part
            start += len(part)

    def _chunk(self, number: int) -> bytes:
        sealed = self._read_at(HEADER_BYTES + number * SEALED_CHUNK_BYTES, SEALED_CHUNK_BYTES)
        return _unseal(self._key, sealed, self._bound, number, last=number == self._chunks - 1)


def _unseal(key: AESGCM, chunk: bytes, bound: bytes, number: int, *, last: bool) -> bytes:
    if len(chunk) < _OVERHEAD or not (last or len(chunk) == SEALED_CHUNK_BYTES):
        raise SealBroken
    try:
        return key.decrypt(
            chunk[:NONCE_BYTES], chunk[NONCE_BYTES:], bound + _POSITION.pack(number, last)
        )
    except InvalidTag:
        raise SealBroken from None


def _read_whole(sealed: BinaryIO) -> bytes:
    """One sealed chunk, however small the portions in which a pipe hands it out."""
    parts, wanted = [], SEALED_CHUNK_BYTES
    while wanted and (part := sealed.read(wanted)):
        parts.append(part)
        wanted -= len(part)
    return b"".join(parts)
