"""Reading the log: by filters, one case's history, as an export. Every reading is an entry too."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select

from casemgr import clock
from casemgr.access import Actor, Invalid, Permission
from casemgr.accounts import service as accounts
from casemgr.audit import Action, AuditEntry, record
from casemgr.cases import codes
from casemgr.cases.codes import CodedCase
from casemgr.db import session
from casemgr.privacy.log.lines import Line, lines_of
from casemgr.privacy.log.query import conditions, count_of
from casemgr.privacy.log.rules import RECENT, RECENT_ACTS, Filters
from casemgr.privacy.log.visitors import Visitor, visitors_of

PAGE_SIZE = 50
COUNT_LIMIT = 10_000  # nobody reads 200 pages; counting all of a long log would be slow
EXPORT_BATCH = 1000


@dataclass(frozen=True, slots=True)
class LogPage:
    """One page of lines. ``total`` stops at COUNT_LIMIT; ``is_more`` says that there are more."""

    lines: Sequence[Line]
    total: int
    is_more: bool


def page_of_log(actor: Actor, filters: Filters, number: int = 1) -> LogPage:
    """A page of the log, newest first. That it was looked at is an entry of its own."""
    actor.require(Permission.LOG_READ)
    wanted = conditions(actor, filters)
    total = count_of(wanted, COUNT_LIMIT + 1)
    query = select(AuditEntry).where(*wanted).order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
    start = (number - 1) * PAGE_SIZE
    within = query.offset(start).limit(PAGE_SIZE if start < COUNT_LIMIT else 0)
    lines = lines_of(actor, session.scalars(within))
    _record_reading(actor, Action.LOG_SHOWN, filters, len(lines))
    return LogPage(lines, min(total, COUNT_LIMIT), total > COUNT_LIMIT)


def case_named(actor: Actor, code: str) -> CodedCase:
    """The case with this code. Raises Invalid("case_code", "unknown_code")."""
    actor.require(Permission.LOG_READ)
    found = codes.with_code(actor, code)
    if found is None:
        raise Invalid("case_code", "unknown_code")
    return found


def code_of(actor: Actor, case_id: UUID) -> str | None:
    """The code of a case; None once it is erased."""
    actor.require(Permission.LOG_READ)
    return codes.codes_of(actor, [case_id]).get(case_id)


def history_of_case(
    actor: Actor, case_id: UUID, number: int = 1, until: datetime | None = None
) -> tuple[list[Visitor], LogPage]:
    """Everybody who touched one case, summed up, and a page of what they did (R12)."""
    filters = Filters(case_id=case_id, until=until)
    page = page_of_log(actor, filters, number)
    return visitors_of(actor, case_id, until), page


def export_rows(actor: Actor, filters: Filters) -> Iterator[list[Line]]:
    """All entries that fit, in batches, newest first; the export is recorded before the first.

    Between two batches the caller ends the transaction: a slow download must hold nothing up.
    """
    actor.require(Permission.LOG_EXPORT)
    bounded = filters.up_to(clock.now())
    _record_reading(actor, Action.LOG_EXPORTED, bounded, count_of(conditions(actor, bounded)))
    return _batches(actor, bounded)


def count_recent(actor: Actor, kind: str) -> int:
    """How many acts of one kind (rules.RECENT_ACTS) the last 24 hours saw, for the home page."""
    actor.require(Permission.LOG_READ)
    return count_of(conditions(actor, recent(kind)), COUNT_LIMIT)


def recent(kind: str, until: datetime | None = None) -> Filters:
    """The filters of one kind of recent acts. Raises KeyError for an unknown kind."""
    acts, end = RECENT_ACTS[kind], until or clock.now()
    return Filters(actions=acts.actions, outcome=acts.outcome, since=end - RECENT, until=end)


def staff(actor: Actor) -> list[tuple[UUID, str]]:
    """Everybody who has or had an account, for the filter."""
    actor.require(Permission.LOG_READ)
    return accounts.everybody(actor)


def _batches(actor: Actor, filters: Filters) -> Iterator[list[Line]]:
    """By key and not by offset: the next batch starts below the last line of this one."""
    wanted = conditions(actor, filters)
    newest_first = (AuditEntry.at.desc(), AuditEntry.id.desc())
    below: list[ColumnElement[bool]] = []
    while True:
        query = select(AuditEntry).where(*wanted, *below).order_by(*newest_first)
        lines = lines_of(actor, session.scalars(query.limit(EXPORT_BATCH)))
        if lines:
            at, last_id = lines[-1].at, lines[-1].id
            below = [AuditEntry.at <= at, or_(AuditEntry.at < at, AuditEntry.id < last_id)]
            session.expunge_all()
            yield lines
        if len(lines) < EXPORT_BATCH:
            return


def _record_reading(actor: Actor, action: Action, filters: Filters, count: int) -> None:
    """What was asked for stays on record: about which case, about which colleague."""
    record(
        actor,
        action,
        case_id=filters.case_id,
        subject_kind="account" if filters.colleague_id else None,
        subject_id=filters.colleague_id,
        count=count,
    )
