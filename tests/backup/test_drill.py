"""The drill (issue 3): last month's backup with today's key store.

It opens every case that was not erased, and none that was.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from casemgr import clock
from casemgr.audit import Action, AuditEntry
from casemgr.db import session
from config import Settings
from tests.backup.scene import WARD, done, erase, open_case, refused, set_of, ward_of
from tests.cast import Cast
from tests.plugins.databases import Databases

Start = Callable[[Settings], Flask]


def test_last_months_backup_with_todays_key_store(
    app: Flask, cast: Cast, settings: Settings, folder: Path, bare: Databases, start: Start
) -> None:
    kept, erased = open_case(cast), open_case(cast)
    with clock.frozen(clock.now() - timedelta(days=30)):
        done(app, "backup", "create", folder)
    erase(cast, erased)
    done(app, "keys", "close-epoch")
    later = open_case(cast)
    assert ward_of(app, cast, kept) == WARD

    there = start(
        replace(settings, database_url=bare.main_url, migration_database_url=bare.main_url)
    )
    said = done(there, "backup", "restore", set_of(folder, "main"), "--into", "main")
    assert "names 2 keys: 1 are in the key store, 1 were removed since (erased), 0 are" in said
    assert ward_of(there, cast, kept) == WARD
    assert ward_of(there, cast, erased) is None
    assert ward_of(there, cast, later) is None, "it was opened after the backup was made"
    assert ward_of(app, cast, later) == WARD, "today's hospital was not touched"
    with there.app_context():
        restored = select(AuditEntry).where(AuditEntry.action == Action.BACKUP_RESTORED)
        assert len(session.scalars(restored).all()) == 1
        session.rollback()


def test_an_old_key_store_ends_with_its_root(
    app: Flask, cast: Cast, settings: Settings, folder: Path, bare: Databases, start: Start
) -> None:
    """As long as the root exists the old copy brings everything back: therefore it must go."""
    erased = open_case(cast)
    done(app, "backup", "create", folder)
    erase(cast, erased)
    elsewhere = replace(
        settings,
        database_url=bare.main_url,
        migration_database_url=bare.main_url,
        key_store_url=bare.keys_url,
    )
    done(app, "backup", "verify", set_of(folder, "keys"))
    done(app, "keys", "close-epoch")
    said = refused(start(elsewhere), "backup", "restore", set_of(folder, "keys"), "--into", "keys")
    assert "or its root file:1 was destroyed" in said
    said = refused(start(elsewhere), "backup", "restore", set_of(folder, "main"), "--into", "main")
    assert "restore the key store" in said


def test_a_bare_machine_key_store_first(
    app: Flask, cast: Cast, settings: Settings, folder: Path, bare: Databases, start: Start
) -> None:
    """And an old copy of the key store does bring erased cases back, before its root ends."""
    kept, erased = open_case(cast), open_case(cast)
    done(app, "backup", "create", folder)
    erase(cast, erased)
    there = start(
        replace(
            settings,
            database_url=bare.main_url,
            migration_database_url=bare.main_url,
            key_store_url=bare.keys_url,
        )
    )
    said = done(there, "backup", "restore", set_of(folder, "keys"), "--into", "keys")
    assert "Now restore the main set." in said
    said = done(there, "backup", "restore", set_of(folder, "main"), "--into", "main")
    assert "names 2 keys: 2 are in the key store, 0 were removed since (erased), 0 are" in said
    assert ward_of(there, cast, kept) == ward_of(there, cast, erased) == WARD
    assert cast.app is app


def test_an_older_key_store_does_not_bring_back_what_the_main_database_removed(
    app: Flask, cast: Cast, settings: Settings, folder: Path, bare: Databases, start: Start
) -> None:
    """The key store alone was lost: its copy of before the erasure is restored beside today's."""
    kept, erased = open_case(cast), open_case(cast)
    done(app, "backup", "create", folder)
    erase(cast, erased)
    there = start(replace(settings, key_store_url=bare.keys_url))
    said = done(there, "backup", "restore", set_of(folder, "keys"), "--into", "keys")
    assert "1 keys that had been removed before were removed again" in said
    assert "names 1 keys: 1 are in the key store, 0 were removed since (erased), 0 are" in said
    assert ward_of(there, cast, kept) == WARD
    store = there.extensions["keyring"].store
    assert [(state, count) for *_, state, count in store.census() if state != "removed"] == [
        ("pending", 1)
    ]
