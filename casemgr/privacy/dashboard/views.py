"""The officer's dashboard, and the monthly report for the director."""

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
from casemgr.directory.service import the_facility
from casemgr.privacy.breaches import labels as breach_labels
from casemgr.privacy.breaches.records import clock_of
from casemgr.privacy.dashboard import boards, charts, labels, rules
from casemgr.privacy.dashboard.forms import ReportForm
from casemgr.privacy.dashboard.hooks import hooks
from casemgr.web import navigation, pdf
from casemgr.web.labels import PDF_OBSTACLES
from casemgr.web.locale import official_day

bp = Blueprint("dashboard", __name__, url_prefix="/dashboard")
bp.context_processor(lambda: {"words": labels, "rules": rules})
navigation.declare(_l("Dashboard"), "dashboard.index", Permission.LOG_READ, order=59)
navigation.declare(_l("Monthly report"), "dashboard.reports", Permission.REPORT_READ, order=60)
MAKE, READ = Permission.REPORT_MAKE, Permission.REPORT_READ


@bp.get("", permission=Permission.LOG_READ)
def index() -> ResponseReturnValue:
    """The last thirty days, and what is open now."""
    return render_template(
        "dashboard/index.html",
        board=boards.show_board(actor()),
        bars=charts.bars,
        colours=charts.COLOURS,
        clock_of=clock_of,
        breach_words=breach_labels,
        rule_words=hooks.rule_words,
    )


@bp.get("/reports", permission=READ)
def reports() -> ResponseReturnValue:
    """The reports that were made."""
    return _reports_page(_last_month() if actor().may(MAKE) else None)


@bp.post("/reports", permission=MAKE)
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
    return redirect(url_for("dashboard.report", report_id=report.id), 303)


@bp.get("/reports/<uuid:report_id>", permission=READ)
def report(report_id: UUID) -> ResponseReturnValue:
    """One report as a page to print."""
    return _paper(report_id, as_pdf=False)


@bp.get("/reports/<uuid:report_id>.pdf", permission=READ)
def report_pdf(report_id: UUID) -> ResponseReturnValue:
    """One report as PDF."""
    if obstacle := pdf.obstacle():
        boards.show_report(actor(), report_id)
        flash(str(PDF_OBSTACLES[obstacle]), "error")
        return redirect(url_for("dashboard.reports"), 303)
    html = _paper(report_id, as_pdf=True)
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


def _paper(report_id: UUID, *, as_pdf: bool) -> str:
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
        as_pdf=as_pdf,
        back_url=url_for("dashboard.reports"),
    )
