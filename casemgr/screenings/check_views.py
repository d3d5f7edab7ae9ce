"""Before you ask: the safety checks, at the start and before a sitting is taken up again."""

from uuid import UUID

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from casemgr.access.gate import actor
from casemgr.screenings import service
from casemgr.screenings.checks_form import ChecksForm, age_fields
from casemgr.screenings.desk import BLANK, WRITE, bp, onward


@bp.get("/new", permission=WRITE, unaudited=BLANK)
def new() -> ResponseReturnValue:
    """Before you ask."""
    form = ChecksForm(data={"department": actor().department})
    return render_template("screenings/checks.html", form=form, back_to=url_for(".index"))


@bp.post("/new", permission=WRITE)
def begin() -> ResponseReturnValue:
    """Keep the safety checks; ask only where both passed."""
    form, who = ChecksForm(), actor()
    if form.is_declined:
        return onward(service.decline_at_once(who, form.department.data or who.department))
    if not form.validate():
        back_to = url_for(".index")
        return render_template("screenings/checks.html", form=form, back_to=back_to), 422
    sitting = service.open_sitting(
        who, department=form.department.data or "", checks=form.checks, age=form.told_age
    )
    return onward(sitting)


@bp.get("/<uuid:sitting_id>/checks", permission=WRITE)
def checks(sitting_id: UUID) -> ResponseReturnValue:
    """The same checks anew, before a sitting is taken up again."""
    sitting = service.look(actor(), sitting_id)
    if not service.may_take_up(sitting):
        return redirect(url_for(".show", sitting_id=sitting_id), 303)
    told = age_fields(service.age_of(sitting)) if sitting.instrument_slug else {}
    form = ChecksForm(data={"department": sitting.department, "version": sitting.version, **told})
    back_to = url_for(".show", sitting_id=sitting_id)
    return render_template("screenings/checks.html", form=form, back_to=back_to)


@bp.post("/<uuid:sitting_id>/checks", permission=WRITE)
def check_again(sitting_id: UUID) -> ResponseReturnValue:
    """Take up a sitting, or keep that it is not safe now."""
    form = ChecksForm()
    if form.is_declined:
        return onward(service.decline(actor(), sitting_id, form.seen_version))
    if not form.validate():
        service.look(actor(), sitting_id)
        back_to = url_for(".show", sitting_id=sitting_id)
        return render_template("screenings/checks.html", form=form, back_to=back_to), 422
    sitting = service.check_again(
        actor(),
        sitting_id,
        form.seen_version,
        department=form.department.data or "",
        checks=form.checks,
        age=form.told_age,
    )
    return onward(sitting)
