"""Writing jobs in the causing transaction (I14): no act without its consequence, nor without it."""

from datetime import datetime
from uuid import UUID

from casemgr import clock
from casemgr.access import Actor
from casemgr.db import session
from casemgr.work.models import Job


def enqueue(actor: Actor, kind: str, ref_id: UUID, run_at: datetime | None = None) -> Job:
    """Ask the worker to do ``kind`` for ``ref_id``, at ``run_at`` or as soon as it can."""
    job = Job(facility_id=actor.facility_id, kind=kind, ref_id=ref_id, run_at=run_at or clock.now())
    session.add(job)
    return job
