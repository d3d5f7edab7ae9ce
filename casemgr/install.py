"""Prepare an installation: its private folder, settings, key file, databases, demonstration.

A first preparation that was interrupted leaves a mark; the next one throws the half made data
away and begins again. Once complete, nothing here ever removes data.
"""

import os
import re
import secrets
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, make_url
from sqlalchemy.pool import NullPool

from casemgr.audit import grants
from casemgr.audit.signing import LogKey
from casemgr.crypto.errors import KeyProviderDown, KeyProviderRefused
from casemgr.crypto.key_store import KeyStore
from casemgr.crypto.providers import provider_for
from casemgr.crypto.providers.file import create_root
from config import BadSettings, Settings, load

MIGRATIONS = Path(__file__).resolve().parents[1] / "migrations"
Say = Callable[[str], None]
_OUR_ORIGIN = re.compile(r"http://localhost:\d+")


class CannotStart(Exception):
    """Why casemgr cannot start, in a line for the person at the terminal."""


class Instance:
    """The folder with everything that this installation owns: mode 0700, its files 0600."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.settings_file = self.folder / "settings.env"
        self.accounts_file = self.folder / "demo-accounts.txt"
        self.data = self.folder / "data"
        self.unfinished = self.data / "unfinished"

    @property
    def key_file(self) -> Path:
        """The provider's root: never in one folder with what it guards, nor with its backups."""
        return self.data / "provider" / "root.key"

    @property
    def log_key_file(self) -> Path:
        """What signs the head of the log: apart from the database as well."""
        return self.data / "log" / "log.key"

    @property
    def file_store(self) -> str:
        """Where attachments lie, sealed."""
        return f"file:{self.data / 'files'}"

    @property
    def log_key(self) -> str:
        """The setting that names it."""
        return f"file:{self.log_key_file}"

    @property
    def is_complete(self) -> bool:
        """Whether an earlier preparation came to its end."""
        return self.data.is_dir() and not self.unfinished.exists()

    def environment(self, port: int) -> dict[str, str]:
        """The settings of the file, made the first time; the real environment goes before it."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        if not self.settings_file.exists():
            write_private(self.settings_file, _as_lines(self._generated()))
        settings = self.present_environment()
        settings.setdefault("CASEMGR_FILE_STORE", self.file_store)  # older than the setting
        settings.setdefault("CASEMGR_LOG_KEY", self.log_key)
        if _OUR_ORIGIN.fullmatch(settings.get("CASEMGR_PUBLIC_ORIGIN", "")):
            settings["CASEMGR_PUBLIC_ORIGIN"] = f"http://localhost:{port}"
        return settings

    def present_environment(self) -> dict[str, str]:
        """The settings as they stand, with or without the file; makes nothing."""
        if not self.settings_file.exists():
            return dict(os.environ)
        return {**_from_lines(self.settings_file.read_text("utf-8")), **os.environ}

    def begin(self) -> None:
        """Empty data, marked as unfinished, with a key file made by its provider."""
        if self.data.exists():
            shutil.rmtree(self.data)
        self.accounts_file.unlink(missing_ok=True)
        for folder in (self.data, self.data / "main", self.data / "keys"):
            folder.mkdir(mode=0o700)
        write_private(self.unfinished, "This folder is not complete yet.\n")
        create_root(self.key_file)

    def _generated(self) -> dict[str, str]:
        main = f"sqlite:///{self.data / 'main' / 'casemgr.sqlite'}"
        return {
            "CASEMGR_ENVIRONMENT": "demonstration",
            "CASEMGR_PUBLIC_ORIGIN": "http://localhost:8000",
            "CASEMGR_DATABASE_URL": main,
            "CASEMGR_MIGRATION_DATABASE_URL": main,
            "CASEMGR_KEY_STORE_URL": f"sqlite:///{self.data / 'keys' / 'keys.sqlite'}",
            "CASEMGR_KEY_PROVIDER": f"file:{self.key_file}",
            "CASEMGR_FILE_STORE": self.file_store,
            "CASEMGR_LOG_KEY": self.log_key,
            "CASEMGR_SECRET_KEY": secrets.token_urlsafe(48),
        }


def write_private(path: Path, text: str) -> None:
    """A new file that only its owner can read, from its first byte on. Never overwrites one."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)


def prepare(instance: Instance, environment: Mapping[str, str], say: Say) -> bool:
    """Migrate, and fill the demonstration hospital the first time. True when it was the first.

    Raises CannotStart.
    """
    is_first = not instance.is_complete
    if is_first:
        instance.begin()
    settings = read_settings(environment)
    migrate(settings, say)
    _make_log_key(settings, instance)
    if is_first and settings.is_demonstration:
        _fill_demonstration(settings, instance, say)
    instance.unfinished.unlink(missing_ok=True)
    return is_first


def migrate(settings: Settings, say: Say) -> None:
    """Bring the main database and the key store to the newest shape, as the owner of the schema."""
    config = Config(attributes={"url": settings.migration_database_url})
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = create_engine(settings.migration_database_url, poolclass=NullPool)
    with engine.connect() as connection:
        reached = MigrationContext.configure(connection).get_current_heads()
    ahead = ScriptDirectory.from_config(config).iterate_revisions("heads", reached or "base")
    for revision in reversed(list(ahead)):
        say(f"Migrating: {revision.revision} {revision.doc}")
        command.upgrade(config, revision.revision)
    if role := make_url(settings.database_url).username:  # SQLite has none
        with engine.begin() as connection:
            grants.give(connection, role)
    store = KeyStore(settings.key_store_url)
    store.create_schema()
    store.engine.dispose()


def _make_log_key(settings: Settings, instance: Instance) -> None:
    """The key of this folder, the first time; one that an administrator named is theirs to make.

    Raises CannotStart for a file that must not be used.
    """
    if not settings.log_key:
        return
    try:
        key = LogKey(settings.log_key, settings.host, settings.database_files)
        if settings.log_key == instance.log_key and not key.is_there():
            key.create()
    except KeyProviderDown as reason:
        raise CannotStart(f"The key of the log cannot be used: {reason}.") from None


def _fill_demonstration(settings: Settings, instance: Instance, say: Say) -> None:
    from casemgr import create_app
    from casemgr.db import db
    from casemgr.demo import load as demo

    app = create_app(settings)
    with app.app_context():
        demo.load(instance.accounts_file, say)
        db.engine.dispose()
    app.extensions["keyring"].store.engine.dispose()


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Raises CannotStart with every fault, or when the key file is lost or must not be used."""
    try:
        settings = load(environment)
    except BadSettings as faults:
        raise CannotStart(str(faults)) from None
    scheme, _, path = settings.key_provider.partition(":")
    if scheme in {"file", "passphrase"} and not Path(path).exists():
        raise CannotStart(f"{path} is missing. Moved the folder? Correct instance/settings.env.")
    try:
        provider_for(settings.key_provider, apart_from=settings.database_files)
    except KeyProviderRefused as reason:
        raise CannotStart(f"The key provider cannot be used: {reason}.") from None
    return settings


def _as_lines(settings: Mapping[str, str]) -> str:
    return "".join(f"{name}='{value}'\n" for name, value in settings.items())


def _from_lines(text: str) -> dict[str, str]:
    lines = (line.strip() for line in text.splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name.strip(): value.strip().strip("'\"") for name, _, value in pairs}
