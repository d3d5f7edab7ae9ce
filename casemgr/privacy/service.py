"""Reading the log: by filters, one case's history, as an export. Every reading is an entry too."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, String, and_, cast, func, or_, select

from casemgr import clock
from casemgr.access import Actor, Invalid, Permission
from casemgr.accounts import service as accounts
from casemgr.audit import Action, AuditEntry, Outcome, record
from casemgr.cases import codes
from casemgr.cases.codes import CodedCase
from casemgr.db import session
from casemgr.privacy.rules import RECENT, RECENT_ACTS, Filters, ids_shown

PAGE_SIZE = 50
COUNT_LIMIT = 10_000  # nobody reads 200 pages; counting all of a long log would be slow
EXPORT_BATCH = 1000
SUMMARY_LIMIT = 200
LISTING = (  # acts whose entry carries the ids of the cases that a list showed
    Action.CASES_LISTED,
    Action.CASES_SEARCHED,
    Action.NOTICES_LISTED,
    Action.SCREENINGS_LISTED,
    Action.REFERRALS_LISTED,
)


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as people read it: ids are turned into names of staff and codes of cases."""

    id: UUID
    at: datetime
    who: str | None  # None: nobody was signed in, or a system actor
    acting_as: str  # the roles at that time, or the system actor's name
    action: Action
    outcome: Outcome
    case_code: str | None
    has_case: bool  # a case without a code is unknown here, or was erased
    subject_kind: str | None
    subject_name: str | None
    compartments: tuple[str, ...]
    purpose: str | None
    channel: str
    address: str | None
    count: int | None
    codes_shown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LogPage:
    """One page of lines. ``total`` stops at COUNT_LIMIT; ``is_more`` says that there are more."""

    lines: Sequence[Line]
    total: int
    is_more: bool


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


def page_of_log(actor: Actor, filters: Filters, number: int = 1) -> LogPage:
    """A page of the log, newest first. That it was looked at is an entry of its own."""
    actor.require(Permission.LOG_READ)
    wanted = _conditions(actor, filters)
    total = _count(wanted, COUNT_LIMIT + 1)
    query = select(AuditEntry).where(*wanted).order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
    start = (number - 1) * PAGE_SIZE
    within = query.offset(start).limit(PAGE_SIZE if start < COUNT_LIMIT else 0)
    lines = _lines(actor, session.scalars(within))
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
    return _visitors(actor, case_id, until), page


def export_rows(actor: Actor, filters: Filters) -> Iterator[list[Line]]:
    """All entries that fit, in batches, newest first; the export is recorded before the first.

    Between two batches the caller ends the transaction: a slow download must hold nothing up.
    """
    actor.require(Permission.LOG_EXPORT)
    bounded = filters.up_to(clock.now())
    _record_reading(actor, Action.LOG_EXPORTED, bounded, _count(_conditions(actor, bounded)))
    return _batches(actor, bounded)


def count_recent(actor: Actor, kind: str) -> int:
    """How many acts of one kind (rules.RECENT_ACTS) the last 24 hours saw, for the home page."""
    actor.require(Permission.LOG_READ)
    return _count(_conditions(actor, recent(kind)), COUNT_LIMIT)


def recent(kind: str, until: datetime | None = None) -> Filters:
    """The filters of one kind of recent acts. Raises KeyError for an unknown kind."""
    acts, end = RECENT_ACTS[kind], until or clock.now()
    return Filters(actions=acts.actions, outcome=acts.outcome, since=end - RECENT, until=end)


def staff(actor: Actor) -> list[tuple[UUID, str]]:
    """Everybody who has or had an account, for the filter."""
    actor.require(Permission.LOG_READ)
    return accounts.everybody(actor)


def _conditions(actor: Actor, filters: Filters) -> list[ColumnElement[bool]]:
    wanted = [AuditEntry.facility_id == actor.facility_id, *_moments(filters)]
    if filters.colleague_id:
        wanted.append(_concerns(filters.colleague_id))
    if filters.case_id:
        wanted.append(_touches(filters.case_id))
    if filters.actions:
        wanted.append(AuditEntry.action.in_(filters.actions))
    if filters.outcome:
        wanted.append(AuditEntry.outcome == filters.outcome)
    if filters.channel:
        wanted.append(AuditEntry.channel == filters.channel)
    if filters.purpose:
        wanted.append(AuditEntry.purpose == filters.purpose)
    return wanted


def _moments(filters: Filters) -> Iterator[ColumnElement[bool]]:
    if filters.first_day:
        yield AuditEntry.at >= clock.at_hospital(filters.first_day)
    if filters.last_day:
        yield AuditEntry.at < clock.at_hospital(filters.last_day + timedelta(days=1))
    if filters.since:
        yield AuditEntry.at >= filters.since
    if filters.until:
        yield AuditEntry.at <= filters.until


def _concerns(account_id: UUID) -> ColumnElement[bool]:
    """What somebody did, and attempts to sign in as them: those have no account yet."""
    as_them = and_(AuditEntry.action == Action.SIGN_IN_REFUSED, AuditEntry.subject_id == account_id)
    return or_(AuditEntry.account_id == account_id, as_them)


def _touches(case_id: UUID) -> ColumnElement[bool]:
    """Acts on the case, and lists on which it stood: its id is in the proven bytes of those."""
    if session.get_bind().dialect.name == "postgresql":
        leaf: ColumnElement[str] = func.convert_from(AuditEntry.leaf, "UTF8")
    else:
        leaf = cast(AuditEntry.leaf, String)
    on_list = and_(
        AuditEntry.action.in_(LISTING), AuditEntry.count > 0, leaf.contains(str(case_id))
    )
    return or_(AuditEntry.case_id == case_id, on_list)


def _count(wanted: Iterable[ColumnElement[bool]], most: int | None = None) -> int:
    found = select(AuditEntry.id).where(*wanted).limit(most).subquery()
    return session.scalar(select(func.count()).select_from(found)) or 0


def _batches(actor: Actor, filters: Filters) -> Iterator[list[Line]]:
    """By key and not by offset: the next batch starts below the last line of this one."""
    wanted = _conditions(actor, filters)
    newest_first = (AuditEntry.at.desc(), AuditEntry.id.desc())
    below: list[ColumnElement[bool]] = []
    while True:
        query = select(AuditEntry).where(*wanted, *below).order_by(*newest_first)
        lines = _lines(actor, session.scalars(query.limit(EXPORT_BATCH)))
        if lines:
            at, last_id = lines[-1].at, lines[-1].id
            below = [AuditEntry.at <= at, or_(AuditEntry.at < at, AuditEntry.id < last_id)]
            session.expunge_all()
            yield lines
        if len(lines) < EXPORT_BATCH:
            return


def _lines(actor: Actor, rows: Iterable[AuditEntry]) -> list[Line]:
    entries = list(rows)
    listed = {entry.id: ids_shown(entry.leaf) for entry in entries if entry.count}
    case_ids = {entry.case_id for entry in entries if entry.case_id}
    known = codes.codes_of(actor, case_ids.union(*listed.values()))
    people = {entry.account_id for entry in entries}
    people |= {entry.subject_id for entry in entries if entry.subject_kind == "account"}
    names = accounts.names_of(actor, people)
    return [_line(entry, known, names, listed.get(entry.id, [])) for entry in entries]


def _line(
    entry: AuditEntry,
    known: dict[UUID, str],
    names: dict[UUID | None, str],
    listed: Iterable[UUID],
) -> Line:
    is_about_staff = entry.subject_kind == "account"
    return Line(
        id=entry.id,
        at=entry.at,
        who=names.get(entry.account_id),
        acting_as=entry.acting_as,
        action=entry.action,
        outcome=entry.outcome,
        case_code=known.get(entry.case_id) if entry.case_id else None,
        has_case=entry.case_id is not None,
        subject_kind=entry.subject_kind,
        subject_name=names.get(entry.subject_id) if is_about_staff else None,
        compartments=tuple(entry.compartments.split()),
        purpose=entry.purpose,
        channel=entry.channel,
        address=entry.address,
        count=entry.count,
        codes_shown=tuple(sorted({known[item] for item in listed if item in known})),
    )


def _visitors(actor: Actor, case_id: UUID, until: datetime | None) -> list[Visitor]:
    """One row per person, roles and set of compartments out of the database, merged here."""
    refused = func.count().filter(AuditEntry.outcome == Outcome.REFUSED)
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
        .where(*_conditions(actor, Filters(case_id=case_id, until=until)))
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
