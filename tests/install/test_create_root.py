"""`flask create-root`: the first root of whatever provider the settings name, once."""

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from casemgr import create_app
from casemgr.db import db
from config import Settings

only_sqlite = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)


def started(settings: Settings, **other: str) -> Flask:
    app = create_app(replace(settings, **other))  # type: ignore[arg-type]
    with app.app_context():
        db.engine.dispose()
    app.extensions["keyring"].store.engine.dispose()
    return app


@only_sqlite
def test_it_makes_a_key_file_once(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "provider" / "root.key"
    run = started(settings, key_provider=f"file:{path}").test_cli_runner()
    done = run.invoke(args=["create-root"])
    assert (done.exit_code, done.output.split(".")[0]) == (0, "Made file:1")
    made = path.read_text()
    again = run.invoke(args=["create-root"])
    assert again.exit_code == 1
    assert again.output == "Error: the key file exists already\n"
    assert path.read_text() == made
    assert made.split('"')[-2] not in done.output + again.output


@only_sqlite
def test_a_passphrase_comes_from_its_file(settings: Settings, tmp_path: Path) -> None:
    secret = tmp_path / "credential"
    secret.write_text("ba bốn con cò trắng bay\n", encoding="utf-8")
    secret.chmod(0o600)
    url = f"passphrase:{tmp_path / 'provider' / 'root.key'}"
    app = started(settings, key_provider=url, key_secret_file=str(secret))
    assert "Made passphrase:1" in app.test_cli_runner().invoke(args=["create-root"]).output
    provider = app.extensions["keyring"].provider
    assert provider.unwrap(provider.wrap(bytes(32), b"x"), b"x") == bytes(32)


@only_sqlite
def test_a_provider_that_is_down_says_why(settings: Settings, tmp_path: Path) -> None:
    url = f"passphrase:{tmp_path / 'provider' / 'root.key'}"
    app = started(settings, key_provider=url, key_secret_file=str(tmp_path / "missing"))
    done = app.test_cli_runner().invoke(args=["create-root"])
    assert (done.exit_code, done.output) == (
        1,
        "Error: the file with the provider's secret cannot be read\n",
    )
