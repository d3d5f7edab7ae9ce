"""Recovery sets: what is public of five shares, proven to be the facility's own.

Somebody who can write to the key store could put a public key of their own in its place and wait
for the next facility key to be sealed to it. A set therefore carries a proof that only the
facility's tag key can make, and nothing is sealed to a set without it.
"""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from casemgr.crypto import envelope
from casemgr.crypto.errors import SealBroken
from casemgr.crypto.recovery import key_pair
from casemgr.crypto.secret import Secret

_LABEL = b"recovery set"


@dataclass(frozen=True, slots=True)
class RecoverySet:
    """What is public of one set of shares."""

    set_id: str
    facility_id: UUID
    public: bytes
    proof: bytes
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Envelope:
    """One facility key sealed to the public key of a set."""

    purpose: str
    number: int
    sealed: bytes


def new_set(facility_id: UUID, public: bytes, made_at: datetime, tag_secret: Secret) -> RecoverySet:
    """A set that this facility made: its tag key says so."""
    proof = _proof(facility_id, public, tag_secret)
    return RecoverySet(key_pair.set_id(public), facility_id, public, proof, made_at)


def check(found: RecoverySet, tag_secrets: Iterable[Secret]) -> None:
    """Raise SealBroken unless one of the facility's tag keys made this set."""
    proofs = (_proof(found.facility_id, found.public, secret) for secret in tag_secrets)
    if not any(hmac.compare_digest(proof, found.proof) for proof in proofs):
        raise SealBroken


def _proof(facility_id: UUID, public: bytes, tag_secret: Secret) -> bytes:
    hkdf = HKDF(SHA256(), envelope.KEY_BYTES, salt=None, info=_LABEL)
    parts = (_LABEL, facility_id.bytes, public)
    text = b"".join(map(envelope.length_prefixed, parts))
    return hmac.digest(hkdf.derive(tag_secret.reveal()), text, sha256)
