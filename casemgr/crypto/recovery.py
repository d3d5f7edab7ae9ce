"""Recovery: facility keys sealed to a public key whose private half lies on paper, 3 shares of 5.

    envelope     = 0x82 | HPKE encapsulated key:32 | AES-256-GCM(facility key) | tag:16
    HPKE         = RFC 9180 base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM
    info         = LP("CMG1 recovery") | LP(public key) | the context of what is sealed
    shares       = SLIP-39: one group, 3 of 5, 33 words each, extendable, no passphrase
    identifier   = the first 15 bits of SHA-256(LP("CMG1 recovery set") | LP(public key))
    set id       = the next 48 bits of the same hash, as people read it: 4F2A-91BC-04DE

The private half is never stored. Whoever holds three shares can open every envelope of their set,
whatever guards the facility keys otherwise: a file that was lost, a module that broke.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Final
from unicodedata import normalize

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from casemgr.crypto.envelope import length_prefixed
from casemgr.crypto.errors import SealBroken, SealError

SHARES, NEEDED, WORDS = 5, 3, 33
ENVELOPE_VERSION: Final = b"\x82"
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_ENOUGH_LETTERS = 4  # the first four letters of a word of SLIP-39 are found in no other


class ShareFault(StrEnum):
    """Why shares were refused."""

    UNKNOWN_WORD = "unknown_word"
    WRONG_LENGTH = "wrong_length"
    MISCOPIED = "miscopied"  # the checksum within the share says so
    OTHER_SET = "other_set"
    REPEATED = "repeated"
    TOO_FEW = "too_few"
    NOT_FITTING = "not_fitting"  # each is sound, together they make another key


class ShareRefused(SealError):
    """Which share was refused, and why; never a word of it.

    ``given`` counts the shares as they came, from 1; ``number`` is the one printed on the share,
    where it could be read; ``word`` is the place of the word that is not in the list.
    """

    def __init__(self, fault: ShareFault, given: int = 0, number: int = 0, word: int = 0) -> None:
        place = f", share {number}" if number else ""
        place += f", word {word}" if word else ""
        super().__init__(f"recovery share refused ({fault}): given as no. {given}{place}")
        self.fault, self.given, self.number, self.word = fault, given, number, word


@dataclass(frozen=True, slots=True, repr=False)
class Share:
    """One share: the number printed on it and its 33 words. It has no repr."""

    number: int
    words: tuple[str, ...]


class RecoveryKey:
    """The private half, as long as a ceremony lasts. It has no repr, is never stored or copied."""

    __slots__ = ("_private", "public")

    def __init__(self, private: bytes) -> None:
        self._private = X25519PrivateKey.from_private_bytes(private)
        self.public = self._private.public_key().public_bytes_raw()

    def __repr__(self) -> str:
        return "RecoveryKey()"

    def __reduce__(self) -> str:
        raise TypeError("a recovery key is not copied")

    @classmethod
    def make(cls) -> "RecoveryKey":
        """A new random pair."""
        return cls(X25519PrivateKey.generate().private_bytes_raw())

    def open(self, sealed: bytes, context: bytes) -> bytes:
        """What was sealed to the public half for this context. Raises SealBroken."""
        if sealed[:1] != ENVELOPE_VERSION:
            raise SealBroken
        try:
            return _SUITE.decrypt(sealed[1:], self._private, info=_info(self.public, context))
        except (InvalidTag, ValueError):
            raise SealBroken from None

    def split(self) -> list[Share]:
        """Five shares, any three of which make this key again."""
        from shamir_mnemonic import EncryptedMasterSecret, split_ems

        secret = EncryptedMasterSecret.from_master_secret(
            self._private.private_bytes_raw(), b"", _identifier(self.public), True, 1
        )
        (group,) = split_ems(1, [(NEEDED, SHARES)], secret)
        return [Share(share.index + 1, tuple(share.words())) for share in group]


def seal(public: bytes, secret: bytes, context: bytes) -> bytes:
    """Seal to a recovery public key; opens only with three shares, and for this context."""
    recipient = X25519PublicKey.from_public_bytes(public)
    return ENVELOPE_VERSION + _SUITE.encrypt(secret, recipient, info=_info(public, context))


def set_id(public: bytes) -> str:
    """The public name of a set of shares, printed on each: 48 bits in three groups."""
    digits = _digest(public)[2:8].hex().upper()
    return "-".join((digits[:4], digits[4:8], digits[8:]))


def whole_word(typed: str) -> str | None:
    """The word of the list that was meant: its first four letters are enough. None if there is none."""
    from shamir_mnemonic.wordlist import WORD_INDEX_MAP, WORDLIST

    word = normalize("NFKC", typed).casefold()
    if word in WORD_INDEX_MAP:
        return word
    if len(word) < _ENOUGH_LETTERS:
        return None
    return next((each for each in WORDLIST if each.startswith(word)), None)


def read_share(words: Iterable[str], public: bytes, given: int = 1) -> Share:
    """Read one share of the set of ``public``, as somebody typed it. Raises ShareRefused."""
    from shamir_mnemonic import MnemonicError
    from shamir_mnemonic import Share as Slip39Share

    found = [whole_word(word) for word in words]
    if None in found:
        raise ShareRefused(ShareFault.UNKNOWN_WORD, given, word=found.index(None) + 1)
    if len(found) != WORDS:
        raise ShareRefused(ShareFault.WRONG_LENGTH, given)
    read = None
    with suppress(MnemonicError):  # it quotes the share: it must not even be the cause of ours
        read = Slip39Share.from_mnemonic(" ".join(map(str, found)))
    if read is None:
        raise ShareRefused(ShareFault.MISCOPIED, given)
    shape = (read.group_index, read.group_count, read.member_threshold)
    if read.identifier != _identifier(public) or shape != (0, 1, NEEDED):
        raise ShareRefused(ShareFault.OTHER_SET, given, read.index + 1)
    return Share(read.index + 1, tuple(map(str, found)))


def combine(shares: Sequence[Share], public: bytes) -> RecoveryKey:
    """The private half of ``public`` from three of its shares. Raises ShareRefused."""
    from shamir_mnemonic import MnemonicError, combine_mnemonics

    seen: set[int] = set()
    for given, share in enumerate(shares, start=1):
        if share.number in seen:
            raise ShareRefused(ShareFault.REPEATED, given, share.number)
        seen.add(share.number)
    if len(shares) < NEEDED:
        raise ShareRefused(ShareFault.TOO_FEW, len(shares))
    key = None
    with suppress(MnemonicError, ValueError):  # as in read_share
        key = RecoveryKey(combine_mnemonics([" ".join(share.words) for share in shares[:NEEDED]]))
    if key is None or key.public != public:
        raise ShareRefused(ShareFault.NOT_FITTING, len(shares))
    return key


def _digest(public: bytes) -> bytes:
    return sha256(length_prefixed(b"CMG1 recovery set") + length_prefixed(public)).digest()


def _identifier(public: bytes) -> int:
    """So that a share says by itself to which set it belongs, before three are together."""
    return int.from_bytes(_digest(public)[:2], "big") >> 1


def _info(public: bytes, context: bytes) -> bytes:
    return length_prefixed(b"CMG1 recovery") + length_prefixed(public) + context
