"""The certificate of an erasure, as a page to print and as PDF."""

from pathlib import Path
from uuid import UUID

from flask import Response, current_app, flash, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale

from casemgr.access.gate import actor, between_transactions
from casemgr.privacy.erasure import certificate, erasures
from casemgr.privacy.erasure.desk import ONE, READ, back_to, bp
from casemgr.web import pdf
from casemgr.web.labels import PDF_OBSTACLES


@bp.get(ONE + "/certificate", permission=READ)
def print_certificate(erasure_id: UUID) -> ResponseReturnValue:
    """The certificate as a page to print."""
    return _certificate(erasure_id, as_pdf=False)


@bp.get(ONE + "/certificate.pdf", permission=READ)
def certificate_pdf(erasure_id: UUID) -> ResponseReturnValue:
    """The certificate as PDF, with the case code as its only name."""
    return _certificate(erasure_id, as_pdf=True)


def _certificate(erasure_id: UUID, *, as_pdf: bool) -> ResponseReturnValue:
    if as_pdf and (missing := pdf.obstacle()):
        erasures.show(actor(), erasure_id)
        flash(str(PDF_OBSTACLES[missing]), "error")
        return back_to(erasure_id)
    with force_locale("vi"):  # an official paper has one language
        paper = certificate.certify(actor(), erasure_id)
    html = render_template(
        "print/certificate.html",
        paper=paper,
        as_pdf=as_pdf,
        back_url=url_for("erasures.show", erasure_id=erasure_id),
    )
    if not as_pdf:
        return html
    static_folder = Path(current_app.static_folder or "")
    with between_transactions():
        body = pdf.pdf(html, static_folder)
    headers = {"Content-Disposition": f'attachment; filename="bien-ban-{paper.code}.pdf"'}
    return Response(body, mimetype="application/pdf", headers=headers)
