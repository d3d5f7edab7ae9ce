"""Sittings that go: those that opened no case after their time, and those of an erased case."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from casemgr import clock
from casemgr.access import Actor, Compartment
from casemgr.audit import Action, record
from casemgr.cases.erasing import Belongings, Parts, forget_keys
from casemgr.cases.models import Case
from casemgr.db import new_id, session
from casemgr.screenings.counting import count_in
from casemgr.screenings.models import Sitting

KEPT = timedelta(days=365)  # dated setting of 2026-11, proposal: 12 months after it was opened
BATCH = 200
EPISODE = Compartment.EPISODE


def erase_old(actor: Actor) -> int:
    """Worker: erase sittings that opened no case and are older than KEPT. Returns how many.

    They are counted first, in the same transaction. A batch at a time; the next round goes on.
    """
    query = (
        select(Sitting)
        .where(
            Sitting.facility_id == actor.facility_id,
            Sitting.case_id.is_(None),
            Sitting.opened_at < clock.now() - KEPT,
        )
        .order_by(Sitting.opened_at)
        .limit(BATCH)
        .with_for_update()
    )
    old = session.scalars(query).all()
    if not old:
        return 0
    ids = [sitting.id for sitting in old]
    count_in(actor.facility_id, old)
    cause_id = new_id()
    record(actor, Action.SITTINGS_ERASED, subject_kind="erasure", subject_id=cause_id, shown=ids)
    _erase(actor, ids, cause_id)
    return len(ids)


def on_erasure(actor: Actor, case: Case, parts: Parts, _cause_id: UUID) -> Belongings:
    """Hook of the cases room: the sittings that led to the case go with what happened."""
    if EPISODE not in parts:
        return Belongings()
    query = select(Sitting).where(Sitting.case_id == case.id).order_by(Sitting.opened_at)
    led = session.scalars(query).all()
    ids = [sitting.id for sitting in led]
    count_in(actor.facility_id, led)
    return Belongings(frozenset((sitting_id, EPISODE.value) for sitting_id in ids))


def _erase(actor: Actor, ids: list[UUID], cause_id: UUID) -> None:
    forget_keys(actor, [(sitting_id, EPISODE.value) for sitting_id in ids], cause_id)
