"""The log's pages. No link leads from here into a case."""

from collections.abc import Iterator
from datetime import datetime

from flask import Response, redirect, render_template, session, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from casemgr import clock
from casemgr.access import Invalid, NotFound, Permission
from casemgr.access.gate import Blueprint, actor, between_transactions
from casemgr.privacy.log import labels, service
from casemgr.privacy.log.forms import MESSAGES, FilterForm, HistoryForm, shown
from casemgr.privacy.log.lines import Line
from casemgr.privacy.log.rules import RECENT_ACTS, Filters, read_filters
from casemgr.privacy.log.service import LogPage
from casemgr.privacy.log.spreadsheet import BYTE_ORDER_MARK, csv_line
from casemgr.web import navigation
from casemgr.web.pagination import Page, page_number

FILTERS, UNTIL, ONE_CASE = "log_filters", "log_until", "log_case"
OWN_SESSION = "keeps what was asked in the asker's own session; the list that follows is on record"

bp = Blueprint("privacy", __name__, url_prefix="/log")
bp.context_processor(lambda: {"log_words": labels})
navigation.declare(_l("Log"), "privacy.index", Permission.LOG_READ, order=60)


@bp.get("", permission=Permission.LOG_READ)
def index() -> ResponseReturnValue:
    """The log, narrowed as this session last asked."""
    number, filters = page_number(), read_filters(session.get(FILTERS, {}))
    form = FilterForm(formdata=None, data=shown(actor(), filters)).prepare(actor())
    until = _until("all", number)
    page = service.page_of_log(actor(), filters.up_to(until), number)
    return render_template(
        "privacy/index.html",
        page=_page(page, number),
        is_more=page.is_more,
        form=form,
        is_narrowed=filters != Filters(),
    )


@bp.post("", permission=Permission.LOG_READ, unaudited=OWN_SESSION)
def narrow() -> ResponseReturnValue:
    """Keep the filters on the server: an address would tell what was looked for (I5)."""
    form = FilterForm().prepare(actor())
    if form.validate():
        try:
            session[FILTERS] = form.filters(actor()).kept()
            return redirect(url_for("privacy.index"), 303)
        except Invalid as refused:
            form.refuse(refused.field, MESSAGES[refused.reason])
    nothing: Page[Line] = Page([], 1, 0)
    return render_template(
        "privacy/index.html", page=nothing, is_more=False, form=form, is_narrowed=True
    ), 422


@bp.post("/filters/clear", permission=Permission.LOG_READ, unaudited=OWN_SESSION)
def widen() -> ResponseReturnValue:
    """Forget the filters."""
    session.pop(FILTERS, None)
    return redirect(url_for("privacy.index"), 303)


@bp.get("/recent/<kind>", permission=Permission.LOG_READ)
def recent(kind: str) -> ResponseReturnValue:
    """One kind of acts of the last 24 hours: the lists behind the numbers of the home page."""
    if kind not in RECENT_ACTS:
        raise NotFound(kind)
    number = page_number()
    filters = service.recent(kind, _until(kind, number))
    page = service.page_of_log(actor(), filters, number)
    return render_template(
        "privacy/recent.html",
        page=_page(page, number),
        is_more=page.is_more,
        heading=labels.RECENT[kind],
    )


@bp.get("/history", permission=Permission.LOG_READ)
def history() -> ResponseReturnValue:
    """The history of the case that this session asked for last."""
    case_id = read_filters(session.get(ONE_CASE, {})).case_id
    code = service.code_of(actor(), case_id) if case_id else None
    if case_id is None or code is None:
        raise NotFound(case_id)
    number = page_number()
    visitors, page = service.history_of_case(actor(), case_id, number, _until("case", number))
    return render_template(
        "privacy/history.html",
        code=code,
        visitors=visitors,
        page=_page(page, number),
        is_more=page.is_more,
        form=HistoryForm(formdata=None),
    )


@bp.get("/history/ask", permission=Permission.LOG_READ, unaudited="asks for a code, shows nothing")
def ask_history() -> ResponseReturnValue:
    """Ask for the code of a case."""
    return render_template("privacy/ask_history.html", form=HistoryForm())


@bp.post("/history/ask", permission=Permission.LOG_READ, unaudited=OWN_SESSION)
def find_history() -> ResponseReturnValue:
    """Take a case code and go to its history."""
    form = HistoryForm()
    if form.validate():
        try:
            found = service.case_named(actor(), form.case_code.data or "")
            session[ONE_CASE] = Filters(case_id=found.id).kept()
            return redirect(url_for("privacy.history"), 303)
        except Invalid as refused:
            form.refuse(refused.field, MESSAGES[refused.reason])
    return render_template("privacy/ask_history.html", form=form), 422


@bp.post("/export", permission=Permission.LOG_EXPORT)
def export() -> ResponseReturnValue:
    """The narrowed log as a file."""
    return _download(read_filters(session.get(FILTERS, {})))


@bp.post("/history/export", permission=Permission.LOG_EXPORT)
def export_history() -> ResponseReturnValue:
    """One case's history as a file."""
    filters = read_filters(session.get(ONE_CASE, {}))
    if filters.case_id is None:
        raise NotFound("no case was asked for")
    return _download(filters)


def _download(filters: Filters) -> Response:
    """The gate commits the entry of the export before the first byte leaves."""
    batches = service.export_rows(actor(), filters)
    name = f"so-cong-tac-{clock.today():%Y%m%d}.csv"
    return Response(
        stream_with_context(_records(batches)),
        content_type="text/csv; charset=utf-8; header=present",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _records(batches: Iterator[list[Line]]) -> Iterator[str]:
    yield BYTE_ORDER_MARK + csv_line(labels.heads())
    for lines in batches:
        text = "".join(csv_line(labels.cells(line)) for line in lines)
        with between_transactions():  # a slow reader must not hold the database
            yield text


def _page(page: LogPage, number: int) -> Page[Line]:
    shown_page = Page(page.lines, number, page.total, service.PAGE_SIZE)
    if number > shown_page.last:
        raise NotFound(number)
    return shown_page


def _until(view: str, number: int) -> datetime:
    """The end of what is shown, set with the first page: looking itself adds entries on top."""
    kept: dict[str, str] = session.get(UNTIL, {})
    if number == 1 or view not in kept:
        kept = session[UNTIL] = {**kept, view: clock.now().isoformat()}
    return datetime.fromisoformat(kept[view])
