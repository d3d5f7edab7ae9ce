"""The facility, and the organisations that people can be referred to. Nothing here is a person."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select

from casemgr import clock
from casemgr.access import Actor, NotFound, Permission
from casemgr.audit import Action, record
from casemgr.db import session
from casemgr.directory.data import SEED
from casemgr.directory.models import Facility, Organisation


def the_facility() -> Facility | None:
    """The facility of this installation; one today, several with the access issue."""
    return session.scalar(select(Facility).order_by(Facility.id).limit(1))


def seed(actor: Actor) -> int:
    """Add the entries that ship and are not there yet. Returns how many; never changes one."""
    query = select(Organisation.slug).where(Organisation.facility_id == actor.facility_id)
    known = set(session.scalars(query))
    missing = [entry for entry in SEED if entry.slug not in known]
    for entry in missing:
        session.add(
            Organisation(
                facility_id=actor.facility_id,
                slug=entry.slug,
                name=entry.name,
                kind=entry.kind.value,
                services=" ".join(entry.services),
                phone=entry.phone,
                hours=entry.hours,
                address=entry.address,
                coverage=entry.coverage,
                source=entry.source,
                valid_from=entry.valid_from or clock.today(),
            )
        )
    if missing:
        record(actor, Action.DIRECTORY_SEEDED, count=len(missing))
    session.flush()
    return len(missing)


def organisations(actor: Actor) -> Sequence[Organisation]:
    """Every organisation that is valid today, in the order of the list that ships, then by name."""
    query = select(Organisation).where(*_valid_today(actor))
    order = {entry.slug: place for place, entry in enumerate(SEED)}
    found = session.scalars(query).all()
    return sorted(found, key=lambda item: (order.get(item.slug, len(order)), item.name))


def organisation(actor: Actor, organisation_id: UUID) -> Organisation:
    """One organisation that is valid today. Raises NotFound."""
    found = session.scalar(
        select(Organisation).where(Organisation.id == organisation_id, *_valid_today(actor))
    )
    if found is None:
        raise NotFound(organisation_id)
    return found


def names_of(actor: Actor, ids: Iterable[UUID | None]) -> dict[UUID | None, str]:
    """Names by id, of past organisations too: an old referral still says where it went."""
    query = select(Organisation.id, Organisation.name).where(
        Organisation.facility_id == actor.facility_id,
        Organisation.id.in_({item for item in ids if item is not None}),
    )
    return {row.id: row.name for row in session.execute(query)}


def list_organisations(actor: Actor) -> Sequence[Organisation]:
    """The directory's page, on record. Raises Denied."""
    actor.require(Permission.DIRECTORY_READ)
    found = organisations(actor)
    record(actor, Action.DIRECTORY_SHOWN, count=len(found))
    return found


def show_organisation(actor: Actor, organisation_id: UUID) -> Organisation:
    """One entry's page, on record. Raises Denied, NotFound."""
    actor.require(Permission.DIRECTORY_READ)
    found = organisation(actor, organisation_id)
    record(actor, Action.DIRECTORY_SHOWN, subject_kind="organisation", subject_id=found.id)
    return found


def _valid_today(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    today = clock.today()
    return (
        Organisation.facility_id == actor.facility_id,
        Organisation.valid_from <= today,
        or_(Organisation.valid_to.is_(None), Organisation.valid_to >= today),
    )
