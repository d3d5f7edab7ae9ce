"""The pages of saved views."""

from uuid import UUID

from flask import flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casemgr.access import Invalid
from casemgr.access.gate import actor, all_or_nothing
from casemgr.privacy.log import saved_views
from casemgr.privacy.log.desk import FILTERS, READ, asked_filters, bp
from casemgr.privacy.log.forms import MESSAGES, ViewForm
from casemgr.privacy.log.rules import Filters


@bp.get("/views", permission=READ)
def views() -> ResponseReturnValue:
    """One's own saved views, and a field to save what is asked now."""
    return _page(ViewForm(formdata=None))


@bp.post("/views", permission=READ)
def save_view() -> ResponseReturnValue:
    """Keep the filters of this session under a name."""
    form = ViewForm()
    if form.validate():
        try:
            with all_or_nothing():
                saved_views.save(actor(), form.name.data or "", asked_filters())
        except Invalid as refused:
            form.refuse(refused.field, MESSAGES[refused.reason])
        else:
            flash(_("The view is saved."))
            return redirect(url_for("privacy.views"), 303)
    return _page(form), 422


@bp.post("/views/<uuid:view_id>/use", permission=READ)
def use_view(view_id: UUID) -> ResponseReturnValue:
    """Narrow the log as a saved view asks."""
    session[FILTERS] = saved_views.use(actor(), view_id).kept()
    return redirect(url_for("privacy.index"), 303)


@bp.post("/views/<uuid:view_id>/remove", permission=READ)
def remove_view(view_id: UUID) -> ResponseReturnValue:
    """Forget a saved view."""
    saved_views.remove(actor(), view_id)
    flash(_("The view is removed."))
    return redirect(url_for("privacy.views"), 303)


def _page(form: ViewForm) -> str:
    return render_template(
        "privacy/views.html",
        form=form,
        views=saved_views.mine(actor()),
        is_narrowed=asked_filters() != Filters(),
    )
