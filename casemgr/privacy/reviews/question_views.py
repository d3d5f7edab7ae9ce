"""What a colleague is asked about their own acts, and where they answer."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casemgr.access import Permission
from casemgr.access.gate import Blueprint, actor
from casemgr.privacy.reviews import questions
from casemgr.privacy.reviews.desk import CONFLICT, attempt
from casemgr.privacy.reviews.forms import AnswerForm

bp = Blueprint("questions", __name__, url_prefix="/questions")
ANSWER = Permission.QUESTION_ANSWER


@bp.get("", permission=ANSWER)
def index() -> ResponseReturnValue:
    """What I was asked, what waits for my answer first."""
    return render_template("questions/index.html", found=questions.list_mine(actor()))


@bp.get("/<uuid:question_id>", permission=ANSWER)
def show(question_id: UUID) -> ResponseReturnValue:
    """One question to me."""
    return _page(question_id)


@bp.post("/<uuid:question_id>", permission=ANSWER)
def answer(question_id: UUID) -> ResponseReturnValue:
    """Take my answer."""
    form = AnswerForm()
    status = attempt(
        form,
        lambda: questions.answer(actor(), question_id, form.seen_version, form.answer.data or ""),
    )
    if status is not None:
        return _page(question_id, form, status)
    flash(_("Your answer is kept, sealed. Thank you."))
    return redirect(url_for("questions.index"), 303)


def _page(
    question_id: UUID, form: AnswerForm | None = None, status: int = 200
) -> ResponseReturnValue:
    asked = questions.show_mine(actor(), question_id)
    shown = form or AnswerForm(formdata=None, data={"version": asked.question.version})
    if status == CONFLICT:
        shown.version.data = str(asked.question.version)
    return render_template("questions/show.html", form=shown, asked=asked), status
