"""Signed notes, checkpoints and cosignatures as C2SP writes them, byte for byte. Pure.

c2sp.org/signed-note, c2sp.org/tlog-checkpoint, c2sp.org/tlog-cosignature (Ed25519, v1). Nothing but
origin, size and root stands in a checkpoint.
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from enum import IntEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_ID_BYTES, _PUBLIC_BYTES, _SIGNATURE_BYTES, _TIME_BYTES = 4, 32, 64, 8
ROOT_BYTES = 32
MOST_SIGNATURES = 64  # a verifier must take 16 and should have a limit
MOST_BYTES = 64 * 1024
_NAME = re.compile(r"[^\s+]+")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")


class NoteBroken(ValueError):
    """The bytes are not a signed note, not a checkpoint, or not a verifier key."""


class KeyKind(IntEnum):
    """The signature types that we make and read."""

    LOG = 0x01  # Ed25519 over the text
    COSIGNATURE = 0x04  # Ed25519 over time and text


@dataclass(frozen=True, slots=True)
class Vkey:
    """A public key with its name, as it is printed and handed on."""

    name: str
    kind: KeyKind
    public: bytes

    @property
    def key_id(self) -> bytes:
        """Four bytes that only name the key; they are no proof of it."""
        named = f"{self.name}\n".encode() + bytes([self.kind]) + self.public
        return hashlib.sha256(named).digest()[:_ID_BYTES]

    def __str__(self) -> str:
        packed = base64.b64encode(bytes([self.kind]) + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{packed}"


def parse_vkey(text: str) -> Vkey:
    """Read ``name+id+base64(kind | key)``. Raises NoteBroken, also when the id is not the key's."""
    name, _, rest = text.partition("+")
    key_id, _, packed = rest.partition("+")
    raw = unpacked(packed)
    if not _NAME.fullmatch(name) or len(raw) != 1 + _PUBLIC_BYTES:
        raise NoteBroken("no verifier key")
    try:
        key = Vkey(name, KeyKind(raw[0]), raw[1:])
    except ValueError:
        raise NoteBroken("a verifier key of a kind that is not known here") from None
    if key.key_id.hex() != key_id:
        raise NoteBroken("the verifier key does not fit its own id")
    return key


@dataclass(frozen=True, slots=True)
class Signature:
    """One line below the text; ``value`` without the key's id."""

    name: str
    key_id: bytes
    value: bytes

    def __str__(self) -> str:
        return f"— {self.name} {base64.b64encode(self.key_id + self.value).decode()}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text that ends with a newline, and its signature lines. Nothing was verified yet."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(map(str, self.signatures))


@dataclass(frozen=True, slots=True)
class Head:
    """What a checkpoint says: whose log, how many entries, and the root of their tree."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def read_note(raw: str) -> Note:
    """Take a note apart. Raises NoteBroken. Signatures are not looked at."""
    if len(raw.encode()) > MOST_BYTES or re.search(r"[\x00-\x09\x0b-\x1f]", raw):
        raise NoteBroken("too long, or holds control characters")
    text, gap, below = raw.rpartition("\n\n")
    lines = below.split("\n")
    if not gap or not text or lines.pop() != "" or not 0 < len(lines) <= MOST_SIGNATURES:
        raise NoteBroken("no signed note")
    return Note(text + "\n", tuple(map(_signature, lines)))


def read_checkpoint(text: str) -> Head:
    """The first three lines; lines of extensions are let pass. Raises NoteBroken."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] != "" or "" in lines[:-1] or not _SIZE.fullmatch(lines[1]):
        raise NoteBroken("no checkpoint")
    root = unpacked(lines[2])
    if len(root) != ROOT_BYTES:
        raise NoteBroken("no root")
    return Head(lines[0], int(lines[1]), root)


def signatures_of(note: Note, key: Vkey) -> tuple[Signature, ...]:
    """The lines that this key made, none, or several with different times.

    Raises NoteBroken when one that bears its name and id is false: then the note was tampered with.
    """
    found = tuple(s for s in note.signatures if (s.name, s.key_id) == (key.name, key.key_id))
    if not all(_is_true(note.text, line, key) for line in found):
        raise NoteBroken("a signature of a known key is false")
    return found


def signed_at(line: Signature) -> int:
    """The POSIX time in a cosignature."""
    return int.from_bytes(line.value[:_TIME_BYTES], "big")


def cosigned_text(text: str, at: int) -> bytes:
    """What a witness signs: that it saw this head, at this POSIX time."""
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def as_cosignature(at: int, signature: bytes) -> bytes:
    """The value of a cosignature line."""
    return at.to_bytes(_TIME_BYTES, "big") + signature


def unpacked(text: str) -> bytes:
    """Standard base64 in its one spelling. Raises NoteBroken."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NoteBroken("no base64") from None
    if base64.b64encode(raw).decode() != text:
        raise NoteBroken("base64 with bits that nobody reads")
    return raw


def _signature(line: str) -> Signature:
    match = _LINE.fullmatch(line)
    raw = unpacked(match[2]) if match else b""
    if match is None or len(raw) <= _ID_BYTES:
        raise NoteBroken("no signature line")
    return Signature(match[1], raw[:_ID_BYTES], raw[_ID_BYTES:])


def _is_true(text: str, line: Signature, key: Vkey) -> bool:
    signature, message = line.value, text.encode()
    if key.kind is KeyKind.COSIGNATURE:
        signature, message = line.value[_TIME_BYTES:], cosigned_text(text, signed_at(line))
    if len(signature) != _SIGNATURE_BYTES:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, message)
    except InvalidSignature:
        return False
    return True
