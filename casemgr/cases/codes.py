"""Case codes for those who see no case: the log and the duty pages speak of a case by its code."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from casemgr.access import Actor
from casemgr.cases.models import Case
from casemgr.db import session


@dataclass(frozen=True, slots=True)
class CodedCase:
    """As much of a case as its code tells: nothing about the person (R7)."""

    id: UUID
    code: str
    opened_at: datetime


def codes_of(actor: Actor, ids: Collection[UUID]) -> dict[UUID, str]:
    """The codes of those ids that are cases of the facility. The caller has checked the right."""
    query = select(Case.id, Case.code).where(
        Case.facility_id == actor.facility_id, Case.id.in_(ids)
    )
    return {row.id: row.code for row in session.execute(query)} if ids else {}


def with_code(actor: Actor, code: str) -> CodedCase | None:
    """The case that has exactly this code, however it was capitalised; None if there is none."""
    query = select(Case.id, Case.code, Case.opened_at).where(
        Case.facility_id == actor.facility_id, Case.code == code.strip().upper()
    )
    row = session.execute(query).first()
    return CodedCase(row.id, row.code, row.opened_at) if row else None
