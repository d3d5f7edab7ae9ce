"""A key store comes back by three shares where the provider's root is lost."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from flask import Flask

from casemgr.crypto.providers.file import create_root
from casemgr.crypto.recovery import recovering
from casemgr.crypto.recovery.key_pair import RecoveryKey
from casemgr.crypto.recovery.shares import split
from casemgr.db import session
from casemgr.work import announcements
from casemgr.work.rules import Ceremony, CeremonyState
from config import Settings
from tests.backup.scene import WARD, done, open_case, refused, set_of, ward_of
from tests.cast import Cast
from tests.plugins.databases import Databases

Start = Callable[[Settings], Flask]


@pytest.fixture
def issued(app: Flask, cast: Cast) -> RecoveryKey:
    """Recovery shares of this hospital."""
    key, ring = RecoveryKey.make(), app.extensions["keyring"]
    recovering.issue(ring.store, ring.provider, cast.facility_id, key)
    return key


def test_all_is_lost_but_the_sets_and_three_shares(
    app: Flask,
    cast: Cast,
    settings: Settings,
    folder: Path,
    bare: Databases,
    start: Start,
    issued: RecoveryKey,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case_id = open_case(cast)
    done(app, "backup", "create", folder)
    create_root(tmp_path / "new provider" / "root.key")
    there = start(
        replace(
            settings,
            database_url=bare.main_url,
            migration_database_url=bare.main_url,
            key_store_url=bare.keys_url,
            key_provider=f"file:{tmp_path / 'new provider' / 'root.key'}",
        )
    )
    keys = set_of(folder, "keys")
    refused(there, "backup", "restore", keys, "--into", "keys")
    monkeypatch.setattr("casemgr.cli.restoring.require_terminal", lambda: None)
    typed = "\n".join(" ".join(share.words) for share in split(issued)[:3])
    result = there.test_cli_runner().invoke(
        args=["backup", "restore", str(keys), "--into", "keys", "--with-shares"], input=typed
    )
    assert result.exit_code == 0, result.output
    assert "4 facility keys lie under file:1 now." in result.output
    assert "flask keys split" in result.output
    shown = result.output.split()  # single words such as "facility" stand in our own lines too
    assert not set(pairwise(split(issued)[0].words[4:])) & set(pairwise(shown))
    done(there, "backup", "restore", set_of(folder, "main"), "--into", "main")
    assert ward_of(there, cast, case_id) == WARD


def test_every_officer_is_told_that_shares_opened_a_set(
    app: Flask,
    cast: Cast,
    settings: Settings,
    folder: Path,
    bare: Databases,
    start: Start,
    issued: RecoveryKey,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The main database is there, the key store comes from a set: announced before the first word."""
    done(app, "backup", "create", folder)
    there = start(replace(settings, key_store_url=bare.keys_url))
    waiting: list[int] = []

    def at_the_terminal() -> None:
        waiting.append(announcements.count_waiting(cast.actor("officer")))

    monkeypatch.setattr("casemgr.cli.restoring.require_terminal", at_the_terminal)
    typed = "\n".join(" ".join(share.words) for share in split(issued)[:3])
    arguments = [
        "backup",
        "restore",
        str(set_of(folder, "keys")),
        "--into",
        "keys",
        "--with-shares",
    ]
    for given, state in (("x\n", CeremonyState.FAILED), (typed, CeremonyState.DONE)):
        there.test_cli_runner().invoke(args=arguments, input=given)
        with app.app_context():
            told = announcements.listed(cast.actor("officer"))
            session.rollback()
        assert (told[0].kind, told[0].state) == (Ceremony.RECOVER, state)
    assert waiting == [1, 2]


@pytest.mark.usefixtures("issued")
def test_shares_of_another_set_do_not_open_it(
    app: Flask,
    settings: Settings,
    folder: Path,
    bare: Databases,
    start: Start,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done(app, "backup", "create", folder)
    there = start(replace(settings, key_store_url=bare.keys_url))
    monkeypatch.setattr("casemgr.cli.restoring.require_terminal", lambda: None)
    stranger = RecoveryKey.make()
    monkeypatch.setattr("casemgr.cli.restoring.ask_key", lambda *_, **_options: stranger)
    keys, main = set_of(folder, "keys"), set_of(folder, "main")
    said = refused(there, "backup", "restore", keys, "--into", "keys", "--with-shares")
    assert "it does not open" in said
    said = refused(app, "backup", "restore", main, "--into", "main", "--with-shares")
    assert "not empty" in said


@pytest.mark.usefixtures("cast")
def test_a_planted_recovery_key_gets_no_copy(app: Flask, folder: Path, cast: Cast) -> None:
    """Who can write to the key store cannot have the set sealed to a key of their own."""
    from casemgr import clock
    from casemgr.crypto.key_store_schema import recovery_key
    from casemgr.crypto.recovery import key_pair

    public = RecoveryKey.make().public
    with app.extensions["keyring"].store.writing() as connection:
        connection.execute(
            recovery_key.insert().values(
                set_id=key_pair.set_id(public),
                facility_id=cast.facility_id,
                public_key=public,
                proof=b"p" * 32,
                made_at=clock.now(),
                state="current",
            )
        )
    assert "does not open" in refused(app, "backup", "create", folder, "--only", "keys")
    assert list(folder.iterdir()) == []
