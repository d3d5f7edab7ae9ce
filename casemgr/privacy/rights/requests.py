"""Requests as the privacy officer keeps them: received, acknowledged, extended, answered, closed.

The officer reads no case: they know the code, and see how far those are who may open its parts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Select, func, select

from casemgr import clock
from casemgr.access import Actor, Compartment, Conflict, Invalid, NotFound, Permission, Purpose
from casemgr.access.opening import open_keys, open_many
from casemgr.audit import Action, record
from casemgr.cases import codes
from casemgr.db import new_id, session
from casemgr.privacy.erasure.models import Erasure
from casemgr.privacy.rights import rules
from casemgr.privacy.rights.models import RightsRequest, RightsStep
from casemgr.privacy.rights.rules import OPEN, REASON_LENGTH, UNDONE, Answer, Asker, Right
from casemgr.privacy.rights.rules import RequestState as State

OVERSIGHT = frozenset({Compartment.OVERSIGHT})
LISTED = 200


@dataclass(frozen=True, slots=True)
class Opened:
    """A request, the code of its case, and the steps asked for."""

    request: RightsRequest
    code: str
    steps: Sequence[RightsStep]
    erasures: Sequence[Erasure]  # of this case, asked for since the request came


def receive(
    actor: Actor,
    *,
    right: Right,
    asker: Asker,
    received_on: date,
    wording: str,
    checked: str,
    reply_to: str,
    others_hold_it: bool,
    case_code: str | None = None,
) -> RightsRequest:
    """Record a request. Raises Invalid on ``received_on`` (in_future) or ``case_code``."""
    actor.require(Permission.RIGHTS_WRITE)
    if received_on > clock.today():
        raise Invalid("received_on", "in_future")
    days = rules.acknowledging_days(received_on)
    request = RightsRequest(
        id=new_id(),
        facility_id=actor.facility_id,
        case_id=_case_named(actor, case_code),
        state=State.RECEIVED,
        received_on=received_on,
        received_by=actor.known_id,
        acknowledge_by=clock.after_working_days(received_on, days),
        due_on=rules.due_on(right, received_on, others_hold_it=others_hold_it),
    )
    _open(actor, request, Action.RIGHTS_RECEIVED)
    session.add(request)
    request.right, request.asker, request.wording = right, asker, wording
    request.checked, request.reply_to = checked, reply_to
    request.others_hold_it = others_hold_it
    session.flush()
    return request


def name_case(actor: Actor, request_id: UUID, version: int, case_code: str) -> None:
    """Say which case it is about. Raises Invalid("case_code", …), Conflict."""
    request = _for_change(actor, request_id, version, OPEN)
    _open(actor, request, Action.RIGHTS_CHANGED)
    request.case_id = _case_named(actor, case_code)
    session.flush()


def acknowledge(actor: Actor, request_id: UUID, version: int) -> None:
    """Receipt was confirmed and the procedure explained. Raises Conflict, ForbiddenMove."""
    request = _for_change(actor, request_id, version)
    request.state = rules.move(request.state, State.ACKNOWLEDGED)
    request.acknowledged_at = clock.now()
    _note(actor, Action.RIGHTS_ACKNOWLEDGED, request)


def extend(actor: Actor, request_id: UUID, version: int, reason: str) -> None:
    """Extend the term, once, before it is over, with a reason.

    Raises Invalid("reason", too_short | extended_already | too_late).
    """
    request = _for_change(actor, request_id, version, OPEN)
    if request.extended_at is not None:
        raise Invalid("reason", "extended_already")
    if clock.today() > request.due_on:
        raise Invalid("reason", "too_late")
    _open(actor, request, Action.RIGHTS_EXTENDED)
    request.extension = _long_enough(reason)
    request.due_on = rules.extended_to(_right_of(request), request.received_on, request.due_on)
    request.extended_at = clock.now()
    session.flush()


def answer(actor: Actor, request_id: UUID, version: int, *, answered: Answer, reason: str) -> None:
    """Answer with reasons. Raises Invalid on ``reason`` or ``answered`` (no_case), Conflict."""
    request = _for_change(actor, request_id, version)
    request.state = rules.move(request.state, State.ANSWERED)
    _open(actor, request, Action.RIGHTS_ANSWERED)
    if request.case_id is None and answered is not Answer.REFUSED:
        raise Invalid("answered", "no_case")
    request.answer, request.reason = answered, _long_enough(reason)
    request.answered_at, request.answered_by = clock.now(), actor.known_id
    session.flush()


def close(
    actor: Actor, request_id: UUID, version: int, *, effect: str, erasure: UUID | None
) -> None:
    """What was granted is done: by steps, an erasure of this case, or as ``effect`` says.

    Raises Invalid on ``effect`` (steps_open | nothing_done) or ``erasure`` (unknown).
    """
    request = _for_change(actor, request_id, version)
    request.state = rules.move(request.state, State.CLOSED)
    _open(actor, request, Action.RIGHTS_CLOSED)
    steps = steps_of(request)
    if any(step.done_at is None for step in steps):
        raise Invalid("effect", "steps_open")
    if erasure is not None and erasure not in {row.id for row in _erasures(request)}:
        raise Invalid("erasure", "unknown")
    if request.answer is not Answer.REFUSED and not (steps or erasure or effect.strip()):
        raise Invalid("effect", "nothing_done")
    request.effect, request.erasure_id = effect.strip() or None, erasure
    request.closed_at = clock.now()
    session.flush()


def withdraw(actor: Actor, request_id: UUID, version: int, reason: str) -> None:
    """The person takes the request back. Raises Invalid("reason", too_short), ForbiddenMove."""
    request = _for_change(actor, request_id, version)
    request.state = rules.move(request.state, State.WITHDRAWN)
    _open(actor, request, Action.RIGHTS_WITHDRAWN)
    request.withdrawal, request.closed_at = _long_enough(reason), clock.now()
    session.flush()


def show(actor: Actor, request_id: UUID) -> Opened:
    """One request, opened on record. Raises NotFound, Denied."""
    request = _get(actor, request_id)
    _open(actor, request, Action.RIGHTS_SHOWN)
    code = codes.codes_of(actor, [request.case_id]) if request.case_id else {}
    known = code.get(request.case_id, "") if request.case_id else ""
    return Opened(request, known, steps_of(request), _erasures(request))


def erasures_since(actor: Actor, request_id: UUID) -> Sequence[Erasure]:
    """The erasures of its case since it came: what can have been its effect."""
    return _erasures(_get(actor, request_id))


def list_requests(actor: Actor) -> list[tuple[RightsRequest, str]]:
    """Requests with the code of their case, the most urgent first; opened, one entry."""
    actor.require(Permission.RIGHTS_READ)
    urgent = _all(actor).where(RightsRequest.state.in_(UNDONE)).order_by(RightsRequest.due_on)
    done = _all(actor).where(RightsRequest.state.not_in(UNDONE))
    rows = list(session.scalars(urgent.limit(LISTED)))
    rows += session.scalars(done.order_by(RightsRequest.received_on.desc()).limit(LISTED))
    shown = {row.case_id for row in rows if row.case_id}
    record(
        actor,
        Action.RIGHTS_LISTED,
        compartments=OVERSIGHT,
        purpose=Purpose.OVERSIGHT,
        shown=shown,
        count=len(rows),
    )
    open_many(actor, [row.id for row in rows], OVERSIGHT)
    known = codes.codes_of(actor, shown)
    return [(row, known.get(row.case_id, "") if row.case_id else "") for row in rows]


def count_undone(actor: Actor) -> int:
    """How many requests wait for something; for the officer's home page."""
    query = _all(actor).where(RightsRequest.state.in_(UNDONE)).with_only_columns(func.count())
    return session.scalar(query) or 0


def count_late(actor: Actor) -> int:
    """How many are past a day that the law gives; for the dashboard."""
    query = _late(actor).with_only_columns(func.count())
    return session.scalar(query) or 0


def tell_late(actor: Actor) -> int:
    """The worker: one entry a day for each request that is late. Returns how many."""
    rows = session.scalars(
        _late(actor).where(
            RightsRequest.reminded_on.is_(None) | (RightsRequest.reminded_on < clock.today())
        )
    ).all()
    for row in rows:
        row.reminded_on = clock.today()
        _note(actor, Action.RIGHTS_LATE, row)
    return len(rows)


def steps_of(request: RightsRequest) -> Sequence[RightsStep]:
    """What was asked of those who may open the parts, in the order of the compartments."""
    order = {part.value: place for place, part in enumerate(Compartment)}
    rows = session.scalars(select(RightsStep).where(RightsStep.request_id == request.id))
    return sorted(rows, key=lambda row: order[row.compartment])


def for_change(actor: Actor, request_id: UUID, version: int) -> RightsRequest:
    """An open request, locked. Raises NotFound, Denied, Conflict."""
    return _for_change(actor, request_id, version, OPEN | {State.ANSWERED})


def _late(actor: Actor) -> Select[RightsRequest]:
    today = clock.today()
    unacknowledged = (RightsRequest.state == State.RECEIVED) & (
        RightsRequest.acknowledge_by < today
    )
    unanswered = RightsRequest.state.in_(OPEN) & (RightsRequest.due_on < today)
    return _all(actor).where(unacknowledged | unanswered)


def _erasures(request: RightsRequest) -> Sequence[Erasure]:
    if request.case_id is None:
        return ()
    since = clock.at_hospital(request.received_on)
    query = select(Erasure).where(Erasure.case_id == request.case_id, Erasure.requested_at >= since)
    return session.scalars(query.order_by(Erasure.requested_at)).all()


def _case_named(actor: Actor, code: str | None) -> UUID | None:
    if not code:
        return None
    found = codes.with_code(actor, code)
    if found is None:
        raise Invalid("case_code", "unknown_code")
    return found.id


def _right_of(request: RightsRequest) -> Right:
    return request.right or Right.COPY  # a request whose right cannot be read raises before this


def _for_change(
    actor: Actor, request_id: UUID, version: int, states: frozenset[State] | None = None
) -> RightsRequest:
    actor.require(Permission.RIGHTS_WRITE)
    query = _all(actor).where(RightsRequest.id == request_id).with_for_update()
    request = session.scalar(query)
    if request is None:
        raise NotFound(request_id)
    if request.version != version or (states is not None and request.state not in states):
        raise Conflict(request_id)
    return request


def _get(actor: Actor, request_id: UUID) -> RightsRequest:
    actor.require(Permission.RIGHTS_READ)
    request = session.scalar(_all(actor).where(RightsRequest.id == request_id))
    if request is None:
        raise NotFound(request_id)
    return request


def _all(actor: Actor) -> Select[RightsRequest]:
    return select(RightsRequest).where(RightsRequest.facility_id == actor.facility_id)


def _note(actor: Actor, action: Action, request: RightsRequest) -> None:
    record(
        actor,
        action,
        case_id=request.case_id,
        subject_kind="rights_request",
        subject_id=request.id,
    )


def _open(actor: Actor, request: RightsRequest, action: Action) -> None:
    open_keys(
        actor,
        request.id,
        OVERSIGHT,
        purpose=Purpose.OVERSIGHT,
        case_id=request.case_id,
        action=action,
    )


def _long_enough(reason: str) -> str:
    if len(reason.strip()) < REASON_LENGTH:
        raise Invalid("reason", "too_short")
    return reason.strip()
