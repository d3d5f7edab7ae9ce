"""Tasks of a case: something to do, by somebody, until some time."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from casemgr import clock
from casemgr.access import Actor, Compartment, Invalid, NotFound, Permission, Purpose
from casemgr.audit import Action, record
from casemgr.cases import service
from casemgr.cases.consenting import require_record
from casemgr.cases.models import Case, Task
from casemgr.cases.team import members
from casemgr.db import session


def add_task(
    actor: Actor, case_id: UUID, *, title: str, due_at: datetime, assignee_id: UUID | None = None
) -> Task:
    """Add a task for a member of the team, by default for oneself.

    Raises Invalid("assignee_id", "not_on_team"), or while there may be no record.
    """
    actor.require(Permission.TASK_WRITE)
    case = service.get_for_change(actor, case_id)
    require_record(case)
    team = {member.account_id for member in members(case)}
    if assignee_id is not None and assignee_id not in team:
        raise Invalid("assignee_id", "not_on_team")
    return put_task(actor, case, title=title, due_at=due_at, assignee_id=assignee_id)


def put_task(
    actor: Actor, case: Case, *, title: str, due_at: datetime, assignee_id: UUID | None = None
) -> Task:
    """Add a task that follows from another act, also on a case at rest: somebody must be told."""
    service.open_parts(actor, case, {Compartment.SOCIAL}, Purpose.CASE_WORK)
    task = Task(
        facility_id=actor.facility_id,
        case_id=case.id,
        assignee_id=assignee_id or actor.account_id,
        due_at=due_at,
        title=title,
    )
    session.add(task)
    record(actor, Action.TASK_ADDED, case_id=case.id, subject_id=task.id)
    session.flush()
    return task


def finish_task(actor: Actor, case_id: UUID, task_id: UUID) -> None:
    """Mark a task as done; doing so twice changes nothing."""
    actor.require(Permission.TASK_WRITE)
    case = service.get(actor, case_id)
    task = session.get(Task, task_id)
    if task is None or task.case_id != case.id:
        raise NotFound(task_id)
    if task.done_at is None:
        task.done_at, task.done_by = clock.now(), actor.account_id
        record(actor, Action.TASK_DONE, case_id=case.id, subject_id=task.id)
    session.flush()


def tasks(case: Case) -> Sequence[Task]:
    """The tasks of a case, open ones first, by due time. SOCIAL must be open for the titles."""
    query = select(Task).where(Task.case_id == case.id)
    return session.scalars(query.order_by(Task.done_at.is_not(None), Task.due_at)).all()


def my_open_tasks(actor: Actor) -> Sequence[tuple[Task, Case]]:
    """Open tasks of the actor on cases in reach, the most urgent first; public columns only."""
    query = (
        select(Task, Case)
        .join(Case, Case.id == Task.case_id)
        .where(
            Task.assignee_id == actor.account_id,
            Task.done_at.is_(None),
            Case.id.in_(service.reachable(actor)),
        )
        .order_by(Task.due_at)
    )
    return [(row.Task, row.Case) for row in session.execute(query)]


def count_my_open_tasks(actor: Actor) -> int:
    """How many open tasks the actor has."""
    query = select(func.count()).select_from(Task)
    return (
        session.scalar(
            query.where(
                Task.assignee_id == actor.account_id,
                Task.done_at.is_(None),
                Task.case_id.in_(service.reachable(actor)),
            )
        )
        or 0
    )
