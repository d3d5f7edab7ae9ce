"""The monthly report: made by the officer, read by the director; a page to print and PDF."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

from flask import Response, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import lazy_gettext as _l

from casemgr import clock
from casemgr.access import Invalid, NotFound, Permission
from casemgr.access.gate import Blueprint, actor, all_or_nothing, between_transactions
from casemgr.accounts import service as accounts
from casemgr.crypto.errors import SealBroken
from casemgr.directory.service import the_facility
from casemgr.privacy.dashboard import boards, labels
from casemgr.privacy.dashboard.forms import ReportForm
from casemgr.web import navigation, pdf
from casemgr.web.labels import PDF_OBSTACLES
from casemgr.web.locale import official_day
from casemgr.web.readable import UNREADABLE

MAKE, READ = Permission.REPORT_MAKE, Permission.REPORT_READ
bp = Blueprint("monthly", __name__, url_prefix="/monthly-reports")
navigation.declare(_l("Monthly report"), "monthly.index", READ, order=60)


@bp.get("", permission=READ)
def index() -> ResponseReturnValue:
    """The reports that were made."""
    return _reports_page(_last_month() if actor().may(MAKE) else None)


@bp.post("", permission=MAKE)
def make() -> ResponseReturnValue:
    """Make a report of the chosen period."""
    form = ReportForm()
    if not form.validate():
        return _reports_page(form), 422
    try:
        with all_or_nothing():
            report = boards.make_report(actor(), form.first_day.data, form.last_day.data)
    except Invalid as refused:
        form.refuse(refused.field, labels.REFUSALS[refused.reason])
        return _reports_page(form), 422
    return redirect(url_for("monthly.show", report_id=report.id), 303)


@bp.get("/<uuid:report_id>", permission=READ)
def show(report_id: UUID) -> ResponseReturnValue:
    """One report as a page to print."""
    try:
        return _paper(report_id, is_pdf=False)
    except SealBroken:
        flash(str(UNREADABLE), "error")
        return redirect(url_for("monthly.index"), 303)


@bp.get("/<uuid:report_id>.pdf", permission=READ)
def as_pdf(report_id: UUID) -> ResponseReturnValue:
    """One report as PDF."""
    if obstacle := pdf.obstacle():
        boards.show_report(actor(), report_id)
        flash(str(PDF_OBSTACLES[obstacle]), "error")
        return redirect(url_for("monthly.index"), 303)
    html = _paper(report_id, is_pdf=True)
    with between_transactions():
        body = pdf.pdf(html, Path(current_app.static_folder or ""))
    headers = {"Content-Disposition": 'attachment; filename="bao-cao.pdf"'}
    return Response(body, mimetype="application/pdf", headers=headers)


def _last_month() -> ReportForm:
    """The month before this one."""
    last = clock.today().replace(day=1) - timedelta(days=1)
    return ReportForm(formdata=None, data={"first_day": last.replace(day=1), "last_day": last})


def _reports_page(form: ReportForm | None) -> str:
    found = boards.list_reports(actor())
    names = accounts.names_of(actor(), {row.made_by for row in found})
    return render_template(
        "dashboard/reports.html", form=form, found=found, names=names, pdf_obstacle=pdf.obstacle()
    )


def _paper(report_id: UUID, *, is_pdf: bool) -> str:
    facility = the_facility()
    if facility is None:
        raise NotFound(report_id)
    found = boards.show_report(actor(), report_id)
    with force_locale("vi"):  # an official paper has one language
        lines = [
            (str(labels.NUMBERS[name]), number)
            for name, number in (found.numbers or {}).items()
            if name in labels.NUMBERS
        ]
    return render_template(
        "print/monthly_report.html",
        report=found,
        facility=facility,
        lines=lines,
        dated=f"{facility.place}, {official_day(clock.to_local(found.made_at).date())}",
        as_pdf=is_pdf,
        back_url=url_for("monthly.index"),
    )
