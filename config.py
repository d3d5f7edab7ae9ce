"""Settings: read once from the environment, checked all together, frozen."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

PREFIX = "CASEMGR_"
ENVIRONMENTS = ("production", "demonstration", "test")
SECRET_LENGTH = 32
# What a provider asks for; always a file, whose content is read when it is needed, never here.
SECRET_FILES = {
    "passphrase": "KEY_PASSPHRASE_FILE",  # without it the person at the terminal is asked
    "vault": "VAULT_TOKEN_FILE",
    "pkcs11": "PKCS11_PIN_FILE",
}
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


class BadSettings(Exception):
    """Lists every missing or wrong setting at once, never a value."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("settings cannot be used:\n" + "\n".join(f"  {f}" for f in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Settings:
    """What an installation decides. Each field's setting is CASEMGR_<NAME>, or <NAME>_FILE."""

    environment: str  # production | demonstration | test
    database_url: str  # the application's role: no right to change the schema or the log
    migration_database_url: str  # the owner's role, used by migrations alone
    key_store_url: str  # wrapped keys, in a database of their own
    key_provider: str  # what guards the facility keys: file:, passphrase:, vault:, awskms:, pkcs11:
    secret_key: str  # signs the anti-forgery tokens
    file_store: str  # sealed files: file:/path, or s3:bucket?endpoint=…&region=…
    public_origin: str  # where browsers find us: https://host, or http://localhost:8000
    key_secret_file: str = ""  # the provider's own secret: see SECRET_FILES
    trusted_proxies: int = 0  # how many proxies of ours stand before the application
    largest_file: int = 50  # megabytes that one attachment may have
    packed_above: int = 100_000  # with more people the name index lies packed and sealed
    log_key: str = ""  # file:/path of the key that signs the head of the log
    checkpoints: str = ""  # by which ways signed heads leave this machine, blanks between
    smtp: str = ""  # the hospital's mail server: smtp://host:587?from=…
    witnessed_logs: str = ""  # public keys of other hospitals' logs that this one watches
    deputy_officer: str = ""  # the username of who reviews what no privacy officer may
    syslog: str = ""  # the hospital's collector of the log: tls://host:6514?ca=/path; none: off

    def __repr__(self) -> str:
        return f"Settings({self.environment})"

    @property
    def is_demonstration(self) -> bool:
        """Whether every page says that its people are fictitious."""
        return self.environment == "demonstration"

    @property
    def host(self) -> str:
        """The host name that requests must name."""
        return urlsplit(self.public_origin).hostname or ""

    @property
    def database_files(self) -> tuple[Path, ...]:
        """Files of SQLite that no key file may lie beside."""
        urls = (self.database_url, self.migration_database_url, self.key_store_url)
        paths = [urlsplit(url).path[1:] for url in urls if urlsplit(url).scheme == "sqlite"]
        return tuple(Path(path) for path in dict.fromkeys(paths) if path not in {"", ":memory:"})


def load(env: Mapping[str, str] | None = None) -> Settings:
    """Read the settings. Raises BadSettings that names every fault at once."""
    source = os.environ if env is None else env
    faults: list[str] = []

    def text(name: str, default: str | None = None) -> str:
        key = PREFIX + name.upper()
        value = source.get(key)
        if value is None and (path := source.get(key + "_FILE")):
            try:
                value = Path(path).read_text("utf-8").strip()
            except OSError:
                faults.append(f"{key}_FILE: the file cannot be read")
                return ""
        if value is None or value == "":
            if default is None:
                faults.append(f"{key}: missing")
            return default or ""
        return value

    environment = text("environment", "production")
    if environment not in ENVIRONMENTS:
        faults.append(f"{PREFIX}ENVIRONMENT: one of {', '.join(ENVIRONMENTS)}")
    database_url = text("database_url")
    settings = Settings(
        environment=environment,
        database_url=database_url,
        migration_database_url=text("migration_database_url", database_url or None),
        key_store_url=text("key_store_url"),
        key_provider=(key_provider := text("key_provider")),
        key_secret_file=source.get(PREFIX + _secret_file(key_provider), ""),
        secret_key=text("secret_key"),
        file_store=text("file_store"),
        public_origin=text("public_origin"),
        trusted_proxies=_whole_number("trusted_proxies", text("trusted_proxies", "0"), faults),
        largest_file=_whole_number("largest_file", text("largest_file", "50"), faults),
        packed_above=_whole_number("packed_above", text("packed_above", "100000"), faults),
        log_key=text("log_key", ""),
        checkpoints=text("checkpoints", ""),
        smtp=text("smtp", ""),
        witnessed_logs=text("witnessed_logs", ""),
        deputy_officer=text("deputy_officer", "").strip().lower(),
        syslog=text("syslog", ""),
    )
    faults += _judge(settings)
    if faults:
        raise BadSettings(faults)
    return settings


def _whole_number(name: str, value: str, faults: list[str]) -> int:
    if not value.isdecimal():
        faults.append(f"{PREFIX}{name.upper()}: a whole number")
        return 0
    return int(value)


def _judge(settings: Settings) -> list[str]:
    """Faults of settings that are present but cannot be right."""
    faults = []
    if settings.secret_key and len(settings.secret_key) < SECRET_LENGTH:
        faults.append(f"{PREFIX}SECRET_KEY: at least {SECRET_LENGTH} characters")
    if settings.key_store_url and settings.key_store_url == settings.database_url:
        faults.append(f"{PREFIX}KEY_STORE_URL: must not be the main database")
    origin = urlsplit(settings.public_origin)
    local = origin.hostname == "localhost"
    if settings.public_origin and not (
        origin.scheme == "https" or (origin.scheme == "http" and local)
    ):
        faults.append(f"{PREFIX}PUBLIC_ORIGIN: https://…, or http://localhost:…")
    for name in ("database_url", "migration_database_url", "key_store_url"):
        scheme = urlsplit(getattr(settings, name)).scheme
        if scheme and scheme not in ("sqlite", "postgresql+psycopg"):
            faults.append(f"{PREFIX}{name.upper()}: sqlite:… or postgresql+psycopg:…")
    if settings.file_store and not _is_store(settings.file_store):
        faults.append(f"{PREFIX}FILE_STORE: file:/path, or s3:bucket?endpoint=…&region=…")
    if settings.key_provider:
        faults += _judge_provider(settings)
    return faults + _judge_log(settings)


def _judge_log(settings: Settings) -> list[str]:
    """The same of what the log needs to be proven and to leave the machine."""
    faults = []
    if settings.syslog and not _is_collector(settings.syslog):
        faults.append(f"{PREFIX}SYSLOG: tls://host:6514?ca=/path")
    if settings.log_key and not settings.log_key.startswith("file:/"):
        faults.append(f"{PREFIX}LOG_KEY: file:/path")
    if settings.checkpoints or settings.smtp or settings.witnessed_logs:
        faults += _judge_outside(settings)
    return faults


def _judge_provider(settings: Settings) -> list[str]:
    from casemgr.crypto.providers.address import AddressFaulty, read_address

    try:
        scheme = read_address(settings.key_provider).scheme
    except AddressFaulty as fault:
        return [f"{PREFIX}KEY_PROVIDER: {fault}"]
    if scheme in {"vault", "pkcs11"} and not settings.key_secret_file:
        return [f"{PREFIX}{SECRET_FILES[scheme]}: missing"]
    return []


def _judge_outside(settings: Settings) -> list[str]:
    """Faults of how the head of the log leaves this machine."""
    from casemgr.audit.outside.addresses import faults_of

    named = faults_of(settings.checkpoints, settings.smtp, settings.witnessed_logs)
    return [f"{PREFIX}{name}: {fault}" for name, fault in named]


def _secret_file(key_provider: str) -> str:
    return SECRET_FILES.get(key_provider.partition(":")[0], "")


def _is_collector(address: str) -> bool:
    from casemgr.work.receiver import AddressFaulty, read_receiver

    try:
        read_receiver(address)
    except AddressFaulty:
        return False
    return True


def _is_store(url: str) -> bool:
    """A folder, or a bucket whose URL holds nothing but where it is: never a credential."""
    if not url.startswith("s3:"):
        return url.startswith("file:/")
    parts = urlsplit(url)
    return (
        _BUCKET.fullmatch(parts.path) is not None
        and set(parse_qs(parts.query, keep_blank_values=True)) <= {"endpoint", "region"}
        and not (parts.netloc or parts.fragment or "@" in parts.query)
    )
