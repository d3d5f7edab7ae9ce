"""flask audit key: make, rotate and show the key of the log; each act leaves its entry."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from casemgr.audit import Action, AuditEntry, checkpoints
from casemgr.cli.audit_key import key
from casemgr.db import session
from tests.audit.reading import signers
from tests.audit.scene import Scene


@pytest.fixture
def scene(cast: object, tmp_path: Path) -> Iterator[Scene]:
    yield from Scene.of(cast, tmp_path)


def run(app: Flask, *words: str) -> tuple[int, str]:
    done = app.test_cli_runner().invoke(key, list(words))
    return done.exit_code, done.output


def acts(scene: Scene) -> list[Action]:
    with scene.app.app_context():
        query = select(AuditEntry.action).where(AuditEntry.acting_as == "log-key")
        return list(session.scalars(query.order_by(AuditEntry.at, AuditEntry.id)))


def test_made_once_shown_and_rotated(scene: Scene) -> None:
    scene.key.path.unlink()
    code, made = run(scene.app, "create")
    assert code == 0
    first = str(scene.key.vkey())
    assert f"Log:     {first}\n" in made
    assert run(scene.app, "create")[0] != 0
    assert str(scene.key.vkey()) == first, "never replaced"
    code, rotated = run(scene.app, "rotate")
    assert code == 0
    assert f"Earlier: {first}\n" in rotated
    _, shown = run(scene.app, "show")
    assert str(scene.key.witness_vkey()) in shown
    assert acts(scene) == [Action.LOG_KEY_MADE, Action.LOG_KEY_ROTATED, Action.LOG_KEY_SHOWN]
    seeds = [line.split('"key": "')[1][:64] for line in scene.key.path.read_text().splitlines()]
    assert not [seed for seed in seeds if seed in made + rotated + shown]


def test_the_rotation_of_the_terminal_reaches_the_next_head(scene: Scene) -> None:
    scene.act()
    scene.sign()
    old = str(scene.key.vkey())
    run(scene.app, "rotate")
    scene.sign()
    with scene.app.app_context():
        kept = checkpoints.newest(session)
        assert kept is not None
        assert set(signers(kept.note, [old, str(scene.key.vkey())])) == {
            old,
            str(scene.key.vkey()),
        }


def test_what_goes_wrong_is_one_line(scene: Scene) -> None:
    scene.key.path.unlink()
    code, told = run(scene.app, "show")
    assert (code, told.count("\n")) == (1, 1)
    assert run(scene.app, "rotate")[0] == 1
    assert acts(scene) == [], "nothing is said to be done that was not"
    scene.app.extensions["process"][checkpoints.LOG_KEY] = None
    assert "CASEMGR_LOG_KEY" in run(scene.app, "show")[1]
