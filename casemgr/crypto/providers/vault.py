"""Roots in the transit engine of HashiCorp Vault or OpenBao: they never leave that server.

Wrapped bytes are one byte 11 (hex) and then the engine's own text, ``vault:v<version>:<base64>``.
The engine binds our context as its associated data.
"""

import base64
import re
from collections.abc import Callable, Mapping

from casemgr.crypto.errors import KeyProviderDown, KeyProviderRefused, RootInUse, SealBroken
from casemgr.crypto.providers.interface import Destruction
from casemgr.crypto.providers.vault_transit import (
    ODD,
    TIMEOUT,
    KeyUnknown,
    RequestRefused,
    Transit,
)
from casemgr.crypto.secret import KeptInside

SCHEME = "vault"
_LAYOUT = 0x11
_CIPHERTEXT = re.compile(r"vault:v([1-9][0-9]{0,8}):[A-Za-z0-9+/=]+", re.ASCII)
_ROOT_NAME = re.compile(r"vault:v([1-9][0-9]{0,8})", re.ASCII)
_ADVICE = (
    "The old key version and every earlier one were trimmed; Vault's own snapshots and backups "
    "hold them until they expire."
)


class VaultProvider(KeptInside):
    """Asks the transit engine to encrypt and decrypt the facility keys."""

    def __init__(
        self,
        target: str,
        options: Mapping[str, str],
        ask: Callable[[], str],
        timeout: tuple[float, float] = TIMEOUT,
    ) -> None:
        """Connects to nobody yet. ``ask`` gives the token, anew for every call."""
        self._transit = Transit(target, options, ask, timeout)

    def __repr__(self) -> str:
        return "VaultProvider()"

    def create(self) -> str:
        """Make the key: not exportable, never in a plaintext backup, deletable by nobody yet."""
        try:
            self._transit.version()
        except KeyUnknown:
            self._transit.call("create_key", exportable=False, allow_plaintext_backup=False)
            return self.root_name()
        raise KeyProviderRefused("the key exists already")

    def wrap(self, secret: bytes, context: bytes) -> bytes:
        """Encrypt under the newest version of the key."""
        answer = self._transit.call(
            "encrypt_data", plaintext=_base64(secret), associated_data=_base64(context)
        )
        text = str(answer.get("ciphertext", ""))
        if not _CIPHERTEXT.fullmatch(text):
            raise KeyProviderDown(ODD)
        return bytes([_LAYOUT]) + text.encode("ascii")

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Decrypt. Raises SealBroken, also when the version was trimmed away."""
        text, _ = _read(wrapped)
        try:
            answer = self._transit.call(
                "decrypt_data", ciphertext=text, associated_data=_base64(context)
            )
        except RequestRefused:
            self._transit.version()  # a key that is not there is no broken seal
            raise SealBroken from None
        try:
            return base64.b64decode(answer["plaintext"], validate=True)
        except (KeyError, TypeError, ValueError):
            raise KeyProviderDown(ODD) from None

    def root_name(self) -> str:
        """The newest version of the key."""
        return f"{SCHEME}:v{self._transit.version()}"

    def root_of(self, wrapped: bytes) -> str:
        """The version that the engine wrote into its text."""
        return f"{SCHEME}:v{_read(wrapped)[1]}"

    def renew(self) -> str:
        """Rotate the key."""
        self._transit.call("rotate_key")
        return self.root_name()

    def destroy(self, root_name: str) -> Destruction:
        """Forbid and trim a version, and every one before it: the engine knows no holes."""
        named = _ROOT_NAME.fullmatch(root_name)
        if named is None:
            raise SealBroken
        first_kept = int(named[1]) + 1
        known = self._transit.facts()
        if first_kept > known["latest_version"]:
            raise RootInUse
        if first_kept > known["min_available_version"]:
            for limit in ("min_encryption_version", "min_decryption_version"):  # in this order
                self._transit.call(
                    "update_key_configuration", **{limit: max(first_kept, known[limit])}
                )
            self._transit.call("trim_key", min_version=first_kept)
        return Destruction(root_name, is_final=True, final_at=None, advice=_ADVICE)


def _read(wrapped: bytes) -> tuple[str, int]:
    """The engine's text and the version it names. Raises SealBroken for any other layout."""
    text = wrapped[1:].decode("ascii", "replace")
    named = _CIPHERTEXT.fullmatch(text)
    if wrapped[:1] != bytes([_LAYOUT]) or named is None:
        raise SealBroken
    return text, int(named[1])


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
