"""What is to be done for a case."""

from http import HTTPStatus
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casemgr import clock
from casemgr.access import Compartment, Permission
from casemgr.access.gate import actor
from casemgr.accounts import service as accounts
from casemgr.cases import rules, service, team
from casemgr.cases import tasks as work
from casemgr.cases.desk import DONE, attempt, bp
from casemgr.cases.entry_forms import TaskForm


@bp.get("/<uuid:case_id>/tasks", permission=Permission.CASE_READ)
def tasks(case_id: UUID) -> ResponseReturnValue:
    """Every task, and a form for the next one."""
    return _tasks_page(case_id, _task_form(case_id))


@bp.post("/<uuid:case_id>/tasks", permission=Permission.TASK_WRITE)
def add_task(case_id: UUID) -> ResponseReturnValue:
    """Add a task."""
    form = _task_form(case_id)
    status = attempt(
        form,
        lambda: work.add_task(
            actor(),
            case_id,
            title=form.title.data or "",
            due_at=form.due_at.data,
            assignee_id=form.assignee_id.data,
        ),
    )
    if status is not DONE:
        return _tasks_page(case_id, form, status)
    flash(_("The task is added."))
    return redirect(url_for("cases.tasks", case_id=case_id), 303)


@bp.post("/<uuid:case_id>/tasks/<uuid:task_id>", permission=Permission.TASK_WRITE)
def finish_task(case_id: UUID, task_id: UUID) -> ResponseReturnValue:
    """Mark a task as done."""
    service.show_case(actor(), case_id)
    work.finish_task(actor(), case_id, task_id)
    flash(_("The task is done."))
    return redirect(url_for("cases.tasks", case_id=case_id), 303)


def _task_form(case_id: UUID) -> TaskForm:
    case, form = service.get(actor(), case_id), TaskForm()
    people = {member.account_id for member in team.members(case)}
    form.assignee_id.offer(accounts.names_of(actor(), people))
    return form


def _tasks_page(case_id: UUID, form: TaskForm, status: HTTPStatus = DONE) -> ResponseReturnValue:
    case = service.open_case(actor(), case_id, {Compartment.SOCIAL})
    listed = work.tasks(case)
    people = {task.assignee_id for task in listed} | {task.done_by for task in listed}
    page = render_template(
        "cases/tasks.html",
        case=case,
        form=form,
        tasks=listed,
        names=accounts.names_of(actor(), people),
        now=clock.now(),
        may_add=case.state not in rules.WITHOUT_RECORD | rules.AT_REST,
    )
    return page, status
