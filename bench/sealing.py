"""(a) Sealing and opening a 200-byte value against the raw call on a reused AESGCM object.

The raw call is given its nonce, and associated data of the same length. Ours makes nonce and header.
"""

from os import urandom
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bench.measuring import Contest, contest
from casemgr.crypto import envelope

SEAL_BAR, OPEN_BAR = 2.2, 1.8
TIMES, ROUNDS = 4_000, 45  # many short rounds: a busy machine disturbs few of them


def run() -> list[Contest]:
    """Both contests."""
    cipher, plain, nonce = AESGCM(urandom(32)), urandom(200), urandom(12)
    row = UUID("0197a000-0000-7000-8000-000000000001").bytes
    where = envelope.place("case_identity", "identity_sealed") + row
    aad = b"\x01\x00\x00\x00\x01" + where
    sealed = envelope.seal(cipher, 1, plain, where)
    raw = cipher.encrypt(nonce, plain, aad)
    assert envelope.unseal(cipher, sealed, where) == plain == cipher.decrypt(nonce, raw, aad)
    return [
        contest(
            "seal 200 bytes",
            SEAL_BAR,
            lambda: envelope.seal(cipher, 1, plain, where),
            lambda: cipher.encrypt(nonce, plain, aad),
            times=TIMES,
            rounds=ROUNDS,
        ),
        contest(
            "open 200 bytes",
            OPEN_BAR,
            lambda: envelope.unseal(cipher, sealed, where),
            lambda: cipher.decrypt(nonce, raw, aad),
            times=TIMES,
            rounds=ROUNDS,
        ),
    ]
