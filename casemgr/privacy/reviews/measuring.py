"""How reviews went: for the precision of each rule, and for the dashboard. Counts only."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from uuid import UUID

from sqlalchemy import func, select

from casemgr import clock
from casemgr.access import Actor, Permission, Purpose
from casemgr.access.opening import open_many
from casemgr.audit import Action, AuditEntry, record
from casemgr.crypto.errors import SealBroken
from casemgr.db import session
from casemgr.privacy.reviews.hooks import is_excluded
from casemgr.privacy.reviews.items import LOOKED_AT, OVERSIGHT, parts_of
from casemgr.privacy.reviews.models import ReviewItem, ReviewSignal
from casemgr.privacy.reviews.reach import cases_of
from casemgr.privacy.reviews.rules import CONFIRMED, REPEATED, ReviewKind, ReviewState, Verdict

JUDGED_FOR = timedelta(days=365)  # verdicts that tell how good a rule is today
COUNTED = 5000


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is open now, and how much of it is past its term."""

    waiting: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the findings of one rule."""

    confirmed: int  # misuse
    explained: int
    open: int
    mistakes: int = 0  # in good faith

    @property
    def precision(self) -> float | None:
        """The share of the closed ones that had no good reason; None before the first."""
        right = self.confirmed + self.mistakes
        closed = right + self.explained
        return right / closed if closed else None


@dataclass(frozen=True, slots=True)
class Measures:
    """How the reviews raised since some moment went (audit.md §5). Times in hours."""

    raised: int
    open: int
    overdue: int
    median_hours_to_first_look: float | None
    median_hours_to_close: float | None
    break_glass_in_time: float | None  # share of the closed ones
    repeated_colleagues: int  # with two or more confirmed reviews
    sample_violation_rate: float | None  # share of the closed samples: what the rules miss


def verdicts_by_rule(actor: Actor) -> dict[str, Tally]:
    """Each rule's findings of the last year by verdict; on record, one entry."""
    items = _judged(actor, clock.now() - JUDGED_FOR)
    signals = parts_of(ReviewSignal, [item.id for item in items])
    counted: dict[str, Counter[str]] = {}
    for item in items:
        outcome = _outcome(item)
        for rule in _rules_of(signals[item.id]):
            counted.setdefault(rule, Counter())[outcome] += 1
    return {
        rule: Tally(number["confirmed"], number["explained"], number["open"], number["mistake"])
        for rule, number in counted.items()
    }


def findings_by_rule(actor: Actor, since: datetime) -> dict[str, int]:
    """How many findings each rule told of since then, in reviews not about the reader; on record."""
    items = _judged(actor, since - JUDGED_FOR)
    counted: Counter[str] = Counter()
    for signals in parts_of(ReviewSignal, [item.id for item in items]).values():
        for signal in signals:
            if signal.raised_at >= since:
                counted.update(_rules_of([signal]))
    return dict(counted)


def measures(actor: Actor, since: datetime) -> Measures:
    """How the reviews raised since then went, but for those about the reader; on record."""
    items = _judged(actor, since)
    closed = [item for item in items if item.state is ReviewState.CLOSED]
    looks = _first_looks(actor, items)
    confirmed = Counter(item.about_id for item in closed if _outcome(item) == "confirmed")
    samples = [item for item in closed if item.kind is ReviewKind.SAMPLE]
    glass = [item for item in closed if item.kind is ReviewKind.BREAK_GLASS]
    now = clock.now()
    return Measures(
        raised=len(items),
        open=len(items) - len(closed),
        overdue=sum(item.due_at < now for item in items if item not in closed),
        median_hours_to_first_look=_median(
            (looks[item.id], item.raised_at) for item in items if item.id in looks
        ),
        median_hours_to_close=_median(
            (item.closed_at, item.raised_at) for item in closed if item.closed_at
        ),
        break_glass_in_time=_share(bool(i.closed_at and i.closed_at <= i.due_at) for i in glass),
        repeated_colleagues=sum(
            number >= REPEATED for who, number in confirmed.items() if who is not None
        ),
        sample_violation_rate=_share(_outcome(item) == "confirmed" for item in samples),
    )


def waiting(actor: Actor) -> Waiting:
    """What is open now of every kind, but for what is about the reader; for the dashboard."""
    _may_count(actor)
    query = select(ReviewItem).where(
        ReviewItem.facility_id == actor.facility_id, ReviewItem.state != ReviewState.CLOSED
    )
    found = _not_hidden(actor, session.scalars(query).all())
    now = clock.now()
    return Waiting(len(found), sum(item.due_at < now for item in found))


def _may_count(actor: Actor) -> None:
    """Who reviews, and the system for a report. Raises Denied."""
    if actor.is_signed_in or not actor.system_name:
        actor.require(Permission.REVIEW_READ)


def _judged(actor: Actor, since: datetime) -> list[ReviewItem]:
    """Reviews raised since then, opened: none about the reader, or what they are excluded from."""
    _may_count(actor)
    query = (
        select(ReviewItem)
        .where(
            ReviewItem.facility_id == actor.facility_id,
            ReviewItem.kind.in_(LOOKED_AT),
            ReviewItem.raised_at >= since,
        )
        .order_by(ReviewItem.raised_at.desc())
        .limit(COUNTED)
    )
    found = _not_hidden(actor, session.scalars(query).all())
    record(
        actor,
        Action.REVIEWS_COUNTED,
        compartments=OVERSIGHT,
        purpose=Purpose.STATISTICS,
        count=len(found),
    )
    open_many(actor, [row.id for row in found], OVERSIGHT)
    return found


def _not_hidden(actor: Actor, rows: Sequence[ReviewItem]) -> list[ReviewItem]:
    """Without those about the reader, or about a case from which they are excluded."""
    who = actor.account_id
    if who is None:
        return list(rows)
    others = [row for row in rows if row.about_id != who]
    cases = cases_of(others)
    return [row for row in others if not any(is_excluded(who, case) for case in cases[row.id])]


def _outcome(item: ReviewItem) -> str:
    """confirmed, mistake, explained, open; unreadable where the verdict's seal is broken."""
    if item.state is not ReviewState.CLOSED:
        return "open"
    try:
        verdict: Verdict | None = item.verdict
    except SealBroken:
        return "unreadable"
    if verdict is Verdict.TRAINING:
        return "mistake"
    return "confirmed" if verdict in CONFIRMED else "explained"


def _rules_of(signals: Sequence[ReviewSignal]) -> set[str]:
    found: set[str] = set()
    for signal in signals:
        try:
            found.add(signal.rule or "")
        except SealBroken:
            found.add("")  # told of, without its name
    return found


def _first_looks(actor: Actor, items: Sequence[ReviewItem]) -> Mapping[UUID, datetime]:
    """When each was first looked at, as the log says: looking itself changes nothing."""
    query = (
        select(AuditEntry.subject_id, func.min(AuditEntry.at))
        .where(
            AuditEntry.facility_id == actor.facility_id,
            AuditEntry.action == Action.REVIEW_SHOWN,
            AuditEntry.at >= min((item.raised_at for item in items), default=clock.now()),
        )
        .group_by(AuditEntry.subject_id)
    )
    return {subject_id: at for subject_id, at in session.execute(query) if subject_id}


def _median(spans: Iterable[tuple[datetime, datetime]]) -> float | None:
    hours = [(end - begin) / timedelta(hours=1) for end, begin in spans]
    return median(hours) if hours else None


def _share(facts: Iterable[bool]) -> float | None:
    found = list(facts)
    return sum(found) / len(found) if found else None
