"""What was done in a case, for its team: who and when from the log, never what was written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from casemgr.access import Actor, Role
from casemgr.audit import Action, AuditEntry, Outcome
from casemgr.cases.models import Case
from casemgr.cases.rules import CaseState
from casemgr.db import session

# Acts on the case. Who read what is for the privacy officer (domain R26), not for colleagues.
_THINGS = frozenset(
    {
        "attachment",
        "case",
        "clinical",
        "consent",
        "contact",
        "ground",
        "identity",
        "letter",
        "note",
        "notice",
        "referral",
        "social",
        "task",
        "team",
    }
)
_READING = frozenset({"shown", "listed", "searched"})
ACTS = [
    action
    for action in Action
    if action.value.partition(".")[0] in _THINGS and action.value.partition(".")[2] not in _READING
]
LIMIT = 300


@dataclass(frozen=True, slots=True)
class Moment:
    """One act: when, by whom, and as much of its subject as may be said."""

    at: datetime
    account_id: UUID | None
    action: Action
    state: CaseState | None
    colleague_id: UUID | None
    role: Role | None


def timeline(actor: Actor, case: Case, limit: int = LIMIT) -> list[Moment]:
    """The newest acts on a case that the caller may read."""
    query = (
        select(AuditEntry)
        .where(
            AuditEntry.facility_id == actor.facility_id,
            AuditEntry.case_id == case.id,
            AuditEntry.action.in_(ACTS),
            AuditEntry.outcome == Outcome.DONE,
        )
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(limit)
    )
    return [_moment(entry) for entry in session.scalars(query)]


def people_in(moments: Sequence[Moment]) -> set[UUID | None]:
    """Everybody whose name the timeline needs."""
    return {item.account_id for item in moments} | {item.colleague_id for item in moments}


def _moment(entry: AuditEntry) -> Moment:
    kind, _, detail = (entry.subject_kind or "").partition(":")
    state = CaseState(detail) if kind == "state" and detail in set(CaseState) else None
    colleague_id = entry.subject_id if kind == "account" else None
    role = Role(detail) if kind == "role" and detail in set(Role) else None
    return Moment(entry.at, entry.account_id, entry.action, state, colleague_id, role)
