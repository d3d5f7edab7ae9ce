"""What changed of the searchable facts: every index in every process reads forward from here."""

from uuid import UUID

from sqlalchemy import BigInteger, String, cast, func, select
from sqlalchemy.sql.elements import ColumnElement

from casemgr.access import Actor
from casemgr.cases.models import IndexChange
from casemgr.db import session


def note_change(actor: Actor, case_id: UUID) -> None:
    """Say, in the transaction of the change, that this case's searchable facts changed."""
    session.add(
        IndexChange(facility_id=actor.facility_id, case_id=case_id, transaction=_this_transaction())
    )


def changed(facility_id: UUID, condition: ColumnElement[bool]) -> set[UUID]:
    """The cases with a change of which this is true."""
    query = select(IndexChange.case_id).where(IndexChange.facility_id == facility_id, condition)
    return set(session.scalars(query))


def _this_transaction() -> ColumnElement[int]:
    """The number of the running transaction; on SQLite, whose writers queue, the next one."""
    if session.get_bind().dialect.name == "postgresql":
        return cast(cast(func.pg_current_xact_id(), String), BigInteger)
    newest = select(func.coalesce(func.max(IndexChange.transaction), 0) + 1)
    return newest.scalar_subquery()


def horizon() -> int:
    """The number below which every transaction has ended.

    Never "greater than the last one seen": a lower number can commit later.
    """
    if session.get_bind().dialect.name == "postgresql":
        snapshot = func.pg_snapshot_xmin(func.pg_current_snapshot())
        return session.scalar(select(cast(cast(snapshot, String), BigInteger))) or 0
    return session.scalar(select(func.coalesce(func.max(IndexChange.transaction), 0) + 1)) or 0
