"""What the pages of statements share."""

from collections.abc import Callable

from casemgr.access import Conflict, Invalid, Permission
from casemgr.access.gate import Blueprint, all_or_nothing
from casemgr.privacy.statement import labels
from casemgr.privacy.statement.labels import REFUSALS
from casemgr.web.forms import BaseForm
from casemgr.web.labels import COMPARTMENTS
from casemgr.web.readable import is_intact

bp = Blueprint("statements", __name__, url_prefix="/statements")
bp.context_processor(lambda: {"words": labels, "part_names": COMPARTMENTS, "is_intact": is_intact})

PRINT = Permission.STATEMENT_PRINT
ONE = "/<uuid:statement_id>"
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
    except Conflict:
        form.refuse("", REFUSALS["conflict"])
        return CONFLICT
    return None
