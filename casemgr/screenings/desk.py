"""What all pages of a screening share: the blueprint, and the way on from each step."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from casemgr.access import Permission
from casemgr.access.gate import Blueprint
from casemgr.screenings import service
from casemgr.screenings.models import Sitting
from casemgr.screenings.rules import SittingState

WRITE = Permission.SCREENING_WRITE
BLANK = "an empty form shows nothing of anybody"

bp = Blueprint("screenings", __name__, url_prefix="/screenings")


def onward(sitting: Sitting) -> ResponseReturnValue:
    """The next page of this sitting: a question, the thanks after the last one, or the result."""
    if sitting.state is not SittingState.ASKING:
        return redirect(url_for(".show", sitting_id=sitting.id), 303)
    number = service.question_open(sitting)
    if number is None:
        return redirect(url_for(".finish", sitting_id=sitting.id), 303)
    return redirect(url_for(".question", sitting_id=sitting.id, number=number), 303)
