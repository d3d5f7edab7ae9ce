"""Entries that were there before get their rows of who saw what, out of their leaves, in batches."""

from collections.abc import Iterator

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, select
from sqlalchemy.pool import NullPool

from casemgr.audit import Action, record
from casemgr.audit.shown import audit_shown
from casemgr.db import db, new_id, session
from casemgr.install import MIGRATIONS, migrate
from config import Settings
from tests.cast import Cast

LISTS, SHOWN = 7, 3


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    engine = create_engine(settings.migration_database_url, poolclass=NullPool)
    yield engine
    migrate(settings, lambda _line: None)
    engine.dispose()


def test_what_lists_showed_is_filled_from_the_leaves(
    cast: Cast, settings: Settings, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with cast.acting():
        for _ in range(LISTS):
            ids = [new_id() for _ in range(SHOWN)]
            record(cast.actor("lead"), Action.CASES_LISTED, shown=ids)
    with cast.app.app_context():
        session.remove()
        db.engine.dispose()
    before = _rows(engine)
    assert len(before) == LISTS * SHOWN
    config = Config(attributes={"url": settings.migration_database_url})
    config.set_main_option("script_location", str(MIGRATIONS))
    scripts = ScriptDirectory(str(MIGRATIONS)).walk_revisions()
    ours = next(script for script in scripts if "what lists showed" in (script.doc or ""))
    command.downgrade(config, str(ours.down_revision))
    monkeypatch.setattr(ours.module, "BATCH", 2)
    command.upgrade(config, "head")
    assert _rows(engine) == before


def _rows(engine: Engine) -> list[tuple[object, ...]]:
    order = audit_shown.c.at, audit_shown.c.case_id
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(select(audit_shown).order_by(*order))]
