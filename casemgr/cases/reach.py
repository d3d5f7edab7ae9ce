"""For whom a case exists, and which of its compartments they could open: role × relation (I1)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select

from casemgr import clock
from casemgr.access import Actor, Compartment, Permission
from casemgr.cases.models import CareTeamMember, Case, CasePart
from casemgr.cases.rules import CaseState
from casemgr.db import session

UNTAKEN = (CaseState.SUSPECTED, CaseState.REPORTED, CaseState.ADMITTED)
UNTAKEN_PARTS = frozenset({Compartment.SOCIAL, Compartment.EPISODE})


def reachable(actor: Actor) -> Select[UUID]:
    """The ids of the cases that exist for this actor; for everybody else they are NotFound.

    A live place on the care team; for the social work team also what nobody took yet; for its
    lead every case of the facility.
    """
    query = select(Case.id).where(Case.facility_id == actor.facility_id)
    if actor.leads:
        return query
    on_team = Case.id.in_(select(CareTeamMember.case_id).where(*live_places(actor, clock.now())))
    if actor.may(Permission.CASE_TAKE):
        return query.where(or_(on_team, _is_untaken()))
    return query.where(on_team)


def openable(actor: Actor, case: Case) -> frozenset[Compartment]:
    """The compartments that this actor could open on this case (design §4).

    What is restricted opens for nobody; nor does what was erased while the case is at rest.
    """
    withheld = {mark.compartment for mark in marks(case) if mark.is_restricted or mark.is_erased}
    return frozenset(part for part in _held(actor, case) if part not in withheld)


def openable_once_reopened(actor: Actor, case: Case) -> frozenset[Compartment]:
    """What this actor could open if the case at rest were opened again: erased parts, empty."""
    withheld = {mark.compartment for mark in marks(case) if mark.is_restricted}
    return frozenset(part for part in _held(actor, case) if part not in withheld)


def marks(case: Case) -> Sequence[CasePart]:
    """What became of the parts of a case that were ever restricted or erased."""
    return session.scalars(select(CasePart).where(CasePart.case_id == case.id)).all()


def restricted(part: Compartment) -> Select[UUID]:
    """The ids of the cases on which this compartment is restricted: it opens for nobody."""
    return select(CasePart.case_id).where(
        CasePart.compartment == part, CasePart.restricted_at.is_not(None)
    )


def _held(actor: Actor, case: Case) -> frozenset[Compartment]:
    """What the actor's role and relation to the case give."""
    places = select(CareTeamMember).where(
        CareTeamMember.case_id == case.id, *live_places(actor, clock.now())
    )
    parts = actor.compartments_everywhere
    for place in session.scalars(places):
        parts |= place.parts & actor.compartments
    if case.assignee_id is None and case.state in UNTAKEN and actor.may(Permission.CASE_TAKE):
        parts |= UNTAKEN_PARTS & actor.compartments
    return parts


def openable_ids(actor: Actor, part: Compartment) -> frozenset[UUID]:
    """The cases on which this actor could open this compartment: what a search may answer from."""
    in_facility = select(Case.id).where(
        Case.facility_id == actor.facility_id, Case.id.not_in(restricted(part))
    )
    if part in actor.compartments_everywhere:
        return frozenset(session.scalars(in_facility))
    if part not in actor.compartments:
        return frozenset()
    places = select(CareTeamMember).where(*live_places(actor, clock.now()))
    ids = {place.case_id for place in session.scalars(places) if part in place.parts}
    ids -= set(session.scalars(restricted(part)))
    if part in UNTAKEN_PARTS and actor.may(Permission.CASE_TAKE):
        ids |= set(session.scalars(in_facility.where(_is_untaken())))
    return frozenset(ids)


def live_places(actor: Actor, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """The conditions of a place on a care team that counts now."""
    return (
        CareTeamMember.account_id == actor.account_id,
        CareTeamMember.ended_at.is_(None),
        or_(CareTeamMember.expires_at.is_(None), CareTeamMember.expires_at > now),
    )


def _is_untaken() -> ColumnElement[bool]:
    return and_(Case.assignee_id.is_(None), Case.state.in_(UNTAKEN))
