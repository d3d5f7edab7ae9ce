"""Sealed streams (FORMAT.md): a reader by the book, and what must not open."""

import base64
import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from casemgr.crypto import chunks
from casemgr.crypto.errors import SealBroken
from tests.crypto.test_envelope import lp

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "stream.json").read_text("utf-8"))
RAW = bytes(range(32))
KEY = AESGCM(RAW)
ROW = UUID("0197a000-0000-7000-8000-000000000009")
PLACE = chunks.stream_place("attachment", "content")
WHERE = PLACE + ROW.bytes
WHOLE = 64 * 1024
SIZES = [0, 1, WHOLE - 1, WHOLE, WHOLE + 1, 3 * WHOLE, 3 * WHOLE + 7]


def content(size: int) -> bytes:
    return bytes(n * 31 % 251 for n in range(256)) * (size // 256 + 1)


def sealed(size: int, portion: int = 10_000) -> bytes:
    plain = content(size)[:size]
    parts = (plain[at : at + portion] for at in range(0, size, portion))
    return b"".join(chunks.seal_stream(KEY, 7, WHERE, parts))


def opened(stream: bytes, where: bytes = WHERE) -> bytes:
    return b"".join(chunks.open_stream(KEY, where, BytesIO(stream)))


def at_once(stream: bytes, start: int = 0, length: int | None = None) -> bytes:
    reader = chunks.StreamReader(KEY, WHERE, lambda at, n: stream[at : at + n], len(stream))
    return b"".join(reader.read(start, length))


def by_the_book(stream: bytes) -> Iterator[bytes]:
    """FORMAT.md in a few lines, sharing nothing with the product."""
    header, rest = stream[:21], stream[21:]
    assert header[:5] == b"\x81\x00\x00\x00\x07"
    pieces = [rest[at : at + WHOLE + 28] for at in range(0, len(rest), WHOLE + 28)]
    for number, piece in enumerate(pieces):
        aad = header + b"".join(map(lp, (b"CMG1 stream", b"attachment", b"content", ROW.bytes)))
        aad += number.to_bytes(8, "big") + bytes([number == len(pieces) - 1])
        yield AESGCM(RAW).decrypt(piece[:12], piece[12:], aad)


@pytest.mark.parametrize("size", SIZES)
def test_three_readers_agree(size: int) -> None:
    stream, plain = sealed(size), content(size)[:size]
    assert b"".join(by_the_book(stream)) == plain
    assert opened(stream) == plain
    assert at_once(stream) == plain


@given(st.integers(0, 3 * WHOLE + 9), st.integers(0, 2 * WHOLE))
def test_any_range_reads_as_the_plain_bytes_would(start: int, length: int) -> None:
    plain = content(3 * WHOLE + 7)[: 3 * WHOLE + 7]
    assert at_once(LONG, start, length) == plain[start : start + length]


@pytest.mark.parametrize("vector", VECTORS["streams"], ids=lambda v: str(v["size"]))
def test_frozen_streams_open(vector: dict[str, str]) -> None:
    key, stream = AESGCM(bytes.fromhex(VECTORS["key"])), base64.b64decode(vector["sealed"])
    where = chunks.stream_place(vector["table"], vector["column"]) + UUID(vector["row"]).bytes
    assert chunks.stream_generation(stream) == int(vector["generation"])
    plain = b"".join(chunks.open_stream(key, where, BytesIO(stream)))
    assert plain == content(int(vector["size"]))[: int(vector["size"])]


LONG = sealed(3 * WHOLE + 7)
STEP = WHOLE + 28
PIECES = [LONG[:21], *(LONG[at : at + STEP] for at in range(21, len(LONG), STEP))]


@pytest.mark.parametrize(
    "stream",
    [
        pytest.param(b"", id="empty"),
        pytest.param(PIECES[0], id="only the header"),
        pytest.param(b"".join(PIECES[:-1]), id="without its last chunk"),
        pytest.param(LONG[:-1], id="a byte short"),
        pytest.param(LONG + b"\0", id="a byte long"),
        pytest.param(LONG + PIECES[-1], id="the last chunk twice"),
        pytest.param(b"".join([PIECES[0], PIECES[2], PIECES[1], *PIECES[3:]]), id="swapped"),
        pytest.param(b"".join([PIECES[0], *PIECES[2:]]), id="without its first chunk"),
        pytest.param(b"".join([*PIECES[:2], PIECES[1], *PIECES[2:]]), id="one repeated"),
        pytest.param(b"\x01" + LONG[1:], id="another version"),
        pytest.param(LONG[:4] + b"\x08" + LONG[5:], id="another generation"),
        pytest.param(
            b"".join([PIECES[0], sealed(len(LONG))[21 : 21 + STEP], *PIECES[2:]]), id="mix"
        ),
    ],
)
def test_what_was_not_sealed_so_does_not_open(stream: bytes) -> None:
    for read in (opened, at_once):
        with pytest.raises(SealBroken):
            read(stream)


def test_a_cut_stream_is_found_whichever_range_is_asked_for() -> None:
    with pytest.raises(SealBroken):
        at_once(b"".join(PIECES[:-1]), 0, 10)


@given(st.integers(0, len(LONG) * 8 - 1))
def test_one_flipped_bit_is_enough(bit: int) -> None:
    altered = bytearray(LONG)
    altered[bit // 8] ^= 1 << bit % 8
    with pytest.raises(SealBroken):
        opened(bytes(altered))


def test_it_opens_only_in_its_place() -> None:
    for where in (
        PLACE + uuid4().bytes,
        chunks.stream_place("attachment", "preview") + ROW.bytes,
        chunks.stream_place("backup", "content") + ROW.bytes,
    ):
        with pytest.raises(SealBroken):
            opened(LONG, where)


def test_one_chunk_is_held_at_most() -> None:
    """Memory stays flat however long the stream: a sealer hands out what it can."""
    sealer = chunks.StreamSealer(KEY, 1, WHERE)
    given_out = sum(len(part) for _ in range(100) for part in sealer.update(bytes(10_000)))
    assert given_out >= 1_000_000 - 2 * WHOLE
    assert len(sealer._held) <= WHOLE


def test_a_pipe_that_drips_is_read_whole() -> None:
    class Dripping(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(min(size or 0, 1000))

    stream = Dripping(sealed(2 * WHOLE))
    assert b"".join(chunks.open_stream(KEY, WHERE, stream)) == content(2 * WHOLE)[: 2 * WHOLE]
