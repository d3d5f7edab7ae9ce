"""Reading the log: by filters, one case's history. Every reading is an entry too."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from casemgr import clock
from casemgr.access import Actor, Invalid, Permission
from casemgr.accounts import service as accounts
from casemgr.audit import Action, AuditEntry, record
from casemgr.cases import codes
from casemgr.cases.codes import CodedCase
from casemgr.db import session
from casemgr.privacy.log.lines import Line, lines_of
from casemgr.privacy.log.query import Mark, branches, count_of, newest
from casemgr.privacy.log.rules import RECENT, RECENT_ACTS, Filters
from casemgr.privacy.log.visitors import Visitor, visitors_of

PAGE_SIZE = 50
COUNT_LIMIT = 1_000  # nobody reads more than twenty pages; counting a long log to its end is slow


@dataclass(frozen=True, slots=True)
class LogPage:
    """One page of lines, and where the next one begins; None on the last.

    ``total`` is counted for the first page only, and not beyond COUNT_LIMIT.
    """

    lines: Sequence[Line]
    next: Mark | None
    total: int | None = None


def page_of_log(actor: Actor, filters: Filters, below: Mark | None = None) -> LogPage:
    """A page of the log, newest first. That it was looked at is an entry of its own."""
    actor.require(Permission.LOG_READ)
    rows, total = entries_of(actor, filters, below)
    lines = lines_of(actor, rows[:PAGE_SIZE])
    record_reading(actor, Action.LOG_SHOWN, filters, len(lines))
    is_last = len(rows) <= PAGE_SIZE
    return LogPage(lines, None if is_last else Mark(lines[-1].at, lines[-1].id), total)


def entries_of(
    actor: Actor, filters: Filters, below: Mark | None
) -> tuple[list[AuditEntry], int | None]:
    """One more entry than a page has, and for the first page how many there are."""
    found = branches(actor, filters)
    rows = list(session.scalars(newest(found, below, PAGE_SIZE + 1)))
    if below is not None:
        return rows, None
    return rows, len(rows) if len(rows) <= PAGE_SIZE else count_of(found, COUNT_LIMIT + 1)


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
    actor: Actor, case_id: UUID, below: Mark | None = None, until: datetime | None = None
) -> tuple[list[Visitor], LogPage]:
    """Everybody who touched one case, summed up, and a page of what they did (R12)."""
    filters = Filters(case_id=case_id, until=until)
    page = page_of_log(actor, filters, below)
    return visitors_of(actor, case_id, until), page


def count_recent(actor: Actor, kind: str) -> int:
    """How many acts of one kind (rules.RECENT_ACTS) the last 24 hours saw, for the home page."""
    actor.require(Permission.LOG_READ)
    return count_of(branches(actor, recent(kind)), COUNT_LIMIT)


def recent(kind: str, until: datetime | None = None) -> Filters:
    """The filters of one kind of recent acts. Raises KeyError for an unknown kind."""
    acts, end = RECENT_ACTS[kind], until or clock.now()
    return Filters(actions=acts.actions, outcome=acts.outcome, since=end - RECENT, until=end)


def staff(actor: Actor) -> list[tuple[UUID, str]]:
    """Everybody who has or had an account, for the filter."""
    actor.require(Permission.LOG_READ)
    return accounts.everybody(actor)


def departments(actor: Actor) -> list[str]:
    """The departments of everybody who has or had an account, for the filter."""
    actor.require(Permission.LOG_READ)
    known = {person.department for person in accounts.everybody_with_roles(actor)}
    return sorted(known - {""})


def record_reading(actor: Actor, action: Action, filters: Filters, count: int) -> None:
    """What was asked for stays on record: about which case, about which colleague."""
    record(
        actor,
        action,
        case_id=filters.case_id,
        subject_kind="account" if filters.colleague_id else None,
        subject_id=filters.colleague_id,
        count=count,
    )
