"""Opening a breach, by hand or from a review, and writing what the authority's form asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from casemgr import clock
from casemgr.access import Actor, Invalid, Permission
from casemgr.audit import Action
from casemgr.db import new_id, session
from casemgr.privacy.breaches import records, rules
from casemgr.privacy.breaches.models import Breach
from casemgr.privacy.breaches.rules import BreachKind, BreachState, ForbiddenMove, Found
from casemgr.work.outbox import enqueue

ESCALATE = "breach.escalate"  # the job, and the name of the system actor that does it


@dataclass(frozen=True, slots=True)
class Content:
    """What the form asks in words (domain §2.6); None where nobody knows yet."""

    kind: BreachKind
    description: str
    place: str | None
    data_kinds: str | None
    consequences: str | None
    measures: str | None
    contact: str | None
    lateness: str | None
    plain_words: str | None


def open_breach(
    actor: Actor,
    *,
    account_id: UUID | None,
    case_id: UUID | None,
    detected_at: datetime,
    source_item_id: UUID | None,
    kind: BreachKind = BreachKind.UNLAWFUL_ACCESS,
    found_by: Found = Found.REVIEW,
    description: str = "",
) -> Breach:
    """Enter a breach; its clock runs from detection, which may lie before now, never after.

    A second call for the same item of a review returns the first one's. Raises Denied,
    Invalid("detected_at", "future").
    """
    actor.require(Permission.BREACH_RECORD)
    return enter_breach(
        actor,
        account_id=account_id,
        case_id=case_id,
        detected_at=detected_at,
        source_item_id=source_item_id,
        kind=kind,
        found_by=found_by,
        description=description,
    )


def enter_breach(
    actor: Actor,
    *,
    account_id: UUID | None,
    case_id: UUID | None,
    detected_at: datetime,
    source_item_id: UUID | None,
    kind: BreachKind = BreachKind.UNLAWFUL_ACCESS,
    found_by: Found = Found.REVIEW,
    description: str = "",
) -> Breach:
    """The same for whoever decided a review, which may be the deputy or the director.

    The room of reviews has asked whether they may.
    """
    if detected_at > clock.now():
        raise Invalid("detected_at", "future")
    if source_item_id is not None and (known := _of_item(actor, source_item_id)):
        return known
    breach = Breach(
        id=new_id(),
        facility_id=actor.facility_id,
        state=BreachState.RECORDED,
        source_item_id=source_item_id,
        detected_at=detected_at,
        due_at=rules.due_at(detected_at, rules.term_of(clock.to_local(detected_at).date())),
        recorded_at=clock.now(),
        recorded_by=actor.known_id,
        escalated_hours=0,
    )
    records.open_breach_keys(actor, breach, Action.BREACH_RECORDED)
    session.add(breach)
    breach.kind, breach.found_by, breach.description = kind, found_by, description or None
    breach.account_ids = [str(account_id)] if account_id else []
    breach.case_ids = [str(case_id)] if case_id else []
    for hours in rules.ESCALATIONS:
        enqueue(actor, ESCALATE, breach.id, detected_at + timedelta(hours=hours))
    session.flush()
    return breach


def write_content(actor: Actor, breach_id: UUID, version: int, content: Content) -> Breach:
    """Write what the form asks, until the breach is closed.

    Raises NotFound, Denied, Conflict, ForbiddenMove, Invalid("lateness", "too_short").
    """
    breach = records.for_change(
        actor, breach_id, version, Action.BREACH_WRITTEN, Permission.BREACH_WRITE
    )
    if breach.state is BreachState.CLOSED:
        raise ForbiddenMove("closed")
    if content.lateness:
        records.long_enough(content.lateness, "lateness")
    breach.kind, breach.description = content.kind, content.description
    breach.place, breach.data_kinds = content.place, content.data_kinds
    breach.consequences, breach.measures = content.consequences, content.measures
    breach.contact, breach.lateness = content.contact, content.lateness
    breach.plain_words = content.plain_words
    session.flush()
    return breach


def escalate(actor: Actor, breach_id: UUID) -> None:
    """Worker: tell the director that a clock has run for 24, 48 or 72 hours; each once."""
    breach = session.get(Breach, breach_id, with_for_update=True)
    if breach is None or breach.state not in rules.CLOCK_RUNS:
        return
    passed = rules.escalation(breach.detected_at, clock.now())
    if passed <= breach.escalated_hours:
        return
    breach.escalated_hours = passed
    records.note(actor, Action.BREACH_ESCALATED, breach, passed)
    session.flush()


def missing(breach: Breach, now: datetime) -> Sequence[str]:
    """What the form asks and nobody wrote yet, by the names of the fields."""
    needed = ["description", "place", "consequences", "measures", "contact"]
    if not breach.counted and not breach.data_kinds:
        needed.append("data_kinds")  # the log or words: one of them says which data
    if records.clock_of(breach, now).is_over and breach.state is not BreachState.NOT_NOTIFIABLE:
        needed.append("lateness")
    return [name for name in needed if not getattr(breach, name)]


def _of_item(actor: Actor, item_id: UUID) -> Breach | None:
    return session.scalar(
        select(Breach).where(
            Breach.facility_id == actor.facility_id, Breach.source_item_id == item_id
        )
    )
