"""Roots in the transit engine of HashiCorp Vault or OpenBao: they never leave that server.

Wrapped bytes are one byte 11 (hex) and then the engine's own text, ``vault:v<version>:<base64>``.
The engine binds our context as its associated data.
"""

import base64
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from casemgr.crypto.errors import KeyProviderDown, KeyProviderRefused, RootInUse, SealBroken
from casemgr.crypto.providers.interface import Destruction

if TYPE_CHECKING:
    from hvac.api.secrets_engines import Transit
    from requests import Session

SCHEME = "vault"
TIMEOUT = (3.0, 5.0)  # seconds to connect, seconds to answer
_LAYOUT = 0x11
_CIPHERTEXT = re.compile(r"vault:v([1-9][0-9]{0,8}):[A-Za-z0-9+/=]+", re.ASCII)
_ROOT_NAME = re.compile(r"vault:v([1-9][0-9]{0,8})", re.ASCII)
_LIMITS = ("min_available_version", "min_decryption_version", "min_encryption_version")
_ODD = "Vault's answer is not what its documents say"
_ADVICE = (
    "The old key version and every earlier one were trimmed; Vault's own snapshots and backups "
    "hold them until they expire."
)


class VaultProvider:
    """Asks the transit engine to encrypt and decrypt the facility keys."""

    def __init__(
        self,
        target: str,
        options: Mapping[str, str],
        ask: Callable[[], str],
        timeout: tuple[float, float] = TIMEOUT,
    ) -> None:
        """Connects to nobody yet. ``ask`` gives the token, anew for every call."""
        url = urlsplit(target)
        self._server = f"{url.scheme}://{url.netloc}"
        self._mount, _, self._key = url.path.strip("/").rpartition("/")
        self._options, self._ask, self._timeout = options, ask, timeout

    def __repr__(self) -> str:
        return "VaultProvider()"

    def create(self) -> str:
        """Make the key: not exportable, never in a plaintext backup, deletable by nobody yet."""
        try:
            self._version()
        except _KeyUnknown:
            self._call("create_key", exportable=False, allow_plaintext_backup=False)
            return self.root_name()
        raise KeyProviderRefused("the key exists already")

    def wrap(self, secret: bytes, context: bytes) -> bytes:
        """Encrypt under the newest version of the key."""
        answer = self._call(
            "encrypt_data", plaintext=_base64(secret), associated_data=_base64(context)
        )
        text = str(answer.get("ciphertext", ""))
        if not _CIPHERTEXT.fullmatch(text):
            raise KeyProviderDown(_ODD)
        return bytes([_LAYOUT]) + text.encode("ascii")

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Decrypt. Raises SealBroken, also when the version was trimmed away."""
        text, _ = _read(wrapped)
        try:
            answer = self._call("decrypt_data", ciphertext=text, associated_data=_base64(context))
        except _RequestRefused:
            self._version()  # a key that is not there is no broken seal
            raise SealBroken from None
        try:
            return base64.b64decode(answer["plaintext"], validate=True)
        except (KeyError, TypeError, ValueError):
            raise KeyProviderDown(_ODD) from None

    def root_name(self) -> str:
        """The newest version of the key."""
        return f"{SCHEME}:v{self._version()}"

    def root_of(self, wrapped: bytes) -> str:
        """The version that the engine wrote into its text."""
        return f"{SCHEME}:v{_read(wrapped)[1]}"

    def renew(self) -> str:
        """Rotate the key."""
        self._call("rotate_key")
        return self.root_name()

    def destroy(self, root_name: str) -> Destruction:
        """Forbid and trim a version, and every one before it: the engine knows no holes."""
        named = _ROOT_NAME.fullmatch(root_name)
        if named is None:
            raise SealBroken
        first_kept = int(named[1]) + 1
        known = self._facts()
        if first_kept > known["latest_version"]:
            raise RootInUse
        if first_kept > known["min_available_version"]:
            for limit in ("min_encryption_version", "min_decryption_version"):  # in this order
                self._call("update_key_configuration", **{limit: max(first_kept, known[limit])})
            self._call("trim_key", min_version=first_kept)
        return Destruction(root_name, is_final=True, final_at=None, advice=_ADVICE)

    def _version(self) -> int:
        return self._facts()["latest_version"]

    def _facts(self) -> dict[str, int]:
        answer = self._call("read_key")
        try:
            return {name: int(answer.get(name) or 0) for name in _LIMITS} | {
                "latest_version": int(answer["latest_version"])
            }
        except (KeyError, TypeError, ValueError):
            raise KeyProviderDown(_ODD) from None

    def _call(self, act: str, **arguments: Any) -> dict[str, Any]:
        """One call to the engine: what stands under ``data`` in its answer, or nothing."""
        from hvac import exceptions
        from requests import RequestException, Session

        try:
            with Session() as session:
                transit = self._transit(session)
                answer = getattr(transit, act)(name=self._key, mount_point=self._mount, **arguments)
        except exceptions.InvalidRequest:
            raise _RequestRefused from None
        except (exceptions.Forbidden, exceptions.Unauthorized):
            raise KeyProviderDown("Vault denies it: look at the token and its policy") from None
        except exceptions.InvalidPath:
            raise _KeyUnknown from None
        except exceptions.VaultDown:
            raise KeyProviderDown("Vault is sealed or in maintenance") from None
        except (exceptions.VaultError, RequestException, OSError, ValueError):
            raise KeyProviderDown("Vault does not answer") from None
        return _data(answer)

    def _transit(self, session: "Session") -> "Transit":
        """A fresh client: no proxy, netrc or VAULT_* of the environment, and no redirect."""
        import hvac

        session.trust_env = False
        session.verify = self._options.get("ca") or True
        client = hvac.Client(
            url=self._server,
            token=self._ask().strip(),
            session=session,
            timeout=self._timeout,
            allow_redirects=False,
            namespace=self._options.get("namespace"),
        )
        return client.secrets.transit


class _KeyUnknown(KeyProviderDown):
    def __init__(self) -> None:
        super().__init__("Vault knows no such key at this mount")


class _RequestRefused(KeyProviderDown):
    def __init__(self) -> None:
        super().__init__("Vault does not take the request")


def _data(answer: Any) -> dict[str, Any]:
    if isinstance(answer, dict):
        return dict(answer.get("data") or {})
    if answer.status_code == 204:  # done, nothing to say
        return {}
    raise KeyProviderDown(_ODD)


def _read(wrapped: bytes) -> tuple[str, int]:
    """The engine's text and the version it names. Raises SealBroken for any other layout."""
    text = wrapped[1:].decode("ascii", "replace")
    named = _CIPHERTEXT.fullmatch(text)
    if wrapped[:1] != bytes([_LAYOUT]) or named is None:
        raise SealBroken
    return text, int(named[1])


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
