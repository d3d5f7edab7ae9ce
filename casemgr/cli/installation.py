"""What the backup commands take from the installation that they serve."""

from collections.abc import Callable, Iterator
from pathlib import Path

from flask import current_app

from casemgr.access import Actor
from casemgr.access.actor import system_actor
from casemgr.crypto.backup_header import SetKind
from casemgr.crypto.keyring import Keyring
from casemgr.db import session
from casemgr.directory.service import the_facility
from casemgr.files.store import FileStore
from casemgr.work import dumping
from casemgr.work.backup_folder import BackupRefused
from config import Settings

NAME = "backup"
Say = Callable[[str], None]


def the_actor() -> Actor:
    """The system actor under whose name backups stand in the log. Raises BackupRefused."""
    facility = the_facility()
    session.commit()
    if facility is None:
        raise BackupRefused("there is no facility yet: nothing to back up")
    return system_actor(NAME, facility.id, "command")


def the_settings() -> Settings:
    """The settings of this installation."""
    settings: Settings = current_app.extensions["settings"]
    return settings


def the_keyring() -> Keyring:
    """The keyring of this process."""
    keyring: Keyring = current_app.extensions["keyring"]
    return keyring


def the_file_store() -> FileStore:
    """The store of sealed files."""
    store: FileStore = current_app.extensions["file_store"]
    return store


def url_of(kind: SetKind) -> str:
    """The database that a set comes from and goes to, as the owner of its tables."""
    settings = the_settings()
    return settings.migration_database_url if kind is SetKind.MAIN else settings.key_store_url


def guarded() -> Iterator[Path]:
    """What no backup may lie beside: database files, the key file, the folder of sealed files."""
    settings = the_settings()
    for url in (settings.database_url, settings.key_store_url):
        if dumping.content_of(url) == "sqlite":
            yield dumping.file_of(url)
    for url in (settings.key_provider, settings.file_store):
        _, _, rest = url.partition(":")
        if rest.startswith("/"):
            yield Path(rest.partition("?")[0])
