"""flask backup: what it says, what it refuses, and what it leaves behind."""

import errno
import os
import stat
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from casemgr import clock
from casemgr.audit import Action, AuditEntry
from casemgr.crypto.backup_header import SetKind
from casemgr.db import session
from casemgr.work import backups
from casemgr.work.backups import Backup
from config import Settings
from tests.backup.scene import done, open_case, refused, run, set_of
from tests.cast import Cast
from tests.house.source_tree import ROOT
from tests.planting import planted

MONTH_AND_MORE = timedelta(days=36)
pytestmark = pytest.mark.usefixtures("cast")


def entries(app: Flask, action: Action) -> list[AuditEntry]:
    with app.app_context():
        found = list(session.scalars(select(AuditEntry).where(AuditEntry.action == action)))
        session.expunge_all()
        session.rollback()
        return found


def rows(app: Flask) -> dict[SetKind, Backup]:
    with app.app_context():
        found = {row.kind: row for row in session.scalars(select(Backup))}
        session.expunge_all()
        session.rollback()
        return found


def test_three_sets_with_neutral_names_for_their_owner_alone(app: Flask, folder: Path) -> None:
    with clock.frozen(clock.now()):
        said = done(app, "backup", "create", folder)
        stamp = f"{clock.now():%Y%m%dT%H%M%SZ}"
    made = rows(app)
    (backup_id,) = {row.backup_id for row in made.values()}
    names = {f"casemgr-{kind}-{stamp}-{backup_id.hex[-8:]}.cmgb" for kind in SetKind}
    assert {path.name for path in folder.iterdir()} == names
    assert [line.split(":")[0].split("-")[1] for line in said.splitlines()] == list(SetKind)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for kind, row in made.items():
        path = set_of(folder, kind)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert row.size == path.stat().st_size
    assert made[SetKind.KEYS].expires_at == made[SetKind.KEYS].made_at + timedelta(days=35)
    assert made[SetKind.MAIN].expires_at is None
    assert len(entries(app, Action.BACKUP_MADE)) == 3


def test_one_set_alone_for_a_place_of_its_own(app: Flask, folder: Path) -> None:
    done(app, "backup", "create", folder, "--only", "keys", "--keep", 7)
    assert [path.name.split("-")[1] for path in folder.iterdir()] == ["keys"]
    row = rows(app)[SetKind.KEYS]
    assert row.expires_at == row.made_at + timedelta(days=7)


def test_no_copy_of_the_key_store_is_kept_longer_than_35_days(app: Flask, folder: Path) -> None:
    code, said = run(app, "backup", "create", folder, "--keep", 36)
    assert code == 2
    assert "36 is not in the range 1<=x<=35" in said
    assert not folder.exists()


def test_a_folder_that_is_not_apart_is_refused(
    app: Flask, settings: Settings, tmp_path: Path
) -> None:
    guarded = [tmp_path / "provider" / "root.key"]
    if settings.database_url.startswith("sqlite:///"):
        guarded += [
            Path(url.removeprefix("sqlite:///"))
            for url in (settings.database_url, settings.key_store_url)
        ]
    for path in guarded:
        for place in (path.parent, path.parent / "backups", path.parent.parent):
            assert "is not apart from" in refused(app, "backup", "create", place)
            assert not list(place.glob("*.cmgb"))


def test_expired_copies_of_the_key_store_go(app: Flask, folder: Path) -> None:
    done(app, "backup", "create", folder)
    first = {kind: set_of(folder, kind) for kind in SetKind}
    with clock.frozen(clock.now() + MONTH_AND_MORE):
        assert f"{first[SetKind.KEYS].name} had expired" in done(app, "backup", "create", folder)
    assert not first[SetKind.KEYS].exists()
    assert first[SetKind.MAIN].exists(), "main and files may be kept: they end with their keys"
    assert len(list(folder.glob("*-keys-*"))) == 1
    with app.app_context():
        (gone,) = session.scalars(select(Backup).where(Backup.removed_at.is_not(None)))
        assert gone.kind is SetKind.KEYS
        gone_id = gone.id
        session.rollback()
    assert [entry.subject_id for entry in entries(app, Action.BACKUP_EXPIRED)] == [gone_id]


def test_an_expired_copy_elsewhere_is_asked_for_until_somebody_says_it_is_gone(
    app: Flask, folder: Path, tmp_path: Path
) -> None:
    made_at = clock.now()
    done(app, "backup", "create", folder)
    lost = rows(app)[SetKind.KEYS]
    set_of(folder, "keys").rename(tmp_path / "taken away.cmgb")
    with clock.frozen(clock.now() + MONTH_AND_MORE):
        said = done(app, "backup", "create", folder, "--only", "main")
        assert f"flask backup destroyed {lost.backup_id}" in said
        with app.app_context():
            assert backups.last_key_store_copy_expires(made_at) == lost.expires_at
            session.rollback()
        refused(app, "backup", "destroyed", uuid4())
        done(app, "backup", "destroyed", lost.backup_id)
        with app.app_context():
            assert backups.last_key_store_copy_expires(made_at) is None
            session.rollback()
        assert "destroyed" not in done(app, "backup", "create", folder, "--only", "main")
    assert [entry.subject_id for entry in entries(app, Action.BACKUP_EXPIRED)] == [lost.id]


def test_verify_tells_what_each_set_is_and_that_nothing_is_missing(
    app: Flask, folder: Path
) -> None:
    done(app, "backup", "create", folder)
    said = done(app, "backup", "verify", folder).splitlines()
    assert len(said) == 3
    assert all(line.endswith("whole") for line in said)
    main = next(line for line in said if "-main-" in line)
    newest = max((ROOT / "migrations" / "versions").glob("0*.py")).name[:4]
    assert f"schema {newest} " in main
    assert "opened by facility key backup no. 1" in main
    assert "opened by root file:1" in next(line for line in said if "-keys-" in line)
    (entry,) = entries(app, Action.BACKUP_VERIFIED)
    assert entry.count == 3


def test_verify_tells_what_is_missing_or_old(app: Flask, folder: Path) -> None:
    done(app, "backup", "create", folder, "--only", "keys")
    with clock.frozen(clock.now() + timedelta(minutes=1)):
        done(app, "backup", "create", folder, "--only", "main")
    code, said = run(app, "backup", "verify", folder)
    assert code == 2
    assert "No sound set of files lies here." in said
    assert "The newest set of keys is older than that of main" in said
    assert run(app, "backup", "verify", set_of(folder, "main"))[0] == 0, "one file is one file"
    with clock.frozen(clock.now() + timedelta(days=8)):
        assert "The newest set of main is 7 days old." in run(app, "backup", "verify", folder)[1]


def test_an_expired_copy_is_marked_and_restored_only_aloud(app: Flask, folder: Path) -> None:
    done(app, "backup", "create", folder)
    with clock.frozen(clock.now() + MONTH_AND_MORE):
        assert "EXPIRED on" in done(app, "backup", "verify", set_of(folder, "keys"))
        keys = set_of(folder, "keys")
        said = refused(app, "backup", "restore", keys, "--into", "keys")
        assert "would bring back what was erased since" in said
        said = refused(app, "backup", "restore", keys, "--into", "keys", "--although-expired")
        assert "not empty" in said


def test_nothing_is_restored_over_a_database_that_holds_something(
    app: Flask, cast: Cast, folder: Path
) -> None:
    open_case(cast)
    done(app, "backup", "create", folder)
    for kind in ("main", "keys"):
        assert "not empty" in refused(
            app, "backup", "restore", set_of(folder, kind), "--into", kind
        )
    said = refused(app, "backup", "restore", set_of(folder, "main"), "--into", "keys")
    assert "this is a set of main, not of keys" in said
    assert entries(app, Action.BACKUP_RESTORED) == []


def test_a_schema_from_the_future_is_refused(
    app: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from casemgr.cli import backing_up

    monkeypatch.setattr(backing_up, "_revision", lambda _kind: "9999")
    done(app, "backup", "create", folder)
    for kind in ("main", "keys"):
        said = refused(app, "backup", "restore", set_of(folder, kind), "--into", kind)
        assert "schema 9999 is newer than this release" in said


def test_a_provider_that_is_down_stops_it_in_one_line(
    app: Flask, folder: Path, tmp_path: Path
) -> None:
    done(app, "backup", "create", folder)
    (tmp_path / "provider" / "root.key").unlink()
    assert "key file is not there" in refused(app, "backup", "create", folder, "--only", "keys")
    assert not list(folder.glob(".*")), "nothing half is left"
    with app.app_context():
        assert not backups.unfinished(), "and nobody waits for it"
        session.rollback()
    code, said = run(app, "backup", "verify", set_of(folder, "keys"))
    assert code == 1
    assert "the key provider does not answer" in said


def test_a_full_disk_stops_it_in_one_line(
    app: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from casemgr.work.backup_folder import NewFile

    def full(_self: NewFile) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(NewFile, "sync", full)
    assert refused(app, "backup", "create", folder) == "Error: No space left on device\n"
    assert list(folder.iterdir()) == []
    with app.app_context():
        assert not backups.unfinished()
        session.rollback()


def test_without_a_facility_there_is_nothing_to_back_up(settings: Settings, folder: Path) -> None:
    from casemgr import create_app
    from casemgr.db import db

    app = create_app(settings)
    with app.app_context():
        from casemgr.directory.models import Facility

        with planted(session()):
            session.query(Facility).delete()
            session.commit()
    assert "no facility yet" in refused(app, "backup", "create", folder)
    with app.app_context():
        engines = [*db.engines.values(), app.extensions["keyring"].store.engine]
    for engine in engines:
        engine.dispose()
