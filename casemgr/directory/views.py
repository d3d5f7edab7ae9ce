"""The directory's pages: where people can be referred, and how to reach it."""

from uuid import UUID

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from casemgr.access import Permission
from casemgr.access.gate import Blueprint, actor
from casemgr.directory import labels, service
from casemgr.web import navigation

bp = Blueprint("directory", __name__, url_prefix="/directory")
navigation.declare(_l("Directory"), "directory.index", Permission.DIRECTORY_READ, order=60)


@bp.get("", permission=Permission.DIRECTORY_READ)
def index() -> ResponseReturnValue:
    """Every organisation valid today."""
    found = service.list_organisations(actor())
    return render_template(
        "directory/index.html", organisations=found, kinds=labels.KINDS, services=labels.SERVICES
    )


@bp.get("/<uuid:organisation_id>", permission=Permission.DIRECTORY_READ)
def show(organisation_id: UUID) -> ResponseReturnValue:
    """One organisation with its source."""
    found = service.show_organisation(actor(), organisation_id)
    return render_template(
        "directory/show.html", organisation=found, kinds=labels.KINDS, services=labels.SERVICES
    )
