"""Reading signed notes by the letter of c2sp.org/signed-note, without a line of the product."""

import base64
import hashlib
from collections.abc import Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def signers(note: str, vkeys: Sequence[str]) -> list[str]:
    """The keys whose signature is true, in the order of the lines. Ed25519 over the text alone."""
    cut = note.rindex("\n\n") + 1
    text, found = note[:cut], []
    for line in note[cut + 1 :].splitlines():
        dash, name, packed = line.split(" ")
        assert dash == "—"
        raw = base64.b64decode(packed, validate=True)
        for vkey in vkeys:
            known, _, rest = vkey.partition("+")
            public = base64.b64decode(rest.partition("+")[2])
            named = hashlib.sha256(known.encode() + b"\n" + public).digest()[:4]
            if (name, raw[:4]) == (known, named) and _fits(public[1:], raw[4:], text):
                found.append(vkey)
    return found


def _fits(public: bytes, signature: bytes, text: str) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, text.encode())
    except InvalidSignature:
        return False
    return True
