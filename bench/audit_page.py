"""A filtered page of the log among ten million entries, beside a plain table with the same indexes.

Ours is the officer's page as the service makes it: branches, a capped count, fifty entries as lines,
and the entry of the reading. The twin's is the same page over a plain table with an index for each
filter (what lists showed in a table of its own), asked in one statement.
PostgreSQL only: nobody keeps ten million entries in SQLite. 200,000 in ``make bench``.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Index, LargeBinary, Table, Uuid, func, select, text
from sqlalchemy.orm import registry

from bench.hospitals import hospital
from bench.measuring import Contest, contest
from casemgr.access import Actor, Compartment, Purpose
from casemgr.access.key_names import the_keyring
from casemgr.access.roles import Role
from casemgr.audit import Action, AuditEntry, Outcome
from casemgr.db import db, session
from casemgr.privacy.log.lines import lines_of
from casemgr.privacy.log.rules import Filters
from casemgr.privacy.log.service import COUNT_LIMIT, PAGE_SIZE, page_of_log, record_reading

BAR = 1.5
QUICK, FULL = 200_000, 10_000_000
TIMES, ROUNDS = 10, 15
FACILITY, COLLEAGUES, CASES = UUID(int=1), 400, 20_000
MIDDLE = datetime(2025, 7, 1, tzinfo=UTC)
ACTOR = Actor(facility_id=FACILITY, account_id=UUID(int=7), roles=frozenset({Role.PRIVACY_OFFICER}))

# Ids out of a number, the same in every table: 00000000-000k-0000-0000-<number>.
_ID = "lpad(to_hex({kind}), 16, '0') || lpad(to_hex({number}), 16, '0')"


class Plain:
    """One entry of the plain table."""


_TWIN = registry()
plain = Table(
    "plain_log",
    _TWIN.metadata,
    *(
        Column(column.name, column.type, primary_key=column.name == "id")
        for column in AuditEntry.__table__.columns
        if column.name != "leaf"
    ),
    Column("leaf", LargeBinary),
)
shown = Table(
    "plain_shown",
    _TWIN.metadata,
    Column("case_id", Uuid, primary_key=True),
    Column("entry_id", Uuid, primary_key=True),
)
for _name in (
    "account_id",
    "case_id",
    "subject_id",
    "action",
    "outcome",
    "purpose",
    "compartments",
    "channel",
):
    Index(f"ix_plain_{_name}", plain.c.facility_id, plain.c[_name], plain.c.at)
Index("ix_plain_at", plain.c.facility_id, plain.c.at)
_TWIN.map_imperatively(Plain, plain)


@dataclass(frozen=True)
class Asked:
    """One question to both."""

    name: str
    ours: Filters
    twin: list[ColumnElement[bool]]
    bar: float = BAR


def run(full: bool) -> Iterator[Contest]:
    """Every filter.

    The bar of the department is wider: ours leaps from one colleague to the next, which costs a few
    milliseconds where the whole department was busy today, and answers as fast for one that was
    dissolved years ago; there the twin reads the log from its newest entry back to that day.
    """
    entries = FULL if full else QUICK
    with hospital("postgresql") as (app, _pair), app.app_context():
        the_keyring().found_facility(FACILITY)
        fill(entries)
        for asked in questions():
            ours, twin = _ours(asked.ours), _twin(asked.twin)
            assert ours() == twin(), asked.name
            name = f"page of the log, {asked.name}, {entries:,} entries: ours and a plain table"
            yield contest(name, asked.bar, ours, twin, times=TIMES, rounds=ROUNDS)
            session.rollback()


def questions() -> Iterator[Asked]:
    """The filters of the page, one by one, and two together."""
    who, case = UUID(int=(2 << 64) + 17), UUID(int=(3 << 64) + 17)
    yield Asked("no filter", Filters(), [])
    yield Asked("in the middle", Filters(until=MIDDLE), [plain.c.at <= MIDDLE])
    as_them = (plain.c.action == Action.SIGN_IN_REFUSED) & (plain.c.subject_id == who)
    yield Asked("colleague", Filters(colleague_id=who), [(plain.c.account_id == who) | as_them])
    on_list = select(shown.c.entry_id).where(shown.c.case_id == case)
    yield Asked(
        "case", Filters(case_id=case), [(plain.c.case_id == case) | plain.c.id.in_(on_list)]
    )
    rare = Action.BACKUP_MADE
    yield Asked("act", Filters(actions=frozenset({rare})), [plain.c.action == rare])
    yield Asked("refused", Filters(outcome=Outcome.REFUSED), [plain.c.outcome == Outcome.REFUSED])
    yield Asked("purpose", Filters(purpose=Purpose.EMERGENCY), [plain.c.purpose == "emergency"])
    part = plain.c.compartments.in_(["IDENTITY PSYCH", "PSYCH"])
    yield Asked("part", Filters(part=Compartment.PSYCH), [part])
    people = [UUID(int=(2 << 64) + number) for number in range(3, COLLEAGUES, 20)]
    yield Asked("department", Filters(department="Khoa 3"), [plain.c.account_id.in_(people)], 2.0)
    yield Asked(
        "colleague and refused",
        Filters(colleague_id=who, outcome=Outcome.REFUSED),
        [(plain.c.account_id == who) | as_them, plain.c.outcome == Outcome.REFUSED],
    )


def _ours(filters: Filters) -> Callable[[], int]:
    def page() -> int:
        shown_page = page_of_log(ACTOR, filters)
        session.rollback()
        return len(shown_page.lines) + (shown_page.total or 0)

    return page


def _twin(wanted: list[ColumnElement[bool]]) -> Callable[[], int]:
    here = plain.c.facility_id == FACILITY
    newest_first = plain.c.at.desc(), plain.c.id.desc()

    def page() -> int:
        fitting = select(plain.c.id).where(here, *wanted).limit(COUNT_LIMIT + 1).subquery()
        total: int = session.scalar(select(func.count()).select_from(fitting)) or 0
        query = select(Plain).where(here, *wanted).order_by(*newest_first).limit(PAGE_SIZE + 1)
        rows: list[Any] = list(session.scalars(query))
        lines = lines_of(ACTOR, rows[:PAGE_SIZE])
        record_reading(ACTOR, Action.LOG_SHOWN, Filters(), len(lines))
        session.rollback()
        return len(lines) + total

    return page


def fill(entries: int) -> None:
    """The same entries in both, over two years; every twentieth is a list that showed five cases."""
    for words in _statements(entries):
        session.execute(text(words))
    connection = session.connection()
    _TWIN.metadata.create_all(connection, tables=[plain, shown])
    columns = ", ".join(column.name for column in plain.columns)
    session.execute(text(f"INSERT INTO plain_log ({columns}) SELECT {columns} FROM audit_entry"))  # noqa: S608
    session.execute(text("INSERT INTO plain_shown SELECT case_id, entry_id FROM audit_shown"))
    session.commit()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as outside:
        outside.execute(text("VACUUM ANALYZE"))


def _statements(entries: int) -> Iterator[str]:
    def an_id(kind: int, number: str) -> str:
        return f"({_ID.format(kind=kind, number=number)})::uuid"

    yield "SET LOCAL session_replication_role = replica"  # no trigger asks for anything here
    yield f"""
        INSERT INTO account (id, facility_id, username, display_name, role_names, department,
                             password_hash, is_enabled, failed_attempts)
        SELECT {an_id(2, "n::bigint")}, '{FACILITY}', 'u' || n, 'Người ' || n, 'social_worker',
               'Khoa ' || n % 20, '', true, 0
        FROM generate_series(0, {COLLEAGUES - 1}) n"""  # noqa: S608 -- numbers of our own
    yield f"""
        INSERT INTO audit_entry (id, facility_id, at, account_id, acting_as, action, outcome,
            case_id, subject_kind, subject_id, compartments, purpose, channel, session_ref, address,
            request_id, count, leaf_version, leaf)
        SELECT {an_id(1, "n::bigint")}, '{FACILITY}',
            timestamptz '2024-11-01' + n * (interval '730 days' / {entries}),
            {an_id(2, f"(hashint8(n) & 2147483647)::bigint % {COLLEAGUES}")}, 'social_worker',
            CASE WHEN n % 20 = 0 THEN 'case.listed' WHEN n % 10007 = 1 THEN 'backup.made'
                 WHEN n % 3 = 0 THEN 'compartment.opened' ELSE 'case.shown' END,
            CASE WHEN n % 997 = 2 THEN 'refused' ELSE 'done' END,
            CASE WHEN n % 20 > 0 THEN {an_id(3, f"(hashint8(n * 7) & 2147483647)::bigint % {CASES}")} END,
            NULL, NULL,
            CASE WHEN n % 3 > 0 THEN '' WHEN n % 3003 = 0 THEN 'PSYCH'
                 WHEN n % 1002 = 0 THEN 'IDENTITY PSYCH' WHEN n % 2 = 0 THEN 'IDENTITY'
                 ELSE 'IDENTITY SOCIAL' END,
            CASE WHEN n % 3 > 0 THEN NULL WHEN n % 5001 = 0 THEN 'emergency' ELSE 'case_work' END,
            'web', {an_id(4, "n::bigint / 50")}, '10.0.0.1', {an_id(5, "n::bigint")},
            CASE WHEN n % 20 = 0 THEN 5 END, 2, convert_to('{{"ids":[],"rest":"' || repeat(md5(n::text), 13) || '"}}', 'UTF8')
        FROM generate_series(1, {entries}) n"""  # noqa: S608 -- numbers of our own
    yield f"""
        INSERT INTO audit_shown (facility_id, case_id, at, entry_id)
        SELECT e.facility_id,
            {an_id(3, f"((hashtext(e.id::text) & 2147483647)::bigint + k) % {CASES}")}, e.at, e.id
        FROM audit_entry e, generate_series(0, 4) k WHERE e.action = 'case.listed'"""  # noqa: S608
