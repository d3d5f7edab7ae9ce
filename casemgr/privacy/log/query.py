"""What the filters of the log mean to the database, and how many entries fit."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, String, and_, cast, func, or_, select

from casemgr import clock
from casemgr.access import Actor
from casemgr.audit import Action, AuditEntry
from casemgr.db import session
from casemgr.privacy.log.rules import Filters

LISTING = (  # acts whose entry carries the ids of the cases that a list showed
    Action.CASES_LISTED,
    Action.CASES_SEARCHED,
    Action.NOTICES_LISTED,
    Action.SCREENINGS_LISTED,
    Action.REFERRALS_LISTED,
)


def conditions(actor: Actor, filters: Filters) -> list[ColumnElement[bool]]:
    """What an entry must be to fit the filters, always within the actor's facility."""
    wanted = [AuditEntry.facility_id == actor.facility_id, *_moments(filters)]
    if filters.colleague_id:
        wanted.append(_concerns(filters.colleague_id))
    if filters.case_id:
        wanted.append(_touches(filters.case_id))
    if filters.actions:
        wanted.append(AuditEntry.action.in_(filters.actions))
    if filters.outcome:
        wanted.append(AuditEntry.outcome == filters.outcome)
    if filters.channel:
        wanted.append(AuditEntry.channel == filters.channel)
    if filters.purpose:
        wanted.append(AuditEntry.purpose == filters.purpose)
    return wanted


def _moments(filters: Filters) -> Iterator[ColumnElement[bool]]:
    if filters.first_day:
        yield AuditEntry.at >= clock.at_hospital(filters.first_day)
    if filters.last_day:
        yield AuditEntry.at < clock.at_hospital(filters.last_day + timedelta(days=1))
    if filters.since:
        yield AuditEntry.at >= filters.since
    if filters.until:
        yield AuditEntry.at <= filters.until


def _concerns(account_id: UUID) -> ColumnElement[bool]:
    """What somebody did, and attempts to sign in as them: those have no account yet."""
    as_them = and_(AuditEntry.action == Action.SIGN_IN_REFUSED, AuditEntry.subject_id == account_id)
    return or_(AuditEntry.account_id == account_id, as_them)


def _touches(case_id: UUID) -> ColumnElement[bool]:
    """Acts on the case, and lists on which it stood: its id is in the proven bytes of those."""
    if session.get_bind().dialect.name == "postgresql":
        leaf: ColumnElement[str] = func.convert_from(AuditEntry.leaf, "UTF8")
    else:
        leaf = cast(AuditEntry.leaf, String)
    on_list = and_(
        AuditEntry.action.in_(LISTING), AuditEntry.count > 0, leaf.contains(str(case_id))
    )
    return or_(AuditEntry.case_id == case_id, on_list)


def count_of(wanted: Iterable[ColumnElement[bool]], most: int | None = None) -> int:
    """How many entries fit; counting stops at ``most``."""
    found = select(AuditEntry.id).where(*wanted).limit(most).subquery()
    return session.scalar(select(func.count()).select_from(found)) or 0
