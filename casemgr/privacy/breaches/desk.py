"""What the pages of breaches share: a try at a service call, the page of a step."""

from collections.abc import Callable
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casemgr.access import Conflict, Invalid, Permission
from casemgr.access.gate import Blueprint, actor, all_or_nothing
from casemgr.crypto.errors import SealBroken
from casemgr.privacy.breaches import labels, records
from casemgr.privacy.breaches.labels import REFUSALS
from casemgr.privacy.breaches.models import Breach
from casemgr.privacy.breaches.rules import ForbiddenMove
from casemgr.web.forms import BaseForm, VersionedForm
from casemgr.web.labels import COMPARTMENTS
from casemgr.web.readable import UNREADABLE

bp = Blueprint("breaches", __name__, url_prefix="/breaches")
bp.context_processor(
    lambda: {"words": labels, "part_names": COMPARTMENTS, "clock_of": records.clock_of}
)

READ, WRITE = Permission.BREACH_READ, Permission.BREACH_WRITE
RECORD = Permission.BREACH_RECORD
CONFIRM = Permission.BREACH_CONFIRM
OF_THE_DIRECTOR = frozenset({"overrule"})  # steps of who agrees, not of who handles it
ONE = "/<uuid:breach_id>"
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


def back_to(breach_id: UUID) -> ResponseReturnValue:
    """To the page of this breach."""
    return redirect(url_for("breaches.show", breach_id=breach_id), 303)


def unless_broken(breach_id: UUID, make: Callable[[], ResponseReturnValue]) -> ResponseReturnValue:
    """A page that needs what is sealed; back to the breach, in words, where it cannot be read."""
    try:
        return make()
    except SealBroken:
        flash(str(UNREADABLE), "error")
        return back_to(breach_id)


def step_page(
    breach: Breach, step: str, form: VersionedForm, status: int = 200
) -> ResponseReturnValue:
    """The page that asks for one step, with what was refused."""
    if status == CONFLICT:
        form.version.data = str(breach.version)
    page = render_template("breaches/step.html", form=form, breach=breach, step=labels.STEPS[step])
    return page, status


def asked_about(breach_id: UUID, step: str) -> Breach:
    """The breach for the page of a step. Raises NotFound, Denied for who may not take the step."""
    show = records.show if step in OF_THE_DIRECTOR else records.show_to_handler
    return show(actor(), breach_id)


def take_step(
    breach_id: UUID, step: str, form: VersionedForm, act: Callable[[], object]
) -> ResponseReturnValue:
    """Try a step; back to the breach when it was done, else its page again."""
    if (status := attempt(form, act)) is not None:
        return step_page(asked_about(breach_id, step), step, form, status)
    flash(_("Saved"))
    return back_to(breach_id)
