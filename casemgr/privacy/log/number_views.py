"""A number out of a rights request: the officer learns the code of its case and nothing else."""

from flask import render_template
from flask.typing import ResponseReturnValue

from casemgr.access import Invalid, Permission
from casemgr.access.gate import actor, all_or_nothing
from casemgr.cases import numbers
from casemgr.privacy.log.desk import bp
from casemgr.privacy.log.forms import MESSAGES, NumberForm

LOOK_UP = Permission.CODE_LOOK_UP


@bp.get("/number", permission=LOOK_UP, unaudited="an empty field")
def ask_number() -> ResponseReturnValue:
    """Ask for the number."""
    return render_template("privacy/number.html", form=NumberForm(formdata=None), codes=None)


@bp.post("/number", permission=LOOK_UP)
def find_number() -> ResponseReturnValue:
    """Answer on the spot: the number is kept nowhere, neither here nor in the browser's page."""
    form = NumberForm()
    if form.validate():
        try:
            with all_or_nothing():
                codes = numbers.codes_with(actor(), form.number.data or "")
        except Invalid as refused:
            form.refuse(refused.field, MESSAGES[refused.reason])
        else:
            empty = NumberForm(formdata=None)
            return render_template("privacy/number.html", form=empty, codes=codes)
    return render_template("privacy/number.html", form=form, codes=None), 422
