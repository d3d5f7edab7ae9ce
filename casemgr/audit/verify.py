"""Trees, notes and proofs, without trust in anybody: needs only Python 3.11 and ``cryptography``.

Trees: RFC 6962 and RFC 9162. Notes, checkpoints, proofs: C2SP signed-note, tlog-checkpoint,
tlog-cosignature (Ed25519), tlog-proof. First part of the single file that an outsider runs
(casemgr.audit.outsider.single_file).
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

HASH = 32  # bytes
EMPTY_ROOT = hashlib.sha256(b"").digest()
MOST_SIGNATURES = 100
sha256 = hashlib.sha256


class ProofRefused(ValueError):
    """A proof, or what it is about, does not fit the tree."""


class NoteRefused(ValueError):
    """A note is malformed, or no key that we trust has signed it."""


def leaf_hash(leaf: bytes) -> bytes:
    """SHA-256(0x00 | leaf) (RFC 6962 §2.1)."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 | left | right) (RFC 6962 §2.1)."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """The right edge of a growing tree: a hash for each full subtree, the largest first."""

    def __init__(self) -> None:
        self.size = 0
        self._full: list[bytes] = []

    def copy(self) -> "Frontier":
        """Another one that grows on by itself."""
        other = Frontier()
        other.size, other._full = self.size, self._full.copy()
        return other

    def append(self, leaf: bytes) -> None:
        """Add the hash of one leaf."""
        self._push(leaf, 1)

    def extend(self, leaves: Sequence[bytes]) -> None:
        """Add the hashes of many leaves, each as large a subtree at once as fits."""
        at = 0
        while at < len(leaves):
            width = 1 << (len(leaves) - at).bit_length() - 1
            if self.size:
                width = min(width, self.size & -self.size)
            level = leaves[at : at + width]
            while len(level) > 1:
                pairs = zip(level[::2], level[1::2], strict=True)
                level = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
            self._push(level[0], width)
            at += width

    def root(self) -> bytes:
        """The root of what was added so far."""
        if not self._full:
            return EMPTY_ROOT
        *lefts, node = self._full
        for left in reversed(lefts):
            node = node_hash(left, node)
        return node

    def _push(self, node: bytes, width: int) -> None:
        subtrees = self.size // width
        while subtrees & 1:
            node = node_hash(self._full.pop(), node)
            subtrees >>= 1
        self._full.append(node)
        self.size += width


def root_from_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes]) -> bytes:
    """The root that this leaf hash and its proof lead to (RFC 9162 §2.1.3.2). Raises ProofRefused."""
    if not 0 <= index < size or any(len(each) != HASH for each in (leaf, *proof)):
        raise ProofRefused("not a place in the tree, or not hashes")
    node = leaf
    for each, is_left in _path(index, size - 1, proof):
        node = node_hash(each, node) if is_left else node_hash(node, each)
    return node


def verify_consistency(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """The old tree is a prefix of the new one (RFC 9162 §2.1.4.2), or ProofRefused is raised.

    A proof from size 0 proves nothing and is refused.
    """
    if not 0 < old <= new:
        raise ProofRefused("not an older and a newer size")
    if old == new:
        if proof or old_root != new_root:
            raise ProofRefused("one size, two roots, or a proof of nothing")
        return
    if any(len(each) != HASH for each in (old_root, new_root, *proof)):
        raise ProofRefused("not hashes")
    path = list(proof) if old & old - 1 else [old_root, *proof]
    if not path:
        raise ProofRefused("the proof is empty")
    index, last = old - 1, new - 1
    while index & 1:
        index, last = index >> 1, last >> 1
    before = after = path[0]
    for each, is_left in _path(index, last, path[1:]):
        before = node_hash(each, before) if is_left else before
        after = node_hash(each, after) if is_left else node_hash(after, each)
    if (before, after) != (old_root, new_root):
        raise ProofRefused("the proof does not lead from one root to the other")


def _path(index: int, last: int, proof: Sequence[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each hash of a proof, and whether it stands to the left. Raises ProofRefused at a wrong length."""
    for each in proof:
        if last == 0:
            raise ProofRefused("the proof is too long")
        is_left = bool(index & 1) or index == last
        yield each, is_left
        while is_left and not index & 1 and index:
            index, last = index >> 1, last >> 1
        index, last = index >> 1, last >> 1
    if last:
        raise ProofRefused("the proof is too short")


ED25519, COSIGNATURE = 1, 4  # kinds of keys


@dataclass(frozen=True, slots=True)
class Key:
    """A public key that is trusted: of the log, or of a witness that adds its time."""

    name: str
    key_id: bytes
    kind: int
    public: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """The text of a note and who has signed it; cosigned_at: seconds since 1970, 0 if nobody."""

    text: str
    verified: tuple[Key, ...]
    unverified: tuple[str, ...]
    cosigned_at: int = 0


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Which log, how many entries, and the root of the tree over them."""

    origin: str
    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Proof:
    """That the entry at an index is in the log; ``extra`` is the entry itself, or empty."""

    index: int
    hashes: tuple[bytes, ...]
    extra: bytes
    note: str


def unbase64(text: str) -> bytes:
    """Strictly. Raises NoteRefused."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NoteRefused("not base64") from None


def parse_key(text: str) -> Key:
    """``name+hash+base64`` as the log prints it. Raises NoteRefused."""
    name, _, rest = text.strip().partition("+")
    given, _, encoded = rest.partition("+")
    raw = unbase64(encoded)
    key_id = sha256(name.encode() + b"\n" + raw).digest()[:4]
    sound = _is_name(name) and len(raw) == 1 + HASH and raw[0] in {ED25519, COSIGNATURE}
    if not sound or given != key_id.hex():
        raise NoteRefused("not a public key of a log")
    return Key(name, key_id, raw[0], raw[1:])


def open_note(note: bytes | str, keys: Iterable[Key]) -> Note:
    """The note, if a trusted key has signed it and none of their signatures is wrong.

    Raises NoteRefused.
    """
    text, lines = _parts(note)
    trusted: dict[tuple[str, bytes], list[Key]] = {}
    for key in keys:
        trusted.setdefault((key.name, key.key_id), []).append(key)
    verified: dict[Key, None] = {}
    strange: dict[str, str] = {}
    cosigned_at = 0
    for line in lines:
        name, signature = _signature(line)
        known = trusted.get((name, signature[:4]), [])
        if len(known) > 1:
            raise NoteRefused("two keys of one name and number")
        if not known:
            strange[line] = name
        elif known[0] not in verified:
            cosigned_at = max(cosigned_at, _check(known[0], text, signature[4:]))
            verified[known[0]] = None
    if not verified:
        raise NoteRefused("no signature of a trusted key")
    return Note(text, tuple(verified), tuple(strange.values()), cosigned_at)


def text_of(note: bytes | str) -> str:
    """The text of a note, whoever has signed it or not. Raises NoteRefused."""
    return _parts(note)[0]


def parse_checkpoint(text: str) -> Checkpoint:
    """Of the text of a note. Raises NoteRefused."""
    lines = text.split("\n")
    if len(lines) < 4 or lines.pop() or not all(lines) or not _is_number(lines[1]):
        raise NoteRefused("not a checkpoint")
    root = unbase64(lines[2])
    if len(root) != HASH:
        raise NoteRefused("not a root")
    return Checkpoint(lines[0], int(lines[1]), root)


def parse_proof(text: str) -> Proof:
    """Of a .tlog-proof file. Raises NoteRefused."""
    head, _, note = text.partition("\n\n")
    first, *lines = head.split("\n")
    extra = b""
    if lines and lines[0].startswith("extra "):
        extra = unbase64(lines.pop(0)[6:])
    word, _, index = lines.pop(0).partition(" ") if lines else ("", "", "")
    if first != "c2sp.org/tlog-proof@v1" or word != "index" or not _is_number(index):
        raise NoteRefused("not a proof")
    return Proof(int(index), tuple(unbase64(line) for line in lines), extra, note)


def _parts(note: bytes | str) -> tuple[str, list[str]]:
    try:
        whole = note.decode() if isinstance(note, bytes) else note
    except UnicodeDecodeError:
        raise NoteRefused("not UTF-8") from None
    text, blank, signatures = whole.rpartition("\n\n")
    if not blank or not signatures.endswith("\n") or re.search(r"[\x00-\x09\x0b-\x1f]", whole):
        raise NoteRefused("not a signed note")
    lines = signatures[:-1].split("\n")
    if len(lines) > MOST_SIGNATURES:
        raise NoteRefused("too many signatures")
    return text + "\n", lines


def _signature(line: str) -> tuple[str, bytes]:
    dash, name, encoded = (*line.split(" ", 2), "", "")[:3]
    signature = unbase64(encoded)
    if dash != "\u2014" or not _is_name(name) or len(signature) < 5:
        raise NoteRefused("not a signature line")
    return name, signature


def _check(key: Key, text: str, signature: bytes) -> int:
    at, message = 0, text.encode()
    if key.kind == COSIGNATURE:
        at, signature = int.from_bytes(signature[:8], "big"), signature[8:]
        message = f"cosignature/v1\ntime {at}\n".encode() + message
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, message)
    except InvalidSignature:
        raise NoteRefused(f"a wrong signature in the name of {key.name}") from None
    return at


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not re.search(r"\s", name)


def _is_number(text: str) -> bool:
    return re.fullmatch(r"0|[1-9][0-9]{0,19}", text, re.ASCII) is not None
