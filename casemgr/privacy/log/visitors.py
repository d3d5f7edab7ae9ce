"""Everybody who touched one case, summed up (R12)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, select

from casemgr.access import Actor
from casemgr.accounts import service as accounts
from casemgr.audit import AuditEntry, Outcome
from casemgr.db import session
from casemgr.privacy.log.query import all_of, branches
from casemgr.privacy.log.rules import Filters

SUMMARY_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Visitor:
    """What one person did on one case, summed up."""

    who: str | None
    acting_as: str
    acts: int
    refused: int
    first_at: datetime
    last_at: datetime
    compartments: tuple[str, ...]


def visitors_of(actor: Actor, case_id: UUID, until: datetime | None) -> list[Visitor]:
    """One row per person, roles and set of compartments out of the database, merged here."""
    refused = func.count().filter(AuditEntry.outcome == Outcome.REFUSED)
    touching = all_of(branches(actor, Filters(case_id=case_id, until=until)))
    rows = session.execute(
        select(
            AuditEntry.account_id,
            AuditEntry.acting_as,
            AuditEntry.compartments,
            func.count(),
            refused,
            func.min(AuditEntry.at),
            func.max(AuditEntry.at),
        )
        .join(touching, and_(AuditEntry.id == touching.c.id, AuditEntry.at == touching.c.at))
        .group_by(AuditEntry.account_id, AuditEntry.acting_as, AuditEntry.compartments)
    ).all()
    names = accounts.names_of(actor, {row[0] for row in rows})
    merged: dict[tuple[UUID | None, str], Visitor] = {}
    for account_id, acting_as, parts, acts, refusals, first_at, last_at in rows:
        before = merged.get((account_id, acting_as))
        merged[account_id, acting_as] = Visitor(
            who=names.get(account_id),
            acting_as=acting_as,
            acts=acts + (before.acts if before else 0),
            refused=refusals + (before.refused if before else 0),
            first_at=min(first_at, before.first_at) if before else first_at,
            last_at=max(last_at, before.last_at) if before else last_at,
            compartments=tuple(sorted({*parts.split(), *(before.compartments if before else ())})),
        )
    return sorted(merged.values(), key=lambda visitor: visitor.last_at, reverse=True)[
        :SUMMARY_LIMIT
    ]
