"""Recovery shares: any three of five, never two; what is wrong is named by number, not by word."""

import hmac
import json
import pickle
from hashlib import sha256
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as some
from shamir_mnemonic import MnemonicError, combine_mnemonics, generate_mnemonics
from shamir_mnemonic.wordlist import WORDLIST

from casemgr.crypto.errors import SealBroken
from casemgr.crypto.recovery import key_pair
from casemgr.crypto.recovery.key_pair import RecoveryKey
from casemgr.crypto.recovery.shares import (
    Share,
    ShareFault,
    ShareRefused,
    combine,
    read_share,
    split,
    whole_word,
)

VECTORS = Path(__file__).parents[1] / "vectors"
SLIP39 = json.loads((VECTORS / "slip39.json").read_text("utf-8"))["vectors"]
FROZEN = json.loads((VECTORS / "recovery.json").read_text("utf-8"))["vectors"]
CONTEXT, SECRET = b"facility, data, 1", bytes(range(32))


@pytest.fixture(scope="module")
def key() -> RecoveryKey:
    return RecoveryKey.make()


@pytest.fixture(scope="module")
def shares(key: RecoveryKey) -> list[Share]:
    return split(key)


# ------------------------------------------------------------------ the library, the published way


@pytest.mark.parametrize("vector", SLIP39, ids=lambda vector: str(vector["number"]))
def test_the_library_agrees_with_the_published_vectors(vector: dict[str, Any]) -> None:
    if vector["secret"] is None:
        with pytest.raises(MnemonicError):
            combine_mnemonics(vector["shares"], b"TREZOR")
    else:
        assert combine_mnemonics(vector["shares"], b"TREZOR").hex() == vector["secret"]


def test_four_letters_tell_every_word() -> None:
    assert len({word[:4] for word in WORDLIST}) == len(WORDLIST) == 1024
    assert [whole_word(word[:4]) for word in WORDLIST] == list(WORDLIST)
    assert whole_word("ACADEMIC") == "academic"


@pytest.mark.parametrize("typed_word", ["", "aca", "zzzz", "academix", "bệnh", "academics"])
def test_what_is_no_word_of_the_list_is_not_guessed(typed_word: str) -> None:
    assert whole_word(typed_word) is None


# ------------------------------------------------------------------ three of five


def test_every_three_of_five_make_the_key_again(key: RecoveryKey, shares: list[Share]) -> None:
    sealed = key_pair.seal(key.public, SECRET, CONTEXT)
    threes = list(combinations(shares, 3))
    assert len(threes) == 10
    for three in threes:
        read = [read_share(s.words, key.public, n) for n, s in enumerate(three, 1)]
        assert combine(read, key.public).open(sealed, CONTEXT) == SECRET


def test_two_never_do(key: RecoveryKey, shares: list[Share]) -> None:
    for two in combinations(shares, 2):
        with pytest.raises(ShareRefused) as refused:
            combine(two, key.public)
        assert (refused.value.fault, refused.value.given) == (ShareFault.TOO_FEW, 2)


def test_a_share_is_33_words_and_bears_its_number(shares: list[Share]) -> None:
    assert [share.number for share in shares] == [1, 2, 3, 4, 5]
    assert {len(share.words) for share in shares} == {33}
    assert len({share.words[:2] for share in shares}) == 1  # the first two words name the set


def test_another_program_reads_our_shares(key: RecoveryKey, shares: list[Share]) -> None:
    """Any implementation of SLIP-39 finds the private key: the hospital does not depend on ours."""
    private = combine_mnemonics([" ".join(share.words) for share in shares[1:4]])
    assert (
        X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw() == key.public
    )


# ------------------------------------------------------------------ what is wrong is named


@given(place=some.integers(2, 32), other=some.integers(1, 1023))
def test_one_wrong_word_is_found(place: int, other: int) -> None:
    frozen = FROZEN[0]
    words = frozen["shares"][0].split()
    words[place] = WORDLIST[(WORDLIST.index(words[place]) + other) % 1024]
    with pytest.raises(ShareRefused) as refused:
        read_share(words, bytes.fromhex(frozen["public"]), 3)
    assert (refused.value.fault, refused.value.given) == (ShareFault.MISCOPIED, 3)


def test_a_word_that_is_not_in_the_list_is_named_by_its_place(
    key: RecoveryKey, shares: list[Share]
) -> None:
    words = [*shares[0].words]
    words[11] = "hospitall"
    with pytest.raises(ShareRefused) as refused:
        read_share(words, key.public, 2)
    assert (refused.value.fault, refused.value.given, refused.value.word) == (
        ShareFault.UNKNOWN_WORD, 2, 12,
    )  # fmt: skip


@pytest.mark.parametrize("count", [0, 20, 32, 34])
def test_a_share_of_another_length_is_refused(
    key: RecoveryKey, shares: list[Share], count: int
) -> None:
    words = [*shares[0].words, "academic"][:count]
    with pytest.raises(ShareRefused) as refused:
        read_share(words, key.public)
    assert refused.value.fault is ShareFault.WRONG_LENGTH


def test_a_share_of_another_set_is_refused_at_once(key: RecoveryKey) -> None:
    foreign = split(RecoveryKey.make())[3]
    with pytest.raises(ShareRefused) as refused:
        read_share(foreign.words, key.public, 2)
    assert (refused.value.fault, refused.value.given, refused.value.number) == (
        ShareFault.OTHER_SET, 2, 4,
    )  # fmt: skip


def test_a_share_of_another_scheme_is_refused(key: RecoveryKey) -> None:
    """Two of three of somebody else's making, sound in itself and 33 words long."""
    ((one, *_),) = generate_mnemonics(1, [(2, 3)], bytes(32))
    with pytest.raises(ShareRefused) as refused:
        read_share(one.split(), key.public)
    assert refused.value.fault is ShareFault.OTHER_SET


def test_the_same_share_twice_is_named(key: RecoveryKey, shares: list[Share]) -> None:
    with pytest.raises(ShareRefused) as refused:
        combine([shares[0], shares[4], shares[4]], key.public)
    assert (refused.value.fault, refused.value.given, refused.value.number) == (
        ShareFault.REPEATED, 3, 5,
    )  # fmt: skip


def test_shares_that_make_another_key_are_refused(shares: list[Share]) -> None:
    """As if the 15 bits in the shares agreed by chance: the public key decides in the end."""
    other = RecoveryKey.make()
    with pytest.raises(ShareRefused) as refused:
        combine(shares[:3], other.public)
    assert refused.value.fault is ShareFault.NOT_FITTING


def test_nothing_shows_a_word_or_the_key(key: RecoveryKey, shares: list[Share]) -> None:
    words = [*shares[0].words]
    words[20] = WORDLIST[(WORDLIST.index(words[20]) + 1) % 1024]
    with pytest.raises(ShareRefused) as refused:
        read_share(words, key.public)
    error: BaseException | None = refused.value
    while error is not None:  # neither it nor what led to it
        assert not set(str(error).split()) & set(shares[0].words), error
        error = error.__cause__ or error.__context__
    assert shares[0].words[5] not in repr(shares)
    assert repr(key) == "<RecoveryKey>"
    with pytest.raises(TypeError):
        pickle.dumps(key)


# ------------------------------------------------------------------ envelopes


@pytest.mark.parametrize("vector", FROZEN)
def test_frozen_shares_open_a_frozen_envelope(vector: dict[str, Any]) -> None:
    public = bytes.fromhex(vector["public"])
    assert key_pair.set_id(public) == vector["set_id"]
    read = [read_share(text.split(), public) for text in vector["shares"][2:]]
    opened = combine(read, public).open(
        bytes.fromhex(vector["sealed"]), bytes.fromhex(vector["context"])
    )
    assert opened.hex() == vector["secret"]


@pytest.mark.parametrize("vector", FROZEN)
def test_an_independent_reader_opens_a_frozen_envelope(vector: dict[str, Any]) -> None:
    """RFC 9180 §4.1 and §5.1 by hand, from the layout in FORMAT.md."""
    public, context = bytes.fromhex(vector["public"]), bytes.fromhex(vector["context"])
    info = lp(b"CMG1 recovery") + lp(public) + context
    sealed = bytes.fromhex(vector["sealed"])
    assert sealed[0] == 0x82
    opened = hpke_open(bytes.fromhex(vector["private"]), public, sealed[1:33], info, sealed[33:])
    assert opened.hex() == vector["secret"]


@pytest.mark.parametrize(
    "change",
    [
        lambda sealed: sealed[:-1],
        lambda sealed: sealed + b"\0",
        lambda _sealed: b"",
        lambda sealed: b"\x01" + sealed[1:],
        lambda sealed: sealed[:1],
        lambda sealed: sealed[:1] + bytes(len(sealed) - 1),
        lambda sealed: sealed[:40] + bytes([sealed[40] ^ 1]) + sealed[41:],
    ],
)
def test_an_altered_envelope_does_not_open(key: RecoveryKey, change: Any) -> None:
    sealed = key_pair.seal(key.public, SECRET, CONTEXT)
    assert len(sealed) == 81
    with pytest.raises(SealBroken):
        key.open(change(sealed), CONTEXT)


def test_an_envelope_opens_for_its_own_facility_key_alone(key: RecoveryKey) -> None:
    sealed = key_pair.seal(key.public, SECRET, CONTEXT)
    for opener, context in ((key, b"facility, data, 2"), (RecoveryKey.make(), CONTEXT)):
        with pytest.raises(SealBroken):
            opener.open(sealed, context)


def lp(part: bytes) -> bytes:
    return len(part).to_bytes(2, "big") + part


def hpke_open(private: bytes, public: bytes, enc: bytes, info: bytes, sealed: bytes) -> bytes:
    kem_suite, suite = b"KEM\x00\x20", b"HPKE\x00\x20\x00\x01\x00\x02"

    def extract(ids: bytes, salt: bytes, label: bytes, ikm: bytes) -> bytes:
        return hmac.digest(salt or bytes(32), b"HPKE-v1" + ids + label + ikm, sha256)

    def expand(ids: bytes, prk: bytes, label: bytes, text: bytes, length: int) -> bytes:
        text = length.to_bytes(2, "big") + b"HPKE-v1" + ids + label + text
        return hmac.digest(prk, text + b"\x01", sha256)[:length]  # one block is enough for us

    shared = X25519PrivateKey.from_private_bytes(private).exchange(
        X25519PublicKey.from_public_bytes(enc)
    )
    prk = extract(kem_suite, b"", b"eae_prk", shared)
    secret = expand(kem_suite, prk, b"shared_secret", enc + public, 32)
    schedule = b"\x00" + extract(suite, b"", b"psk_id_hash", b"")
    schedule += extract(suite, b"", b"info_hash", info)
    root = extract(suite, secret, b"secret", b"")
    key = expand(suite, root, b"key", schedule, 32)
    nonce = expand(suite, root, b"base_nonce", schedule, 12)
    return AESGCM(key).decrypt(nonce, sealed, b"")
