"""Public keys made up once, by the letter of c2sp.org/signed-note."""

import base64
import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def vkey(name: str, kind: int, seed: bytes) -> str:
    """``name+id+base64(kind | key)``."""
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    packed = bytes([kind]) + public
    key_id = hashlib.sha256(name.encode() + b"\n" + packed).hexdigest()[:8]
    return f"{name}+{key_id}+{base64.b64encode(packed).decode()}"


LOG = vkey("khac.example/log", 1, bytes(32))
WITNESS = vkey("khac.example/witness", 4, bytes(31) + b"\x01")
