"""The provider root in a file of its own (mode 0600): the default of a single server."""

import os
import stat
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from casemgr.crypto import envelope
from casemgr.crypto.errors import KeyProviderDown

_ROOT_NUMBER = 1


class FileProvider:
    """Wraps facility keys under 32 random bytes kept in one file, hex, mode 0600."""

    def __init__(self, path: str) -> None:
        self._root = AESGCM(_read_root(Path(path)))

    def __repr__(self) -> str:
        return "FileProvider()"

    def wrap(self, secret: bytes, context: bytes) -> bytes:
        """Wrap a facility key."""
        return envelope.wrap(self._root, _ROOT_NUMBER, secret, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The facility key. Raises SealBroken."""
        return envelope.unwrap(self._root, wrapped, context)


def create_root(path: Path) -> None:
    """Make a new root file that only its owner can read. Refuses to overwrite one."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(os.urandom(envelope.KEY_BYTES).hex() + "\n")
        file.flush()
        os.fsync(file.fileno())


def _read_root(path: Path) -> bytes:
    try:
        facts = path.stat()
        if facts.st_uid != os.getuid() or stat.S_IMODE(facts.st_mode) & 0o077:
            raise KeyProviderDown("the key file must belong to this user alone (chmod 600)")
        root = bytes.fromhex(path.read_text("ascii"))
    except (OSError, ValueError):
        raise KeyProviderDown("the key file cannot be read") from None
    if len(root) != envelope.KEY_BYTES:
        raise KeyProviderDown("the key file is damaged")
    return root
