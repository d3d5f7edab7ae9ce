"""The settings that say how signed heads leave this machine, taken apart. Pure.

    file:/mount/append-only.txt
    witness:https://other.example.vn/witness?vkey=<name+id+key>[&ca=/path.pem]
    mailto:officer@hospital.example,counsel@law.example
    tsa:https://tsa.example/tsr[?ca=/path.pem]

Nothing in them is secret; a password for the mail server is only ever a file.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import SplitResult, unquote, urlsplit

from casemgr.audit.outside.note import KeyKind, NoteBroken, Vkey, parse_vkey

LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1"})


class AddressFaulty(ValueError):
    """What is wrong with a setting, without its value."""


class Kind(StrEnum):
    """The ways out."""

    FILE = "file"
    WITNESS = "witness"
    MAIL = "mailto"
    TIMESTAMP = "tsa"


@dataclass(frozen=True, slots=True)
class Address:
    """One way out: ``target`` is what an administrator may read, a path, a URL or addresses."""

    kind: Kind
    target: str
    options: dict[str, str] = field(default_factory=dict)
    vkey: Vkey | None = None  # of the witness

    @property
    def name(self) -> str:
        """Names the way in the database: the same as long as the setting is the same."""
        digest = hashlib.sha256(f"{self.kind}:{self.target}".encode()).hexdigest()
        return f"{self.kind}-{digest[:8]}"


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where e-mail is handed in: by TLS from the first byte, or STARTTLS which is then demanded."""

    host: str
    port: int
    is_tls: bool
    sender: str
    user: str = ""
    password_file: str = ""
    ca: str = ""

    @property
    def is_local(self) -> bool:
        """A server on this machine may go without TLS."""
        return self.host in LOCAL_HOSTS


def read_ways(setting: str) -> list[Address]:
    """CASEMGR_CHECKPOINTS. Raises AddressFaulty."""
    found = [_way(word) for word in setting.split()]
    if len({way.name for way in found}) != len(found):
        raise AddressFaulty("names the same way twice")
    return found


def read_mail_server(setting: str) -> MailServer:
    """CASEMGR_SMTP: ``smtp://host:587?from=…&user=…&password_file=…&ca=…``. Raises AddressFaulty."""
    parts, options = _split(setting, {"from", "user", "password_file", "ca"})
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or parts.username:
        raise AddressFaulty("smtp://host:587?from=…, or smtps://host:465?from=…")
    if "@" not in options.get("from", ""):
        raise AddressFaulty("the sender is missing (?from=address)")
    is_tls = parts.scheme == "smtps"
    return MailServer(
        parts.hostname,
        _port(parts) or (465 if is_tls else 587),
        is_tls,
        options["from"],
        options.get("user", ""),
        options.get("password_file", ""),
        options.get("ca", ""),
    )


def read_witnessed(setting: str) -> dict[str, list[Vkey]]:
    """CASEMGR_WITNESSED_LOGS: the keys of each known log, by its name. Raises AddressFaulty.

    While a log changes its key, both of them stand here.
    """
    logs: dict[str, list[Vkey]] = {}
    for word in setting.split():
        key = _key(word, KeyKind.LOG)
        keys = logs.setdefault(key.name, [])
        if any(known.key_id == key.key_id for known in keys):
            raise AddressFaulty("names the same key twice")
        keys.append(key)
    return logs


def faults_of(checkpoints: str, smtp: str, witnessed: str) -> Iterator[tuple[str, str]]:
    """The name of each setting that is wrong, and what is wrong with it; never its value."""
    ways: list[Address] = []
    try:
        ways = read_ways(checkpoints)
    except AddressFaulty as fault:
        yield "CHECKPOINTS", str(fault)
    try:
        if smtp:
            read_mail_server(smtp)
        elif any(way.kind is Kind.MAIL for way in ways):
            yield "SMTP", "missing, and CASEMGR_CHECKPOINTS names e-mail addresses"
    except AddressFaulty as fault:
        yield "SMTP", str(fault)
    try:
        read_witnessed(witnessed)
    except AddressFaulty as fault:
        yield "WITNESSED_LOGS", str(fault)


def _way(word: str) -> Address:
    scheme, _, rest = word.partition(":")
    if scheme == Kind.FILE and rest.startswith("/"):
        return Address(Kind.FILE, rest)
    if scheme == Kind.MAIL:
        return _mail(rest)
    if scheme == Kind.WITNESS:
        url, options = _web(rest, {"vkey", "ca"})
        return Address(
            Kind.WITNESS, url, options, _key(options.pop("vkey", ""), KeyKind.COSIGNATURE)
        )
    if scheme == Kind.TIMESTAMP:
        url, options = _web(rest, {"ca"})
        return Address(Kind.TIMESTAMP, url, options)
    raise AddressFaulty("file:/…, witness:https://…?vkey=…, mailto:…, tsa:https://…")


def _mail(rest: str) -> Address:
    receivers = [part for part in rest.split(",") if part]
    if not receivers or not all(_is_mailbox(part) for part in receivers):
        raise AddressFaulty("mailto:somebody@example.vn,somebody-else@example.vn")
    return Address(Kind.MAIL, ",".join(receivers))


def _is_mailbox(text: str) -> bool:
    name, _, host = text.rpartition("@")
    return bool(name) and "." in host.strip(".") and text.isascii() and text.isprintable()


def _web(rest: str, known: set[str]) -> tuple[str, dict[str, str]]:
    parts, options = _split(rest, known)
    local = parts.scheme == "http" and parts.hostname in LOCAL_HOSTS
    if not (parts.scheme == "https" or local) or not parts.hostname or parts.username:
        raise AddressFaulty("a web address begins with https://")
    _port(parts)
    return f"{parts.scheme}://{parts.netloc}{parts.path}", options


def _split(text: str, known: set[str]) -> tuple[SplitResult, dict[str, str]]:
    try:
        parts = urlsplit(text)
    except ValueError:
        raise AddressFaulty("no address") from None
    pairs = [pair.partition("=") for pair in parts.query.split("&") if pair]
    options = {name: unquote(value) for name, _, value in pairs}  # a plus stays a plus
    if not set(options) <= known or parts.fragment:
        raise AddressFaulty(f"options: {', '.join(sorted(known))}")
    return parts, options


def _port(parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError:
        raise AddressFaulty("no port") from None


def _key(text: str, kind: KeyKind) -> Vkey:
    try:
        key = parse_vkey(text)
    except NoteBroken:
        raise AddressFaulty(
            "a public key is written name+id+key, as the other hospital prints it"
        ) from None
    if key.kind is not kind:
        raise AddressFaulty("this is the key of a log where a witness's is needed, or the reverse")
    return key
