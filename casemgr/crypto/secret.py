"""What holds a key: it stays in its process, and nothing that is printed shows it."""

from typing import NoReturn


class KeptInside:
    """Base of whatever holds a key: no telling repr, no pickle, no copy."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled, copied or sent to another process. Raises TypeError."""
        raise TypeError(f"a {type(self).__name__} stays in its process")


class Secret(KeptInside):
    """A secret of a process's lifetime; a frame that holds one shows nothing in a traceback."""

    __slots__ = ("_bytes",)

    def __init__(self, revealed: bytes) -> None:
        self._bytes = revealed

    def reveal(self) -> bytes:
        """The bytes themselves: pass them on at once, never keep them in a variable."""
        return self._bytes
