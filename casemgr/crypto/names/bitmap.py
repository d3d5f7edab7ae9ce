"""Sets of small numbers as plain ints: one bit each, so that one `&` intersects a whole hospital."""

import re
from collections.abc import Iterable, Iterator
from typing import TypeAlias

Bitmap: TypeAlias = int

NOBODY: Bitmap = 0
EVERYBODY: Bitmap = -1  # every bit set, however many people there are

_DENSE = 48  # one in so many: from there on reading byte by byte is faster than searching for bits
_OFFSETS = tuple(tuple(bit for bit in range(8) if byte >> bit & 1) for byte in range(256))
_FILLED = re.compile(rb"[^\x00]")


def of(numbers: Iterable[int], most: int) -> Bitmap:
    """The set of these numbers, all below ``most``."""
    raw = bytearray((most >> 3) + 1)
    for number in numbers:
        raw[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(raw, "little")


def numbers(people: Bitmap) -> Iterator[int]:
    """The numbers in a set, in ascending order."""
    if people.bit_count() * _DENSE > people.bit_length():
        return _from_bytes(people)
    return _from_text(people)


def _from_text(people: Bitmap) -> Iterator[int]:
    """Searching the binary text is the fastest way to a few bits among many."""
    bits = bin(people)
    highest = len(bits) - 1
    at = bits.rfind("1")
    while at >= 0:
        yield highest - at
        at = bits.rfind("1", 0, at)


def _from_bytes(people: Bitmap) -> Iterator[int]:
    raw = people.to_bytes((people.bit_length() + 7) // 8, "little")
    for match in _FILLED.finditer(raw):
        at = match.start()
        first = at << 3
        for offset in _OFFSETS[raw[at]]:
            yield first + offset
