"""A suspicion: from observed signs alone, who was told it, and the person's first answer."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casemgr.access import Invalid
from casemgr.access.gate import actor, all_or_nothing
from casemgr.screenings import suspicions
from casemgr.screenings.desk import BLANK, WRITE, bp
from casemgr.screenings.labels import MESSAGES
from casemgr.screenings.suspicion_forms import FirstAnswer, FirstAnswerForm, NewConcernForm
from casemgr.web.labels import ROLES


@bp.get("/concern", permission=WRITE, unaudited=BLANK)
def new_concern() -> ResponseReturnValue:
    """A suspicion on observed signs alone."""
    form = NewConcernForm(data={"department": actor().department})
    return render_template("screenings/concern.html", form=form)


@bp.post("/concern", permission=WRITE)
def raise_by_concern() -> ResponseReturnValue:
    """Open it."""
    form = NewConcernForm()
    if not form.validate():
        return render_template("screenings/concern.html", form=form), 422
    sitting = suspicions.raise_by_concern(
        actor(), department=form.department.data or "", concern=form.concern.data or ""
    )
    return redirect(url_for(".suspicion", sitting_id=sitting.id), 303)


@bp.get("/<uuid:sitting_id>/suspicion", permission=WRITE)
def suspicion(sitting_id: UUID) -> ResponseReturnValue:
    """The code, who was told it, and the next question to the person."""
    found = suspicions.show(actor(), sitting_id)
    return render_template(
        "screenings/suspicion.html", found=found, roles=ROLES, form=FirstAnswerForm()
    )


@bp.post("/<uuid:sitting_id>/suspicion", permission=WRITE)
def first_answer(sitting_id: UUID) -> ResponseReturnValue:
    """What the person said to a support record."""
    form = FirstAnswerForm()
    if form.validate():
        try:
            with all_or_nothing():
                _keep_first_answer(sitting_id, form)
            return redirect(url_for(".suspicion", sitting_id=sitting_id), 303)
        except Invalid as refused:
            form.refuse(refused.field, MESSAGES[refused.reason])
    found = suspicions.show(actor(), sitting_id)
    return render_template("screenings/suspicion.html", found=found, roles=ROLES, form=form), 422


def _keep_first_answer(sitting_id: UUID, form: FirstAnswerForm) -> None:
    if form.answer.data is FirstAnswer.LATER:
        suspicions.postpone_answer(actor(), sitting_id)
        flash(_("Noted. The social worker will ask at a good moment."))
        return
    suspicions.record_first_answer(
        actor(),
        sitting_id,
        was_given=form.answer.data is FirstAnswer.YES,
        method=form.method.data,
        witness=form.witness.data,
    )
    flash(_("The answer was recorded."))
