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
    FromClause,
    Select,
    Subquery,
    Uuid,
    and_,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
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
    """Ids and times of entries, in the order of the columns ``at`` and ``id``.

    With ``each`` the query is asked once for every row of it, and every time stops as soon as it
    may: a leap from one colleague to the next, where one index holds each one's acts in order.
    """

    query: Select[Any, Any]
    at: ColumnElement[Any]
    id: ColumnElement[Any]
    each: FromClause | None = None

    def newest(self, below: Mark | None, limit: int) -> Select[Any, Any]:
        """The first few below a place, in order unless ``each`` mixes them."""
        return self._leaping(self._below(below).order_by(*self.order).limit(limit))

    def some(self, limit: int) -> Select[Any, Any]:
        """A few in any order, to be counted."""
        return self._leaping(self.query.limit(limit)).limit(limit)

    def entries(self, below: Mark | None, limit: int) -> Select[AuditEntry]:
        """The entries themselves, for a question that is this branch alone, without ``each``."""
        query = self._below(below).with_only_columns(AuditEntry)
        return query.order_by(*self.order).limit(limit)

    @property
    def order(self) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
        """Newest first."""
        return self.at.desc(), self.id.desc()

    def _below(self, below: Mark | None) -> Select[Any, Any]:
        if below is None:
            return self.query
        place = tuple_(literal(below.at, UtcDateTime()), literal(below.id, Uuid()))
        return self.query.where(tuple_(self.at, self.id) < place)

    def _leaping(self, query: Select[Any, Any]) -> Select[Any, Any]:
        if self.each is None:
            return query
        found = query.lateral()
        return select(found.c.at, found.c.id).select_from(self.each.join(found, true()))


def branches(actor: Actor, filters: Filters) -> list[Branch]:
    """The question in branches, always within the actor's facility."""
    plain = [AuditEntry.facility_id == actor.facility_id, *_facts(filters)]
    people = _people(actor, filters)
    if filters.case_id:
        part = _with_part(actor, filters)
        return _on_case(filters, [*plain, *_of_people(filters, people), *part])
    if people is not None:
        return _by_people(filters, people, [*plain, *_with_part(actor, filters)])
    if filters.part and not (filters.actions or filters.outcome):
        return [_by_part(actor, filters, plain)]
    return [_entries(filters, [*plain, *_with_part(actor, filters)])]


def newest(found: Sequence[Branch], below: Mark | None, limit: int) -> Select[AuditEntry]:
    """The entries themselves: the newest of all branches below a place."""
    if len(found) == 1 and found[0].each is None:
        return found[0].entries(below, limit)
    one = _together(branch.newest(below, limit) for branch in found)
    on = and_(one.c.id == _ID, one.c.at == _AT)
    query = select(AuditEntry).join(one, on)
    return query.order_by(one.c.at.desc(), one.c.id.desc()).limit(limit)


def count_of(found: Sequence[Branch], most: int) -> int:
    """How many entries fit; counting stops at ``most``."""
    one = _together(branch.some(most) for branch in found)
    return min(most, session.scalar(select(func.count()).select_from(one)) or 0)


def all_of(found: Sequence[Branch]) -> Subquery:
    """Ids and times of everything that fits, in no order: for sums, and for nothing else."""
    return _together(branch._leaping(branch.query) for branch in found)  # noqa: SLF001 -- same module


def _together(queries: Iterable[Select[Any, Any]]) -> Subquery:
    parts = [query.subquery() for query in queries]
    if len(parts) == 1:
        return parts[0]
    return union_all(*(select(part.c.at, part.c.id) for part in parts)).subquery()


def _entries(
    filters: Filters, wanted: Iterable[ColumnElement[bool]], each: FromClause | None = None
) -> Branch:
    """Straight from the log."""
    query = select(_AT, _ID).where(*wanted, *_moments(filters, _AT))
    return Branch(query if each is None else query.correlate(each), _AT, _ID, each)


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
    filters: Filters, people: Select[UUID] | UUID, wanted: list[ColumnElement[bool]]
) -> list[Branch]:
    """What somebody did, and attempts to sign in as them: those have no account yet."""
    if isinstance(people, UUID) or not _can_leap():
        found = [_entries(filters, [*wanted, _is_of(AuditEntry.account_id, people)])]
    else:
        each = people.subquery()
        found = [_entries(filters, [*wanted, AuditEntry.account_id == each.c.id], each)]
    if _may_be_sign_in(filters):
        found.append(_entries(filters, [*wanted, _as_them(people)]))
    return found


def _is_of(column: Any, people: Select[UUID] | UUID) -> ColumnElement[bool]:
    found: ColumnElement[bool] = (
        column == people if isinstance(people, UUID) else column.in_(people)
    )
    return found


def _by_part(actor: Actor, filters: Filters, wanted: list[ColumnElement[bool]]) -> Branch:
    if not _can_leap():
        return _entries(filters, [*wanted, *_with_part(actor, filters)])
    sets = _sets_of_parts(actor, filters.part).subquery()
    part = AuditEntry.compartments == sets.c.words
    return _entries(filters, [*wanted, _verbatim(indexes.WITH_PARTS), part], sets)


def _can_leap() -> bool:
    """SQLite has no LATERAL; nobody keeps millions of entries there."""
    return session.get_bind().dialect.name == "postgresql"


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


def _people(actor: Actor, filters: Filters) -> Select[UUID] | UUID | None:
    """Whose acts are asked for; None for everybody's and the system's."""
    if filters.department is None:
        return filters.colleague_id
    members = accounts.ids_in_department(actor, filters.department)
    if filters.colleague_id is None:
        return members
    return members.where(members.selected_columns[0] == filters.colleague_id)


def _of_people(
    filters: Filters, people: Select[UUID] | UUID | None
) -> Iterator[ColumnElement[bool]]:
    if people is not None:
        own = _is_of(AuditEntry.account_id, people)
        yield or_(own, _as_them(people)) if _may_be_sign_in(filters) else own


def _may_be_sign_in(filters: Filters) -> bool:
    """Whether a failed attempt to sign in could fit the other filters at all."""
    is_done = filters.outcome is Outcome.DONE
    is_other_act = filters.actions and Action.SIGN_IN_REFUSED not in filters.actions
    return not (is_done or is_other_act or filters.purpose or filters.part)


def _as_them(people: Select[UUID] | UUID) -> ColumnElement[bool]:
    return and_(
        _verbatim(indexes.ABOUT_SIGN_IN),
        AuditEntry.action == Action.SIGN_IN_REFUSED,
        _is_of(AuditEntry.subject_id, people),
        AuditEntry.account_id.is_(None),
    )


def _with_part(actor: Actor, filters: Filters) -> Iterator[ColumnElement[bool]]:
    if filters.part:
        yield AuditEntry.compartments.in_(_sets_of_parts(actor, filters.part))


def _sets_of_parts(actor: Actor, part: Compartment | None) -> Select[str]:
    """The sets of parts that were ever opened together and hold this one.

    Found by leaping from one to the next in the index; there are a few dozen.
    """
    least = select(func.min(AuditEntry.compartments)).where(
        AuditEntry.facility_id == actor.facility_id, _verbatim(indexes.WITH_PARTS)
    )
    sets = least.with_only_columns(least.selected_columns[0].label("words")).cte(recursive=True)
    after = least.where(AuditEntry.compartments > sets.c.words).scalar_subquery()
    known = sets.union_all(select(after).where(sets.c.words.is_not(None)))
    return select(known.c.words).where((" " + known.c.words + " ").contains(f" {part} "))
