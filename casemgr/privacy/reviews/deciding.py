"""What is done with a review: take it, ask the colleague, decide, note a measure, escalate."""

from uuid import UUID

from sqlalchemy import select

from casemgr import clock
from casemgr.access import Actor, Conflict, Denied, Invalid, Permission, Purpose
from casemgr.access.opening import open_keys
from casemgr.accounts import service as accounts
from casemgr.audit import Action, record
from casemgr.db import new_id, session
from casemgr.privacy.reviews import rules
from casemgr.privacy.reviews.hooks import FoundBreach, on_breach
from casemgr.privacy.reviews.items import (
    OVERSIGHT,
    entries_of,
    entry_ids,
    get,
    open_item,
    parts_of,
)
from casemgr.privacy.reviews.models import (
    ReviewItem,
    ReviewMeasure,
    ReviewQuestion,
    ReviewSignal,
)
from casemgr.privacy.reviews.reach import Reached
from casemgr.privacy.reviews.rules import REASON_LENGTH, MeasureKind, ReviewState, Verdict


def assign(actor: Actor, item_id: UUID, version: int, to_id: UUID) -> ReviewItem:
    """Take a review, or give it to somebody else who may review it.

    Raises NotFound, Denied, Conflict, Invalid("to_id", "not_on_the_bench").
    """
    reach = _for_change(actor, item_id, version, as_handler=True)
    item = reach.item
    if to_id not in reach.handlers:
        raise Invalid("to_id", "not_on_the_bench")
    if item.state is ReviewState.NEW:
        item.state = rules.move(item.state, ReviewState.ASSIGNED)
    elif item.state is ReviewState.CLOSED:
        raise rules.ForbiddenMove("a closed review stays with whom it was")
    item.assigned_to, item.assigned_at = to_id, clock.now()
    _note(actor, Action.REVIEW_ASSIGNED, item)
    session.flush()
    return item


def ask(actor: Actor, item_id: UUID, version: int, question: str) -> ReviewQuestion:
    """Ask the colleague; they see the question, and code and time of their own acts.

    Raises NotFound, Denied, Conflict, rules.ForbiddenMove, Invalid("question", "too_short"), and
    Invalid("question", "nobody_to_ask") where no colleague is concerned or they cannot sign in.
    """
    item = _for_change(actor, item_id, version, as_handler=True).item
    staff = {person.id for person in accounts.colleagues(actor)}
    if item.about_id is None or item.about_id not in staff:
        raise Invalid("question", "nobody_to_ask")
    item.state = rules.move(item.state, ReviewState.ASKED)
    open_item(actor, item, Action.COLLEAGUE_ASKED)
    theirs = entries_of(actor, entry_ids(parts_of(ReviewSignal, [item.id])[item.id]))
    asked = ReviewQuestion(
        id=new_id(),
        facility_id=item.facility_id,
        item_id=item.id,
        to_id=item.about_id,
        asked_by=actor.known_id,
        asked_at=clock.now(),
    )
    open_keys(actor, asked.id, OVERSIGHT, purpose=Purpose.OVERSIGHT)
    session.add(asked)
    asked.question = _long_enough("question", question)
    asked.entries = [str(e.id) for e in theirs if e.account_id == item.about_id]
    session.flush()
    return asked


def decide(actor: Actor, item_id: UUID, version: int, verdict: Verdict, reason: str) -> ReviewItem:
    """Close a review with a verdict and its reason. A breach opens one in the register.

    Raises NotFound, Denied, Conflict, rules.ForbiddenMove, Invalid("reason", "too_short").
    """
    reach = _for_change(actor, item_id, version)
    item = reach.item
    if item.state is ReviewState.NEW:  # the director decides what nobody had taken
        item.state = rules.move(item.state, ReviewState.ASSIGNED)
        item.assigned_to, item.assigned_at = actor.known_id, clock.now()
    item.state = rules.move(item.state, ReviewState.CLOSED)
    open_item(actor, item, Action.REVIEW_CLOSED)
    item.verdict, item.verdict_reason = verdict, _long_enough("reason", reason)
    item.closed_by, item.closed_at = actor.known_id, clock.now()
    session.flush()
    if verdict is Verdict.BREACH:
        _tell_of_breach(actor, reach)
    return item


def add_measure(
    actor: Actor, item_id: UUID, version: int, what: MeasureKind, words: str
) -> ReviewMeasure:
    """Note what was done about it, also after the verdict.

    Raises NotFound, Denied, Conflict, Invalid("words", "too_short").
    """
    item = _for_change(actor, item_id, version).item
    open_item(actor, item, Action.MEASURE_RECORDED)
    taken = ReviewMeasure(
        facility_id=item.facility_id,
        item_id=item.id,
        taken_by=actor.known_id,
        taken_at=clock.now(),
        what=what,
        words=_long_enough("words", words),
    )
    session.add(taken)
    session.flush()
    return taken


def escalate(actor: Actor, item_id: UUID, version: int, reason: str) -> ReviewItem:
    """Bring a review before the director; it stays where it is beside that.

    Raises NotFound, Denied, Conflict (also where it is escalated already), rules.ForbiddenMove for
    a closed one, Invalid("reason", "too_short").
    """
    item = _for_change(actor, item_id, version, as_handler=True).item
    if item.state is ReviewState.CLOSED:
        raise rules.ForbiddenMove("a closed review is decided")
    if item.escalated_at is not None:
        raise Conflict(item_id)
    open_item(actor, item, Action.REVIEW_ESCALATED)
    item.escalation_reason = _long_enough("reason", reason)
    item.escalated_by, item.escalated_at = actor.known_id, clock.now()
    session.flush()
    return item


def escalate_overdue(actor: Actor) -> int:
    """Worker: what was not closed within its term goes to the director. How many did."""
    query = select(ReviewItem).where(
        ReviewItem.facility_id == actor.facility_id,
        ReviewItem.state != ReviewState.CLOSED,
        ReviewItem.escalated_at.is_(None),
        ReviewItem.due_at < clock.now(),
    )
    found = session.scalars(query.with_for_update()).all()
    for item in found:
        item.escalated_at = clock.now()
        _note(actor, Action.REVIEW_ESCALATED, item)
    session.flush()
    return len(found)


def _for_change(actor: Actor, item_id: UUID, version: int, *, as_handler: bool = False) -> Reached:
    actor.require(Permission.REVIEW_DECIDE)
    reach = get(actor, item_id)
    if as_handler and not reach.is_handler:
        raise Denied(item_id)
    session.refresh(reach.item, with_for_update=True)
    if reach.item.version != version:
        raise Conflict(item_id)
    return reach


def _tell_of_breach(actor: Actor, reach: Reached) -> None:
    item = reach.item
    assert item.closed_at is not None  # noqa: S101 - decided a moment ago
    named = entry_ids(parts_of(ReviewSignal, [item.id])[item.id])
    breach = FoundBreach(
        item_id=item.id,
        about_id=item.about_id,
        day=item.day,
        raised_at=item.raised_at,
        found_at=item.closed_at,
        case_ids=reach.case_ids,
        entries=tuple(named),
    )
    for tell in on_breach:
        tell(actor, breach)


def _note(actor: Actor, action: Action, item: ReviewItem) -> None:
    record(actor, action, subject_kind="review", subject_id=item.id)


def _long_enough(field: str, words: str) -> str:
    if len(words.strip()) < REASON_LENGTH:
        raise Invalid(field, "too_short")
    return words.strip()
