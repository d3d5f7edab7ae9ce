"""Who sealed a recovery envelope: anybody can seal to a public key, so every envelope says it.

    plain text of an envelope = facility key:32 | voucher:32
    voucher = HMAC-SHA256(HKDF-SHA256(the voucher's secret, info="recovery voucher"), the envelope)
    the envelope, for this   = LP("recovery voucher") | LP(public key of the set) | LP(context) | LP(key)

When a set is made, its private half is at hand and vouches. A facility key that is made later is
vouched for by a tag key of the facility. Whoever can write to the key store has neither: the private
half lies on paper, and the tag key is wrapped. Recovery trusts what the private half vouches for, then
what a tag key vouches for that is trusted already; all other envelopes are refused.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from casemgr.crypto import envelope
from casemgr.crypto.errors import SealBroken
from casemgr.crypto.recovery import key_pair
from casemgr.crypto.recovery.key_pair import RecoveryKey
from casemgr.crypto.secret import Secret

SEALED_BYTES = 1 + 32 + 2 * envelope.KEY_BYTES + 16  # shorter ones are from before vouchers
_LABEL = b"recovery voucher"


@dataclass(frozen=True, slots=True)
class Vouched:
    """What one envelope held, not trusted yet."""

    purpose: str
    context: bytes
    secret: Secret
    voucher: bytes


def seal(public: bytes, secret: Secret, context: bytes, by: RecoveryKey | Secret) -> bytes:
    """An envelope that ``by`` vouches for: the private half, or a tag key of the facility."""
    voucher = _voucher(public, secret, context, by)
    return key_pair.seal(public, secret.reveal() + voucher, context)


def open_sealed(key: RecoveryKey, sealed: bytes, purpose: str, context: bytes) -> Vouched:
    """Open an envelope; ``require_all`` decides about it. Raises SealBroken."""
    if len(sealed) != SEALED_BYTES:
        raise SealBroken
    held = Secret(key.open(sealed, context))
    secret = Secret(held.reveal()[: envelope.KEY_BYTES])
    return Vouched(purpose, context, secret, held.reveal()[envelope.KEY_BYTES :])


def require_all(key: RecoveryKey, opened: Sequence[Vouched]) -> None:
    """Raise SealBroken unless a chain from the private half vouches for every envelope."""
    trusted: list[RecoveryKey | Secret] = [key]
    left = list(opened)
    while trusted:
        by = trusted.pop()
        vouched = [each for each in left if _is_by(by, key.public, each)]
        left = [each for each in left if each not in vouched]
        trusted += [each.secret for each in vouched if each.purpose == "tag"]
    if left:
        raise SealBroken


def _is_by(by: RecoveryKey | Secret, public: bytes, each: Vouched) -> bool:
    return hmac.compare_digest(_voucher(public, each.secret, each.context, by), each.voucher)


def _voucher(public: bytes, secret: Secret, context: bytes, by: RecoveryKey | Secret) -> bytes:
    hkdf = HKDF(SHA256(), envelope.KEY_BYTES, salt=None, info=_LABEL)
    parts = (_LABEL, public, context, secret.reveal())
    text = b"".join(map(envelope.length_prefixed, parts))
    return hmac.digest(hkdf.derive(by.reveal()), text, sha256)
