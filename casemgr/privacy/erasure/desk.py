"""What the pages of erasures share, and holds with them: a try at a service call."""

from collections.abc import Callable
from uuid import UUID

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from casemgr.access import Conflict, Invalid, Permission
from casemgr.access.gate import Blueprint, all_or_nothing
from casemgr.privacy.erasure import labels
from casemgr.privacy.erasure.labels import REFUSALS
from casemgr.privacy.erasure.rules import ForbiddenMove
from casemgr.web.forms import BaseForm
from casemgr.web.labels import COMPARTMENTS

bp = Blueprint("erasures", __name__, url_prefix="/erasures")
bp.context_processor(lambda: {"words": labels, "part_names": COMPARTMENTS})

READ, APPROVE = Permission.ERASURE_READ, Permission.ERASURE_APPROVE
REQUEST = Permission.ERASURE_REQUEST
ONE = "/<uuid:erasure_id>"
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


def back_to(erasure_id: UUID) -> ResponseReturnValue:
    """To the page of this erasure."""
    return redirect(url_for("erasures.show", erasure_id=erasure_id), 303)
