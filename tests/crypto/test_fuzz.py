"""The parsers of sealed values, wrapped keys and sealed streams, fed with what nobody sealed.

A million inputs in soak, a fraction here: no answer but SealBroken, and none accepted. An input is
a sound one that was flipped, cut, lengthened, spliced with another, had its fields set to edges, or
is random altogether; one that comes out as it went in is not counted.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from casemgr.crypto import chunks, envelope, making
from casemgr.crypto.errors import SealBroken

KEYS = {generation: AESGCM(bytes([generation]) * 32) for generation in (1, 2, 7)}
BY_HEADER = {envelope.header_of(generation): key for generation, key in KEYS.items()}
WHERE = envelope.place("case", "intake_sealed") + bytes(range(16))
STREAM_WHERE = chunks.stream_place("attachment", "content") + bytes(range(16))
CONTEXT = envelope.key_context(UUID(int=0), UUID(bytes=bytes(range(16))), "IDENTITY", 1)
SECRET = bytes(range(32))
COMMITMENT = envelope.commitment(SECRET, CONTEXT)
EDGES = (0, 1, 2, 5, 15, 16, 17, 28, 32, 33, 64, 127, 128, 255)


@dataclass(frozen=True)
class Parser:
    """Something that opens bytes, and sound bytes that it opens."""

    name: str
    open: Callable[[bytes], object]
    sound: tuple[bytes, ...]
    share: int  # of a million, how many of a thousand


def _values() -> tuple[bytes, ...]:
    plain = (b"", b"{}" + b" " * 62, bytes(range(256)) * 3)
    return tuple(envelope.seal(KEYS[g], g, text, WHERE) for g in KEYS for text in plain)


def _wrapped() -> tuple[bytes, ...]:
    return tuple(envelope.wrap(KEYS[7], 7, SECRET, CONTEXT) for _ in range(3))


def _streams() -> tuple[bytes, ...]:
    sizes = (0, 1, 40, 300)
    return tuple(
        b"".join(chunks.seal_stream(KEYS[7], 7, STREAM_WHERE, [bytes(size)])) for size in sizes
    )


def _read_at_once(stream: bytes) -> bytes:
    def read_at(at: int, length: int) -> bytes:
        return stream[at : at + length]

    return b"".join(chunks.StreamReader(KEYS[7], STREAM_WHERE, read_at, len(stream)).read())


PARSERS = [
    Parser("value", lambda b: envelope.unseal_by_header(BY_HEADER, b, WHERE), _values(), 400),
    Parser("value of one key", lambda b: envelope.unseal(KEYS[1], b, WHERE), _values()[:3], 200),
    Parser(
        "wrapped key",
        lambda b: making.unwrapped(KEYS[7], 7, b, CONTEXT, COMMITMENT),
        _wrapped(),
        200,
    ),
    Parser(
        "stream",
        lambda b: b"".join(chunks.open_stream(KEYS[7], STREAM_WHERE, BytesIO(b))),
        _streams(),
        100,
    ),
    Parser("stream of known length", _read_at_once, _streams(), 100),
]


def flipped(rng: random.Random, data: bytes, _: bytes) -> bytes:
    altered = bytearray(data)
    for _turn in range(rng.choice((1, 1, 2, 8))):
        altered[rng.randrange(len(altered))] ^= 1 << rng.randrange(8)
    return bytes(altered)


def cut(rng: random.Random, data: bytes, _: bytes) -> bytes:
    start, end = sorted((rng.randrange(len(data) + 1), rng.randrange(len(data) + 1)))
    return rng.choice((data[:end], data[start:], data[:start] + data[end:], data[start:end]))


def lengthened(rng: random.Random, data: bytes, other: bytes) -> bytes:
    more = rng.choice((b"\0", b" ", rng.randbytes(rng.choice(EDGES)), other, data))
    at = rng.choice((0, len(data), rng.randrange(len(data) + 1)))
    return data[:at] + more + data[at:]


def spliced(rng: random.Random, data: bytes, other: bytes) -> bytes:
    at = rng.choice((1, 5, 17, 21, 33, len(data) - 16, rng.randrange(len(data) + 1)))
    return data[:at] + other[rng.choice((at, len(other) - 16, rng.randrange(len(other) + 1))) :]


def with_edges(rng: random.Random, data: bytes, _: bytes) -> bytes:
    """The header's version, generation, nonce or tag set to what parsers trip over."""
    start, length = rng.choice(((0, 1), (1, 4), (5, 12), (5, 16), (len(data) - 16, 16)))
    filled = bytes([rng.choice(EDGES)]) * length
    return data[:start] + rng.choice((filled, rng.randbytes(length))) + data[start + length :]


def at_random(rng: random.Random, data: bytes, _: bytes) -> bytes:
    head = rng.choice((b"", b"\x01", b"\x81", data[:5], data[:17], data[:21]))
    return head + rng.randbytes(rng.choice((*EDGES, rng.randrange(2000))))


WAYS = (flipped, cut, lengthened, spliced, with_edges, at_random)


def inputs(rng: random.Random, sound: tuple[bytes, ...], count: int) -> Iterator[bytes]:
    """So many inputs that nobody sealed."""
    known = set(sound)
    made = 0
    while made < count:
        altered = rng.choice(sound)
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            altered = rng.choice(WAYS)(rng, altered or b"\0", rng.choice(sound))
        if altered not in known:
            made += 1
            yield altered


def accepted(parser: Parser, rng: random.Random, count: int) -> list[bytes]:
    """Those that opened; any error but SealBroken goes through."""
    opened = []
    for altered in inputs(rng, parser.sound, count):
        try:
            parser.open(altered)
        except SealBroken:
            continue
        opened.append(altered)
    return opened


@pytest.mark.soak
@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)
def test_nothing_that_nobody_sealed_opens_or_breaks_the_parser(
    parser: Parser, share: int, request: pytest.FixtureRequest
) -> None:
    seed = request.config.getoption("hypothesis_seed", None) or 20261122
    assert accepted(parser, random.Random(f"{seed} {parser.name}"), parser.share * share) == []


def test_a_million_in_soak() -> None:
    assert sum(parser.share for parser in PARSERS) * 1000 >= 1_000_000


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)
def test_the_sound_ones_open(parser: Parser) -> None:
    for sound in parser.sound:
        parser.open(sound)


def test_a_parser_that_accepts_is_found() -> None:
    """One that does not look at the tag's key material: it returns what it was given."""
    lenient = Parser("lenient", lambda sealed: sealed[17:], _values(), 1)
    assert len(accepted(lenient, random.Random(1), 100)) == 100


def test_a_parser_that_breaks_is_found() -> None:
    careless = Parser("careless", lambda sealed: sealed[16], _values(), 1)
    with pytest.raises(IndexError):
        accepted(careless, random.Random(1), 1000)
