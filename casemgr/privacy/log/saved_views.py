"""Views that an officer saved: filters under a name, sealed, for nobody else."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, func, select

from casemgr import clock
from casemgr.access import Actor, Compartment, Invalid, NotFound, Permission, Purpose
from casemgr.access.opening import open_keys
from casemgr.audit import Action, record
from casemgr.crypto.errors import SealBroken
from casemgr.db import session
from casemgr.privacy.log.models import SavedView
from casemgr.privacy.log.rules import Filters, read_filters

MOST = 20


def save(actor: Actor, name: str, filters: Filters) -> SavedView:
    """Keep filters under a name. Raises Invalid for a list that is not narrowed, or the 21st view."""
    _require(actor)
    if filters == Filters():
        raise Invalid("", "no_filter")
    if (session.scalar(select(func.count()).select_from(_own(actor).subquery())) or 0) >= MOST:
        raise Invalid("", "too_many")
    _open(actor, Action.LOG_VIEW_SAVED)
    view = SavedView(
        facility_id=actor.facility_id,
        account_id=actor.known_id,
        saved_at=clock.now(),
        name=name,
        filters=filters.kept(),
    )
    session.add(view)
    session.flush()
    return view


def mine(actor: Actor) -> Sequence[SavedView]:
    """One's own views by name, opened; one entry."""
    _require(actor)
    _open(actor, Action.LOG_VIEWS_SHOWN)
    return sorted(session.scalars(_own(actor)), key=_by_name)


def _by_name(view: SavedView) -> str:
    try:
        return (view.name or "").casefold()
    except SealBroken:
        return ""


def use(actor: Actor, view_id: UUID) -> Filters:
    """What one view asks for. Raises NotFound for somebody else's."""
    _require(actor)
    view = _get(actor, view_id)
    _open(actor, Action.LOG_VIEWS_SHOWN)
    return read_filters(view.filters or {})


def remove(actor: Actor, view_id: UUID) -> None:
    """Forget one view. Raises NotFound for somebody else's."""
    _require(actor)
    view = _get(actor, view_id)
    record(actor, Action.LOG_VIEW_REMOVED, subject_kind="log_view", subject_id=view.id)
    session.delete(view)
    session.flush()


def _require(actor: Actor) -> None:
    actor.require(Permission.LOG_READ)


def _own(actor: Actor) -> Select[SavedView]:
    return select(SavedView).where(
        SavedView.facility_id == actor.facility_id, SavedView.account_id == actor.known_id
    )


def _get(actor: Actor, view_id: UUID) -> SavedView:
    view = session.scalar(_own(actor).where(SavedView.id == view_id))
    if view is None:
        raise NotFound(view_id)
    return view


def _open(actor: Actor, action: Action) -> None:
    """One's own views lie under one key of one's own account."""
    parts = {Compartment.OVERSIGHT}
    open_keys(actor, actor.known_id, parts, purpose=Purpose.OVERSIGHT, action=action)
