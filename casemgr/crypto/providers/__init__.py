"""Providers wrap facility keys, never data keys: a network call per case would dominate a page."""

from typing import Protocol

from casemgr.crypto.errors import KeyProviderDown
from casemgr.crypto.providers.file import FileProvider


class KeyProvider(Protocol):
    """What guards the facility keys. One call each at start, at rotation, at epoch close."""

    def wrap(self, secret: bytes, context: bytes) -> bytes:
        """Wrap a facility key for storage. Raises KeyProviderDown."""

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The facility key. Raises KeyProviderDown, or SealBroken when it was altered."""


def provider_for(url: str) -> KeyProvider:
    """The provider that a settings URL names. Only ``file:`` exists today (ADR 0002)."""
    scheme, _, rest = url.partition(":")
    if scheme == "file":
        return FileProvider(rest)
    raise KeyProviderDown(f"no key provider for scheme {scheme!r}")
