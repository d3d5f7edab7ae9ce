"""The monthly access review: who holds what is confirmed, or marked to be ended."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casemgr.access import Permission
from casemgr.access.gate import Blueprint, actor
from casemgr.privacy.reviews import access, labels
from casemgr.privacy.reviews.access import Row
from casemgr.privacy.reviews.desk import CONFLICT, attempt
from casemgr.privacy.reviews.forms import AccessForm, access_form
from casemgr.web import navigation
from casemgr.web.labels import ROLES

bp = Blueprint("access", __name__, url_prefix="/access-reviews")
bp.context_processor(lambda: {"words": labels, "held": held})
CONFIRM = Permission.ACCESS_CONFIRM
navigation.declare(_l("Access review"), "access.index", CONFIRM, order=63)


def held(row: Row) -> str:
    """What somebody holds, in words."""
    if row.line.role is not None:
        return str(_("role: %(role)s", role=ROLES.get(row.line.role, row.line.role)))
    return str(_("place on the care team of %(code)s", code=row.code))


@bp.get("", permission=CONFIRM)
def index() -> ResponseReturnValue:
    """The reviews of this month and of those before."""
    return render_template("access/index.html", found=access.list_reviews(actor()))


@bp.get("/to-end", permission=Permission.ACCESS_READ)
def to_end() -> ResponseReturnValue:
    """What was marked to be ended, or not confirmed in time, and is held still."""
    return render_template("access/to_end.html", rows=access.list_to_end(actor()))


@bp.get("/<uuid:access_id>", permission=CONFIRM)
def show(access_id: UUID) -> ResponseReturnValue:
    """One department, or one colleague, line by line."""
    return _page(access_id)


@bp.post("/<uuid:access_id>", permission=CONFIRM)
def answer(access_id: UUID) -> ResponseReturnValue:
    """Keep what was chosen."""
    _review, rows = access.show_review(actor(), access_id)
    form = access_form((row, f"{row.who}: {held(row)}") for row in rows)
    chosen = [row.line.id for row in rows]
    status = attempt(
        form,
        lambda: access.answer(actor(), access_id, form.seen_version, form.answers(chosen)),
    )
    if status is not None:
        return _page(access_id, form, status)
    flash(_("Saved"))
    return redirect(url_for("access.show", access_id=access_id), 303)


def _page(
    access_id: UUID, form: AccessForm | None = None, status: int = 200
) -> ResponseReturnValue:
    review, rows = access.show_review(actor(), access_id)
    shown = form or access_form(
        ((row, f"{row.who}: {held(row)}") for row in rows),
        formdata=None,
        data={"version": review.item.version},
    )
    if status == CONFLICT:
        shown.version.data = str(review.item.version)
    page = render_template("access/show.html", form=shown, review=review, rows=rows)
    return page, status
