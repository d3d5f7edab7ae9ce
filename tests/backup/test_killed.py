"""I14: a backup that is killed leaves no half set under a final name, and the next run cleans up."""

import os
import random
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

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
from tests.backup.scene import done, open_case
from tests.cast import Cast
from tests.house.source_tree import ROOT


def kill_at(settings: Settings, folder: Path, point: str, seconds: float = 0.0) -> None:
    """Start a backup and kill it at this point of its first set, or so long after its beginning."""
    names = {f"CASEMGR_{n.upper()}": str(getattr(settings, n)) for n in settings.__slots__}
    command = [sys.executable, "-m", "tests.backup.killed", str(folder), point]
    with subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **names}, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "begun\n"
        if point:
            assert child.stdout.readline() == "here\n"
        time.sleep(seconds)
        child.kill()


def hidden_in(folder: Path) -> list[Path]:
    return sorted(folder.glob(".*")) if folder.exists() else []


@pytest.mark.parametrize(
    ("databases", "point"),
    [
        ("sqlite", "recorded"),
        ("sqlite", "half"),
        ("sqlite", "written"),
        ("postgresql", "half"),
    ],
    indirect=["databases"],
)
@pytest.mark.usefixtures("cast")
def test_killed_before_it_has_its_name(
    app: Flask, settings: Settings, folder: Path, point: str
) -> None:
    kill_at(settings, folder, point)
    assert list(folder.glob("*.cmgb")) == []
    assert [path.name.startswith(".casemgr-main-") for path in hidden_in(folder)] == [True]
    with app.app_context():
        (begun,) = session.scalars(select(Backup))
        assert begun.size is None, "on record before its first byte"
        session.rollback()
    said = done(app, "backup", "create", folder)
    assert "Swept 1 unfinished sets" in said
    assert hidden_in(folder) == []
    assert len(list(folder.glob("*.cmgb"))) == 3
    with app.app_context():
        assert not backups.unfinished()
        swept = select(AuditEntry.subject_id).where(AuditEntry.action == Action.BACKUP_SWEPT)
        assert len(session.scalars(swept).all()) == 1
        session.rollback()


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("cast")
def test_killed_once_it_has_its_name_it_is_whole(
    app: Flask, settings: Settings, folder: Path
) -> None:
    kill_at(settings, folder, "named")
    (made,) = folder.glob("*.cmgb")
    assert "whole" in done(app, "backup", "verify", made)


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_a_killed_copy_of_the_key_store_is_reckoned_with(app: Flask, cast: Cast) -> None:
    """Between its name and its size on record: a copy may lie there, so erasures wait for it."""
    from casemgr.crypto.backup_header import SetHeader
    from casemgr.db import new_id

    now = clock.now()
    header = SetHeader(
        SetKind.KEYS, new_id(), cast.facility_id, now, now + timedelta(days=35), "2", "sqlite"
    )
    with cast.acting():
        backups.begin(cast.actor("admin"), header)
    with app.app_context():
        assert backups.last_key_store_copy_expires(now) == now + timedelta(days=35)
        session.rollback()


@pytest.mark.soak
def test_killed_at_any_moment(
    app: Flask, cast: Cast, settings: Settings, folder: Path, share: int
) -> None:
    """3 kills here, 100 in soak; every set that has its name is whole."""
    seed = int(time.time())
    moments = random.Random(seed)
    for _ in range(20):
        open_case(cast)
    for _ in range(max(3, share // 10)):
        kill_at(settings, folder, "", moments.uniform(0.0, 0.6))
        if any(folder.glob("*.cmgb")):
            lines = app.test_cli_runner().invoke(args=["backup", "verify", str(folder)]).output
            assert "damaged" not in lines, f"seed {seed}"
    done(app, "backup", "create", folder)
    assert hidden_in(folder) == []
