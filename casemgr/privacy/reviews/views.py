"""The queue and the page of one review. Codes only; no link leads into a case."""

from uuid import UUID

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casemgr import clock
from casemgr.access import NotFound
from casemgr.access.gate import actor
from casemgr.privacy.reviews import (
    deciding,
    decision_views,  # noqa: F401 - its routes register on the same blueprint
    items,
    labels,
)
from casemgr.privacy.reviews.desk import DECIDE, ONE, READ, attempt, back_to, bp
from casemgr.privacy.reviews.forms import TakeForm
from casemgr.privacy.reviews.items import Show
from casemgr.privacy.reviews.rules import ReviewKind
from casemgr.web import navigation

__all__ = ["bp"]
navigation.declare(_l("Reviews"), "reviews.index", READ, order=61)


@bp.get("", permission=READ)
def index() -> ResponseReturnValue:
    """The reviews that exist for the reader."""
    try:
        kind = ReviewKind(request.args["kind"]) if "kind" in request.args else None
        show_these = Show(request.args.get("show", Show.OPEN))
    except ValueError as unknown:
        raise NotFound from unknown
    return render_template(
        "reviews/index.html",
        found=items.list_items(actor(), kind, show_these),
        kind=kind,
        shown=show_these,
        today=clock.today(),
    )


@bp.get(ONE, permission=READ)
def show(review_id: UUID) -> ResponseReturnValue:
    """One review: what happened, what was asked, what can be done."""
    return review_page(review_id)


@bp.post(ONE + "/take", permission=DECIDE)
def take(review_id: UUID) -> ResponseReturnValue:
    """Take a review oneself."""
    form = TakeForm()
    status = attempt(
        form,
        lambda: deciding.assign(actor(), review_id, form.seen_version, actor().known_id),
    )
    if status is not None:
        return review_page(review_id, form), status
    flash(_("You have taken this review."))
    return back_to(review_id)


def review_page(review_id: UUID, form: TakeForm | None = None) -> str:
    """The page; ``form`` with what was refused."""
    opened = items.show(actor(), review_id)
    return render_template(
        "reviews/show.html",
        form=form,
        opened=opened,
        review=opened.review,
        steps=labels.steps(opened),
        taking=TakeForm(formdata=None, data={"version": opened.review.version}),
        is_mine=opened.review.assigned_to == actor().account_id,
        today=clock.today(),
    )
