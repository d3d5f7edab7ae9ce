"""What the pages of reviews share: a try at a service call."""

from collections.abc import Callable
from uuid import UUID

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from casemgr.access import Conflict, Invalid, Permission
from casemgr.access.gate import Blueprint, all_or_nothing
from casemgr.privacy.log import labels as log_labels
from casemgr.privacy.reviews import labels
from casemgr.privacy.reviews.labels import REFUSALS
from casemgr.privacy.reviews.rules import ForbiddenMove
from casemgr.web.forms import BaseForm

bp = Blueprint("reviews", __name__, url_prefix="/reviews")
bp.context_processor(lambda: {"words": labels, "log_words": log_labels})

READ, DECIDE = Permission.REVIEW_READ, Permission.REVIEW_DECIDE
ONE = "/<uuid:review_id>"
REFUSED, CONFLICT = 422, 409


def attempt(form: BaseForm, act: Callable[[], object]) -> int | None:
    """Validate, then act. What was refused stands on the form; None when it was done."""
    if not form.validate():
        return REFUSED
    try:
        with all_or_nothing():
            act()
    except Invalid as refused:
        form.refuse(refused.field, REFUSALS[refused.reason])
        return REFUSED
    except ForbiddenMove:
        form.refuse("", REFUSALS["forbidden_move"])
        return CONFLICT
    except Conflict:
        form.refuse("", REFUSALS["conflict"])
        return CONFLICT
    return None


def back_to(review_id: UUID) -> ResponseReturnValue:
    """To the page of this review."""
    return redirect(url_for("reviews.show", review_id=review_id), 303)
