"""The provider's roots in a file, each wrapped under a passphrase that is asked at start.

A line of the file: {"number": 1, "created_at": …, "argon2id": {"salt": hex, "iterations": 3,
"memory_kib": 262144, "lanes": 2}, "wrapped": hex}. The layout of ``wrapped`` is in FORMAT.md.
"""

import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple
from unicodedata import normalize

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from casemgr.crypto import envelope
from casemgr.crypto.errors import KeyProviderRefused, SealBroken
from casemgr.crypto.providers.interface import Destruction
from casemgr.crypto.providers.root_file import Root, RootFile, number_of

SCHEME = "passphrase"
MIN_PASSPHRASE = 16  # characters: whoever copies the file may guess as long as they like
_ADVICE = (
    "The old root was overwritten in the key file; whoever kept a copy of that file and learns "
    "the passphrase still has it: destroy the copies."
)


class Cost(NamedTuple):
    """What one guess costs: above RFC 9106 §4 in memory, 0.5-0.8 s on the machine measured."""

    iterations: int = 3
    memory_kib: int = 256 * 1024
    lanes: int = 2


COST = Cost()


class PassphraseProvider:
    """As the key file, but the file alone opens nothing."""

    def __init__(
        self, path: str, ask: Callable[[], str], apart_from: Sequence[Path] = (), cost: Cost = COST
    ) -> None:
        """``ask`` is called when a root is needed that this process has not opened yet."""
        self._file = RootFile(Path(path), apart_from)
        self._ask = ask
        self._cost = cost
        self._opened: dict[tuple[int, str], AESGCM] = {}
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return "PassphraseProvider()"

    def create(self) -> str:
        """Make the file with its first root. Refuses a short passphrase, or two that differ."""
        passphrase = self._asked()
        if self._asked() != passphrase:
            raise KeyProviderRefused("the two passphrases differ")
        if len(passphrase) < MIN_PASSPHRASE:
            raise KeyProviderRefused(f"a passphrase has at least {MIN_PASSPHRASE} characters")
        return f"{SCHEME}:{self._file.create(lambda n: _new_root(n, passphrase, self._cost))}"

    def unlock(self) -> None:
        """Ask now, and open the present root. Raises KeyProviderRefused for a wrong passphrase."""
        roots = self._file.roots()
        self._cipher(max(roots), roots[max(roots)])

    def wrap(self, secret: bytes, context: bytes) -> bytes:
        """Wrap a facility key under the present root."""
        roots = self._file.roots()
        number = max(roots)
        return envelope.wrap(self._cipher(number, roots[number]), number, secret, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The facility key. Raises SealBroken, also when its root was destroyed."""
        number = envelope.generation_of(wrapped)
        root = self._file.roots().get(number)
        if root is None:
            raise SealBroken
        return envelope.unwrap(self._cipher(number, root), wrapped, context)

    def root_name(self) -> str:
        """The root that wraps now; needs no passphrase."""
        return f"{SCHEME}:{max(self._file.roots())}"

    def root_of(self, wrapped: bytes) -> str:
        """The root that wrapped these bytes."""
        return f"{SCHEME}:{envelope.generation_of(wrapped)}"

    def renew(self) -> str:
        """Add a root under the same passphrase, which has to open the present one first."""
        roots, passphrase = self._file.roots(), self._asked()
        _open_root(max(roots), roots[max(roots)], passphrase)
        return f"{SCHEME}:{self._file.add(lambda n: _new_root(n, passphrase, self._cost))}"

    def destroy(self, root_name: str) -> Destruction:
        """Overwrite and remove an earlier root; needs no passphrase."""
        self._file.remove(number_of(root_name, SCHEME))
        self._opened.clear()
        return Destruction(root_name, is_final=True, final_at=None, advice=_ADVICE)

    def _cipher(self, number: int, root: Root) -> AESGCM:
        place = (number, str(root.get("wrapped")))
        with self._lock:  # many requests wait for one answer, and for 256 MiB once
            if place not in self._opened:
                self._opened[place] = _open_root(number, root, self._asked())
            return self._opened[place]

    def _asked(self) -> str:
        """Composed and decomposed Vietnamese are one passphrase, whichever keyboard typed it."""
        return normalize("NFC", self._ask().strip())


def _new_root(number: int, passphrase: str, cost: Cost) -> Root:
    salt = os.urandom(16)
    wrapped = envelope.wrap(
        _guard(passphrase, salt, cost), number, os.urandom(envelope.KEY_BYTES), _context(number)
    )
    return {"argon2id": {"salt": salt.hex(), **cost._asdict()}, "wrapped": wrapped.hex()}


def _open_root(number: int, root: Root, passphrase: str) -> AESGCM:
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
