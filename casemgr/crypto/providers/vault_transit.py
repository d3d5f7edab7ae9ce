"""The conversation with Vault's transit engine: one call, and what its refusals mean to us."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from casemgr.crypto.errors import KeyProviderDown

if TYPE_CHECKING:
    from hvac.api.secrets_engines import transit
    from requests import Session

TIMEOUT = (3.0, 5.0)  # seconds to connect, seconds to answer
_LIMITS = ("min_available_version", "min_decryption_version", "min_encryption_version")
ODD = "Vault's answer is not what its documents say"


class Transit:
    """One key of the engine at one server."""

    def __init__(
        self,
        target: str,
        options: Mapping[str, str],
        ask: Callable[[], str],
        timeout: tuple[float, float],
    ) -> None:
        url = urlsplit(target)
        self._server = f"{url.scheme}://{url.netloc}"
        self._mount, _, self._key = url.path.strip("/").rpartition("/")
        self._options, self._ask, self._timeout = options, ask, timeout

    def version(self) -> int:
        """The newest version of the key."""
        return self.facts()["latest_version"]

    def facts(self) -> dict[str, int]:
        """The newest version, and the limits below which none is used."""
        answer = self.call("read_key")
        try:
            return {name: int(answer.get(name) or 0) for name in _LIMITS} | {
                "latest_version": int(answer["latest_version"])
            }
        except (KeyError, TypeError, ValueError):
            raise KeyProviderDown(ODD) from None

    def call(self, act: str, **arguments: Any) -> dict[str, Any]:
        """One call to the engine: what stands under ``data`` in its answer, or nothing."""
        from hvac import exceptions
        from requests import RequestException, Session

        try:
            with Session() as session:
                act_of = getattr(self._engine(session), act)
                answer = act_of(name=self._key, mount_point=self._mount, **arguments)
        except exceptions.InvalidRequest:
            raise RequestRefused from None
        except (exceptions.Forbidden, exceptions.Unauthorized):
            raise KeyProviderDown("Vault denies it: look at the token and its policy") from None
        except exceptions.InvalidPath:
            raise KeyUnknown from None
        except exceptions.VaultDown:
            raise KeyProviderDown("Vault is sealed or in maintenance") from None
        except (exceptions.VaultError, RequestException, OSError, ValueError):
            raise KeyProviderDown("Vault does not answer") from None
        return _data(answer)

    def _engine(self, session: "Session") -> "transit.Transit":
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


class KeyUnknown(KeyProviderDown):
    """A mistyped key or mount, or a key that nobody made yet."""

    def __init__(self) -> None:
        super().__init__("Vault knows no such key at this mount")


class RequestRefused(KeyProviderDown):
    """Vault answered 400: of a decryption that means a broken seal, or no such key."""

    def __init__(self) -> None:
        super().__init__("Vault does not take the request")


def _data(answer: Any) -> dict[str, Any]:
    if isinstance(answer, dict):
        return dict(answer.get("data") or {})
    if answer.status_code == 204:  # done, nothing to say
        return {}
    raise KeyProviderDown(ODD)
