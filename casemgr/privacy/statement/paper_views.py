"""The statement itself: read on screen, printed, or as PDF."""

from pathlib import Path
from uuid import UUID

from flask import Response, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale

from casemgr.access.gate import actor, between_transactions
from casemgr.privacy.statement import service
from casemgr.privacy.statement.desk import ONE, PRINT, bp
from casemgr.privacy.statement.models import Statement
from casemgr.privacy.statement.paper import paper
from casemgr.privacy.statement.reading import Told
from casemgr.web import pdf
from casemgr.web.labels import PDF_OBSTACLES


@bp.get(ONE + "/screen", permission=PRINT)
def read(statement_id: UUID) -> ResponseReturnValue:
    """Read it together on this screen: no button prints it, and a printer gets an empty sheet."""
    return _page(*service.read_on_screen(actor(), statement_id), way="screen")


@bp.get(ONE + "/print", permission=PRINT)
def print_page(statement_id: UUID) -> ResponseReturnValue:
    """The statement as a page to print."""
    return _page(*service.print_out(actor(), statement_id), way="print")


@bp.get(ONE + "/statement.pdf", permission=PRINT)
def print_pdf(statement_id: UUID) -> ResponseReturnValue:
    """The statement as PDF; its file name tells nothing, not even the code (R8)."""
    if missing := pdf.obstacle():
        service.show(actor(), statement_id)
        flash(str(PDF_OBSTACLES[missing]), "error")
        return redirect(url_for("statements.show", statement_id=statement_id), 303)
    html = _page(*service.print_out(actor(), statement_id), way="pdf")
    static_folder = Path(current_app.static_folder or "")
    with between_transactions():
        body = pdf.pdf(html, static_folder)
    headers = {"Content-Disposition": 'attachment; filename="ban-ke.pdf"'}
    return Response(body, mimetype="application/pdf", headers=headers)


def _page(statement: Statement, code: str, told: Told, *, way: str) -> str:
    with force_locale("vi"):  # roles in the language of the paper
        content = paper(statement, code, told)
    back_url = url_for("statements.show", statement_id=statement.id)
    return render_template("print/statement.html", paper=content, way=way, back_url=back_url)
