"""What the filters of the log mean to the database, so that ten million entries answer at once.

A question becomes branches: every entry that fits lies in exactly one, and each branch is read from
one index, newest first (``casemgr.audit.indexes``). Pages go on below the last line that was shown,
never by counting lines off; how many fit is counted only as far as anybody wants to know.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    Uuid,
    and_,
    func,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
    union_all,
)

from casemgr import clock
from casemgr.access import Actor, Compartment
from casemgr.accounts import service as accounts
from casemgr.audit import Action, AuditEntry, Outcome, indexes
from casemgr.audit.shown import audit_shown
from casemgr.db import session
from casemgr.db.types import UtcDateTime
from casemgr.privacy.log.rules import Filters

MOST_BRANCHES = 60  # more people or sets of parts than this are asked for in one breath

_AT: ColumnElement[Any] = AuditEntry.__table__.c.at
_ID: ColumnElement[Any] = AuditEntry.__table__.c.id


def _verbatim(words: str) -> ColumnElement[bool]:
    return literal_column(words)


@dataclass(frozen=True, slots=True)
class Mark:
    """A place between two entries: below this one."""

    at: datetime
    id: UUID


@dataclass(frozen=True, slots=True)
class Branch:
    """Ids and times of entries, in the order of the columns ``at`` and ``id``."""

    query: Select[Any, Any]
    at: ColumnElement[Any]
    id: ColumnElement[Any]

    def newest(self, below: Mark | None, limit: int) -> Subquery:
        """The first few below a place."""
        query = self.query
        if below is not None:
            place = tuple_(literal(below.at, UtcDateTime()), literal(below.id, Uuid()))
            query = query.where(tuple_(self.at, self.id) < place)
        return query.order_by(self.at.desc(), self.id.desc()).limit(limit).subquery()


def branches(actor: Actor, filters: Filters) -> list[Branch]:
    """The question in branches, always within the actor's facility."""
    plain = [AuditEntry.facility_id == actor.facility_id, *_facts(filters)]
    people = _people(actor, filters)
    if filters.case_id:
        return _on_case(filters, [*plain, *_of_people(people), *_with_part(actor, filters)])
    if people is not None:
        return _by_people(filters, people, [*plain, *_with_part(actor, filters)])
    if filters.part and not (filters.actions or filters.outcome):
        return _by_parts(actor, filters, plain)
    return [_entries(filters, [*plain, *_with_part(actor, filters)])]


def newest(found: Sequence[Branch], below: Mark | None, limit: int) -> Select[Any]:
    """The entries themselves: the newest of all branches below a place."""
    one = _together(found, below, limit)
    on = and_(one.c.id == _ID, one.c.at == _AT)
    query = select(AuditEntry).join(one, on)
    return query.order_by(one.c.at.desc(), one.c.id.desc()).limit(limit)


def count_of(found: Sequence[Branch], most: int) -> int:
    """How many entries fit; counting stops at ``most``."""
    one = _together(found, None, most)
    return min(most, session.scalar(select(func.count()).select_from(one)) or 0)


def all_of(found: Sequence[Branch]) -> Subquery:
    """Ids and times of everything that fits, in no order: for sums, and for nothing else."""
    parts = [branch.query.subquery() for branch in found]
    return union_all(*(select(part.c.at, part.c.id) for part in parts)).subquery()


def _together(found: Sequence[Branch], below: Mark | None, limit: int) -> Subquery:
    parts = [branch.newest(below, limit) for branch in found]
    if len(parts) == 1:
        return parts[0]
    return union_all(*(select(part.c.at, part.c.id) for part in parts)).subquery()


def _entries(filters: Filters, wanted: Iterable[ColumnElement[bool]]) -> Branch:
    """Straight from the log."""
    query = select(_AT, _ID).where(*wanted, *_moments(filters, _AT))
    return Branch(query, _AT, _ID)


def _on_case(filters: Filters, wanted: list[ColumnElement[bool]]) -> list[Branch]:
    """Acts on the case, and lists on which it stood, which have no case of their own."""
    acts = _entries(filters, [*wanted, AuditEntry.case_id == filters.case_id])
    at, entry_id = audit_shown.c.at, audit_shown.c.entry_id
    on = and_(entry_id == _ID, at == _AT)
    query = select(at, entry_id.label("id")).join(AuditEntry, on)
    elsewhere = AuditEntry.case_id.is_distinct_from(filters.case_id)
    listed = query.where(audit_shown.c.case_id == filters.case_id, elsewhere, *wanted)
    return [acts, Branch(listed.where(*_moments(filters, at)), at, entry_id)]


def _by_people(
    filters: Filters, people: Sequence[UUID], wanted: list[ColumnElement[bool]]
) -> list[Branch]:
    """What somebody did, and attempts to sign in as them: those have no account yet."""
    if len(people) * 2 > MOST_BRANCHES:
        return [_entries(filters, [*wanted, *_of_people(people)])]
    found = []
    for account_id in people:
        found.append(_entries(filters, [*wanted, AuditEntry.account_id == account_id]))
        found.append(_entries(filters, [*wanted, _as_them([account_id])]))
    return found or [_entries(filters, [*wanted, AuditEntry.account_id.in_(())])]


def _by_parts(actor: Actor, filters: Filters, wanted: list[ColumnElement[bool]]) -> list[Branch]:
    sets = _sets_of_parts(actor, filters.part)
    if len(sets) > MOST_BRANCHES:
        return [_entries(filters, [*wanted, *_with_part(actor, filters)])]
    parts = [AuditEntry.compartments == words for words in sets]
    found = [_entries(filters, [*wanted, _verbatim(indexes.WITH_PARTS), part]) for part in parts]
    return found or [_entries(filters, [*wanted, AuditEntry.compartments.in_(())])]


def _facts(filters: Filters) -> Iterator[ColumnElement[bool]]:
    """What one column says. A condition of a partial index is repeated in its own words."""
    if filters.actions:
        yield AuditEntry.action.in_(filters.actions)
    if filters.outcome:
        yield AuditEntry.outcome == filters.outcome
        if filters.outcome is not Outcome.DONE:
            yield _verbatim(indexes.TROUBLE)
    if filters.channel:
        yield AuditEntry.channel == filters.channel
        if filters.channel != "web":
            yield _verbatim(indexes.NOT_WEB)
    if filters.purpose:
        yield AuditEntry.purpose == filters.purpose
        yield _verbatim(indexes.WITH_PURPOSE)


def _moments(filters: Filters, at: ColumnElement[Any]) -> Iterator[ColumnElement[bool]]:
    if filters.first_day:
        from_time = filters.first_time
        hour, minute = (from_time.hour, from_time.minute) if from_time else (0, 0)
        yield at >= clock.at_hospital(filters.first_day, hour, minute)
    if filters.last_day:
        to_time = filters.last_time
        start = clock.at_hospital(filters.last_day)
        yield at < start + (
            timedelta(hours=to_time.hour, minutes=to_time.minute + 1)
            if to_time
            else timedelta(days=1)
        )
    if filters.since:
        yield at >= filters.since
    if filters.until:
        yield at <= filters.until


def _people(actor: Actor, filters: Filters) -> list[UUID] | None:
    """Whose acts are asked for; None for everybody's and the system's."""
    if filters.department is None:
        return [filters.colleague_id] if filters.colleague_id else None
    members = [
        person.id
        for person in accounts.everybody_with_roles(actor)
        if person.department == filters.department
    ]
    return [item for item in members if filters.colleague_id in {None, item}]


def _of_people(people: Sequence[UUID] | None) -> Iterator[ColumnElement[bool]]:
    if people is not None:
        yield or_(AuditEntry.account_id.in_(people), _as_them(people))


def _as_them(people: Sequence[UUID]) -> ColumnElement[bool]:
    return and_(
        _verbatim(indexes.ABOUT_SIGN_IN),
        AuditEntry.action == Action.SIGN_IN_REFUSED,
        AuditEntry.subject_id.in_(people),
        AuditEntry.account_id.is_(None),
    )


def _with_part(actor: Actor, filters: Filters) -> Iterator[ColumnElement[bool]]:
    if filters.part:
        yield AuditEntry.compartments.in_(_sets_of_parts(actor, filters.part))


def _sets_of_parts(actor: Actor, part: Compartment | None) -> list[str]:
    """The sets of parts that were ever opened together and hold this one.

    Found by leaping from one to the next in the index; there are a few dozen.
    """
    column, held, last = AuditEntry.compartments, [], ""
    query = select(func.min(column)).where(
        AuditEntry.facility_id == actor.facility_id, _verbatim(indexes.WITH_PARTS)
    )
    while words := session.scalar(query.where(column > last)):
        held += [words] if part in words.split() else []
        last = words
    return held
