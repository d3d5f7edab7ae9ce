"""What guards the keys is loaded when it is chosen, and its failure is a calm 503 (issue 3)."""

import logging
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from casemgr import create_app
from casemgr.crypto import providers
from casemgr.crypto.errors import KeyProviderRefused
from casemgr.crypto.providers import provider_for
from casemgr.db import db
from config import Settings
from tests.cast import Cast
from tests.client import Browser
from tests.conftest import ORIGIN

ROOT = Path(__file__).parents[2]
HEAVY = ("hvac", "requests", "boto3", "botocore", "pkcs11")
# Builds the app from the settings of its environment and uses the provider once.
PROGRAM = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from casemgr import create_app
from casemgr.crypto.errors import KeyProviderDown
from config import load
app = create_app(load())
if sys.argv[1] == "use":
    try:
        app.extensions["keyring"].provider.wrap(bytes(32), b"")
    except KeyProviderDown:
        pass
print(*sorted(set(sys.modules) & set({HEAVY!r})))
"""


def loaded(settings: Settings, act: str, **other: str) -> list[str]:
    environment = {
        "CASEMGR_ENVIRONMENT": "test",
        "CASEMGR_DATABASE_URL": "sqlite://",
        "CASEMGR_KEY_STORE_URL": "sqlite:///",
        "CASEMGR_KEY_PROVIDER": settings.key_provider,
        "CASEMGR_SECRET_KEY": settings.secret_key,
        "CASEMGR_FILE_STORE": settings.file_store,
        "CASEMGR_PUBLIC_ORIGIN": ORIGIN,
        **other,
    }
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, act],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return run.stdout.split()


only_sqlite = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)


@only_sqlite
def test_a_key_file_loads_no_library_of_another_provider(settings: Settings) -> None:
    assert loaded(settings, "use") == []


@only_sqlite
@pytest.mark.parametrize(
    ("url", "libraries"),
    [
        ("vault:http://127.0.0.1:9/transit/casemgr", ["hvac", "requests"]),
        ("awskms:alias/x?region=x&endpoint=http://127.0.0.1:9", ["boto3", "botocore"]),
        ("pkcs11:/nowhere.so?token=a&label=b", ["pkcs11"]),
    ],
)
def test_a_chosen_provider_loads_its_own_when_it_is_used(
    settings: Settings, tmp_path: Path, url: str, libraries: list[str]
) -> None:
    """Also what shows that the test above can fail."""
    secret = tmp_path / "secret"
    secret.write_text("made up")
    secret.chmod(0o600)
    named = {f"CASEMGR_{name}": str(secret) for name in ("VAULT_TOKEN_FILE", "PKCS11_PIN_FILE")}
    named |= {"CASEMGR_KEY_PROVIDER": url, "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
    assert loaded(settings, "start", **named) == [], "loaded before it was needed"
    found = loaded(settings, "use", **named)
    assert set(libraries) <= set(found)
    assert not set(found) - {"requests"} - set(libraries)


@pytest.mark.parametrize(
    ("url", "extra"),
    [
        ("vault:https://vault.example.org/transit/casemgr", "vault"),
        ("awskms:alias/x?region=x", "aws"),
        ("pkcs11:/nowhere.so?token=a&label=b", "pkcs11"),
    ],
)
def test_an_extra_that_is_not_installed_is_a_refusal_to_start(
    monkeypatch: pytest.MonkeyPatch, url: str, extra: str
) -> None:
    provider_for(url)
    monkeypatch.setattr(providers, "find_spec", lambda _name: None)
    with pytest.raises(KeyProviderRefused, match=f"needs the extra '{extra}'"):
        provider_for(url)


@pytest.fixture
def second_start(
    app: Flask, cast: Cast, settings: Settings, key_file: Path, tmp_path: Path
) -> Iterator[tuple[Callable[[], Cast], Path]]:
    """The same hospital started once more, with a copy of the key file that a test may take away."""
    assert app is cast.app
    path = tmp_path / "provider" / "root.key"
    path.parent.mkdir(mode=0o700)
    shutil.copy(key_file, path)
    started: list[Flask] = []

    def start() -> Cast:
        again = create_app(replace(settings, key_provider=f"file:{path}"))
        started.append(again)
        return again_with(cast, again)

    yield start, path
    for again in started:
        with again.app_context():
            db.engine.dispose()
        again.extensions["keyring"].store.engine.dispose()


def again_with(cast: Cast, app: Flask) -> Cast:
    """The people of a hospital that was founded before."""
    people = object.__new__(Cast)
    people.app, people.facility_id, people.ids = app, cast.facility_id, cast.ids
    return people


@contextmanager
def taken_away(path: Path) -> Iterator[None]:
    away = path.rename(path.with_name("away"))
    yield
    away.rename(path)


def test_down_at_start_is_a_calm_503_and_recovers_by_itself(
    second_start: tuple[Callable[[], Cast], Path], caplog: pytest.LogCaptureFixture
) -> None:
    start, path = second_start
    with taken_away(path):
        cast = start()  # no crash
        newcomer = Browser(cast.app.test_client(), ORIGIN)
        for _ in range(3):
            page = newcomer.get("/sign-in", status=503)
            assert page.response.headers["Retry-After"]
            assert "KeyProvider" not in page.text
            newcomer.get("/static/css/casemgr.css", status=200)
        assert cast.app.extensions["keyring"].provider_trouble() == "the key file is not there"
    told = [line for line in caplog.messages if line.startswith("key provider:")]
    assert len(told) == 1, "at most one line a minute"
    worker = cast.browser("worker")
    assert worker.get("/cases/").heading


def test_a_process_that_holds_its_keys_goes_on_with_a_warning(
    second_start: tuple[Callable[[], Cast], Path], caplog: pytest.LogCaptureFixture
) -> None:
    """Design §4: facility keys are unwrapped once; a provider that goes down later is no outage."""
    caplog.set_level(logging.WARNING)
    start, path = second_start
    cast = start()
    worker = cast.browser("worker")
    with taken_away(path):
        assert worker.get("/cases/").heading
        assert cast.browser("lead").get("/cases/").heading
        assert cast.app.extensions["keyring"].provider_trouble() == "the key file is not there"
        assert "keys that are in memory still work" in caplog.text


def test_a_key_file_that_must_not_be_used_is_a_refusal_to_start(
    second_start: tuple[Callable[[], Cast], Path], settings: Settings
) -> None:
    start, path = second_start
    path.chmod(0o644)
    with pytest.raises(KeyProviderRefused, match="chmod 600"):
        start()
    path.chmod(0o600)
    if settings.database_files:
        lying = settings.database_files[0].with_name("root.key")
        shutil.copy(path, lying)
        with pytest.raises(KeyProviderRefused, match="beside"):
            create_app(replace(settings, key_provider=f"file:{lying}"))
        lying.unlink()


def test_exposed_while_it_runs_it_is_down(
    second_start: tuple[Callable[[], Cast], Path],
) -> None:
    start, path = second_start
    cast = start()
    path.chmod(0o644)
    Browser(cast.app.test_client(), ORIGIN).get("/sign-in", status=503)
    path.chmod(0o600)
    Browser(cast.app.test_client(), ORIGIN).get("/sign-in")
