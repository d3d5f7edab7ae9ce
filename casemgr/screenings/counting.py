"""Counts of sittings that outlive them: one sealed sum per department and month (table B6).

Made by the system actor ``statistics`` in the transaction that erases the sittings, so that each is
counted exactly once. A report reads the sum and counts what has not been erased beside it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import select

from casemgr import clock
from casemgr.access import Actor, Compartment, Purpose
from casemgr.access.actor import system_actor
from casemgr.access.opening import apart, open_keys, open_many
from casemgr.audit import Action, Outcome, record
from casemgr.crypto.errors import SealBroken
from casemgr.db import session
from casemgr.screenings.models import Sitting, SittingCount

_FACTS = frozenset({Compartment.EPISODE})
Place = tuple[str, str]  # month, department


def month_of(sitting: Sitting) -> str:
    """The hospital's month in which the sitting was opened, as 2026-11."""
    return f"{clock.to_local(sitting.opened_at):%Y-%m}"


def count_in(facility_id: UUID, sittings: Sequence[Sitting]) -> None:
    """Add these sittings to the sums, before they are erased; on record."""
    if not sittings:
        return
    actor = system_actor("statistics", facility_id)
    ids = [sitting.id for sitting in sittings]
    session.flush()  # with the keys that the caller holds: in here there are others
    with apart():
        record(
            actor,
            Action.SITTINGS_COUNTED,
            compartments=_FACTS,
            purpose=Purpose.STATISTICS,
            shown=ids,
        )
        open_many(actor, ids, _FACTS)
        found = _tally(actor, sittings)
        open_keys(actor, facility_id, _FACTS, purpose=Purpose.STATISTICS)
        _add(actor, found)
        session.flush()


def sums(actor: Actor, month: str) -> Mapping[str, Mapping[str, int]]:
    """The sums of one month by department, of erased sittings: ``raft 1/positive`` → how many.

    For the reports; the caller is their system actor, and has decided.
    """
    open_keys(actor, actor.facility_id, _FACTS, purpose=Purpose.STATISTICS)
    rows = _of_month(actor, month)
    return {department: dict(row.counts or {}) for department, row in rows.items()}


def _tally(actor: Actor, sittings: Iterable[Sitting]) -> dict[Place, Counter[str]]:
    found: dict[Place, Counter[str]] = defaultdict(Counter)
    for sitting in sittings:
        try:
            kind = f"{sitting.instrument_slug or '-'} {sitting.instrument_version or '-'}"
            result = sitting.outcome.value if sitting.outcome else "-"
            place = (month_of(sitting), sitting.department or "")
        except SealBroken:
            kind, result, place = "-", "unreadable", (month_of(sitting), "")
            record(
                actor,
                Action.SEAL_BROKEN,
                outcome=Outcome.FAILED,
                subject_kind="screening",
                subject_id=sitting.id,
            )
        found[place][f"{kind}/{result}"] += 1
    return found


def _add(actor: Actor, found: Mapping[Place, Counter[str]]) -> None:
    for month in sorted({month for month, _ in found}):
        rows = _of_month(actor, month)
        for (at, department), counts in found.items():
            if at != month:
                continue
            row = rows.get(department)
            if row is None:
                row = SittingCount(facility_id=actor.facility_id, month=month)
                session.add(row)
                row.department = department
            row.counts = dict(Counter(row.counts or {}) + counts)


def _of_month(actor: Actor, month: str) -> dict[str, SittingCount]:
    """The sums of a month by department; a broken one is on record and holds nobody up."""
    query = select(SittingCount).where(
        SittingCount.facility_id == actor.facility_id, SittingCount.month == month
    )
    rows = {}
    for row in session.scalars(query):
        try:
            rows[row.department or ""] = row
        except SealBroken:
            record(actor, Action.SEAL_BROKEN, outcome=Outcome.FAILED, subject_id=row.id)
    return rows
