"""What one statement tells: the entries of the log, without what is not told, folded into lines."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select

from casemgr import clock
from casemgr.access import Actor
from casemgr.accounts import service as accounts
from casemgr.audit import AuditEntry, Outcome
from casemgr.audit.shown import LISTING
from casemgr.cases import disclosing
from casemgr.cases.models import Case
from casemgr.db import session
from casemgr.directory import service as directory
from casemgr.privacy.log.query import all_of, branches
from casemgr.privacy.log.rules import Filters
from casemgr.privacy.statement import withholding
from casemgr.privacy.statement.rules import Act, Line, Secret, Who, fold, told

BATCH = 2000  # rows that are in memory at once


@dataclass(frozen=True, slots=True)
class Told:
    """Everything that a statement says; counts are of what is told, never of the log."""

    lines: Sequence[Line]
    people: int
    sent: Sequence[tuple[date, str]]  # day, organisation; empty name where nobody may open it


def read(actor: Actor, case: Case, until: datetime, named: Collection[UUID] = ()) -> Told:
    """The content of a statement as of ``until``, with the names of these accounts only."""
    secret = secret_of(actor, case)
    people = {act.who for act in acts_told(actor, case, until, secret) if act.who}
    who = _who(actor, people, named)
    lines = fold(acts_told(actor, case, until, secret), who)
    return Told(lines, len(people), _sent(actor, case, until, secret))


def colleagues(actor: Actor, case: Case, until: datetime) -> Mapping[UUID, accounts.Colleague]:
    """Those whose looks a statement tells of, for the officer to decide whom it names."""
    seen = acts_told(actor, case, until, secret_of(actor, case))
    return accounts.colleagues_of(actor, {act.who for act in seen if act.who})


def secret_of(actor: Actor, case: Case) -> Secret:
    """What is not told today: records that say who told us, and what is withheld on a ground."""
    standing = withholding.standing_today(actor, case.id)
    records = {record for teller in disclosing.tellers for record in teller.came_in(case)}
    for each in standing:
        records |= {UUID(record) for record in each.records}
    query = select(AuditEntry.request_id).where(
        AuditEntry.case_id == case.id,
        AuditEntry.subject_id.in_(records),
        AuditEntry.request_id.is_not(None),
    )
    occasions = set(session.scalars(query)) if records else set()
    parts = frozenset(part for each in standing for part in each.parts)
    return Secret(frozenset(records), frozenset(item for item in occasions if item), parts)


def acts_told(actor: Actor, case: Case, until: datetime, secret: Secret) -> Iterator[Act]:
    """The acts that are told, oldest first, in batches: a case can have many thousand entries."""
    wanted = all_of(branches(actor, Filters(case_id=case.id, until=until)))
    query = (
        select(
            AuditEntry.id,
            AuditEntry.at,
            AuditEntry.account_id,
            AuditEntry.acting_as,
            AuditEntry.action,
            AuditEntry.outcome,
            AuditEntry.compartments,
            AuditEntry.purpose,
            AuditEntry.subject_id,
            AuditEntry.subject_kind,
            AuditEntry.request_id,
        )
        .join(wanted, and_(wanted.c.id == AuditEntry.id, wanted.c.at == AuditEntry.at))
        .order_by(AuditEntry.at, AuditEntry.id)
    )
    rows = session.execute(query, execution_options={"yield_per": BATCH})
    return told((_act(row) for row in rows), secret)


def _act(row: Any) -> Act:
    return Act(
        at=row.at,
        who=row.account_id,
        acting_as=row.acting_as,
        action=row.action.value,
        occasion=row.request_id or row.id,
        parts=frozenset(row.compartments.split()),
        purpose=row.purpose,
        subject_id=row.subject_id,
        subject_kind=row.subject_kind,
        is_done=row.outcome is Outcome.DONE,
        is_list=row.action in LISTING,
    )


def _who(actor: Actor, people: Collection[UUID], named: Collection[UUID]) -> dict[UUID, Who]:
    known = accounts.colleagues_of(actor, people)
    return {
        key: Who("", person.department, person.display_name if key in named else "")
        for key, person in known.items()
    }


def _sent(actor: Actor, case: Case, until: datetime, secret: Secret) -> list[tuple[date, str]]:
    found: list[tuple[date, str]] = []
    for teller in disclosing.tellers:
        sent = [
            item
            for item in teller.sent(case)
            if item.sent_at <= until and not item.records & secret.records
        ]
        to = teller.receivers(actor, case) if sent else {}
        names = directory.names_of(actor, to.values())
        found += [
            (clock.to_local(item.sent_at).date(), names.get(to.get(item.id), "")) for item in sent
        ]
    return sorted(found)
