"""What every test can ask for: fresh databases of each kind, settings, the app, a browser."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as property_settings

from tests.plugins import databases as made
from tests.plugins.databases import Databases

if TYPE_CHECKING:  # a test of pure rules should not wait for Flask
    from flask import Flask
    from flask.testing import FlaskClient

    from config import Settings
    from tests.cast import Cast
    from tests.client import Browser

pytest_plugins = [
    "tests.plugins.chromium",
    "tests.plugins.closed_sockets",
    "tests.plugins.skip_report",
    "tests.plugins.vectors",
]

ORIGIN = "http://localhost:8000"
SHARES = {"quick": 30, "soak": 1000}  # examples of each property

for _name, _examples in SHARES.items():
    property_settings.register_profile(
        _name,
        max_examples=_examples,
        deadline=None,  # a busy machine is no fault of the code
        print_blob=True,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
property_settings.load_profile("soak" if os.environ.get("CASEMGR_SOAK") == "1" else "quick")


def pytest_report_header() -> str:
    shown = property_settings().max_examples
    return f"properties: {shown} of {SHARES['soak']} examples each (make soak: all)"


@pytest.fixture(scope="session")
def share() -> int:
    """How much of a long test runs: 30 of 1000 here, all of it in `make soak`."""
    return property_settings().max_examples


@pytest.fixture(scope="session")
def worker(request: pytest.FixtureRequest) -> str:
    """Which of the parallel workers this is; "gw0" alone too."""
    return str(getattr(request.config, "workerinput", {}).get("workerid", "gw0"))


@pytest.fixture(scope="session")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The provider root of the tests, made as the product makes its own."""
    from casemgr.crypto.providers.file import create_root

    path = tmp_path_factory.mktemp("provider") / "root.key"
    create_root(path)
    return path


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def databases(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    worker: str,
    key_file: Path,
) -> Iterator[Databases]:
    """Main database and key store, migrated once; a test takes `settings` to get them fresh."""
    from casemgr.install import migrate

    for pair in made.make(request.param, tmp_path_factory.mktemp(request.param), worker):
        migrate(settings_of(pair, key_file, Path()), lambda _line: None)
        pair.keep()
        yield pair


@pytest.fixture
def settings(databases: Databases, key_file: Path, tmp_path: Path) -> "Settings":
    """Settings of a hospital that was migrated a moment ago and holds nothing yet."""
    databases.restore()
    return settings_of(databases, key_file, tmp_path / "files")


@pytest.fixture
def app(settings: "Settings") -> "Iterator[Flask]":
    """The app as production runs it: CSRF, headers, permissions and the log are on."""
    from casemgr import create_app
    from casemgr.db import db

    app = create_app(settings)
    yield app
    with app.app_context():
        engines = [*db.engines.values(), app.extensions["keyring"].store.engine]
    for engine in engines:
        engine.dispose()


@pytest.fixture
def client(app: "Flask") -> "FlaskClient":
    return app.test_client()


@pytest.fixture
def browser(client: "FlaskClient") -> "Browser":
    """Somebody who has not signed in."""
    from tests.client import Browser

    return Browser(client, ORIGIN)


def settings_of(pair: Databases, key_file: Path, files: Path) -> "Settings":
    from config import load

    return load(
        {
            "CASEMGR_ENVIRONMENT": "test",
            "CASEMGR_DATABASE_URL": pair.main_url,
            "CASEMGR_MIGRATION_DATABASE_URL": pair.main_url,
            "CASEMGR_KEY_STORE_URL": pair.keys_url,
            "CASEMGR_KEY_PROVIDER": f"file:{key_file}",
            "CASEMGR_FILE_STORE": f"file:{files.absolute()}",
            "CASEMGR_SECRET_KEY": "for tests only " * 4,
            "CASEMGR_PUBLIC_ORIGIN": ORIGIN,
        }
    )


@pytest.fixture
def cast(app: "Flask") -> "Cast":
    """A founded hospital with its staff (tests/cast.py)."""
    from tests.cast import Cast

    return Cast(app)
