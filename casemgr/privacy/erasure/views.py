"""The pages of erasures: the list, asking for one, and telling the receivers. Codes only."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casemgr.access import Permission
from casemgr.access.gate import actor
from casemgr.cases.retention import ERASABLE
from casemgr.privacy.erasure import (  # noqa: F401 - their routes register on the same blueprint
    certificate_views,
    decision_views,
    erasures,
    lift_views,
)
from casemgr.privacy.erasure.desk import ONE, READ, REQUEST, attempt, back_to, bp
from casemgr.privacy.erasure.forms import ErasureForm
from casemgr.privacy.erasure.page import erasure_page
from casemgr.web import navigation

__all__ = ["bp"]
navigation.declare(_l("Erasure of data"), "erasures.index", Permission.ERASURE_READ, order=62)


@bp.get("", permission=READ)
def index() -> ResponseReturnValue:
    """Every erasure, what waits first."""
    return render_template("erasures/index.html", found=erasures.list_erasures(actor()))


@bp.get("/new", permission=REQUEST, unaudited="an empty form")
def new() -> ResponseReturnValue:
    """Ask which case and why; every part is ticked."""
    form = ErasureForm(formdata=None, data={"parts": list(ERASABLE)})
    return render_template("erasures/new.html", form=form)


@bp.post("", permission=REQUEST)
def create() -> ResponseReturnValue:
    """Ask for an erasure; nothing is erased yet."""
    form = ErasureForm()
    asked: list[UUID] = []

    def ask() -> None:
        erasure = erasures.request_erasure(
            actor(),
            form.case_code.data or "",
            basis=form.basis.data,
            reason=form.reason.data or "",
            record_kind=form.record_kind.data,
            parts=form.parts.data or (),
        )
        asked.append(erasure.id)

    if (status := attempt(form, ask)) is not None:
        return render_template("erasures/new.html", form=form), status
    flash(_("Asked for. The director decides; nothing is erased yet."))
    return redirect(url_for("erasures.show", erasure_id=asked[0]), 303)


@bp.get(ONE, permission=READ)
def show(erasure_id: UUID) -> ResponseReturnValue:
    """One erasure: its parts, what is outstanding, who is to be told."""
    return erasure_page(erasure_id)


@bp.post(ONE + "/recipients/<uuid:recipient_id>/told", permission=REQUEST)
def note_told(erasure_id: UUID, recipient_id: UUID) -> ResponseReturnValue:
    """A receiver was told of the erasure."""
    erasures.note_told(actor(), erasure_id, recipient_id)
    flash(_("Recorded that they were told."))
    return back_to(erasure_id)
