"""A restricted part is opened again, with a reason."""

from uuid import UUID

from flask import flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casemgr.access.gate import actor
from casemgr.privacy.erasure import erasures
from casemgr.privacy.erasure.desk import APPROVE, ONE, attempt, back_to, bp
from casemgr.privacy.erasure.forms import ReasonForm


@bp.get(ONE + "/parts/<uuid:part_id>/lift", permission=APPROVE)
def ask_lift(erasure_id: UUID, part_id: UUID) -> ResponseReturnValue:
    """Ask why a restricted part opens again."""
    opened, row = erasures.show_part(actor(), erasure_id, part_id)
    form = ReasonForm(formdata=None, data={"version": row.version})
    return render_template("erasures/lift.html", form=form, opened=opened, row=row)


@bp.post(ONE + "/parts/<uuid:part_id>/lift", permission=APPROVE)
def lift(erasure_id: UUID, part_id: UUID) -> ResponseReturnValue:
    """Open a restricted part again."""
    form = ReasonForm()

    def act() -> None:
        erasures.lift_restriction(
            actor(), erasure_id, part_id, form.seen_version, form.reason.data or ""
        )

    if (status := attempt(form, act)) is not None:
        opened, row = erasures.show_part(actor(), erasure_id, part_id)
        return render_template("erasures/lift.html", form=form, opened=opened, row=row), status
    flash(_("The part can be opened again by those who work on the case."))
    return back_to(erasure_id)
