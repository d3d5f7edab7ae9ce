"""The byte layout (FORMAT.md): frozen vectors, a reader of its own, and what must not open."""

import hashlib
import hmac
import json
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from casemgr.crypto import envelope
from casemgr.crypto.errors import SealBroken

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "envelope.json").read_text("utf-8"))
KEY = AESGCM(bytes.fromhex(VECTORS["key"]))
ROW = UUID("0197a000-0000-7000-8000-000000000009")
PLACE = envelope.place("case", "intake_sealed")
WHERE = PLACE + ROW.bytes


def lp(part: bytes) -> bytes:
    return len(part).to_bytes(2, "big") + part


def read_by_the_book(key: bytes, sealed: bytes, table: str, column: str, row: UUID) -> bytes:
    """FORMAT.md in a few lines, sharing nothing with the product."""
    assert sealed[0] == 1
    aad = sealed[:5] + b"".join(map(lp, (b"CMG1", table.encode(), column.encode(), row.bytes)))
    return AESGCM(key).decrypt(sealed[5:17], sealed[17:], aad)


@pytest.mark.parametrize("vector", VECTORS["values"], ids=lambda v: v["column"])
def test_frozen_values_open_and_are_made_again(
    vector: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed, plain = bytes.fromhex(vector["sealed"]), bytes.fromhex(vector["plaintext"])
    where = envelope.place(vector["table"], vector["column"]) + UUID(vector["row"]).bytes
    assert envelope.unseal(KEY, sealed, where) == plain
    assert envelope.generation_of(sealed) == int(vector["generation"])
    monkeypatch.setattr(envelope, "random_bytes", lambda _n: bytes.fromhex(vector["nonce"]))
    assert envelope.seal(KEY, int(vector["generation"]), plain, where) == sealed


@pytest.mark.parametrize("vector", VECTORS["values"], ids=lambda v: v["column"])
def test_the_reader_by_the_book_agrees(vector: dict[str, str]) -> None:
    key, row = bytes.fromhex(VECTORS["key"]), UUID(vector["row"])
    opened = read_by_the_book(
        key, bytes.fromhex(vector["sealed"]), vector["table"], vector["column"], row
    )
    assert opened == bytes.fromhex(vector["plaintext"])


@given(st.binary(max_size=300), st.integers(0, 2**32 - 1), st.uuids())
def test_the_reader_by_the_book_opens_what_we_seal(
    plain: bytes, generation: int, row: UUID
) -> None:
    sealed = envelope.seal(KEY, generation, plain, envelope.place("t", "c_sealed") + row.bytes)
    assert read_by_the_book(bytes.fromhex(VECTORS["key"]), sealed, "t", "c_sealed", row) == plain
    assert len(sealed) == len(plain) + 33


@pytest.mark.parametrize("vector", VECTORS["wrapped"], ids=lambda v: v["compartment"])
def test_frozen_wrapped_keys_open(vector: dict[str, str]) -> None:
    context = envelope.key_context(
        UUID(vector["facility"]),
        UUID(vector["owner"]),
        vector["compartment"],
        int(vector["generation"]),
    )
    root, wrapped = AESGCM(bytes.fromhex(vector["facility_key"])), bytes.fromhex(vector["wrapped"])
    key = bytes.fromhex(VECTORS["key"])
    assert envelope.unwrap(root, wrapped, context) == key
    assert envelope.commitment(key, context).hex() == vector["commitment"]
    by_hand = hmac.new(key, b"CMG1 commit" + context, hashlib.sha256).hexdigest()
    assert by_hand == vector["commitment"]


SEALED = envelope.seal(KEY, 1, b'{"full_name":"An"}', WHERE)


@given(st.integers(0, len(SEALED) * 8 - 1))
def test_one_flipped_bit_is_enough(bit: int) -> None:
    altered = bytearray(SEALED)
    altered[bit // 8] ^= 1 << bit % 8
    with pytest.raises(SealBroken):
        envelope.unseal(KEY, bytes(altered), WHERE)


@given(st.integers(0, len(SEALED) - 1), st.binary(min_size=1, max_size=40))
def test_cut_or_lengthened_bytes_do_not_open(length: int, more: bytes) -> None:
    for altered in (SEALED[:length], SEALED + more, SEALED[length + 1 :]):
        with pytest.raises(SealBroken):
            envelope.unseal(KEY, altered, WHERE)


@given(st.binary(max_size=200))
def test_anything_else_is_sealbroken_and_nothing_more(junk: bytes) -> None:
    for altered in (junk, b"\x01" + junk, b"\x02" + SEALED[1:]):
        with pytest.raises(SealBroken):
            envelope.unseal(KEY, altered, WHERE)
        with pytest.raises(SealBroken):
            envelope.unwrap(KEY, altered, b"context")


def test_an_unknown_version_names_no_generation() -> None:
    for bytes_ in (b"", SEALED[:32], b"\x00" + SEALED[1:], b"\x02" + SEALED[1:]):
        with pytest.raises(SealBroken):
            envelope.generation_of(bytes_)


@pytest.mark.parametrize(
    "elsewhere",
    [
        envelope.place("case_note", "intake_sealed") + ROW.bytes,
        envelope.place("case", "identity_sealed") + ROW.bytes,
        PLACE + UUID(int=ROW.int + 1).bytes,
        # the same letters, cut at another place
        envelope.place("cas", "eintake_sealed") + ROW.bytes,
        WHERE + b"\0",
        WHERE[:-1],
        b"",
    ],
)
def test_a_value_opens_only_in_its_place(elsewhere: bytes) -> None:
    with pytest.raises(SealBroken):
        envelope.unseal(KEY, SEALED, elsewhere)


def test_another_generation_in_the_header_does_not_open() -> None:
    with pytest.raises(SealBroken):
        envelope.unseal(KEY, SEALED[:1] + (2).to_bytes(4, "big") + SEALED[5:], WHERE)


@given(st.lists(st.binary(max_size=5), max_size=4), st.lists(st.binary(max_size=5), max_size=4))
def test_two_contexts_never_read_the_same(one: list[bytes], other: list[bytes]) -> None:
    def encode(parts: list[bytes]) -> bytes:
        return b"".join(map(envelope.length_prefixed, parts))

    assert (encode(one) == encode(other)) == (one == other)


@given(st.uuids(), st.uuids(), st.integers(1, 9))
def test_a_wrapped_key_opens_only_for_its_owner(facility: UUID, owner: UUID, gen: int) -> None:
    secret = bytes(32)
    right = envelope.key_context(facility, owner, "IDENTITY", gen)
    wrapped = envelope.wrap(KEY, 1, secret, right)
    assert envelope.unwrap(KEY, wrapped, right) == secret
    for wrong in (
        envelope.key_context(owner, facility, "IDENTITY", gen) if owner != facility else b"",
        envelope.key_context(facility, owner, "CONTACT", gen),
        envelope.key_context(facility, owner, "IDENTITY", gen + 1),
        envelope.key_context(facility, UUID(int=owner.int ^ 1), "IDENTITY", gen),
    ):
        with pytest.raises(SealBroken):
            envelope.unwrap(KEY, wrapped, wrong)
    for cut in (wrapped[:-1], wrapped + b"\0", b"\x02" + wrapped[1:], b""):
        with pytest.raises(SealBroken):
            envelope.unwrap(KEY, cut, right)


def test_the_commitment_is_of_one_key_and_one_context() -> None:
    made = {
        envelope.commitment(key, context)
        for key in (bytes(32), bytes(31) + b"\1")
        for context in (b"a", b"b")
    }
    assert len(made) == 4


def nonces(count: int) -> set[bytes]:
    return {envelope.seal(KEY, 1, b"", WHERE)[5:17] for _ in range(count)}


@pytest.mark.soak
def test_nonces_do_not_repeat(share: int) -> None:
    """10⁶ in soak, a fraction here."""
    count = 1_000 * share
    assert len(nonces(count)) == count


def test_the_nonce_rule_bites(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(envelope, "random_bytes", bytes)
    assert len(nonces(100)) == 1


def test_errors_carry_nothing() -> None:
    with pytest.raises(SealBroken) as broken:
        envelope.unseal(KEY, SEALED, b"elsewhere")
    assert broken.value.__suppress_context__
    assert "An" not in str(broken.value)
    assert not any(isinstance(a, bytes) for a in broken.value.args)


def test_sealing_twice_tells_nothing() -> None:
    twice = [envelope.seal(KEY, 1, b"the same", WHERE) for _ in range(3)]
    assert all(one[17:] != other[17:] for one, other in pairwise(twice))


def test_the_reader_by_the_book_bites() -> None:
    with pytest.raises(InvalidTag):
        read_by_the_book(bytes.fromhex(VECTORS["key"]), SEALED, "case", "other_sealed", ROW)
