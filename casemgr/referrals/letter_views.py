"""The letter of a referral, as a page to print and as PDF."""

from pathlib import Path
from uuid import UUID

from flask import Response, current_app, render_template, url_for
from flask.typing import ResponseReturnValue

from casemgr.access import Invalid
from casemgr.access.gate import actor, between_transactions
from casemgr.referrals import packet, service
from casemgr.referrals.desk import ONE, WRITE, back_to, bp
from casemgr.referrals.wording import WORDS
from casemgr.web import pdf


@bp.get(ONE + "/letter", permission=WRITE)
def print_page(case_id: UUID, referral_id: UUID) -> ResponseReturnValue:
    """The letter as a page to print."""
    return _letter(case_id, referral_id, as_pdf=False)


@bp.get(ONE + "/letter.pdf", permission=WRITE)
def print_pdf(case_id: UUID, referral_id: UUID) -> ResponseReturnValue:
    """The letter as PDF, made outside the transaction, with the case code as its only name."""
    return _letter(case_id, referral_id, as_pdf=True)


def _letter(case_id: UUID, referral_id: UUID, *, as_pdf: bool) -> ResponseReturnValue:
    if as_pdf and (missing := pdf.obstacle()):
        service.show(actor(), case_id, referral_id)
        return back_to(case_id, referral_id, missing)
    try:
        content = service.print_letter(actor(), case_id, referral_id, as_pdf=as_pdf)
    except Invalid as refused:
        return back_to(case_id, referral_id, refused.reason)
    html = render_template(
        "print/letter.html",
        sheet_content=packet.sheet(content),
        words=WORDS,
        as_pdf=as_pdf,
        back_url=url_for("referrals.show", case_id=case_id, referral_id=referral_id),
    )
    if not as_pdf:
        return html
    static_folder = Path(current_app.static_folder or "")
    with between_transactions():
        body = pdf.pdf(html, static_folder)
    name = f"phieu-{content['code']}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, mimetype="application/pdf", headers=headers)
