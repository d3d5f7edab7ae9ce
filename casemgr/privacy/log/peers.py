"""A colleague's day beside their own thirty days before it and beside others of the same role."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from statistics import mean, median
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from casemgr import clock
from casemgr.audit import Action, AuditEntry, Outcome
from casemgr.db import session

OWN_DAYS = 30
READING = (
    Action.CASE_SHOWN,
    Action.COMPARTMENT_OPENED,
    Action.SCREENING_SHOWN,
    Action.REFERRAL_SHOWN,
    Action.ATTACHMENT_OPENED,
)
TAKING_OUT = (
    Action.LETTER_PRINTED,
    Action.CERTIFICATE_PRINTED,
    Action.LOG_EXPORTED,
    Action.ATTACHMENT_OPENED,
)


@dataclass(frozen=True, slots=True)
class Measures:
    """What one person did on one day, in numbers."""

    reads: int = 0
    searches: int = 0
    cases: int = 0  # distinct ones
    refusals: int = 0
    taken_out: int = 0  # prints, downloads, exports


@dataclass(frozen=True, slots=True)
class Comparison:
    """One measure of the day. None: there is nothing to compare with."""

    name: str
    own: int
    own_mean: float | None  # of the days on which they did anything, in the 30 days before
    peers_median: float | None  # of the others of the same role who did anything on that day


def compare(account_id: UUID, peers: Sequence[UUID], day: date) -> list[Comparison]:
    """Every measure of one day; the caller has checked the right and recorded the reading."""
    own = _of_day([account_id], day).get(account_id, Measures())
    before = _of_days_before(account_id, day)
    others = list(_of_day(peers, day).values()) if peers else []
    return [
        Comparison(
            name=field.name,
            own=getattr(own, field.name),
            own_mean=mean(getattr(one, field.name) for one in before) if before else None,
            peers_median=median(getattr(one, field.name) for one in others) if others else None,
        )
        for field in fields(Measures)
    ]


def _of_day(people: Iterable[UUID], day: date) -> Mapping[UUID, Measures]:
    """Each of them who did anything on that day."""
    start = clock.at_hospital(day)
    query = select(AuditEntry.account_id, *_sums()).where(
        AuditEntry.account_id.in_(people), *_between(start, start + timedelta(days=1))
    )
    rows = session.execute(query.group_by(AuditEntry.account_id))
    return {row[0]: Measures(*row[1:]) for row in rows}


def _of_days_before(account_id: UUID, day: date) -> list[Measures]:
    """The days before on which they did anything; one question for each, by one index."""
    found = []
    for back in range(1, OWN_DAYS + 1):
        measures = _of_day([account_id], day - timedelta(days=back)).get(account_id)
        found += [] if measures is None else [measures]
    return found


def _sums() -> list[ColumnElement[Any]]:
    action, outcome = AuditEntry.action, AuditEntry.outcome
    done = outcome == Outcome.DONE
    return [
        func.count().filter(action.in_(READING), done),
        func.count().filter(action == Action.CASES_SEARCHED, done),
        func.count(AuditEntry.case_id.distinct()),
        func.count().filter(outcome == Outcome.REFUSED),
        func.count().filter(action.in_(TAKING_OUT), done),
    ]


def _between(start: datetime, end: datetime) -> tuple[ColumnElement[bool], ...]:
    return AuditEntry.at >= start, AuditEntry.at < end
