"""Who reviews what: never one's own acts, never what one is excluded from.

A privacy officer who is neither does. Where there is none, the deputy named in the settings; where
that is nobody or the same person, the director. The director also decides what was escalated.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from casemgr.access import Actor, Role
from casemgr.accounts import service as accounts
from casemgr.db import session
from casemgr.privacy.reviews.hooks import is_excluded
from casemgr.privacy.reviews.models import ReviewItem, ReviewSignal


@dataclass(frozen=True, slots=True)
class Bench:
    """Everybody who could review something."""

    officers: frozenset[UUID]
    deputy: frozenset[UUID]
    directors: frozenset[UUID]

    def handlers(self, about_id: UUID | None, case_ids: Collection[UUID]) -> frozenset[UUID]:
        """Who reviews what is about this colleague and these cases; the first bench that can."""
        for candidates in (self.officers, self.deputy, self.directors):
            if found := _free(candidates, about_id, case_ids):
                return found
        return frozenset()

    def deciders(self, about_id: UUID | None, case_ids: Collection[UUID]) -> frozenset[UUID]:
        """Who decides about it once it was escalated."""
        return _free(self.directors, about_id, case_ids)


@dataclass(frozen=True, slots=True)
class Reached:
    """A review that the actor may see, and what they may do with it."""

    item: ReviewItem
    case_ids: frozenset[UUID]
    handlers: frozenset[UUID]
    is_handler: bool  # assigns, asks, decides; otherwise only adds a measure and decides


def bench_of(actor: Actor) -> Bench:
    """The bench as the accounts are now; one who cannot sign in reviews nothing."""
    staff = accounts.colleagues(actor)
    deputy = accounts.deputy_officer(actor)
    return Bench(
        officers=frozenset(p.id for p in staff if Role.PRIVACY_OFFICER in p.roles),
        deputy=frozenset({deputy} if deputy else ()),
        directors=frozenset(p.id for p in staff if Role.DIRECTOR in p.roles),
    )


def reached(actor: Actor, items: Iterable[ReviewItem]) -> list[Reached]:
    """Those of the items that exist for this actor: of the others not even the number is told."""
    rows = list(items)
    bench, concerned = bench_of(actor), cases_of(rows)
    found = (_reach(actor, bench, item, concerned[item.id]) for item in rows)
    return [each for each in found if each is not None]


def cases_of(items: Collection[ReviewItem]) -> dict[UUID, frozenset[UUID]]:
    """The cases that each item is about."""
    known: dict[UUID, set[UUID]] = {
        item.id: {item.case_id} if item.case_id else set() for item in items
    }
    query = select(ReviewSignal.item_id, ReviewSignal.case_id).where(
        ReviewSignal.item_id.in_(known), ReviewSignal.case_id.is_not(None)
    )
    for item_id, case_id in session.execute(query) if known else ():
        if case_id is not None:
            known[item_id].add(case_id)
    return {item_id: frozenset(case_ids) for item_id, case_ids in known.items()}


def _reach(
    actor: Actor, bench: Bench, item: ReviewItem, case_ids: frozenset[UUID]
) -> Reached | None:
    handlers = bench.handlers(item.about_id, case_ids)
    if actor.account_id in handlers:
        return Reached(item, case_ids, handlers, is_handler=True)
    decides = actor.account_id in bench.deciders(item.about_id, case_ids)
    if item.escalated_at is not None and decides:
        return Reached(item, case_ids, handlers, is_handler=False)
    return None


def _free(
    candidates: frozenset[UUID], about_id: UUID | None, case_ids: Collection[UUID]
) -> frozenset[UUID]:
    return frozenset(
        who
        for who in candidates
        if who != about_id and not any(is_excluded(who, case_id) for case_id in case_ids)
    )
