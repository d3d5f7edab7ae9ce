"""The notification to the authority, as a page to print and as PDF; the paper for a person."""

from pathlib import Path
from uuid import UUID

from flask import Response, current_app, flash, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale

from casemgr.access import Invalid
from casemgr.access.gate import actor, between_transactions
from casemgr.privacy.breaches import paper, records
from casemgr.privacy.breaches.desk import ONE, READ, WRITE, back_to, bp, unless_broken
from casemgr.privacy.breaches.labels import REFUSALS
from casemgr.web import pdf
from casemgr.web.labels import PDF_OBSTACLES


@bp.get(ONE + "/form", permission=READ)
def print_form(breach_id: UUID) -> ResponseReturnValue:
    """The notification as a page to print; back to the breach while something is missing."""
    return unless_broken(breach_id, lambda: _form(breach_id, as_pdf=False))


@bp.get(ONE + "/form.pdf", permission=READ)
def form_pdf(breach_id: UUID) -> ResponseReturnValue:
    """The notification as PDF."""
    return unless_broken(breach_id, lambda: _form(breach_id, as_pdf=True))


@bp.get(ONE + "/letters/<uuid:case_id>", permission=WRITE)
def print_letter(breach_id: UUID, case_id: UUID) -> ResponseReturnValue:
    """The paper that is handed to one person; never for one who cannot be reached safely."""
    return unless_broken(breach_id, lambda: _print_letter(breach_id, case_id))


def _print_letter(breach_id: UUID, case_id: UUID) -> ResponseReturnValue:
    try:
        with force_locale("vi"):
            letter = paper.person_letter(actor(), breach_id, case_id)
    except Invalid as refused:
        flash(str(REFUSALS[refused.reason]), "error")
        return back_to(breach_id)
    return render_template(
        "print/breach_letter.html",
        paper=letter,
        as_pdf=False,
        back_url=url_for("breaches.show", breach_id=breach_id),
    )


def _form(breach_id: UUID, *, as_pdf: bool) -> ResponseReturnValue:
    if as_pdf and (obstacle := pdf.obstacle()):
        records.show(actor(), breach_id)
        flash(str(PDF_OBSTACLES[obstacle]), "error")
        return back_to(breach_id)
    try:
        with force_locale("vi"):  # an official paper has one language
            notification = paper.notification(actor(), breach_id)
    except Invalid as refused:
        flash(str(REFUSALS[refused.reason]), "error")
        return back_to(breach_id)
    html = render_template(
        "print/breach_form.html",
        paper=notification,
        as_pdf=as_pdf,
        back_url=url_for("breaches.show", breach_id=breach_id),
    )
    return _as_pdf(html) if as_pdf else html


def _as_pdf(html: str) -> Response:
    static_folder = Path(current_app.static_folder or "")
    with between_transactions():
        body = pdf.pdf(html, static_folder)
    headers = {"Content-Disposition": 'attachment; filename="thong-bao.pdf"'}
    return Response(body, mimetype="application/pdf", headers=headers)
