"""Asking for an erasure, deciding about it, calling it off: two people, a reason, seven days.

The privacy officer asks, the director approves, never the same account. Nobody of them opens the
case: they see its code, its parts, and why a part is kept.
"""

from collections.abc import Collection

from sqlalchemy import select

from casemgr import clock
from casemgr.access import Actor, Compartment, Invalid, Permission
from casemgr.audit import Action
from casemgr.cases import codes
from casemgr.cases.models import Case
from casemgr.cases.retention import ERASABLE, Keeping, RecordKind
from casemgr.cases.rules import AT_REST
from casemgr.db import new_id, session
from casemgr.privacy.erasure import assessing
from casemgr.privacy.erasure.deciding import (
    CARRY_OUT,
    approve,
    cancel,
    lift_restriction,
    note_told,
    refuse,
)
from casemgr.privacy.erasure.models import Erasure, ErasurePart
from casemgr.privacy.erasure.records import (
    count_not_final,
    count_to_decide,
    list_erasures,
    long_enough,
    open_erasure,
    show,
    show_part,
)
from casemgr.privacy.erasure.rules import PENDING, Basis
from casemgr.privacy.erasure.rules import ErasureState as State

__all__ = [
    "CARRY_OUT",
    "approve",
    "cancel",
    "count_not_final",
    "count_to_decide",
    "lift_restriction",
    "list_erasures",
    "note_told",
    "refuse",
    "show",
    "show_part",
]  # asked for here; they stand in erasure_records.py and deciding.py


def request_erasure(
    actor: Actor,
    code: str,
    *,
    basis: Basis,
    reason: str,
    record_kind: RecordKind,
    parts: Collection[Compartment] = ERASABLE,
) -> Erasure:
    """Ask that parts of a case at rest be erased; each part gets its answer at once.

    Raises Invalid on ``case_code`` (unknown_code, at_work, asked_already), ``parts`` or ``reason``.
    """
    actor.require(Permission.ERASURE_REQUEST)
    case = _case_at_rest(actor, code)
    wanted = assessing.holding_something(case, set(parts) & set(ERASABLE))
    if not wanted:
        raise Invalid("parts", "nothing_there")
    erasure = Erasure(
        id=new_id(),
        facility_id=actor.facility_id,
        case_id=case.id,
        state=State.REQUESTED,
        requested_by=actor.known_id,
        requested_at=clock.now(),
    )
    open_erasure(actor, erasure, Action.ERASURE_REQUESTED)
    session.add(erasure)
    erasure.basis, erasure.record_kind = basis, record_kind
    erasure.reason = long_enough(reason)
    session.flush()
    for part, answer in assessing.assess(actor, case, wanted, record_kind).items():
        row = ErasurePart(
            facility_id=actor.facility_id, erasure_id=erasure.id, compartment=part.value
        )
        session.add(row)
        row.keeping = answer.keeping if answer else None
        row.kept_until = answer.until if answer else None
    session.flush()
    return erasure


def _case_at_rest(actor: Actor, code: str) -> Case:
    found = codes.with_code(actor, code)
    if found is None:
        raise Invalid("case_code", "unknown_code")
    case = session.get_one(Case, found.id, with_for_update=True)
    if case.state not in AT_REST:
        raise Invalid("case_code", Keeping.AT_WORK.value)
    pending = select(Erasure.id).where(Erasure.case_id == case.id, Erasure.state.in_(PENDING))
    if session.scalar(pending) is not None:
        raise Invalid("case_code", "asked_already")
    return case
