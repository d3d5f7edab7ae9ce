"""Signals become review items: grouped by colleague and day, added once, by a system actor."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from casemgr import clock
from casemgr.access import Actor, Compartment, Denied, Purpose
from casemgr.access.actor import system_actor
from casemgr.access.opening import apart, open_keys
from casemgr.audit import Action
from casemgr.crypto.errors import SealBroken
from casemgr.db import new_id, session
from casemgr.privacy.reviews.models import ReviewItem, ReviewSignal
from casemgr.privacy.reviews.rules import (
    EMERGENCY,
    QUEUES,
    ReviewKind,
    ReviewState,
    due_at,
)
from casemgr.privacy.reviews.signals import Signal

OVERSIGHT = frozenset({Compartment.OVERSIGHT})
BREAK_GLASS_SCORE = 60  # R9: every use is reviewed, also the sound ones
SYSTEM = "reviews"


class Group(NamedTuple):
    """What stands in one review: one colleague's day; of emergency access, for each case."""

    kind: ReviewKind
    about_id: UUID | None
    day: date
    case_id: UUID | None = None


def raise_signals(actor: Actor, signals: Iterable[Signal]) -> int:
    """Make or extend review items; how many findings were new.

    One open item for each colleague and day; a finding that is known (rule, case) is not added
    again, also when its item is closed. Raises Denied for anybody but a system actor.
    """
    _require_system(actor)
    groups: dict[Group, list[Signal]] = defaultdict(list)
    for signal in signals:
        kind = QUEUES.get(signal.rule, ReviewKind.ALERT)
        case_id = signal.case_id if kind is ReviewKind.BREAK_GLASS else None
        groups[Group(kind, signal.account_id, signal.day, case_id)].append(signal)
    with apart():
        return sum(_raise(actor, group, found) for group, found in groups.items())


def raise_break_glass_review(
    actor: Actor, case_id: UUID, account_id: UUID, at: datetime
) -> ReviewItem:
    """Every use of break-glass is looked at again; telling of the same use twice makes one item.

    Called in the transaction of the use, whoever acts: the item is made by the system.
    """
    query = select(ReviewItem).where(
        ReviewItem.facility_id == actor.facility_id,
        ReviewItem.kind == ReviewKind.BREAK_GLASS,
        ReviewItem.about_id == account_id,
        ReviewItem.case_id == case_id,
        ReviewItem.happened_at == at,
    )
    known = session.scalar(query)
    if known is not None:
        return known
    system = system_actor(SYSTEM, actor.facility_id, actor.channel)
    day = clock.to_local(at).date()
    item = _new_item(system, Group(ReviewKind.BREAK_GLASS, account_id, day, case_id))
    item.happened_at = at
    with apart():
        _open(system, item, Action.REVIEW_RAISED)
        _add(item, [Signal(EMERGENCY, BREAK_GLASS_SCORE, account_id, day, case_id)])
    return item


def _raise(actor: Actor, group: Group, found: list[Signal]) -> int:
    items = _items_of(actor, group)
    for item in items:
        _open(actor, item)
    known = {name for item in items for name in _names_in(item)}
    fresh = {(s.rule, s.case_id): s for s in found if (s.rule, s.case_id) not in known}
    if not fresh:
        return 0
    still_open = [item for item in items if item.state is not ReviewState.CLOSED]
    item = still_open[0] if still_open else _new_item(actor, group)
    _open(actor, item, Action.REVIEW_RAISED)
    _add(item, fresh.values())
    return len(fresh)


def _items_of(actor: Actor, group: Group) -> Sequence[ReviewItem]:
    about = ReviewItem.about_id
    query = select(ReviewItem).where(
        ReviewItem.facility_id == actor.facility_id,
        ReviewItem.kind == group.kind,
        about == group.about_id if group.about_id else about.is_(None),
        ReviewItem.day == group.day,
    )
    if group.case_id is not None:
        query = query.where(ReviewItem.case_id == group.case_id)
    return session.scalars(query.order_by(ReviewItem.id).with_for_update()).all()


def _names_in(item: ReviewItem) -> Iterable[tuple[str | None, UUID | None]]:
    """What is known of an opened item; a finding that cannot be read any more is added anew."""
    for signal in session.scalars(select(ReviewSignal).where(ReviewSignal.item_id == item.id)):
        with suppress(SealBroken):
            yield signal.rule, signal.case_id


def _new_item(actor: Actor, group: Group) -> ReviewItem:
    now = clock.now()
    item = ReviewItem(
        id=new_id(),
        facility_id=actor.facility_id,
        kind=group.kind,
        state=ReviewState.NEW,
        about_id=group.about_id,
        day=group.day,
        case_id=group.case_id,
        raised_at=now,
        due_at=due_at(group.kind, now),
    )
    session.add(item)
    return item


def _add(item: ReviewItem, signals: Iterable[Signal]) -> None:
    session.flush()
    for signal in signals:
        session.add(
            ReviewSignal(
                facility_id=item.facility_id,
                item_id=item.id,
                case_id=signal.case_id,
                raised_at=clock.now(),
                rule=signal.rule,
                score=signal.score,
                reason=dict(signal.reason),
                entries=[str(entry) for entry in signal.entries],
            )
        )
    session.flush()


def _open(actor: Actor, item: ReviewItem, action: Action = Action.COMPARTMENT_OPENED) -> None:
    open_keys(actor, item.id, OVERSIGHT, purpose=Purpose.OVERSIGHT, action=action)


def _require_system(actor: Actor) -> None:
    if actor.is_signed_in or not actor.system_name:
        raise Denied("signals are raised by the system")
