"""What no statement tells until a day: the list, recording it, lifting it."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casemgr.access.gate import actor
from casemgr.privacy.statement import labels, withholding
from casemgr.privacy.statement.desk import PRINT, attempt, bp
from casemgr.privacy.statement.forms import LiftForm, WithholdingForm
from casemgr.privacy.statement.withholding import Wanted


@bp.get("/withheld", permission=PRINT)
def withheld() -> ResponseReturnValue:
    """What is withheld, with ground and days."""
    return _list()


@bp.get("/withheld/new", permission=PRINT, unaudited="an empty form")
def new_withheld() -> ResponseReturnValue:
    """Ask what, why and until when."""
    form = WithholdingForm()
    form.ground.offer(labels.grounds())
    return render_template("statements/withhold.html", form=form)


@bp.post("/withheld", permission=PRINT)
def withhold() -> ResponseReturnValue:
    """Keep something from statements until a day."""
    form = WithholdingForm()
    form.ground.offer(labels.grounds())
    status = attempt(
        form, lambda: withholding.withhold(actor(), form.case_code.data or "", _wanted(form))
    )
    if status is not None:
        return render_template("statements/withhold.html", form=form), status
    flash(_("Recorded. No statement tells it until the day after the last one."))
    return redirect(url_for("statements.withheld"), 303)


@bp.post("/withheld/<uuid:withheld_id>/lift", permission=PRINT)
def lift_withheld(withheld_id: UUID) -> ResponseReturnValue:
    """Statements tell it again."""
    form = LiftForm()
    status = attempt(form, lambda: withholding.lift(actor(), withheld_id, form.seen_version))
    if status is not None:
        flash(str(labels.REFUSALS["conflict"]), "error")
        return _list(), status
    flash(_("Lifted: statements tell it again."))
    return redirect(url_for("statements.withheld"), 303)


def _list() -> str:
    found = withholding.list_withheld(actor())
    forms = {row.id: LiftForm(formdata=None, data={"version": row.version}) for row, _code in found}
    return render_template("statements/withheld.html", found=found, forms=forms)


def _wanted(form: WithholdingForm) -> Wanted:
    return Wanted(
        ground=form.ground.data,
        reference=form.reference.data or "",
        starts_on=form.starts_on.data,
        ends_on=form.ends_on.data,
        sent_on=form.sent_on.data,
        parts=form.parts.data or (),
    )
