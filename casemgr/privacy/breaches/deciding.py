"""What is decided about a breach, step by step: assess, agree, notify, tell, act, close."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from casemgr import clock
from casemgr.access import Actor, Denied, Invalid, Permission
from casemgr.audit import Action
from casemgr.db import session
from casemgr.privacy.breaches import extent, recording, records, rules
from casemgr.privacy.breaches.models import Breach
from casemgr.privacy.breaches.records import for_change, long_enough
from casemgr.privacy.breaches.rules import BreachState as State
from casemgr.privacy.breaches.rules import Telling

WRITE, CONFIRM = Permission.BREACH_WRITE, Permission.BREACH_CONFIRM


def assess(
    actor: Actor, breach_id: UUID, version: int, *, is_notifiable: bool, reason: str
) -> Breach:
    """Say whether the authority must be told, and why. "No" waits for the director.

    Raises NotFound, Denied, Conflict, rules.ForbiddenMove, Invalid("reason", "too_short").
    """
    breach = for_change(actor, breach_id, version, Action.BREACH_ASSESSED, WRITE)
    wanted = State.TO_NOTIFY if is_notifiable else State.TO_CONFIRM
    breach.state = rules.move(breach.state, wanted)
    breach.assessment = long_enough(reason)
    breach.assessed_by, breach.assessed_at = actor.known_id, clock.now()
    session.flush()
    return breach


def confirm(actor: Actor, breach_id: UUID, version: int) -> Breach:
    """The director agrees that the authority is not told. Raises as ``assess``.

    Denied also for the one who assessed it: two people.
    """
    breach = for_change(actor, breach_id, version, Action.BREACH_CONFIRMED, CONFIRM)
    _require_second_person(actor, breach)
    breach.state = rules.move(breach.state, State.NOT_NOTIFIABLE)
    breach.confirmed_by, breach.confirmed_at = actor.known_id, clock.now()
    session.flush()
    return breach


def overrule(actor: Actor, breach_id: UUID, version: int, reason: str) -> Breach:
    """The director does not agree: it must be notified. Raises as ``assess`` and ``confirm``."""
    breach = for_change(actor, breach_id, version, Action.BREACH_OVERRULED, CONFIRM)
    _require_second_person(actor, breach)
    if breach.state is not State.TO_CONFIRM:
        raise rules.ForbiddenMove(breach.state)
    breach.state = rules.move(breach.state, State.TO_NOTIFY)
    breach.decision = long_enough(reason)
    breach.confirmed_by, breach.confirmed_at = actor.known_id, clock.now()
    session.flush()
    return breach


def note_notified(
    actor: Actor,
    breach_id: UUID,
    version: int,
    *,
    at: datetime,
    authority: str,
    reference: str,
    sender: str,
    lateness: str | None,
) -> Breach:
    """Record that the authority was told: when, whom, by whom, under which number.

    Raises as ``assess``; Invalid on ``at`` (future, before_detection) and ``lateness`` (needed,
    too_short): a late notice says why it is late.
    """
    breach = for_change(actor, breach_id, version, Action.BREACH_NOTIFIED, WRITE)
    breach.state = rules.move(breach.state, State.NOTIFIED)
    if at > clock.now():
        raise Invalid("at", "future")
    if at < breach.detected_at:
        raise Invalid("at", "before_detection")
    if lateness:
        breach.lateness = long_enough(lateness, "lateness")
    if at > breach.due_at and not breach.lateness:
        raise Invalid("lateness", "late_needs_reason")
    if recording.missing(breach, at):
        raise Invalid("", "form_incomplete")
    breach.authority, breach.reference, breach.sender = authority, reference, sender
    breach.notified_at, breach.notified_by = at, actor.known_id
    session.flush()
    return breach


def choose_safe(actor: Actor, breach_id: UUID, version: int, case_ids: Collection[UUID]) -> Breach:
    """Keep which people can be reached without danger, as those who run their cases say.

    Raises as ``assess``; Invalid("cases", "not_counted") for a case that the breach did not touch.
    """
    breach = for_change(actor, breach_id, version, Action.BREACH_WRITTEN, WRITE)
    if breach.state is State.CLOSED:
        raise rules.ForbiddenMove(breach.state)
    counted = extent.kept(breach)
    touched = {row[0] for row in counted.cases} if counted else set()
    if not set(case_ids) <= touched:
        raise Invalid("cases", "not_counted")
    breach.safe_case_ids = sorted(str(each) for each in case_ids)
    session.flush()
    return breach


def settle_persons(
    actor: Actor, breach_id: UUID, version: int, *, telling: Telling, reason: str
) -> Breach:
    """Record that the people concerned were told, or why not. Raises as ``assess``.

    Invalid("telling", "nobody_safe") when nobody is known to have a safe contact.
    """
    breach = for_change(actor, breach_id, version, Action.BREACH_PERSONS_SETTLED, WRITE)
    breach.state = rules.move(breach.state, State.PERSONS_SETTLED)
    if telling is Telling.TOLD and not breach.safe_case_ids:
        raise Invalid("telling", "nobody_safe")
    breach.telling, breach.telling_reason = telling, long_enough(reason)
    breach.persons_at = clock.now()
    session.flush()
    return breach


def note_measures(actor: Actor, breach_id: UUID, version: int, reason: str) -> Breach:
    """Record what was done so that it does not happen again. Raises as ``assess``."""
    breach = for_change(actor, breach_id, version, Action.BREACH_MEASURES_TAKEN, WRITE)
    breach.state = rules.move(breach.state, State.MEASURES_TAKEN)
    breach.measures_taken, breach.measures_at = long_enough(reason), clock.now()
    session.flush()
    return breach


def close(actor: Actor, breach_id: UUID, version: int, reason: str) -> Breach:
    """Close it with what was learned. Raises as ``assess``."""
    breach = for_change(actor, breach_id, version, Action.BREACH_CLOSED, WRITE)
    breach.state = rules.move(breach.state, State.CLOSED)
    breach.closing = long_enough(reason)
    breach.closed_by, breach.closed_at = actor.known_id, clock.now()
    session.flush()
    return breach


def letter_case(actor: Actor, breach_id: UUID, case_id: UUID) -> tuple[Breach, str]:
    """The breach and the code of a case whose person may be told, for the paper; on record.

    Raises Denied where nobody said that they can be reached without danger: no paper is made.
    """
    breach = records.show_to_handler(actor, breach_id, Action.BREACH_LETTER_PRINTED)
    counted = extent.kept(breach)
    found = {row[0]: row[1] for row in counted.cases} if counted else {}
    if case_id not in found or str(case_id) not in (breach.safe_case_ids or ()):
        raise Denied(case_id)
    return breach, found[case_id]


def _require_second_person(actor: Actor, breach: Breach) -> None:
    if breach.assessed_by == actor.account_id:
        raise Denied(breach.id)
