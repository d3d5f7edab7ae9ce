"""The pages of statements: the questions before one is made, and the page of one."""

from uuid import UUID

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from casemgr.access import Permission
from casemgr.access.gate import actor
from casemgr.accounts import service as accounts
from casemgr.privacy.statement import (  # noqa: F401 - their routes register on the same blueprint
    naming_views,
    paper_views,
    service,
    withholding_views,
)
from casemgr.privacy.statement.desk import ONE, PRINT, REFUSED, attempt, bp
from casemgr.privacy.statement.forms import StatementForm
from casemgr.privacy.statement.labels import REFUSALS
from casemgr.privacy.statement.models import Statement
from casemgr.privacy.statement.rules import Receiver
from casemgr.privacy.statement.service import Answers
from casemgr.web import navigation, pdf
from casemgr.web.labels import PDF_OBSTACLES

__all__ = ["bp"]
navigation.declare(
    _l("Statements for the person"), "statements.index", Permission.STATEMENT_PRINT, order=64
)


@bp.get("", permission=PRINT)
def index() -> ResponseReturnValue:
    """The statements that were made, newest first."""
    found = service.list_statements(actor())
    names = accounts.names_of(actor(), {row.made_by for row, _code in found})
    return render_template("statements/index.html", found=found, names=names)


@bp.get("/new", permission=PRINT, unaudited="an empty form")
def new() -> ResponseReturnValue:
    """The questions before one is made."""
    return render_template("statements/new.html", form=StatementForm())


@bp.post("", permission=PRINT)
def create() -> ResponseReturnValue:
    """Make one; a guardian who is suspected or in conflict gets none."""
    form = StatementForm()
    made: list[Statement | None] = []
    if not _is_answered(form):
        return render_template("statements/new.html", form=form), REFUSED
    status = attempt(
        form, lambda: made.append(service.make(actor(), form.case_code.data or "", _answers(form)))
    )
    if status is not None:
        return render_template("statements/new.html", form=form), status
    if made[0] is None:
        return render_template("statements/refused.html"), REFUSED
    return redirect(url_for("statements.show", statement_id=made[0].id), 303)


@bp.get(ONE, permission=PRINT)
def show(statement_id: UUID) -> ResponseReturnValue:
    """What was answered, and the ways to read it."""
    statement, code = service.show(actor(), statement_id)
    return render_template(
        "statements/show.html",
        statement=statement,
        code=code,
        names=accounts.names_of(actor(), {statement.made_by}),
        pdf_obstacle=pdf.obstacle(),
        pdf_words=PDF_OBSTACLES,
    )


def _is_answered(form: StatementForm) -> bool:
    """Whether the form is whole: with anybody but the person, the question about them too."""
    is_whole: bool = form.validate()
    if is_whole and form.receiver.data is not Receiver.PERSON and form.is_conflicted.data is None:
        form.refuse("is_conflicted", REFUSALS["not_answered"])
        return False
    return is_whole


def _answers(form: StatementForm) -> Answers:
    to_person = form.receiver.data is Receiver.PERSON
    return Answers(
        receiver=form.receiver.data,
        is_conflicted=None if to_person else form.is_conflicted.data,
        is_safe_to_hold=bool(form.is_safe_to_hold.data),
    )
