"""Signals become review items: grouped by colleague and day, added once, by a system actor."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date, datetime
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
    BREAK_GLASS_RULE,
    SAMPLE_RULE,
    ReviewKind,
    ReviewState,
    due_at,
)
from casemgr.privacy.reviews.signals import Signal

OVERSIGHT = frozenset({Compartment.OVERSIGHT})
BREAK_GLASS_SCORE = 60  # R9: every use is reviewed, also the sound ones
SYSTEM = "reviews"


def raise_signals(actor: Actor, signals: Iterable[Signal]) -> int:
    """Make or extend review items; how many findings were new.

    One open item for each colleague and day; a finding that is known (rule, case) is not added
    again, also when its item is closed. Raises Denied for anybody but a system actor.
    """
    _require_system(actor)
    groups: dict[tuple[ReviewKind, UUID | None, date], list[Signal]] = defaultdict(list)
    for signal in signals:
        kind = ReviewKind.SAMPLE if signal.rule == SAMPLE_RULE else ReviewKind.ALERT
        groups[kind, signal.account_id, signal.day].append(signal)
    with apart():
        return sum(_raise(actor, *group, found) for group, found in groups.items())


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
    item = _new_item(system, ReviewKind.BREAK_GLASS, account_id, day)
    item.case_id, item.happened_at = case_id, at
    with apart():
        _open(system, item, Action.REVIEW_RAISED)
        _add(item, [Signal(BREAK_GLASS_RULE, BREAK_GLASS_SCORE, account_id, day, case_id)])
    return item


def _raise(
    actor: Actor, kind: ReviewKind, about_id: UUID | None, day: date, found: list[Signal]
) -> int:
    items = _items_of(actor, kind, about_id, day)
    for item in items:
        _open(actor, item)
    known = {name for item in items for name in _names_in(item)}
    fresh = {(s.rule, s.case_id): s for s in found if (s.rule, s.case_id) not in known}
    if not fresh:
        return 0
    still_open = [item for item in items if item.state is not ReviewState.CLOSED]
    item = still_open[0] if still_open else _new_item(actor, kind, about_id, day)
    _open(actor, item, Action.REVIEW_RAISED)
    _add(item, fresh.values())
    return len(fresh)


def _items_of(
    actor: Actor, kind: ReviewKind, about_id: UUID | None, day: date
) -> Sequence[ReviewItem]:
    query = select(ReviewItem).where(
        ReviewItem.facility_id == actor.facility_id,
        ReviewItem.kind == kind,
        ReviewItem.about_id == about_id if about_id else ReviewItem.about_id.is_(None),
        ReviewItem.day == day,
    )
    return session.scalars(query.with_for_update()).all()


def _names_in(item: ReviewItem) -> Iterable[tuple[str | None, UUID | None]]:
    """What is known of an opened item; a finding that cannot be read any more is added anew."""
    for signal in session.scalars(select(ReviewSignal).where(ReviewSignal.item_id == item.id)):
        with suppress(SealBroken):
            yield signal.rule, signal.case_id


def _new_item(actor: Actor, kind: ReviewKind, about_id: UUID | None, day: date) -> ReviewItem:
    now = clock.now()
    item = ReviewItem(
        id=new_id(),
        facility_id=actor.facility_id,
        kind=kind,
        state=ReviewState.NEW,
        about_id=about_id,
        day=day,
        raised_at=now,
        due_at=due_at(kind, now),
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
