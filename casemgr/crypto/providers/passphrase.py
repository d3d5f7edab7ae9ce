"""The provider's roots in a file, each wrapped under a passphrase that is asked at start."""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from unicodedata import normalize

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from casemgr.crypto import envelope
from casemgr.crypto.errors import KeyProviderRefused, SealBroken
from casemgr.crypto.providers.interface import Destruction
from casemgr.crypto.providers.passphrase_root import COST, Cost, new_root, open_root
from casemgr.crypto.providers.root_file import Root, RootFile, number_of
from casemgr.crypto.secret import KeptInside

SCHEME = "passphrase"
MIN_PASSPHRASE = 16  # characters: whoever copies the file may guess as long as they like
_ADVICE = (
    "The old root was overwritten in the key file; whoever kept a copy of that file and learns "
    "the passphrase still has it: destroy the copies."
)


class PassphraseProvider(KeptInside):
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
        return f"{SCHEME}:{self._file.create(lambda n: new_root(n, passphrase, self._cost))}"

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
        open_root(max(roots), roots[max(roots)], passphrase)
        return f"{SCHEME}:{self._file.add(lambda n: new_root(n, passphrase, self._cost))}"

    def destroy(self, root_name: str) -> Destruction:
        """Overwrite and remove an earlier root; needs no passphrase."""
        self._file.remove(number_of(root_name, SCHEME))
        self._opened.clear()
        return Destruction(root_name, is_final=True, final_at=None, advice=_ADVICE)

    def _cipher(self, number: int, root: Root) -> AESGCM:
        place = (number, str(root.get("wrapped")))
        with self._lock:  # many requests wait for one answer, and for 256 MiB once
            if place not in self._opened:
                self._opened[place] = open_root(number, root, self._asked())
            return self._opened[place]

    def _asked(self) -> str:
        """Composed and decomposed Vietnamese are one passphrase, whichever keyboard typed it."""
        return normalize("NFC", self._ask().strip())
