"""The monthly access review (R26): who holds which role and which place on a care team.

The worker begins it with the month: one review for each department, and one of its own for everybody
who could confirm their own access. The privacy officer confirms each line or marks it to be ended,
the social work lead does so for the team. Nothing ends by itself yet: what was marked, and what
nobody confirmed within the term, is listed for the administrator.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Select, or_, select

from casemgr import clock
from casemgr.access import Actor, Conflict, NotFound, Permission
from casemgr.access.roles import permissions_of
from casemgr.accounts import service as accounts
from casemgr.accounts.service import Colleague
from casemgr.audit import Action, record
from casemgr.cases import codes, team
from casemgr.db import new_id, session
from casemgr.privacy.reviews import rules
from casemgr.privacy.reviews.hooks import is_excluded
from casemgr.privacy.reviews.models import AccessLine, ReviewItem
from casemgr.privacy.reviews.reach import reached
from casemgr.privacy.reviews.rules import (
    AccessAnswer,
    AccessKind,
    ReviewKind,
    ReviewState,
    due_at,
)

LISTED = 200
LOOKED_BACK = timedelta(days=100)  # three reviews


@dataclass(frozen=True, slots=True)
class Row:
    """One line as people read it."""

    line: AccessLine
    who: str
    code: str  # of the case, for a place on a care team


@dataclass(frozen=True, slots=True)
class AccessReview:
    """One department's, or one colleague's, access of one month."""

    item: ReviewItem
    who: str  # where it is one colleague's
    answered: int
    total: int

    @property
    def is_overdue(self) -> bool:
        """Whether its term is over and something is not answered."""
        return self.item.state is not ReviewState.CLOSED and self.item.due_at < clock.now()


def begin_month(actor: Actor) -> int:
    """Worker: make the reviews of this month, once. How many were made."""
    month = clock.today().replace(day=1)
    query = _all(actor).where(ReviewItem.day == month)
    if session.scalar(query.limit(1)) is not None:
        return 0
    deputy = accounts.deputy_officer(actor)
    groups: dict[tuple[str, UUID | None], list[Colleague]] = defaultdict(list)
    for person in accounts.colleagues(actor):
        groups[person.department, _alone(person, deputy)].append(person)
    places: dict[UUID, list[UUID]] = defaultdict(list)
    for who, case_id in team.places(actor):
        places[who].append(case_id)
    for (department, about_id), people in groups.items():
        _make(actor, department, about_id, [(person, places[person.id]) for person in people])
    if groups:
        record(actor, Action.ACCESS_REVIEW_BEGUN, count=len(groups))
    session.flush()
    return len(groups)


def list_reviews(actor: Actor) -> list[AccessReview]:
    """The access reviews that exist for this actor, what is open first; one entry."""
    actor.require(Permission.ACCESS_CONFIRM)
    query = _all(actor).order_by(ReviewItem.day.desc(), ReviewItem.id).limit(LISTED)
    rows = _reached(actor, session.scalars(query))
    shown = [item.id for item in rows]
    record(actor, Action.ACCESS_LISTED, shown=shown, count=len(rows))
    names = accounts.names_of(actor, [item.about_id for item in rows])
    lines = _lines_of(shown)
    found = [_review(item, _visible(actor, lines[item.id]), names) for item in rows]
    return sorted(found, key=lambda one: one.item.state is ReviewState.CLOSED)


def count_open(actor: Actor) -> int:
    """How many access reviews wait for the actor, for the home page."""
    actor.require(Permission.ACCESS_CONFIRM)
    query = _all(actor).where(ReviewItem.state != ReviewState.CLOSED)
    return len(_reached(actor, session.scalars(query)))


def show_review(actor: Actor, item_id: UUID) -> tuple[AccessReview, list[Row]]:
    """One review with its lines, by colleague. Raises NotFound, Denied."""
    item = _get(actor, item_id)
    lines = _visible(actor, _lines_of([item.id])[item.id])
    record(actor, Action.ACCESS_LISTED, subject_kind="review", subject_id=item.id, count=len(lines))
    names = accounts.names_of(actor, [item.about_id])
    return _review(item, lines, names), _rows(actor, lines)


def answer(
    actor: Actor, item_id: UUID, version: int, answers: Mapping[UUID, AccessAnswer]
) -> ReviewItem:
    """Confirm lines or mark them to be ended; when the last one is answered the review is closed.

    Raises NotFound, Denied, Conflict.
    """
    item = _get(actor, item_id)
    session.refresh(item, with_for_update=True)
    if item.version != version or item.state is ReviewState.CLOSED:
        raise Conflict(item_id)
    lines = _lines_of([item.id])[item.id]
    changed = [
        line for line in _visible(actor, lines) if answers.get(line.id) not in (None, line.answer)
    ]
    for line in changed:
        line.answer = answers[line.id]
        line.answered_by, line.answered_at = actor.known_id, clock.now()
    if item.state is ReviewState.NEW:
        item.state = rules.move(item.state, ReviewState.ASSIGNED)
        item.assigned_to, item.assigned_at = actor.known_id, clock.now()
    if all(line.answer for line in lines):
        item.state = rules.move(item.state, ReviewState.CLOSED)
        item.closed_by, item.closed_at = actor.known_id, clock.now()
    record(
        actor,
        Action.ACCESS_ANSWERED,
        subject_kind="review",
        subject_id=item.id,
        count=len(changed),
    )
    session.flush()
    return item


def list_to_end(actor: Actor) -> list[Row]:
    """What was marked to be ended, or not confirmed in time, and is held still."""
    found = _to_end(actor)
    record(actor, Action.ACCESS_LISTED, count=len(found))
    return found


def count_to_end(actor: Actor) -> int:
    """How much of it there is, for the administrator's home page."""
    return len(_to_end(actor))


def _to_end(actor: Actor) -> list[Row]:
    """The newest answer about each thing, or that there was none in time, unless it was confirmed."""
    actor.require(Permission.ACCESS_READ)
    query = (
        select(AccessLine)
        .join(ReviewItem, ReviewItem.id == AccessLine.item_id)
        .where(
            AccessLine.facility_id == actor.facility_id,
            AccessLine.account_id != actor.known_id,
            ReviewItem.day >= clock.today() - LOOKED_BACK,
            or_(AccessLine.answer.is_not(None), ReviewItem.due_at < clock.now()),
        )
        .order_by(ReviewItem.day.desc())
    )
    newest: dict[tuple[UUID, str | None, UUID | None], AccessLine] = {}
    for line in session.scalars(query):
        newest.setdefault((line.account_id, line.role, line.case_id), line)
    left = [line for line in newest.values() if line.answer is not AccessAnswer.CONFIRMED]
    held = {(who, case_id) for who, case_id in team.places(actor)} if left else set()
    roles = {(person.id, role) for person in accounts.colleagues(actor) for role in person.roles}
    return _rows(
        actor,
        [
            line
            for line in left
            if (line.account_id, line.case_id) in held or (line.account_id, line.role) in roles
        ],
    )


def _make(
    actor: Actor,
    department: str,
    about_id: UUID | None,
    people: Iterable[tuple[Colleague, Iterable[UUID]]],
) -> None:
    now = clock.now()
    item = ReviewItem(
        id=new_id(),
        facility_id=actor.facility_id,
        kind=ReviewKind.ACCESS,
        state=ReviewState.NEW,
        about_id=about_id,
        day=clock.today().replace(day=1),
        department=department,
        raised_at=now,
        due_at=due_at(ReviewKind.ACCESS, now),
    )
    session.add(item)
    session.flush()
    of = {"facility_id": actor.facility_id, "item_id": item.id}
    for person, cases in people:
        mine = {**of, "account_id": person.id}
        roles = [AccessLine(**mine, kind=AccessKind.ROLE, role=r) for r in sorted(person.roles)]
        places = [AccessLine(**mine, kind=AccessKind.PLACE, case_id=case) for case in cases]
        session.add_all([*roles, *places])


def _alone(person: Colleague, deputy: UUID | None) -> UUID | None:
    """The id of whoever could confirm their own access: theirs is a review of its own."""
    confirms = Permission.ACCESS_CONFIRM in permissions_of(person.roles) or person.id == deputy
    return person.id if confirms else None


def _reached(actor: Actor, items: Iterable[ReviewItem]) -> list[ReviewItem]:
    """Those of the reviewers' bench, and for the lead those of the team."""
    rows = list(items)
    bench = {each.item.id for each in reached(actor, rows)}
    return [row for row in rows if row.id in bench or _is_of_my_team(actor, row)]


def _is_of_my_team(actor: Actor, item: ReviewItem) -> bool:
    return actor.leads and item.about_id is None and item.department == actor.department


def _get(actor: Actor, item_id: UUID) -> ReviewItem:
    actor.require(Permission.ACCESS_CONFIRM)
    found = _reached(actor, session.scalars(_all(actor).where(ReviewItem.id == item_id)))
    if not found:
        raise NotFound(item_id)
    return found[0]


def _rows(actor: Actor, lines: Sequence[AccessLine]) -> list[Row]:
    shown = _visible(actor, lines)
    known = codes.codes_of(actor, {line.case_id for line in shown if line.case_id})
    names = accounts.names_of(actor, [line.account_id for line in shown])
    return [
        Row(
            line,
            names.get(line.account_id, ""),
            known.get(line.case_id, "") if line.case_id else "",
        )
        for line in shown
    ]


def _visible(actor: Actor, lines: Iterable[AccessLine]) -> list[AccessLine]:
    """Without the reader's own, and those about a case from which they are excluded.

    Whoever gained a role since the month began stands among their colleagues' lines.
    """
    return [
        line
        for line in lines
        if line.account_id != actor.known_id
        and (line.case_id is None or not is_excluded(actor.known_id, line.case_id))
    ]


def _lines_of(item_ids: Iterable[UUID]) -> dict[UUID, list[AccessLine]]:
    found: dict[UUID, list[AccessLine]] = defaultdict(list)
    query = select(AccessLine).where(AccessLine.item_id.in_(list(item_ids)))
    for line in session.scalars(query.order_by(AccessLine.id)):
        found[line.item_id].append(line)
    return found


def _review(
    item: ReviewItem, lines: Sequence[AccessLine], names: Mapping[UUID | None, str]
) -> AccessReview:
    answered = sum(line.answer is not None for line in lines)
    return AccessReview(item, names.get(item.about_id, ""), answered, len(lines))


def _all(actor: Actor) -> Select[ReviewItem]:
    return select(ReviewItem).where(
        ReviewItem.facility_id == actor.facility_id, ReviewItem.kind == ReviewKind.ACCESS
    )
