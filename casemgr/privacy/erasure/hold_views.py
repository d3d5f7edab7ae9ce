"""Legal holds: which cases are kept whatever is asked, set and lifted by the privacy officer."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casemgr.access import Permission
from casemgr.access.gate import Blueprint, actor
from casemgr.accounts import service as accounts
from casemgr.privacy.erasure import holds
from casemgr.privacy.erasure.desk import attempt
from casemgr.privacy.erasure.forms import HoldForm, ReasonForm

bp = Blueprint("holds", __name__, url_prefix="/holds")

READ, WRITE = Permission.ERASURE_READ, Permission.HOLD_WRITE
ONE = "/<uuid:hold_id>"


@bp.get("", permission=READ)
def index() -> ResponseReturnValue:
    """The cases that are held, with the reason."""
    found = holds.list_holds(actor())
    names = accounts.names_of(actor(), {hold.set_by for hold, _code in found})
    return render_template("holds/index.html", found=found, names=names)


@bp.get("/new", permission=WRITE, unaudited="an empty form")
def new() -> ResponseReturnValue:
    """Ask which case and why."""
    return render_template("holds/new.html", form=HoldForm())


@bp.post("", permission=WRITE)
def create() -> ResponseReturnValue:
    """Have a case kept."""
    form = HoldForm()
    status = attempt(
        form,
        lambda: holds.set_hold(actor(), form.case_code.data or "", form.reason.data or ""),
    )
    if status is not None:
        return render_template("holds/new.html", form=form), status
    flash(_("The case is held: nothing of it is erased until you lift this."))
    return redirect(url_for("holds.index"), 303)


@bp.get(ONE + "/lift", permission=WRITE)
def ask_lift(hold_id: UUID) -> ResponseReturnValue:
    """Ask why the case need not be held any more."""
    hold, code = holds.show(actor(), hold_id)
    form = ReasonForm(formdata=None, data={"version": hold.version})
    return render_template("holds/lift.html", form=form, hold=hold, code=code)


@bp.post(ONE + "/lift", permission=WRITE)
def lift(hold_id: UUID) -> ResponseReturnValue:
    """Lift a hold, with a reason."""
    form = ReasonForm()
    status = attempt(
        form,
        lambda: holds.lift_hold(actor(), hold_id, form.seen_version, form.reason.data or ""),
    )
    if status is not None:
        hold, code = holds.show(actor(), hold_id)
        return render_template("holds/lift.html", form=form, hold=hold, code=code), status
    flash(_("The case is not held any more."))
    return redirect(url_for("holds.index"), 303)
