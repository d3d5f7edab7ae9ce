"""Backup sets (FORMAT.md): a reader by the book, frozen sets, and what must not open."""

import base64
import json
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from hypothesis import given
from hypothesis import strategies as st

from casemgr.crypto import envelope
from casemgr.crypto.backup_header import SetHeader, SetKind
from casemgr.crypto.backup_set import SetSealer, read_set
from casemgr.crypto.errors import SealBroken
from tests.crypto.test_chunks import content
from tests.crypto.test_envelope import lp

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "backup.json").read_text("utf-8"))
MEGABYTE = 1024 * 1024
GUARD = AESGCM(bytes(range(32)))
MADE = datetime(2026, 11, 24, 22, tzinfo=UTC)
HEADER = SetHeader(SetKind.MAIN, uuid4(), uuid4(), MADE, None, "0004", "sqlite")


def wrap(secret: bytes, context: bytes) -> bytes:
    return envelope.wrap(GUARD, 1, secret, context)


def unwrap(wrapped: bytes, context: bytes) -> bytes:
    if envelope.generation_of(wrapped) != 1:
        raise SealBroken  # whoever guards set keys chooses by number, and has only this one
    return envelope.unwrap(GUARD, wrapped, context)


def sealed(plain: bytes, header: SetHeader = HEADER) -> bytes:
    out: list[bytes] = []
    sealer = SetSealer(out.append, header, wrap)
    sealer.write(plain)
    assert sealer.finish() == len(b"".join(out))
    return b"".join(out)


def opened(raw: bytes) -> bytes:
    return b"".join(read_set(BytesIO(raw)).parts(unwrap))


def prefixed(raw: bytes) -> tuple[bytes, bytes]:
    end = 2 + int.from_bytes(raw[:2], "big")
    return raw[2:end], raw[end:]


def by_the_book(raw: bytes, guards: dict[str, bytes], recovery: X25519PrivateKey | None) -> bytes:
    """FORMAT.md in a few lines, sharing nothing with the product."""
    assert raw[:5] == b"CMGB\x01"
    header, rest = prefixed(raw[5:])
    wrapped, rest = prefixed(rest)
    copy, stream = prefixed(rest)
    told = json.loads(header)
    start = sha256(raw[:5] + lp(header)).digest()
    context = b"".join(map(lp, (b"backup set", UUID(told["facility_id"]).bytes, start)))
    guard = guards["keys" if told["kind"] == "keys" else "data"]
    key = AESGCM(guard).decrypt(wrapped[5:17], wrapped[17:], context)
    if recovery is not None:
        suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
        info = lp(b"CMG1 recovery") + lp(bytes.fromhex(told["recovery"])) + context
        assert suite.decrypt(copy[1:], recovery, info=info) == key
    plain, pieces = b"", stream[21:]
    chunks = [pieces[at : at + 65536 + 28] for at in range(0, len(pieces), 65536 + 28)]
    place = (b"CMG1 stream", b"backup", told["kind"].encode(), UUID(told["backup_id"]).bytes)
    for number, chunk in enumerate(chunks):
        last = bytes([number == len(chunks) - 1])
        bound = stream[:21] + b"".join(map(lp, place)) + number.to_bytes(8, "big") + last
        plain += AESGCM(key).decrypt(chunk[:12], chunk[12:], bound)
    return plain


@pytest.mark.parametrize("vector", VECTORS["sets"], ids=lambda v: str(v["kind"]))
def test_frozen_sets_open_for_both_readers(vector: dict[str, str]) -> None:
    raw, plain = (
        base64.b64decode(vector["set"]),
        content(int(vector["size"]))[: int(vector["size"])],
    )
    guards = {"data": VECTORS["facility_key"], "keys": VECTORS["root"]}
    private = X25519PrivateKey.from_private_bytes(bytes.fromhex(VECTORS["recovery_private"]))
    is_keys = vector["kind"] == "keys"
    known = {name: bytes.fromhex(key) for name, key in guards.items()}
    assert by_the_book(raw, known, private if is_keys else None) == plain
    found = read_set(BytesIO(raw))
    assert found.header.backup_id == UUID(VECTORS["backup"])
    assert found.header.kind is SetKind(vector["kind"])
    assert envelope.generation_of(found.wrapped) == int(vector["number"])
    guard = AESGCM(known["keys" if is_keys else "data"])
    parts = found.parts(lambda wrapped, context: envelope.unwrap(guard, wrapped, context))
    assert b"".join(parts) == plain


def test_the_recovery_copy_of_a_frozen_set_opens_it() -> None:
    from casemgr.crypto.recovery.key_pair import RecoveryKey

    key = RecoveryKey(bytes.fromhex(VECTORS["recovery_private"]))
    (raw,) = (base64.b64decode(v["set"]) for v in VECTORS["sets"] if v["kind"] == "keys")
    assert b"".join(read_set(BytesIO(raw)).parts_by_recovery(key.open)) == content(65540)[:65540]
    with pytest.raises(SealBroken):
        list(read_set(BytesIO(raw)).parts_by_recovery(RecoveryKey.make().open))


@pytest.mark.parametrize("size", [0, 1, 65535, 65536, 200_000])
def test_what_was_written_is_read(size: int) -> None:
    plain = content(size)[:size]
    raw = sealed(plain)
    assert opened(raw) == plain
    assert by_the_book(raw, {"data": bytes(range(32))}, None) == plain
    assert read_set(BytesIO(raw)).header == HEADER


SHORT = sealed(content(70_000)[:70_000])
HEAD = 5 + 2 + len(HEADER.to_bytes())
BODY = HEAD + 2 + envelope.OVERHEAD + 32 + 2


@given(st.integers(0, len(SHORT) * 8 - 1))
def test_one_flipped_bit_is_enough(bit: int) -> None:
    altered = bytearray(SHORT)
    altered[bit // 8] ^= 1 << bit % 8
    with pytest.raises(SealBroken):
        opened(bytes(altered))


@given(st.integers(0, len(SHORT) - 1))
def test_a_cut_set_does_not_open(length: int) -> None:
    with pytest.raises(SealBroken):
        opened(SHORT[:length])


@given(st.binary(max_size=400))
def test_whatever_else_is_no_set(raw: bytes) -> None:
    for start in (b"", b"CMGB\x01", SHORT[:HEAD]):
        with pytest.raises(SealBroken):
            opened(start + raw)


OTHERS = {
    "another kind": replace(HEADER, kind=SetKind.FILES),
    "another backup": replace(HEADER, backup_id=uuid4()),
    "another hospital": replace(HEADER, facility_id=uuid4()),
    "another schema": replace(HEADER, revision="0009"),
    "another time": replace(HEADER, made_at=MADE + timedelta(days=1)),
    "another guard": replace(HEADER, wrapped_by="file:1"),
    "no expiry": replace(HEADER, expires_at=MADE + timedelta(days=400)),
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS.keys())
def test_no_header_serves_another_body(other: SetHeader) -> None:
    theirs = sealed(content(70_000)[:70_000], other)
    their_head = 5 + 2 + len(other.to_bytes())
    their_body = their_head + BODY - HEAD
    for raw in (
        theirs[:their_head] + SHORT[HEAD:],  # the header alone
        theirs[:their_body] + SHORT[BODY:],  # with its key
        SHORT[:BODY] + theirs[their_body:],
    ):
        with pytest.raises(SealBroken):
            opened(raw)


def test_chunks_of_two_sets_do_not_mix() -> None:
    """Even of the same backup and kind, made a second time with the same bytes."""
    again = sealed(content(70_000)[:70_000])
    step = BODY + 21 + 65536 + 28
    with pytest.raises(SealBroken):
        opened(SHORT[:step] + again[step:])


def test_a_copy_that_the_header_does_not_name_is_refused() -> None:
    start, (wrapped, rest) = SHORT[:HEAD], prefixed(SHORT[HEAD:])
    with pytest.raises(SealBroken):
        read_set(BytesIO(start + lp(wrapped) + lp(b"x" * 81) + rest[2:]))


@pytest.mark.parametrize(
    "raw",
    [
        b"[]",
        b"{}",
        b"not json",
        b"[" * 60_000,
        b'{"kind": 1}',
        HEADER.to_bytes().replace(b'"main"', b'"other"'),
        HEADER.to_bytes().replace(b"+00:00", b""),
        HEADER.to_bytes()[:-1] + b',"more":"x"}',
        HEADER.to_bytes().replace(b'"0004"', b"4"),
    ],
)
def test_other_headers_are_refused(raw: bytes) -> None:
    with pytest.raises(SealBroken):
        SetHeader.from_bytes(raw)


def test_memory_stays_flat(tmp_path: Path) -> None:
    """64 MB sealed to a file and opened again: never a quarter of it in memory."""
    path, portion = tmp_path / "set", content(MEGABYTE)[:MEGABYTE]
    tracemalloc.start()
    try:
        with path.open("wb") as file:
            sealer = SetSealer(file.write, HEADER, wrap)
            for _ in range(64):
                sealer.write(portion)
            sealer.finish()
        with path.open("rb") as file:
            assert sum(map(len, read_set(file).parts(unwrap))) == 64 * MEGABYTE
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 16 * MEGABYTE


def test_nothing_is_shown_of_a_key() -> None:
    assert repr(SetSealer(lambda _: None, HEADER, wrap)) == "SetSealer()"
    assert "wrapped" not in repr(read_set(BytesIO(SHORT)))
