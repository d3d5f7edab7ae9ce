"""Settings: read once from the environment, checked all together, frozen."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

PREFIX = "CASEMGR_"
ENVIRONMENTS = ("production", "demonstration", "test")
SECRET_LENGTH = 32


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
    key_provider: str  # what guards the facility keys: file:/path
    secret_key: str  # signs the anti-forgery tokens
    public_origin: str  # where browsers find us: https://host, or http://localhost:8000
    trusted_proxies: int = 0  # how many proxies of ours stand before the application
    packed_above: int = (
        100_000  # with more people the name index lies packed and sealed, not in RAM
    )

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
        key_provider=text("key_provider"),
        secret_key=text("secret_key"),
        public_origin=text("public_origin"),
        trusted_proxies=_whole_number("trusted_proxies", text("trusted_proxies", "0"), faults),
        packed_above=_whole_number("packed_above", text("packed_above", "100000"), faults),
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
    if settings.key_provider and not settings.key_provider.startswith("file:"):
        faults.append(f"{PREFIX}KEY_PROVIDER: file:/path")
    return faults
