"""What every privacy officer is told about recovery shares, and acknowledges for themselves."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casemgr.access import Permission
from casemgr.access.gate import Blueprint, actor
from casemgr.privacy.log.labels import CEREMONIES, CEREMONY_STATES
from casemgr.work import announcements

bp = Blueprint("announcements", __name__, url_prefix="/announcements")


@bp.get("", permission=Permission.ANNOUNCEMENT_ACKNOWLEDGE)
def index() -> ResponseReturnValue:
    """When recovery shares were used, and how it ended."""
    return render_template(
        "privacy/announcements.html",
        announcements=announcements.listed(actor()),
        kinds=CEREMONIES,
        states=CEREMONY_STATES,
    )


@bp.post("/<uuid:announcement_id>/acknowledge", permission=Permission.ANNOUNCEMENT_ACKNOWLEDGE)
def acknowledge(announcement_id: UUID) -> ResponseReturnValue:
    """Take note of one."""
    announcements.acknowledge(actor(), announcement_id)
    flash(_("Acknowledged. The time and your name are on record."))
    return redirect(url_for("announcements.index"), 303)
