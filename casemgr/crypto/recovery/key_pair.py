"""Recovery: facility keys sealed to a public key whose private half lies on paper, 3 shares of 5.

    envelope = 0x82 | HPKE encapsulated key:32 | AES-256-GCM(facility key) | tag:16
    HPKE     = RFC 9180 base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM
    info     = LP("CMG1 recovery") | LP(public key) | the context of what is sealed
    set id   = bytes 2 to 7 of SHA-256(LP("CMG1 recovery set") | LP(public key)): 4F2A-91BC-04DE

The private half is never stored; casemgr.crypto.recovery.shares makes paper of it. Whoever holds three
shares can open every envelope of their set, whatever guards the facility keys otherwise: a file
that was lost, a module that broke.
"""

from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from casemgr.crypto.envelope import length_prefixed
from casemgr.crypto.errors import SealBroken
from casemgr.crypto.secret import KeptInside

ENVELOPE_VERSION: Final = b"\x82"
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class RecoveryKey(KeptInside):
    """The private half, as long as a ceremony lasts."""

    __slots__ = ("_private", "public")

    def __init__(self, private: bytes) -> None:
        self._private = X25519PrivateKey.from_private_bytes(private)
        self.public = self._private.public_key().public_bytes_raw()

    @classmethod
    def make(cls) -> "RecoveryKey":
        """A new random pair."""
        return cls(X25519PrivateKey.generate().private_bytes_raw())

    def reveal(self) -> bytes:
        """The 32 private bytes: pass them on at once, never keep them in a variable."""
        return self._private.private_bytes_raw()

    def open(self, sealed: bytes, context: bytes) -> bytes:
        """What was sealed to the public half for this context. Raises SealBroken."""
        if sealed[:1] != ENVELOPE_VERSION:
            raise SealBroken
        try:
            return _SUITE.decrypt(sealed[1:], self._private, info=_info(self.public, context))
        except (InvalidTag, ValueError):
            raise SealBroken from None


def seal(public: bytes, secret: bytes, context: bytes) -> bytes:
    """Seal to a recovery public key; opens only with three shares, and for this context."""
    recipient = X25519PublicKey.from_public_bytes(public)
    return ENVELOPE_VERSION + _SUITE.encrypt(secret, recipient, info=_info(public, context))


def set_id(public: bytes) -> str:
    """The public name of a set of shares, printed on each: 48 bits in three groups."""
    digits = set_digest(public)[2:8].hex().upper()
    return "-".join((digits[:4], digits[4:8], digits[8:]))


def set_digest(public: bytes) -> bytes:
    """What names a set: its first 15 bits stand in every share, the next 48 are its id."""
    return sha256(length_prefixed(b"CMG1 recovery set") + length_prefixed(public)).digest()


def _info(public: bytes, context: bytes) -> bytes:
    return length_prefixed(b"CMG1 recovery") + length_prefixed(public) + context
