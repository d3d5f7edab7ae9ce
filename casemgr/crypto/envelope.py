"""The byte layout of a sealed value and of a wrapped key. The layout stands in FORMAT.md.

    sealed value = 0x01 | generation:u32be | nonce:12 | AES-256-GCM(plaintext) | tag:16
    AAD          = the 5 header bytes | LP("CMG1") | LP(table) | LP(column) | LP(row id: 16)
    wrapped key  = 0x01 | facility key no.:u32be | nonce:12 | AES-256-GCM(key) | tag:16
    AAD          = LP("dek") | LP(facility) | LP(owner) | LP(compartment) | LP(generation:u32be)

``LP`` is a u16 big-endian length before the bytes, so that no two contexts read the same. There
is no trial decryption: the header names the key, and the compartment, owner and facility are
bound through the wrapped key (design I4).
"""

import sys
from collections.abc import Mapping
from functools import lru_cache
from struct import Struct
from uuid import UUID

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from casemgr.crypto.errors import SealBroken

if sys.platform == "linux":  # the system call behind urandom, without its detour: 60 ns a value
    from os import getrandom as random_bytes
else:
    from os import urandom as random_bytes

VERSION = 1
HEADER = Struct(">BI")
NONCE_BYTES = 12
OVERHEAD = HEADER.size + NONCE_BYTES + 16
KEY_BYTES = 32
WRAPPED_BYTES = OVERHEAD + KEY_BYTES
_BODY = HEADER.size + NONCE_BYTES
_SHA256 = SHA256()
# Sealing is measured against Tink (bench/sealing.py): what can be made once is.
_HEADERS = tuple(HEADER.pack(VERSION, number) for number in range(256))


def length_prefixed(part: bytes) -> bytes:
    """``part`` behind its u16 length."""
    return len(part).to_bytes(2, "big") + part


def place(table: str, column: str) -> bytes:
    """The part of the associated data that every row of one column shares; compute it once."""
    return b"".join(map(length_prefixed, (b"CMG1", table.encode(), column.encode()))) + b"\x00\x10"


def header_of(generation: int) -> bytes:
    """What begins every value that a key of this generation sealed."""
    return _HEADERS[generation] if generation < 256 else HEADER.pack(VERSION, generation)


def generation_of_header(header: bytes) -> int:
    """The generation in a header of ours."""
    return int.from_bytes(header[1:], "big")


def seal(key: AESGCM, generation: int, plaintext: bytes, where: bytes) -> bytes:
    """Seal ``plaintext`` for ``where`` (``place(...)`` followed by the row's 16 id bytes)."""
    header = header_of(generation)
    nonce = random_bytes(12)
    return header + nonce + key.encrypt(nonce, plaintext, header + where)


def generation_of(sealed: bytes) -> int:
    """The key generation that a sealed value names. Raises SealBroken for any other layout.

    A column of SQLite can hold text or a number instead of bytes: that is another layout, too.
    """
    if type(sealed) is not bytes or len(sealed) < OVERHEAD or sealed[0] != VERSION:
        raise SealBroken
    return int.from_bytes(sealed[1:5], "big")


def unseal(key: AESGCM, sealed: bytes, where: bytes) -> bytes:
    """The plaintext. Raises SealBroken whatever was wrong; nothing is returned on failure."""
    if type(sealed) is not bytes or len(sealed) < OVERHEAD or sealed[0] != VERSION:
        raise SealBroken
    try:
        return key.decrypt(sealed[5:_BODY], sealed[_BODY:], sealed[:5] + where)
    except InvalidTag:
        raise SealBroken from None


def unseal_by_header(keys: Mapping[bytes, AESGCM], sealed: bytes, where: bytes) -> bytes:
    """The plaintext, by the key whose header the value bears. Raises SealBroken.

    An unknown version or generation bears the header of no key, text and numbers bear none at all,
    and what is too short has no nonce or no tag.
    """
    try:
        header = sealed[:5]
        return keys[header].decrypt(sealed[5:_BODY], sealed[_BODY:], header + where)
    except (KeyError, InvalidTag, TypeError, ValueError):
        raise SealBroken from None


def key_context(facility: UUID, owner: UUID, compartment: str, generation: int) -> bytes:
    """The associated data of a wrapped data key: whose it is, and of which generation."""
    return context_head(facility) + owner.bytes + context_tail(compartment, generation)


@lru_cache(256)
def context_head(facility: UUID) -> bytes:
    """What of it stands before the owner's 16 bytes."""
    return length_prefixed(b"dek") + length_prefixed(facility.bytes) + b"\0\x10"


@lru_cache(256)
def context_tail(compartment: str, generation: int) -> bytes:
    """And what behind them."""
    return length_prefixed(compartment.encode()) + length_prefixed(generation.to_bytes(4, "big"))


def wrap(facility_key: AESGCM, number: int, key: bytes, context: bytes) -> bytes:
    """Wrap a data key under the facility key ``number``."""
    nonce = random_bytes(NONCE_BYTES)
    return HEADER.pack(VERSION, number) + nonce + facility_key.encrypt(nonce, key, context)


def unwrap(facility_key: AESGCM, wrapped: bytes, context: bytes) -> bytes:
    """The data key. Raises SealBroken when the context or the key is another."""
    if type(wrapped) is not bytes or len(wrapped) != WRAPPED_BYTES or wrapped[0] != VERSION:
        raise SealBroken
    try:
        return facility_key.decrypt(wrapped[5:_BODY], wrapped[_BODY:], context)
    except InvalidTag:
        raise SealBroken from None


def commitment(key: bytes, context: bytes) -> bytes:
    """32 bytes that bind one key to one context: AES-GCM alone does not commit to its key."""
    return _commit(key, context).finalize()


def is_committed(key: bytes, context: bytes, made: bytes) -> bool:
    """Whether ``made`` is the commitment of this key and context; in constant time."""
    try:
        _commit(key, context).verify(made)
    except (InvalidSignature, TypeError):
        return False
    return True


def _commit(key: bytes, context: bytes) -> HMAC:
    mac = HMAC(key, _SHA256)
    mac.update(b"CMG1 commit" + context)
    return mac
