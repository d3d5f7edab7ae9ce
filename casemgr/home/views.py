"""The home page and the lists that belong to nobody's room: notices and tasks."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casemgr import clock
from casemgr.access import Permission
from casemgr.access.gate import Blueprint, actor
from casemgr.cases import duty, notices
from casemgr.home import labels, service
from casemgr.privacy.proof.labels import IN_SHORT
from casemgr.web import navigation
from casemgr.web.labels import ROLES

bp = Blueprint("home", __name__)
navigation.declare(_l("Today"), "home.show", Permission.HOME_READ, order=0)


@bp.get("/", permission=Permission.HOME_READ)
def show() -> ResponseReturnValue:
    """What waits for me today."""
    desk = service.desk(actor())
    return render_template(
        "home/show.html",
        today=clock.today(),
        tiles=labels.tiles(desk.waiting),
        starts=labels.starts(actor()),
        later=labels.later(actor()),
        concerns=[
            *(labels.CONCERNS[concern] for concern in desk.concerns),
            *(labels.BACKUP_CONCERNS[concern] for concern in desk.backup_concerns),
        ],
        is_silent=desk.is_worker_silent,
        log_concerns=dict.fromkeys(str(IN_SHORT[concern]) for concern in desk.log_concerns),
    )


@bp.get("/notices", permission=Permission.NOTICE_READ, endpoint="notices")
def show_notices() -> ResponseReturnValue:
    """Notices to my role that nobody acknowledged; codes only."""
    return render_template(
        "home/notices.html",
        waiting=notices.waiting(actor()),
        escalated=duty.escalated(actor()),
        roles=ROLES,
        is_silent=service.is_worker_silent(),
    )


@bp.post("/notices/<uuid:notice_id>/acknowledge", permission=Permission.NOTICE_ACKNOWLEDGE)
def acknowledge(notice_id: UUID) -> ResponseReturnValue:
    """Say that the notice was received."""
    notices.acknowledge(actor(), notice_id)
    flash(_("Acknowledged. The time and your name are on record."))
    return redirect(url_for("home.notices"), 303)


@bp.get("/tasks", permission=Permission.TASK_WRITE, endpoint="tasks")
def show_tasks() -> ResponseReturnValue:
    """My open tasks, by case code; what is to be done stands in the case."""
    return render_template(
        "home/tasks.html",
        tasks=service.my_tasks(actor()),
        now=clock.now(),
        is_silent=service.is_worker_silent(),
    )
