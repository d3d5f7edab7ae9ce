"""Review items, listed and opened for those who review them. Cases stand here by their code only."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select, select

from casemgr import clock
from casemgr.access import Actor, Compartment, NotFound, Permission, Purpose
from casemgr.access.opening import open_keys, open_many
from casemgr.accounts import service as accounts
from casemgr.audit import Action, AuditEntry, record
from casemgr.cases import codes
from casemgr.crypto.errors import SealBroken
from casemgr.db import session
from casemgr.privacy.log.lines import Line, lines_of
from casemgr.privacy.reviews.models import (
    ReviewItem,
    ReviewMeasure,
    ReviewQuestion,
    ReviewSignal,
)
from casemgr.privacy.reviews.reach import Reached, reached
from casemgr.privacy.reviews.rules import ReviewKind, ReviewState, combined

OVERSIGHT = frozenset({Compartment.OVERSIGHT})
LISTED = 200
LOOKED_AT = (ReviewKind.ALERT, ReviewKind.BREAK_GLASS, ReviewKind.SAMPLE)  # not the access reviews
Part = TypeVar("Part", ReviewSignal, ReviewQuestion, ReviewMeasure)


class Show(StrEnum):
    """Which reviews of a queue are listed."""

    OPEN = "open"
    MINE = "mine"
    UNASSIGNED = "unassigned"
    OVERDUE = "overdue"
    ESCALATED = "escalated"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Item:
    """A review in a list: whom it is about, what was found, until when."""

    review: ReviewItem
    who: str  # empty where no colleague is concerned
    assigned: str
    codes: tuple[str, ...]
    score: int
    findings: Sequence[ReviewSignal]
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """One review with everything that belongs to it, and what the actor may do with it."""

    item: Item
    reach: Reached
    names: dict[UUID | None, str]
    codes: dict[UUID, str]
    lines: Sequence[Line]
    questions: Sequence[ReviewQuestion]
    measures: Sequence[ReviewMeasure]

    @property
    def review(self) -> ReviewItem:
        """The review itself."""
        return self.item.review

    @property
    def is_open(self) -> bool:
        """Whether anything can still be done about it but adding a measure."""
        return self.review.state is not ReviewState.CLOSED

    @property
    def waits_for_answer(self) -> bool:
        """Whether the colleague was asked and has not answered."""
        return self.review.state is ReviewState.ASKED


def list_items(actor: Actor, kind: ReviewKind | None = None, show: Show = Show.OPEN) -> list[Item]:
    """The reviews of a queue that exist for this actor; one entry for the list.

    What is open stands in the order of its score, what is closed newest first.
    """
    actor.require(Permission.REVIEW_READ)
    found = [each.item for each in reached(actor, session.scalars(_query(actor, kind, show)))]
    found = found[:LISTED]
    record(
        actor,
        Action.REVIEWS_LISTED,
        compartments=OVERSIGHT,
        purpose=Purpose.OVERSIGHT,
        shown=[item.id for item in found],
        count=len(found),
    )
    open_many(actor, [item.id for item in found], OVERSIGHT)
    items = _described(actor, found)
    if show is not Show.CLOSED:
        items.sort(key=lambda item: (-item.score, item.review.due_at))
    return items


def open_items(actor: Actor) -> list[Item]:
    """Every review that is not closed and exists for this actor, the highest score first."""
    return list_items(actor)


def count_open(actor: Actor) -> int:
    """How many reviews wait for somebody, for the home page."""
    actor.require(Permission.REVIEW_READ)
    return len(reached(actor, session.scalars(_query(actor, None, Show.OPEN))))


def get(actor: Actor, item_id: UUID) -> Reached:
    """A review that exists for this actor, still sealed. Raises NotFound, Denied."""
    actor.require(Permission.REVIEW_READ)
    query = _all(actor).where(ReviewItem.id == item_id, ReviewItem.kind.in_(LOOKED_AT))
    found = reached(actor, session.scalars(query))
    if not found:
        raise NotFound(item_id)
    return found[0]


def show(actor: Actor, item_id: UUID) -> Opened:
    """One review, opened on record. Raises NotFound, Denied."""
    reach = get(actor, item_id)
    review = reach.item
    open_item(actor, review, Action.REVIEW_SHOWN)
    (item,) = _described(actor, [review])
    questions = parts_of(ReviewQuestion, [review.id])[review.id]
    open_many(actor, [question.id for question in questions], OVERSIGHT)
    measures = parts_of(ReviewMeasure, [review.id])[review.id]
    staff = {review.about_id, review.assigned_to, review.escalated_by, review.closed_by}
    staff |= {question.asked_by for question in questions} | {m.taken_by for m in measures}
    return Opened(
        item=item,
        reach=reach,
        names=accounts.names_of(actor, staff | reach.handlers),
        codes=codes.codes_of(actor, reach.case_ids),
        lines=lines_of(actor, entries_of(actor, entry_ids(item.findings))),
        questions=questions,
        measures=measures,
    )


def open_item(actor: Actor, item: ReviewItem, action: Action) -> None:
    """Open what is sealed of a review, under the act it is opened for; the caller decided."""
    open_keys(actor, item.id, OVERSIGHT, purpose=Purpose.OVERSIGHT, action=action)


def parts_of(kind: type[Part], item_ids: Iterable[UUID]) -> dict[UUID, list[Part]]:
    """Signals, questions or measures by the item that they belong to, the oldest first."""
    found: dict[UUID, list[Part]] = defaultdict(list)
    query = select(kind).where(kind.item_id.in_(list(item_ids))).order_by(kind.id)
    for row in session.scalars(query):
        found[row.item_id].append(row)
    return found


def entry_ids(signals: Iterable[ReviewSignal]) -> list[UUID]:
    """The entries of the log that the signals name; of a broken one none."""
    named: dict[str, None] = {}
    for signal in signals:
        with suppress(SealBroken):
            named |= dict.fromkeys(signal.entries or [])
    return [UUID(text) for text in named]


def entries_of(actor: Actor, ids: Iterable[UUID]) -> Sequence[AuditEntry]:
    """These entries of the facility's log, the oldest first."""
    query = select(AuditEntry).where(
        AuditEntry.facility_id == actor.facility_id, AuditEntry.id.in_(list(ids))
    )
    return session.scalars(query.order_by(AuditEntry.at, AuditEntry.id)).all()


def score_of(signals: Iterable[ReviewSignal]) -> int:
    """One score for everything that was found and can be read."""
    readable: list[tuple[str, int]] = []
    for signal in signals:
        with suppress(SealBroken):
            readable.append((signal.rule or "", signal.score or 0))
    return combined(readable)


def _described(actor: Actor, rows: Sequence[ReviewItem]) -> list[Item]:
    signals = parts_of(ReviewSignal, [row.id for row in rows])
    cases = {signal.case_id for found in signals.values() for signal in found}
    cases |= {row.case_id for row in rows}
    known = codes.codes_of(actor, {case_id for case_id in cases if case_id})
    names = accounts.names_of(
        actor, [who for row in rows for who in (row.about_id, row.assigned_to)]
    )
    return [_item(row, signals[row.id], known, names) for row in rows]


def _item(
    row: ReviewItem,
    signals: list[ReviewSignal],
    known: dict[UUID, str],
    names: dict[UUID | None, str],
) -> Item:
    concerned: set[Any] = {row.case_id, *(signal.case_id for signal in signals)}
    return Item(
        review=row,
        who=names.get(row.about_id, ""),
        assigned=names.get(row.assigned_to, ""),
        codes=tuple(sorted(known[case_id] for case_id in concerned if case_id in known)),
        score=score_of(signals),
        findings=signals,
        is_overdue=row.state is not ReviewState.CLOSED and row.due_at < clock.now(),
    )


def _query(actor: Actor, kind: ReviewKind | None, show: Show) -> Select[ReviewItem]:
    query = _all(actor).where(ReviewItem.kind.in_([kind] if kind else LOOKED_AT))
    if show is Show.CLOSED:
        closed = query.where(ReviewItem.state == ReviewState.CLOSED)
        return closed.order_by(ReviewItem.closed_at.desc()).limit(LISTED)
    query = query.where(ReviewItem.state != ReviewState.CLOSED).order_by(ReviewItem.due_at)
    if show is Show.MINE:
        query = query.where(ReviewItem.assigned_to == actor.account_id)
    if show is Show.UNASSIGNED:
        query = query.where(ReviewItem.assigned_to.is_(None))
    if show is Show.OVERDUE:
        query = query.where(ReviewItem.due_at < clock.now())
    if show is Show.ESCALATED:
        query = query.where(ReviewItem.escalated_at.is_not(None))
    return query


def _all(actor: Actor) -> Select[ReviewItem]:
    return select(ReviewItem).where(ReviewItem.facility_id == actor.facility_id)
