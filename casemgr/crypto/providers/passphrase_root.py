"""One root of a file under a passphrase.

A line of the file: {"number": 1, "created_at": …, "argon2id": {"salt": hex, "iterations": 3,
"memory_kib": 262144, "lanes": 2}, "wrapped": hex}. The layout of ``wrapped`` is in FORMAT.md.
"""

import os
from typing import NamedTuple

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from casemgr.crypto import envelope
from casemgr.crypto.errors import KeyProviderRefused, SealBroken
from casemgr.crypto.providers.root_file import Root


class Cost(NamedTuple):
    """What one guess costs: above RFC 9106 §4 in memory, 0.5-0.8 s on the machine measured."""

    iterations: int = 3
    memory_kib: int = 256 * 1024
    lanes: int = 2


COST = Cost()


def new_root(number: int, passphrase: str, cost: Cost) -> Root:
    """A random root under a passphrase, with a salt of its own."""
    salt = os.urandom(16)
    wrapped = envelope.wrap(
        _guard(passphrase, salt, cost), number, os.urandom(envelope.KEY_BYTES), _context(number)
    )
    return {"argon2id": {"salt": salt.hex(), **cost._asdict()}, "wrapped": wrapped.hex()}


def open_root(number: int, root: Root, passphrase: str) -> AESGCM:
    """The root. Raises KeyProviderRefused for a wrong passphrase or a damaged file."""
    try:
        cost = dict(root["argon2id"])
        salt, wrapped = bytes.fromhex(cost.pop("salt")), bytes.fromhex(root["wrapped"])
        guard = _guard(passphrase, salt, Cost(**cost))
    except (LookupError, ValueError, TypeError):
        raise KeyProviderRefused("the key file is damaged") from None
    try:
        return AESGCM(envelope.unwrap(guard, wrapped, _context(number)))
    except SealBroken:
        raise KeyProviderRefused("the passphrase does not open the key file") from None


def _guard(passphrase: str, salt: bytes, cost: Cost) -> AESGCM:
    derived = Argon2id(
        salt=salt,
        length=envelope.KEY_BYTES,
        iterations=cost.iterations,
        lanes=cost.lanes,
        memory_cost=cost.memory_kib,
    )
    return AESGCM(derived.derive(passphrase.encode()))


def _context(number: int) -> bytes:
    return b"".join(map(envelope.length_prefixed, (b"provider root", number.to_bytes(4, "big"))))
