"""Migrations as programs: one head, the models' shape, up and down with data, an append-only log."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import Engine, Table, create_engine, inspect, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import NullPool

from casemgr.access import Purpose
from casemgr.audit import Action, record
from casemgr.audit.append_only import REFUSAL
from casemgr.cases import service as cases
from casemgr.cases.rules import Source
from casemgr.db import Model, session
from casemgr.install import MIGRATIONS, migrate
from config import Settings
from tests.cast import Cast

WITHOUT_OWN_ID = {"audit_shown"}  # narrow rows of the log, found by what they name


def alembic(settings: Settings) -> Config:
    config = Config(attributes={"url": settings.migration_database_url})
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    engine = create_engine(settings.migration_database_url, poolclass=NullPool)
    yield engine
    migrate(settings, lambda _line: None)  # whatever the test left: the shape of the next one
    engine.dispose()


def differences(engine: Engine, models: Any = Model.metadata) -> list[Any]:
    """What autogenerate would still change."""
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_name": _ours}
        )
        return list(compare_metadata(context, models))


def _ours(name: str | None, kind: str, _parents: object) -> bool:
    return not (kind == "table" and name == "alembic_version")


def test_there_is_one_head() -> None:
    script = ScriptDirectory(str(MIGRATIONS))
    assert len(script.get_heads()) == 1, "two colleagues branched: set down_revision of the later"
    files = sorted(path.name for path in Path(MIGRATIONS, "versions").glob("[0-9]*.py"))
    assert [name[:4] for name in files] == [f"{n:04}" for n in range(1, len(files) + 1)]


def test_the_head_is_the_models(engine: Engine) -> None:
    assert not differences(engine), "write a migration: the models say something else"


def test_a_column_without_a_migration_is_found(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE organisation ADD COLUMN extra TEXT"))
        connection.execute(text("ALTER TABLE organisation ADD COLUMN more TEXT"))
    found = {change[3].name for change in differences(engine) if change[0] == "remove_column"}
    with engine.begin() as connection:
        for name in ("extra", "more"):
            connection.execute(text(f"ALTER TABLE organisation DROP COLUMN {name}"))
    assert found == {"extra", "more"}


def test_up_down_up_with_data(app: Flask, cast: Cast, settings: Settings, engine: Engine) -> None:
    with cast.acting():
        cases.open_suspicion(
            cast.actor("worker"), source=Source.WARD, ward="Khoa Sản", contact_nurse_id=None
        )
    with app.app_context():
        session.remove()
        from casemgr.db import db

        db.engine.dispose()
    shape = _shape(engine)
    command.downgrade(alembic(settings), "base")
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    command.upgrade(alembic(settings), "head")
    assert _shape(engine) == shape
    assert not differences(engine)


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_entry SET acting_as = 'nobody'", "DELETE FROM audit_entry"]
)
def test_an_entry_can_be_neither_changed_nor_removed(
    cast: Cast, engine: Engine, statement: str
) -> None:
    with cast.acting():
        record(cast.actor("worker"), Action.HOME_SHOWN, purpose=Purpose.CASE_WORK)
    before = _entries(engine)
    assert before
    with pytest.raises(DatabaseError, match=REFUSAL), engine.begin() as connection:
        connection.execute(text(statement))
    assert _entries(engine) == before


@pytest.mark.usefixtures("cast")
def test_the_log_cannot_be_emptied(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        return  # it has no TRUNCATE; DELETE is refused above
    with pytest.raises(DatabaseError, match=REFUSAL), engine.begin() as connection:
        connection.execute(text("TRUNCATE audit_entry"))
    assert _entries(engine)


def _entries(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(text("SELECT id, acting_as FROM audit_entry ORDER BY id")))


def _shape(engine: Engine) -> dict[str, Any]:
    """Tables, columns, indexes, uniqueness and triggers, as the database tells them."""
    seen = inspect(engine)
    shape: dict[str, Any] = {}
    for name in sorted(seen.get_table_names()):
        columns = [(c["name"], str(c["type"]), c["nullable"]) for c in seen.get_columns(name)]
        indexes = sorted(str((i["name"], i["column_names"])) for i in seen.get_indexes(name))
        unique = sorted(
            str((u["name"], u["column_names"])) for u in seen.get_unique_constraints(name)
        )
        shape[name] = (columns, indexes, unique)
    shape["triggers"] = _triggers(engine)
    return shape


def _triggers(engine: Engine) -> list[str]:
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if engine.dialect.name == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    with engine.connect() as connection:
        return sorted(connection.scalars(text(query)))


def test_every_table_has_a_named_primary_key() -> None:
    tables: list[Table] = Model.metadata.sorted_tables
    ordinary = [table for table in tables if table.name not in WITHOUT_OWN_ID]
    assert all(table.primary_key.columns.keys() == ["id"] for table in ordinary)
