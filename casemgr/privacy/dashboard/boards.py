"""What the dashboard shows, and the monthly report made of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import Select, select

from casemgr import clock
from casemgr.access import Actor, Compartment, Invalid, NotFound, Permission, Purpose
from casemgr.access.actor import system_actor
from casemgr.access.opening import open_keys
from casemgr.audit import Action, Outcome, record
from casemgr.db import new_id, session
from casemgr.privacy.breaches import records as breaches
from casemgr.privacy.breaches.models import Breach
from casemgr.privacy.breaches.rules import CLOCK_RUNS, BreachState
from casemgr.privacy.dashboard import rules, sums
from casemgr.privacy.dashboard.hooks import Due, Proof, Tally, hooks
from casemgr.privacy.dashboard.models import MonthlyReport
from casemgr.privacy.dashboard.rules import Group, Sum

REPORTING = "monthly_report"  # the system actor that counts for it
SHOWN_DAYS = 30
LISTED = 60


@dataclass(frozen=True, slots=True)
class Board:
    """One look at everything."""

    first: date
    last: date
    by_outcome: Mapping[Outcome, Sequence[int]]  # one number per day
    by_group: Mapping[Group, Sequence[int]]
    tallies: Mapping[str, Tally]
    proof: Proof
    reviews: Due
    rights: Due
    breaches: Sequence[Breach]  # whose clock runs

    @property
    def days(self) -> list[date]:
        """The days of the numbers."""
        return list(rules.days(self.first, self.last))


def show_board(actor: Actor) -> Board:
    """The last thirty days and what is open now; on record."""
    actor.require(Permission.LOG_READ)
    last = clock.today()
    first = last - timedelta(days=SHOWN_DAYS - 1)
    found = sums.sums_between(actor, first, last)
    record(actor, Action.DASHBOARD_SHOWN, purpose=Purpose.OVERSIGHT)
    spread = _spread(found, first, last)
    return Board(
        first=first,
        last=last,
        by_outcome=spread[0],
        by_group=spread[1],
        tallies=hooks.verdicts(actor),
        proof=hooks.proof(actor),
        reviews=hooks.reviews(actor),
        rights=hooks.rights(actor),
        breaches=breaches.list_running(actor),
    )


def make_report(actor: Actor, first: date, last: date) -> MonthlyReport:
    """Make the report of a period that has begun; written once, numbers only.

    Raises Denied, Invalid on ``last_day`` (before_first, too_long, future, counting).
    """
    actor.require(Permission.REPORT_MAKE)
    if last < first:
        raise Invalid("last_day", "before_first")
    if last > clock.today():
        raise Invalid("last_day", "future")
    if (last - first).days >= rules.MOST_DAYS:
        raise Invalid("last_day", "too_long")
    if not sums.are_counted(actor, last):
        raise Invalid("last_day", "counting")
    # Whoever makes it may be concerned by some of it: the hospital's numbers are not theirs.
    numbers = _numbers(system_actor(REPORTING, actor.facility_id, actor.channel), first, last)
    report = MonthlyReport(
        id=new_id(),
        facility_id=actor.facility_id,
        first_day=first,
        last_day=last,
        made_at=clock.now(),
        made_by=actor.known_id,
    )
    _open(actor, report, Action.REPORT_MADE)
    session.add(report)
    report.numbers = {name: rules.told(number) for name, number in numbers.items()}
    session.flush()
    return report


def show_report(actor: Actor, report_id: UUID) -> MonthlyReport:
    """One report, opened on record. Raises NotFound, Denied."""
    actor.require(Permission.REPORT_READ)
    report = session.scalar(_reports(actor).where(MonthlyReport.id == report_id))
    if report is None:
        raise NotFound(report_id)
    _open(actor, report, Action.REPORT_SHOWN)
    return report


def list_reports(actor: Actor) -> Sequence[MonthlyReport]:
    """The newest reports, still sealed: periods and who made them; on record."""
    actor.require(Permission.REPORT_READ)
    query = _reports(actor).order_by(MonthlyReport.made_at.desc()).limit(LISTED)
    rows = session.scalars(query).all()
    record(actor, Action.REPORT_SHOWN, shown=[row.id for row in rows], count=len(rows))
    return rows


def _numbers(actor: Actor, first: date, last: date) -> dict[str, int]:
    counted: Counter[str] = Counter({f"group.{group}": 0 for group in Group})
    for each in sums.sums_between(actor, first, last):
        for group in rules.groups_of(each.action, each.outcome):
            counted[f"group.{group}"] += each.acts
    for tally in hooks.verdicts(actor).values():
        counted["alerts.confirmed"] += tally.confirmed
        counted["alerts.mistakes"] += tally.mistakes
        counted["alerts.explained"] += tally.explained
        counted["alerts.open"] += tally.open
    return dict(counted) | _breach_numbers(actor, first, last) | _due_numbers(actor)


def _breach_numbers(actor: Actor, first: date, last: date) -> dict[str, int]:
    begin = clock.at_hospital(first)
    end = clock.at_hospital(last + timedelta(days=1))
    rows = session.scalars(
        select(Breach).where(
            Breach.facility_id == actor.facility_id,
            Breach.detected_at >= begin,
            Breach.detected_at < end,
        )
    ).all()
    late = [row for row in rows if breaches.clock_of(row).is_over]
    return {
        "breaches.detected": len(rows),
        "breaches.notified": len([row for row in rows if row.notified_at]),
        "breaches.late": len(late),
        "breaches.not_notifiable": len(
            [row for row in rows if not row.notified_at and row.state not in CLOCK_RUNS]
        ),
        "breaches.open": len([row for row in rows if row.state is not BreachState.CLOSED]),
    }


def _due_numbers(actor: Actor) -> dict[str, int]:
    reviews, rights = hooks.reviews(actor), hooks.rights(actor)
    return {
        "reviews.waiting": reviews.waiting,
        "reviews.overdue": reviews.overdue,
        "rights.waiting": rights.waiting,
        "rights.overdue": rights.overdue,
    }


def _spread(
    found: Sequence[Sum], first: date, last: date
) -> tuple[dict[Outcome, list[int]], dict[Group, list[int]]]:
    length = (last - first).days + 1
    by_outcome = {outcome: [0] * length for outcome in Outcome}
    by_group = {group: [0] * length for group in Group}
    for each in found:
        place = (each.day - first).days
        by_outcome[each.outcome][place] += each.acts
        for group in rules.groups_of(each.action, each.outcome):
            by_group[group][place] += each.acts
    return by_outcome, by_group


def _reports(actor: Actor) -> Select[MonthlyReport]:
    return select(MonthlyReport).where(MonthlyReport.facility_id == actor.facility_id)


def _open(actor: Actor, report: MonthlyReport, action: Action) -> None:
    open_keys(actor, report.id, {Compartment.OVERSIGHT}, purpose=Purpose.OVERSIGHT, action=action)
