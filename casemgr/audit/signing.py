"""The key that signs the head of the log: a file on the application's host, never in the database.

One JSON object a line, as the provider of keys keeps its roots (crypto/providers/root_file.py):

    {"number": 1, "created_at": "…", "name": "host/log", "key": "<seed>", "public": "<hex>",
     "witness": "<seed>"}

The highest number signs. After a rotation the next checkpoint is signed by the old key too; once it
is kept, the old seed is wiped and its public half stays, so that old notes can be read for ever.
``witness`` is a key of its own with which this hospital cosigns other logs; rotations keep it.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from casemgr.audit.outside.note import (
    KeyKind,
    Note,
    NoteBroken,
    Signature,
    Vkey,
    as_cosignature,
    cosigned_text,
    signatures_of,
)
from casemgr.crypto.errors import KeyProviderRefused
from casemgr.crypto.providers.root_file import Root, RootFile
from casemgr.crypto.secret import KeptInside

SCHEME = "file:"
_SEED_BYTES = 32
_DAMAGED = "the file of the log key is damaged"


class _SeedFile(RootFile):
    """A private file whose older entries keep their public half only."""

    def wipe_before(self, number: int) -> None:
        """Take the seeds out of every entry older than this one."""
        with self._locked():
            roots = self.roots()
            kept = {n: root if n >= number else _public_half(root) for n, root in roots.items()}
            if kept != roots:
                self._replace(kept)


class LogKey(KeptInside):
    """Signs checkpoints and cosigns those of other logs; read anew each time, never cached."""

    def __init__(self, url: str, host: str, apart_from: Sequence[Path] = ()) -> None:
        """Raises KeyProviderRefused for a file that others can read, or beside a database."""
        if not url.startswith(SCHEME + "/"):
            raise KeyProviderRefused("the log key is named by file:/path")
        self.path = Path(url.removeprefix(SCHEME))
        self._host = host
        self._file = _SeedFile(self.path, apart_from)

    def is_there(self) -> bool:
        """Whether the file was made."""
        return self.path.exists()

    def create(self) -> Vkey:
        """Make the file with its first key. Raises KeyProviderRefused where there is one."""
        name = f"{self._host}/log"
        self._file.create(lambda _number: _new(name, os.urandom(_SEED_BYTES).hex()))
        return self.vkey()

    def rotate(self) -> Vkey:
        """A new key; the next checkpoint is signed by both."""
        newest = self._newest()
        self._file.add(lambda _number: _new(newest["name"], newest["witness"]))
        return self.vkey()

    def finish_rotation(self, note: Note) -> None:
        """Once a kept note is signed by the newest key, the older seeds are of no use."""
        if signatures_of(note, self.vkey()):
            self._file.wipe_before(max(self._file.roots()))

    @property
    def origin(self) -> str:
        """The log's name. It stays when the hospital's address changes: witnesses know it."""
        return str(self._newest()["name"])

    def vkey(self) -> Vkey:
        """The public key that signs now."""
        return _vkey(self._newest())

    def vkeys(self) -> list[Vkey]:
        """Every key that ever signed, the newest first."""
        return [_vkey(root) for _number, root in sorted(self._file.roots().items(), reverse=True)]

    def witness_vkey(self) -> Vkey:
        """What other hospitals enter to know our cosignatures."""
        return Vkey(self._witness_name(), KeyKind.COSIGNATURE, _public(self._newest()["witness"]))

    def sign(self, text: str, *, before: Note | None) -> Note:
        """Sign a head, by the older keys too until a kept note bears the newest one.

        The same text after the same ``before`` gives the same note: Ed25519 is deterministic.
        Raises NoteBroken when ``before`` bears a false signature of ours.
        """
        roots = sorted(self._file.roots().items(), reverse=True)
        handed_over = before is None or bool(signatures_of(before, _vkey(roots[0][1])))
        older = [] if handed_over else [root for _number, root in roots[1:] if "key" in root]
        return Note(text, tuple(_signed(text, root) for root in (roots[0][1], *older)))

    def cosign(self, text: str, at: int) -> Signature:
        """Say as a witness that this head was seen at this POSIX time."""
        key = self.witness_vkey()
        seed = bytes.fromhex(self._newest()["witness"])
        made = Ed25519PrivateKey.from_private_bytes(seed).sign(cosigned_text(text, at))
        return Signature(key.name, key.key_id, as_cosignature(at, made))

    def _witness_name(self) -> str:
        return self.origin.removesuffix("/log") + "/witness"

    def _newest(self) -> Root:
        roots = self._file.roots()
        return roots[max(roots)]


def is_ours(note: Note, keys: Sequence[Vkey]) -> bool:
    """Whether one of these keys signed it, and none of them falsely."""
    try:
        return any(signatures_of(note, key) for key in keys)
    except NoteBroken:
        return False


def _new(name: str, witness: str) -> Root:
    seed = os.urandom(_SEED_BYTES).hex()
    return {"name": name, "key": seed, "public": _public(seed).hex(), "witness": witness}


def _public_half(root: Root) -> Root:
    return {name: value for name, value in root.items() if name not in {"key", "witness"}}


def _public(seed: str) -> bytes:
    try:
        key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed))
    except ValueError:
        raise KeyProviderRefused(_DAMAGED) from None
    return key.public_key().public_bytes_raw()


def _vkey(root: Root) -> Vkey:
    try:
        return Vkey(root["name"], KeyKind.LOG, bytes.fromhex(root["public"]))
    except (LookupError, TypeError, ValueError):
        raise KeyProviderRefused(_DAMAGED) from None


def _signed(text: str, root: Root) -> Signature:
    key = _vkey(root)
    if _public(str(root.get("key", ""))) != key.public:
        raise KeyProviderRefused(_DAMAGED)
    made = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(root["key"])).sign(text.encode())
    return Signature(key.name, key.key_id, made)
