"""The state of the log: the page, the sheet for the bound book, and verifying now."""

from pathlib import Path

from flask import Response, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casemgr.access import NotFound, Permission
from casemgr.access.gate import Blueprint, actor, between_transactions
from casemgr.privacy.proof import labels, service, state
from casemgr.web import navigation, pdf
from casemgr.web.labels import PDF_OBSTACLES

bp = Blueprint("proof", __name__, url_prefix="/proof")
READ = Permission.PROOF_READ
navigation.declare(_l("State of the log"), "proof.index", READ, order=61)


@bp.get("", permission=READ)
def index() -> ResponseReturnValue:
    """How far the log is vouched for, and by whom."""
    return render_template(
        "proof/index.html",
        state=service.show(actor()),
        endpoints=state.endpoints(),
        words=labels,
        pdf_obstacle=pdf.obstacle(),
        pdf_words=PDF_OBSTACLES,
    )


@bp.post("/verify", permission=READ)
def verify() -> ResponseReturnValue:
    """Verify the whole log now."""
    service.verify_now(actor())
    service.show(actor())
    flash(_("The log is being verified. Look again in a minute."))
    return redirect(url_for("proof.index"), 303)


@bp.get("/sheet", permission=READ)
def sheet() -> ResponseReturnValue:
    """The newest head as a page to print."""
    return _sheet(as_pdf=False)


@bp.get("/sheet.pdf", permission=READ)
def sheet_pdf() -> ResponseReturnValue:
    """The same as PDF."""
    return _sheet(as_pdf=True)


def _sheet(*, as_pdf: bool) -> ResponseReturnValue:
    if as_pdf and (missing := pdf.obstacle()):
        return _back(str(PDF_OBSTACLES[missing]))
    try:
        with force_locale("vi"):  # an official paper has one language
            paper = service.sheet(actor())
    except NotFound:
        return _back(_("No head of the log was signed yet."))
    html = render_template(
        "print/checkpoint.html", paper=paper, as_pdf=as_pdf, back_url=url_for("proof.index")
    )
    if not as_pdf:
        return html
    with between_transactions():
        body = pdf.pdf(html, Path(current_app.static_folder or ""))
    headers = {"Content-Disposition": f'attachment; filename="dau-so-{paper.size}.pdf"'}
    return Response(body, mimetype="application/pdf", headers=headers)


def _back(why: str) -> ResponseReturnValue:
    service.show(actor())
    flash(why, "error")
    return redirect(url_for("proof.index"), 303)
