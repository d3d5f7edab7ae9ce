"""Providers wrap facility keys, never data keys: a network call per case would dominate a page."""

from collections.abc import Callable, Sequence
from pathlib import Path

from casemgr.crypto.errors import KeyProviderRefused
from casemgr.crypto.providers.file import FileProvider
from casemgr.crypto.providers.interface import Destruction, KeyProvider

__all__ = ["Destruction", "KeyProvider", "provider_for"]


def provider_for(
    url: str,
    *,
    ask: Callable[[], str] | None = None,  # noqa: ARG001 - for the providers that come next
    apart_from: Sequence[Path] = (),
) -> KeyProvider:
    """The provider that a settings URL names.

    ``ask`` tells the provider's own secret (passphrase, token, PIN) whenever it is needed;
    ``apart_from`` are the databases and backups that no key file may lie beside. Raises
    KeyProviderRefused for a provider that must not be used; one that is down shows later.
    """
    scheme, _, rest = url.partition(":")
    if scheme == "file":
        return FileProvider(rest, apart_from)
    raise KeyProviderRefused("no key provider of this scheme")
