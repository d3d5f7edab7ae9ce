"""The blocks of a packed index: sealed, all of one length, under labels that say nothing.

What lies in the database is a heap of blocks of 1,948 bytes under random-looking 128-bit labels.
Which blocks belong together, to which word, and how often a word occurs cannot be seen; only how
many blocks there are in all. The layout stands in FORMAT.md.
"""

import sys
from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from hashlib import sha256
from hmac import digest
from os import urandom
from typing import TypeAlias

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from casemgr.crypto.envelope import KEY_BYTES, NONCE_BYTES
from casemgr.crypto.errors import SealBroken
from casemgr.crypto.names.bitmap import Bitmap, of

Block: TypeAlias = tuple[bytes, bytes]  # label and sealed bytes
Fetch: TypeAlias = Callable[[Collection[bytes]], Mapping[bytes, bytes]]

LABEL_BYTES = 16
PAYLOAD = 480 * 4
SEALED = NONCE_BYTES + PAYLOAD + 16

PERSON = 20  # id and number of one person: 96 to a block
ORDER = 32  # up to eight word numbers, by which lists are sorted: 60 to a block
PEOPLE_LIST, ORDER_LIST = "people", "order"  # no term is called so: those have a letter and a colon


class BlockCipher:
    """Labels and seals of one epoch, both from its one secret."""

    def __init__(self, secret: bytes) -> None:
        self._label_key = _derived(secret, b"packed index labels")
        self._cipher = AESGCM(_derived(secret, b"packed index blocks"))

    def __repr__(self) -> str:
        return "BlockCipher()"

    def labels(self, term: str, blocks: Iterable[int]) -> list[bytes]:
        """The labels of these blocks of a list."""
        name = term.encode() + b"\0"
        return [
            digest(self._label_key, name + block.to_bytes(4, "big"), sha256)[:LABEL_BYTES]
            for block in blocks
        ]

    def seal(self, term: str, content: bytes) -> Iterator[Block]:
        """A list in as many blocks as it needs, the last one filled up."""
        parts = range(0, max(len(content), 1), PAYLOAD)
        for at, label in zip(parts, self.labels(term, range(len(parts))), strict=True):
            plain = content[at : at + PAYLOAD].ljust(PAYLOAD, b"\0")
            nonce = urandom(NONCE_BYTES)
            yield label, nonce + self._cipher.encrypt(nonce, plain, label)

    def open(self, labels: Collection[bytes], blocks: Mapping[bytes, bytes]) -> bytes:
        """The content under these labels. Raises SealBroken for any that is missing or altered."""
        try:
            return b"".join(self._open(label, blocks[label]) for label in labels)
        except KeyError:
            raise SealBroken from None

    def _open(self, label: bytes, block: bytes) -> bytes:
        if len(block) != SEALED:
            raise SealBroken
        try:
            return self._cipher.decrypt(block[:NONCE_BYTES], block[NONCE_BYTES:], label)
        except InvalidTag:
            raise SealBroken from None


def is_dense(count: int, people: int) -> bool:
    """Whether so many of so many take fewer bytes as one bit each than as four bytes each."""
    return count * 4 > people // 8


def length_of(count: int, people: int) -> int:
    """How many bytes the list of a term takes before it is filled up."""
    return people // 8 + 1 if is_dense(count, people) else count * 4


def pack(numbers: Iterable[int], count: int, people: int) -> bytes:
    """The people who bear a term, as they lie in blocks."""
    if is_dense(count, people):
        return of(numbers, people).to_bytes(people // 8 + 1, "little")
    return little(array("I", sorted(numbers))).tobytes()


def unpack(content: bytes, count: int, people: int) -> Bitmap:
    """What ``pack`` made of them, read again."""
    used = content[: length_of(count, people)]
    if is_dense(count, people):
        return int.from_bytes(used, "little")
    return of(little(array("I", used)), people)


def little(values: "array[int]") -> "array[int]":
    """Little-endian on every machine."""
    if sys.byteorder == "big":
        values.byteswap()
    return values


def blocks_for(length: int) -> int:
    """How many blocks so many bytes take."""
    return max(1, -(-length // PAYLOAD))


def _derived(secret: bytes, label: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=label).derive(secret)
