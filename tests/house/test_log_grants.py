"""The application's role adds to the log and reads it; the database refuses it everything else.

With a second role of our own on a real server, made and dropped here; SQLite has no roles.
"""

import secrets
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.pool import NullPool

from casemgr import create_app
from casemgr.access.actor import system_actor
from casemgr.audit import Action, record, sequencer
from casemgr.audit.grants import RIGHTS, give
from casemgr.audit.tiles import Tree
from casemgr.db import Model, db, session
from config import Settings
from tests.cast import Cast

REFUSED = [
    "UPDATE audit_entry SET acting_as = 'nobody'",
    "DELETE FROM audit_entry",
    "TRUNCATE audit_entry",
    "UPDATE audit_tile SET content = content",
    "DELETE FROM audit_tile",
    "TRUNCATE audit_tile",
    "TRUNCATE audit_pending",
    "UPDATE audit_pending SET xid = 1",
    "DELETE FROM audit_state",
    "INSERT INTO audit_state VALUES (2, 0, '', '', 0)",
    "DELETE FROM audit_lane",
    "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
    "DROP TABLE audit_entry",
    'ALTER TABLE "case" DISABLE TRIGGER audit_entry_required',
    'TRUNCATE "case" CASCADE',
    "SET session_replication_role = replica",
    "UPDATE alembic_version SET version_num = '0001'",
]


@pytest.fixture
def owner(settings: Settings) -> Iterator[Engine]:
    engine = create_engine(settings.migration_database_url, poolclass=NullPool)
    yield engine
    engine.dispose()


@pytest.fixture
def apart(cast: Cast, settings: Settings, owner: Engine) -> Iterator[Settings | None]:
    """The settings of a hospital whose application has a role of its own; None on SQLite."""
    assert cast.ids
    if owner.dialect.name == "sqlite":
        yield None
        return
    role, password = f"casemgr_test_{secrets.token_hex(6)}", secrets.token_hex(12)
    with owner.begin() as connection:
        connection.execute(text(f"CREATE ROLE {role} LOGIN PASSWORD '{password}'"))
    try:
        with owner.begin() as connection:
            connection.execute(text(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}"))
            give(connection, role)
        url = make_url(settings.database_url).set(username=role, password=password)
        yield replace(settings, database_url=url.render_as_string(hide_password=False))
    finally:
        with owner.begin() as connection:
            connection.execute(text(f"DROP OWNED BY {role}"))
            connection.execute(text(f"DROP ROLE {role}"))


def test_what_the_application_may_not(apart: Settings | None) -> None:
    if apart is None:
        return
    engine = create_engine(apart.database_url, poolclass=NullPool)
    for statement in REFUSED:
        with pytest.raises(ProgrammingError) as caught, engine.begin() as connection:
            connection.execute(text(statement))
        assert caught.value.orig.sqlstate == "42501", statement  # type: ignore[union-attr]
    engine.dispose()


def test_the_application_and_the_sequencer_work_with_it(apart: Settings | None, cast: Cast) -> None:
    if apart is None:
        return
    app = create_app(apart)
    try:
        with app.app_context():
            record(system_actor("tests", cast.facility_id), Action.HOME_SHOWN)
            session.commit()
            assert sequencer.run(session()) > 0
            assert sequencer.run(session()) == 0
            assert Tree(session()).size > 0
            session.rollback()
    finally:
        with app.app_context():
            db.engine.dispose()
        app.extensions["keyring"].store.engine.dispose()


def test_every_table_of_the_log_is_named() -> None:
    ours = {name for name in Model.metadata.tables if name.startswith("audit_")}
    assert ours <= set(RIGHTS)
    assert not any("UPDATE" in RIGHTS[name] for name in ("audit_entry", "audit_tile"))


def test_one_role_for_both_is_left_alone(owner: Engine, settings: Settings) -> None:
    """As on a machine for trying out: nobody is taken anything."""
    with owner.begin() as connection:
        give(connection, make_url(settings.database_url).username or "")
        connection.execute(text("SELECT 1 FROM audit_entry"))
