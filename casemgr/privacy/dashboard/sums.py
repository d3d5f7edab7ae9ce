"""Keeping the sums of the log: a day is counted over its own range of the index, never the whole log.

Entries are never changed, so a day that is over is counted again for an hour, for what was committed
late, and then stands.
"""

from datetime import date, timedelta

from sqlalchemy import func, select

from casemgr import clock
from casemgr.access import Actor
from casemgr.audit import Action, AuditEntry, Outcome, record
from casemgr.db import session
from casemgr.privacy.dashboard.models import LogDay
from casemgr.privacy.dashboard.rules import Sum, days

ROUND = "log-sums"  # the name of the system actor
LATE_COMMITS = timedelta(hours=1)  # far longer than any transaction lasts
MOST_AT_ONCE = 31  # days that one round counts: a long log is caught up over many rounds


def sum_days(actor: Actor) -> int:
    """Worker: count the days since the last sum. Returns how many sums changed; an entry if any."""
    changed = sum(_sum_day(actor, day) for day in _days_to_count(actor))
    if changed:
        record(actor, Action.DAYS_SUMMED, count=changed)
        session.flush()
    return changed


def sums_between(actor: Actor, first: date, last: date) -> list[Sum]:
    """The sums of a period; the caller has checked the right and leaves the entry."""
    query = select(LogDay).where(
        LogDay.facility_id == actor.facility_id, LogDay.day.between(first, last)
    )
    rows = session.scalars(query.order_by(LogDay.day))
    return [Sum(row.day, row.action, row.outcome, row.acts) for row in rows]


def are_counted(actor: Actor, last: date) -> bool:
    """Whether every day with entries up to this one has its sums; today's are of some minutes ago."""
    newest = session.scalar(
        select(func.max(LogDay.day)).where(LogDay.facility_id == actor.facility_id)
    )
    beyond = select(AuditEntry.id).where(
        AuditEntry.facility_id == actor.facility_id,
        AuditEntry.at < clock.at_hospital(last + timedelta(days=1)),
    )
    if newest:
        beyond = beyond.where(AuditEntry.at >= clock.at_hospital(newest + timedelta(days=1)))
    return session.scalar(beyond.limit(1)) is None


def _days_to_count(actor: Actor) -> list[date]:
    """The newest summed day once more, then the next with entries, some at once.

    The day before the newest is counted again while it is young: something may have been committed
    late. Days without any entry are passed over: a gap of months takes no round of its own.
    """
    newest = session.scalar(
        select(func.max(LogDay.day)).where(LogDay.facility_id == actor.facility_id)
    )
    again = [newest] if newest else []
    if newest and clock.now() < clock.at_hospital(newest) + LATE_COMMITS:
        again.append(newest - timedelta(days=1))
    following = select(AuditEntry.at).where(AuditEntry.facility_id == actor.facility_id)
    if newest:
        end = clock.at_hospital(newest + timedelta(days=1))
        following = following.where(AuditEntry.at >= end)
    at = session.scalar(following.order_by(AuditEntry.at).limit(1))
    if at is None:
        return again
    first = clock.to_local(at).date()
    last = min(clock.today(), first + timedelta(days=MOST_AT_ONCE - 1))
    return [*again, *days(first, last)]


def _sum_day(actor: Actor, day: date) -> int:
    """Bring the rows of one day up to the log. The sums' own entries are not counted."""
    columns = (AuditEntry.action, AuditEntry.outcome)
    counted = select(*columns, func.count()).where(
        AuditEntry.facility_id == actor.facility_id,
        AuditEntry.at >= clock.at_hospital(day),
        AuditEntry.at < clock.at_hospital(day + timedelta(days=1)),
        AuditEntry.action != Action.DAYS_SUMMED,
    )
    rows = {(row.action, row.outcome): row for row in _rows(actor, day)}
    changed = 0
    for action, outcome, acts in session.execute(counted.group_by(*columns)):
        changed += _keep(actor, day, rows.get((action, outcome)), action, outcome, acts)
    return changed


def _rows(actor: Actor, day: date) -> list[LogDay]:
    query = select(LogDay).where(LogDay.facility_id == actor.facility_id, LogDay.day == day)
    return list(session.scalars(query))


def _keep(
    actor: Actor, day: date, row: LogDay | None, action: Action, outcome: Outcome, acts: int
) -> int:
    if row is None:
        row = LogDay(
            facility_id=actor.facility_id, day=day, action=action, outcome=outcome, acts=acts
        )
        session.add(row)
        return 1
    if row.acts == acts:
        return 0
    row.acts = acts
    return 1
