"""I1: no change without its entry. PostgreSQL holds it at COMMIT; on SQLite our own check does."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

from casemgr import clock, rooms
from casemgr.access.actor import system_actor
from casemgr.audit import Action, record
from casemgr.audit.change_guard import ChangeWithoutEntry
from casemgr.audit.entry_trigger import EXEMPT, SQLSTATE, covered
from casemgr.audit.models import AuditEntry
from casemgr.db import Model, db, new_id, session
from casemgr.directory.models import Facility, Organisation
from casemgr.work.models import WorkerLease
from tests.cast import Cast
from tests.planting import past_the_log

assert rooms.MODELS


@contextmanager
def refused() -> Iterator[None]:
    """What the database, or on SQLite the session, says to such a commit."""
    with pytest.raises((DBAPIError, ChangeWithoutEntry)) as caught:
        yield
    if isinstance(caught.value, DBAPIError):
        assert caught.value.orig.sqlstate == SQLSTATE  # type: ignore[union-attr]
    session.rollback()


def test_every_table_has_the_trigger_or_its_reason(cast: Cast) -> None:
    with cast.app.app_context():
        if db.engine.dialect.name == "sqlite":
            return
        found = covered(session.connection())
        session.rollback()
    assert set(Model.metadata.tables) - found - EXEMPT.keys() == set()
    assert found & EXEMPT.keys() == set()


def test_every_reason_says_something() -> None:
    assert all(len(reason) > 9 for reason in EXEMPT.values())
    planned = {"audit_checkpoint", "audit_publication"}
    assert set(EXEMPT) - planned <= set(Model.metadata.tables)


def test_a_change_through_the_session_is_refused(cast: Cast) -> None:
    with cast.app.app_context():
        session.scalars(select(Facility)).one().phone = "0500 000 001"
        with refused():
            session.commit()
        assert session.scalars(select(Facility.phone)).one() == "0500 000 000"


@pytest.mark.parametrize("kind", ["insert", "update", "delete"])
def test_a_bare_statement_is_refused(cast: Cast, kind: str) -> None:
    with cast.app.app_context():
        with cast.planting():
            session.add(organisation(cast.facility_id))
        before = session.scalars(select(Organisation.id)).all()
        session.rollback()
        statements: dict[str, Callable[[], object]] = {
            "insert": lambda: session.add(organisation(cast.facility_id)),
            "update": lambda: session.execute(update(Organisation).values(name="Đổi tên")),
            "delete": lambda: session.execute(delete(Organisation)),
        }
        statements[kind]()
        with refused():
            session.commit()
        assert session.scalars(select(Organisation.id)).all() == before


def test_text_is_refused(cast: Cast) -> None:
    with cast.app.app_context():
        session.execute(text("UPDATE facility SET phone = 'x'"))
        with refused():
            session.commit()


def test_with_an_entry_it_is_kept(cast: Cast) -> None:
    with cast.acting():
        record(system_actor("tests", cast.facility_id), Action.DIRECTORY_SEEDED)
        session.execute(update(Facility).values(phone="0500 000 002"))
    with cast.app.app_context():
        assert session.scalars(select(Facility.phone)).one() == "0500 000 002"


def test_the_entry_of_an_earlier_transaction_does_not_count(cast: Cast) -> None:
    with cast.app.app_context():
        record(system_actor("tests", cast.facility_id), Action.DIRECTORY_SEEDED)
        session.commit()
        session.execute(update(Facility).values(phone="x"))
        with refused():
            session.commit()


def test_an_entry_that_went_with_its_savepoint_does_not_count(cast: Cast) -> None:
    with cast.app.app_context():
        savepoint = session.begin_nested()
        record(system_actor("tests", cast.facility_id), Action.DIRECTORY_SEEDED)
        session.flush()
        savepoint.rollback()
        session.execute(update(Facility).values(phone="x"))
        with refused():
            session.commit()


def test_a_change_that_went_with_its_savepoint_needs_none(cast: Cast) -> None:
    with cast.app.app_context():
        savepoint = session.begin_nested()
        session.execute(update(Facility).values(phone="x"))
        savepoint.rollback()
        session.commit()


def test_rows_of_machines_need_none(cast: Cast) -> None:
    with cast.app.app_context():
        session.add(
            WorkerLease(
                facility_id=cast.facility_id, name="another", holder=new_id(), seen_at=clock.now()
            )
        )
        session.commit()


def test_whoever_writes_past_casemgr_is_refused_too(cast: Cast) -> None:
    """Another client under the application's role; on SQLite nothing holds it."""
    with cast.app.app_context():
        if db.engine.dialect.name == "sqlite":
            return
        with refused(), db.engine.begin() as connection:
            connection.execute(text('UPDATE "case" SET code = code'))
            connection.execute(text("UPDATE facility SET phone = 'x'"))


def test_a_planted_row_needs_none(cast: Cast) -> None:
    engine = past_the_log(cast.app.config["SQLALCHEMY_DATABASE_URI"])
    with engine.begin() as connection:
        connection.execute(text("UPDATE facility SET phone = 'x'"))
    engine.dispose()
    with cast.planting():
        session.execute(update(Facility).values(phone="y"))
    with cast.app.app_context():
        assert session.scalars(select(Facility.phone)).one() == "y"
        assert session.scalars(select(AuditEntry.id)).first() is not None


def organisation(facility_id: UUID, row_id: UUID | None = None) -> Organisation:
    return Organisation(
        id=row_id,
        facility_id=facility_id,
        slug=str(new_id()),
        name="Nhà tạm lánh",
        kind="shelter",
        services="shelter",
        coverage="Quảng Ninh",
        source="tests",
        valid_from=date(2026, 11, 25),
    )
