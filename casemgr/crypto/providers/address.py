"""The five ways to name a provider in the settings, read and judged before anything is asked.

file:/path                      passphrase:/path
vault:https://host:8200/transit/key?ca=/path&namespace=…
awskms:alias/name?region=…&endpoint=…
pkcs11:/path/to/module.so?token=…&label=…
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import SplitResult, parse_qsl, urlsplit

THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


class AddressFaulty(ValueError):
    """What is wrong with the setting, in words that never repeat it."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a provider is found. Never holds a secret: those are asked for."""

    scheme: str
    target: str
    options: Mapping[str, str]


def read_address(url: str) -> Address:
    """The parts of a provider's URL. Raises AddressFaulty."""
    scheme, _, rest = url.partition(":")
    if scheme not in _JUDGES:
        raise AddressFaulty("file:, passphrase:, vault:, awskms: or pkcs11:")
    if scheme in {"file", "passphrase"}:
        address = Address(scheme, rest, {})
    else:
        target, _, query = rest.partition("?")
        pairs = parse_qsl(query, keep_blank_values=True)
        address = Address(scheme, target, dict(pairs))
        if len(pairs) != len(address.options) or not set(address.options) <= _OPTIONS[scheme]:
            known = " and ".join(sorted(_OPTIONS[scheme]))
            raise AddressFaulty(f"{scheme}: knows the options {known} alone, each once")
    _JUDGES[scheme](address)
    return address


def _judge_path(address: Address) -> None:
    if not PurePosixPath(address.target).is_absolute():
        raise AddressFaulty(f"{address.scheme}:/path, from the root of the file system")


def _judge_vault(address: Address) -> None:
    url = _split(address.target)
    if not _is_safe(url):
        raise AddressFaulty("vault:https://host:port/…, or http:// on this machine alone")
    _, _, key = url.path.strip("/").rpartition("/")
    if not key or key == url.path.strip("/"):
        raise AddressFaulty("vault:https://host/mount/key, with mount and key")


def _judge_awskms(address: Address) -> None:
    is_arn = address.target.startswith("arn:")
    if not address.target or (is_arn and address.target.count(":") != 5):
        raise AddressFaulty("awskms: needs the alias or ARN of a key")
    if not is_arn and not address.options.get("region"):
        raise AddressFaulty("awskms: needs a region, in the ARN or as ?region=")
    endpoint = address.options.get("endpoint")
    if endpoint is not None and not _is_safe(_split(endpoint)):
        raise AddressFaulty("awskms: endpoint=https://…, or http:// on this machine alone")


def _judge_pkcs11(address: Address) -> None:
    _judge_path(address)
    if not address.options.get("token") or not address.options.get("label"):
        raise AddressFaulty("pkcs11: needs ?token= and &label=")


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise AddressFaulty("an address in it cannot be read") from None
    return parts


def _is_safe(url: SplitResult) -> bool:
    """Encrypted or on this machine, and without a password in it."""
    if not url.hostname or "@" in url.netloc or url.query or url.fragment:
        return False
    return url.scheme == "https" or (url.scheme == "http" and url.hostname in THIS_MACHINE)


_OPTIONS = {
    "vault": {"ca", "namespace"},
    "awskms": {"endpoint", "region"},
    "pkcs11": {"label", "token"},
}
_JUDGES: dict[str, Callable[[Address], None]] = {
    "file": _judge_path,
    "passphrase": _judge_path,
    "vault": _judge_vault,
    "awskms": _judge_awskms,
    "pkcs11": _judge_pkcs11,
}
