"""The provider's roots in a file of their own (mode 0600): the default of a single server."""

import os
from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from casemgr.crypto import envelope
from casemgr.crypto.errors import KeyProviderRefused, SealBroken
from casemgr.crypto.providers.interface import Destruction
from casemgr.crypto.providers.root_file import Root, RootFile, number_of
from casemgr.crypto.secret import KeptInside

SCHEME = "file"
_ADVICE = (
    "The old root was overwritten in the key file, but a journal, a snapshot or the spare cells "
    "of a flash disk may still hold it: destroy its copies on paper and media as well."
)


class FileProvider(KeptInside):
    """Wraps facility keys under 32 random bytes kept in one file, mode 0600."""

    def __init__(self, path: str, apart_from: Sequence[Path] = ()) -> None:
        """Raises KeyProviderRefused when others can read the file, or it lies with what it guards.

        A file that is not there (a medium that was not put in yet) is a provider that is down.
        """
        self._file = RootFile(Path(path), apart_from)

    def __repr__(self) -> str:
        return "FileProvider()"

    def create(self) -> str:
        """Make the file with its first root."""
        return f"{SCHEME}:{self._file.create(_new_root)}"

    def wrap(self, secret: bytes, context: bytes) -> bytes:
        """Wrap a facility key under the present root."""
        roots = self._file.roots()
        return envelope.wrap(_cipher(roots[max(roots)]), max(roots), secret, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The facility key. Raises SealBroken, also when its root was destroyed."""
        root = self._file.roots().get(envelope.generation_of(wrapped))
        if root is None:
            raise SealBroken
        return envelope.unwrap(_cipher(root), wrapped, context)

    def root_name(self) -> str:
        """The root that wraps now."""
        return f"{SCHEME}:{max(self._file.roots())}"

    def root_of(self, wrapped: bytes) -> str:
        """The root that wrapped these bytes."""
        return f"{SCHEME}:{envelope.generation_of(wrapped)}"

    def renew(self) -> str:
        """Add a root; the earlier ones stay until they are destroyed."""
        return f"{SCHEME}:{self._file.add(_new_root)}"

    def destroy(self, root_name: str) -> Destruction:
        """Overwrite and remove an earlier root."""
        self._file.remove(number_of(root_name, SCHEME))
        return Destruction(root_name, is_final=True, final_at=None, advice=_ADVICE)


def create_root(path: Path) -> None:
    """Make a new root file that only its owner can read. Refuses to overwrite one."""
    FileProvider(str(path)).create()


def _new_root(_number: int) -> Root:
    return {"key": os.urandom(envelope.KEY_BYTES).hex()}


def _cipher(root: Root) -> AESGCM:
    try:
        key = bytes.fromhex(root["key"])
    except (KeyError, ValueError, TypeError):
        key = b""
    if len(key) != envelope.KEY_BYTES:
        raise KeyProviderRefused("the key file is damaged")
    return AESGCM(key)
