"""Who had to do with which case, and when: from the tables of care, and from the log."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias
from uuid import UUID

from sqlalchemy import select

from casemgr.access import Actor
from casemgr.audit import Action, AuditEntry
from casemgr.cases.models import CareTeamMember, Case, Task
from casemgr.db import session
from casemgr.privacy.detection.rules.facts import Care, CaseFacts, Span
from casemgr.privacy.detection.rules.window import Pair

# Whoever began a case, linked a screening to it or referred it has to do with it for a while (R6).
ORIGIN: Final = timedelta(hours=72)
# A place on the team of a case at rest explains what is tidied up after its end, and no more.
AFTER_REST: Final = timedelta(days=30)
BATCH: Final = 500
_BEGINNING = (
    Action.CASE_OPENED,
    Action.SCREENING_LINKED,
    Action.REFERRAL_RECEIVED,
    Action.CASE_HANDED_OVER,
    Action.NOTICE_ACKNOWLEDGED,
)
# Rooms above say which cases are flagged; none does yet.
Flags: TypeAlias = Callable[[Actor, Collection[UUID]], Collection[UUID]]
flags: list[Flags] = []


def relations(actor: Actor, case_ids: Iterable[UUID]) -> tuple[Care, dict[UUID, CaseFacts]]:
    """Care of these cases, and what is public about them."""
    spans: dict[Pair, list[Span]] = defaultdict(list)
    tasks: dict[Pair, list[Span]] = defaultdict(list)
    facts: dict[UUID, CaseFacts] = {}
    ids = sorted(case_ids)
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        _add_origins(actor, batch, spans)
        _add_tasks(batch, tasks)
        facts |= _add_places(actor, batch, spans)
    return Care(spans, tasks), facts


def _add_places(
    actor: Actor, case_ids: list[UUID], spans: dict[Pair, list[Span]]
) -> dict[UUID, CaseFacts]:
    flagged: set[UUID] = set().union(*(flag(actor, case_ids) for flag in flags))
    query = select(Case.id, Case.closed_at, Case.assignee_id).where(
        Case.facility_id == actor.facility_id, Case.id.in_(case_ids)
    )
    cases = session.execute(query).all()
    closed = {row.id: row.closed_at for row in cases}
    first: dict[UUID, datetime] = {}
    places = select(CareTeamMember).where(CareTeamMember.case_id.in_(closed))
    for place in session.scalars(places.order_by(CareTeamMember.added_at)):
        first.setdefault(place.case_id, place.added_at)
        rest = closed[place.case_id]
        ends = [place.ended_at, place.expires_at, rest + AFTER_REST if rest else None]
        until = min((end for end in ends if end is not None), default=None)
        spans[place.account_id, place.case_id].append(Span(place.added_at, until))
    return {
        row.id: CaseFacts(
            closed_at=row.closed_at,
            untaken_until=first.get(row.id, row.closed_at),
            was_taken=row.id in first or row.closed_at is not None,
            is_flagged=row.id in flagged,
        )
        for row in cases
    }


def _add_tasks(case_ids: list[UUID], tasks: dict[Pair, list[Span]]) -> None:
    query = select(Task.id, Task.assignee_id, Task.case_id, Task.done_at)
    for row in session.execute(query.where(Task.case_id.in_(case_ids))):
        if row.assignee_id is not None:
            tasks[row.assignee_id, row.case_id].append(Span(_made_at(row.id), row.done_at))


def _add_origins(actor: Actor, case_ids: list[UUID], spans: dict[Pair, list[Span]]) -> None:
    query = select(AuditEntry.account_id, AuditEntry.case_id, AuditEntry.at).where(
        AuditEntry.facility_id == actor.facility_id,
        AuditEntry.case_id.in_(case_ids),
        AuditEntry.action.in_(_BEGINNING),
        AuditEntry.account_id.is_not(None),
    )
    for row in session.execute(query):
        # The parts are opened in the same breath, some a moment before the entry.
        since = row.at - timedelta(minutes=1)
        spans[row.account_id, row.case_id].append(Span(since, row.at + ORIGIN))


def _made_at(row_id: UUID) -> datetime:
    """When a row was made, as its UUIDv7 says (casemgr.db.ids)."""
    return datetime.fromtimestamp((row_id.int >> 80) / 1000, UTC)
