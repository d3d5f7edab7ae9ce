"""The address of a collector of the log, as the setting gives it. Pure."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

PORT = 6514  # RFC 5425 §4.1


class AddressFaulty(ValueError):
    """The setting does not name a collector."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where to send, and whose certificates are believed there."""

    host: str
    port: int
    ca: str  # a file of certificates; empty: those of the system

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def read_receiver(address: str) -> Receiver:
    """``tls://host:6514?ca=/path``. Raises AddressFaulty."""
    parts = urlsplit(address)
    asked = dict(parse_qsl(parts.query, keep_blank_values=True))
    try:
        port = parts.port or PORT
    except ValueError:
        raise AddressFaulty from None
    is_plain = not (parts.username or parts.password or parts.fragment or parts.path.strip("/"))
    if parts.scheme != "tls" or not parts.hostname or not is_plain or not set(asked) <= {"ca"}:
        raise AddressFaulty
    return Receiver(parts.hostname, port, asked.get("ca", ""))
