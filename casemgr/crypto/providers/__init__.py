"""Providers wrap facility keys, never data keys: a network call per case would dominate a page."""

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

from casemgr.crypto.errors import KeyProviderDown, KeyProviderRefused
from casemgr.crypto.providers.address import AddressFaulty, read_address
from casemgr.crypto.providers.file import FileProvider
from casemgr.crypto.providers.interface import Destruction, KeyProvider

__all__ = ["Destruction", "KeyProvider", "provider_for"]

_EXTRAS = {"vault": ("hvac", "vault"), "awskms": ("boto3", "aws"), "pkcs11": ("pkcs11", "pkcs11")}


def provider_for(
    url: str, *, ask: Callable[[], str] | None = None, apart_from: Sequence[Path] = ()
) -> KeyProvider:
    """The provider that a settings URL names; its library is imported only when it is used.

    ``ask`` tells the provider's own secret (passphrase, token, PIN) whenever it is needed;
    ``apart_from`` are the databases and backups that no key file may lie beside. Raises
    KeyProviderRefused for a provider that must not be used; one that is down shows later.
    """
    try:
        address = read_address(url)
    except AddressFaulty as fault:
        raise KeyProviderRefused(str(fault)) from None
    library, extra = _EXTRAS.get(address.scheme, ("", ""))
    if library and find_spec(library) is None:
        raise KeyProviderRefused(f"{address.scheme}: needs the extra {extra!r} to be installed")
    target, options, ask = address.target, address.options, ask or _nobody
    if address.scheme == "file":
        return FileProvider(target, apart_from)
    if address.scheme == "passphrase":
        from casemgr.crypto.providers.passphrase import PassphraseProvider

        return PassphraseProvider(target, ask, apart_from)
    if address.scheme == "vault":
        from casemgr.crypto.providers.vault import VaultProvider

        return VaultProvider(target, options, ask)
    if address.scheme == "awskms":
        from casemgr.crypto.providers.awskms import KmsProvider

        return KmsProvider(target, options)
    from casemgr.crypto.providers.pkcs11 import Pkcs11Provider

    return Pkcs11Provider(target, options, ask)


def _nobody() -> str:
    raise KeyProviderDown("nobody can be asked for the provider's secret here")
