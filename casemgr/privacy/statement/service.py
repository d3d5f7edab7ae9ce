"""Making a statement, and showing what it tells. The privacy officer sees no part of the file."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from casemgr import clock
from casemgr.access import (
    Actor,
    Compartment,
    Conflict,
    Denied,
    Invalid,
    NotFound,
    Permission,
    Purpose,
)
from casemgr.access.opening import open_keys
from casemgr.accounts.service import Colleague
from casemgr.audit import Action, Outcome, record
from casemgr.cases import codes
from casemgr.cases.models import Case
from casemgr.crypto.errors import SealBroken
from casemgr.db import new_id, session
from casemgr.privacy.statement import reading, rules
from casemgr.privacy.statement.models import Statement
from casemgr.privacy.statement.reading import Told
from casemgr.privacy.statement.rules import Receiver

OVERSIGHT = frozenset({Compartment.OVERSIGHT})
LISTED = 200
REASON_LENGTH = 20  # as R6 asks for other decisions


@dataclass(frozen=True, slots=True)
class Answers:
    """What the officer answered before the statement was made."""

    receiver: Receiver
    is_conflicted: bool | None
    is_safe_to_hold: bool


def make(actor: Actor, code: str, answers: Answers) -> Statement | None:
    """Make a statement as of now. None: this guardian gets none, which is on record.

    Raises Invalid("case_code", "unknown_code"), Denied.
    """
    actor.require(Permission.STATEMENT_PRINT)
    found = codes.with_code(actor, code)
    if found is None:
        raise Invalid("case_code", "unknown_code")
    if rules.is_refused(answers.receiver, answers.is_conflicted):
        record(actor, Action.STATEMENT_MADE, outcome=Outcome.REFUSED, case_id=found.id)
        return None
    statement = Statement(
        id=new_id(),
        facility_id=actor.facility_id,
        case_id=found.id,
        made_by=actor.known_id,
        made_at=clock.now(),
    )
    _open(actor, statement, Action.STATEMENT_MADE)
    session.add(statement)
    statement.receiver = answers.receiver
    statement.is_conflicted = answers.is_conflicted
    statement.is_safe_to_hold = answers.is_safe_to_hold
    session.flush()
    return statement


def show(actor: Actor, statement_id: UUID) -> tuple[Statement, str]:
    """One statement, opened on record, with the code of its case. Raises NotFound, Denied."""
    return _opened(actor, statement_id, Action.STATEMENT_SHOWN)


def read_on_screen(actor: Actor, statement_id: UUID) -> tuple[Statement, str, Told]:
    """What it tells, for a screen. Raises NotFound, Denied."""
    return _told(actor, statement_id, Action.STATEMENT_SHOWN)


def print_out(actor: Actor, statement_id: UUID) -> tuple[Statement, str, Told]:
    """What it tells, for paper. Raises NotFound; Denied where it is not safe to hold a paper."""
    statement = _get(actor, statement_id)
    _open(actor, statement, Action.STATEMENT_PRINTED)
    if statement.is_safe_to_hold is not True:
        raise Denied(statement_id)
    return _with_content(actor, statement)


def colleagues(actor: Actor, statement_id: UUID) -> tuple[Statement, str, Mapping[UUID, Colleague]]:
    """Whom a statement could name. Raises NotFound, Denied."""
    statement, code = show(actor, statement_id)
    case = session.get_one(Case, statement.case_id)
    return statement, code, reading.colleagues(actor, case, statement.made_at)


def name_colleagues(
    actor: Actor, statement_id: UUID, version: int, people: Collection[UUID], reason: str
) -> None:
    """Decide whose names it tells, and why: nobody is named otherwise (CJEU C-579/21).

    Raises NotFound, Denied, Conflict, Invalid("reason", "too_short"), Invalid("people", "unknown").
    """
    statement, _code = _opened(actor, statement_id, Action.COLLEAGUES_NAMED)
    if statement.version != version:
        raise Conflict(statement_id)
    if len(reason.strip()) < REASON_LENGTH:
        raise Invalid("reason", "too_short")
    case = session.get_one(Case, statement.case_id)
    if not set(people) <= set(reading.colleagues(actor, case, statement.made_at)):
        raise Invalid("people", "unknown")
    statement.named = sorted(str(person) for person in people)
    statement.naming_reason = reason.strip()
    session.flush()


def list_statements(actor: Actor) -> list[tuple[Statement, str]]:
    """The newest statements with the code of their case; public columns, one entry."""
    actor.require(Permission.STATEMENT_PRINT)
    query = select(Statement).where(Statement.facility_id == actor.facility_id)
    rows: Sequence[Statement] = session.scalars(
        query.order_by(Statement.made_at.desc()).limit(LISTED)
    ).all()
    shown = {row.case_id for row in rows}
    record(actor, Action.STATEMENTS_LISTED, shown=shown, count=len(rows))
    known = codes.codes_of(actor, shown)
    return [(row, known.get(row.case_id, "")) for row in rows]


def _told(actor: Actor, statement_id: UUID, action: Action) -> tuple[Statement, str, Told]:
    statement = _get(actor, statement_id)
    _open(actor, statement, action)
    return _with_content(actor, statement)


def _with_content(actor: Actor, statement: Statement) -> tuple[Statement, str, Told]:
    case = session.get_one(Case, statement.case_id)
    named: set[UUID] = set()
    with suppress(SealBroken):  # then nobody is named
        named = {UUID(person) for person in statement.named or ()}
    return statement, case.code, reading.read(actor, case, statement.made_at, named)


def _opened(actor: Actor, statement_id: UUID, action: Action) -> tuple[Statement, str]:
    statement = _get(actor, statement_id)
    _open(actor, statement, action)
    return statement, codes.codes_of(actor, [statement.case_id]).get(statement.case_id, "")


def _get(actor: Actor, statement_id: UUID) -> Statement:
    actor.require(Permission.STATEMENT_PRINT)
    statement = session.get(Statement, statement_id)
    if statement is None or statement.facility_id != actor.facility_id:
        raise NotFound(statement_id)
    return statement


def _open(actor: Actor, statement: Statement, action: Action) -> None:
    open_keys(
        actor,
        statement.id,
        OVERSIGHT,
        purpose=Purpose.OVERSIGHT,
        case_id=statement.case_id,
        action=action,
    )
