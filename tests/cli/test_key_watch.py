"""Keys are tried when a process starts; trouble is said, on record, and stops nothing."""

import logging

import pytest
from flask import Flask
from sqlalchemy import select, text

from casemgr.audit import Action, AuditEntry, Outcome
from casemgr.cli import key_watch
from casemgr.crypto.errors import KeyProviderDown
from casemgr.db import session
from tests.cast import Cast
from tests.house.sealed_values import new_process


def outcomes(app: Flask) -> list[tuple[str, Outcome]]:
    with app.app_context():
        query = select(AuditEntry).where(AuditEntry.action == Action.KEYS_VERIFIED)
        return [(entry.channel, entry.outcome) for entry in session.scalars(query)]


@pytest.mark.usefixtures("cast")
def test_a_start_tries_every_key_on_record(app: Flask) -> None:
    with app.app_context():
        assert key_watch.try_keys("web")
    assert outcomes(app) == [("web", Outcome.DONE)]


def test_before_there_is_a_hospital_nothing_is_tried(app: Flask) -> None:
    with app.app_context():
        assert key_watch.try_keys("web")
    assert outcomes(app) == []


@pytest.mark.usefixtures("cast")
def test_a_key_that_does_not_open_is_named(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    with app.extensions["keyring"].store.writing() as connection:
        connection.execute(text("UPDATE facility_key SET wrapped = :w WHERE purpose = 'tag'"),
                           {"w": b"\x01\x00\x00\x00\x01" + bytes(60)})  # fmt: skip
    with app.app_context():
        assert not key_watch.try_keys("worker")
    assert outcomes(app) == [("worker", Outcome.FAILED)]
    assert "keys that do not open: tag:1" in caplog.text


@pytest.mark.usefixtures("cast")
def test_a_planted_row_stops_no_start(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    """SQLite takes text where bytes belong; the key counts as broken, and the start goes on."""
    store = app.extensions["keyring"].store
    if store.engine.dialect.name == "postgresql":
        return  # it takes bytes alone
    with store.writing() as connection:
        connection.execute(text("UPDATE facility_key SET commitment = 'x' WHERE purpose = 'tag'"))
    new_process(app)
    with app.app_context():
        assert not key_watch.try_keys("worker")
    assert "keys that do not open: tag:1" in caplog.text


def test_a_provider_that_is_down_stops_no_start(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """503 where a key is needed, the rest works; and it recovers without a restart."""
    app = cast.app
    new_process(app)

    def down(*_: object) -> bytes:
        raise KeyProviderDown("away")

    with monkeypatch.context() as patch:
        patch.setattr(type(app.extensions["keyring"].provider), "unwrap", down)
        with app.app_context(), caplog.at_level(logging.WARNING):
            assert not key_watch.try_keys("web")
            key_watch.refresh()
        assert caplog.text.count("the key provider does not answer (away)") == 2
        assert (
            app.test_client().get("/sign-in", base_url="http://localhost:8000").status_code == 503
        )
        assert app.test_client().get("/roster", base_url="http://localhost:8000").status_code == 200
    assert cast.browser("worker").get("/cases/").heading
