"""Marking a part of a case as restricted or erased; what follows from it stands in reach.py."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from casemgr import clock
from casemgr.access import Actor, Compartment
from casemgr.audit import Action, record
from casemgr.cases.changes import note_change
from casemgr.cases.models import Case, CasePart
from casemgr.cases.reach import marks
from casemgr.db import session


def restrict(
    actor: Actor, case: Case, part: Compartment, until: date | None, cause_id: UUID
) -> None:
    """Close a part to everybody, also to the name index, until that is lifted."""
    mark = _mark(case, part)
    mark.restricted_at, mark.restricted_until = clock.now(), until
    note_change(actor, case.id)
    _record(actor, Action.PART_RESTRICTED, case, part, cause_id)


def lift(actor: Actor, case: Case, part: Compartment, cause_id: UUID) -> None:
    """Open a restricted part again to those whose role and relation let them."""
    mark = _mark(case, part)
    mark.restricted_at = mark.restricted_until = None
    note_change(actor, case.id)
    _record(actor, Action.RESTRICTION_LIFTED, case, part, cause_id)


def erased_at(case: Case, part: Compartment) -> datetime | None:
    """When a part was last erased."""
    return _mark(case, part).erased_at


def note_erased(actor: Actor, case: Case, part: Compartment, cause_id: UUID) -> None:
    """Say that nothing is left of a part; an earlier restriction has no object any more."""
    mark = _mark(case, part)
    mark.restricted_at = mark.restricted_until = None
    mark.erased_at = clock.now()
    _record(actor, Action.PART_ERASED, case, part, cause_id)


def note_reopening(case: Case) -> None:
    """A case at rest is worked on again: what was erased may be written anew, under new keys."""
    for mark in marks(case):
        if mark.is_erased:
            mark.reopened_at = clock.now()


def _mark(case: Case, part: Compartment) -> CasePart:
    query = select(CasePart).where(CasePart.case_id == case.id, CasePart.compartment == part)
    mark = session.scalar(query)
    if mark is None:
        mark = CasePart(facility_id=case.facility_id, case_id=case.id, compartment=part.value)
        session.add(mark)
    return mark


def _record(actor: Actor, action: Action, case: Case, part: Compartment, cause_id: UUID) -> None:
    record(
        actor,
        action,
        case_id=case.id,
        subject_kind="erasure",
        subject_id=cause_id,
        compartments=[part],
    )
