"""The log's pages. No link leads from here into a case."""

from flask import redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue

from casemgr.access import Invalid, NotFound
from casemgr.access.gate import actor
from casemgr.privacy.log import day_views, export_views, labels, number_views, service, view_views
from casemgr.privacy.log.desk import (
    FILTERS,
    NOTHING,
    ONE_CASE,
    OWN_SESSION,
    READ,
    Place,
    asked_filters,
    bp,
)
from casemgr.privacy.log.forms import MESSAGES, FilterForm, HistoryForm, shown
from casemgr.privacy.log.rules import RECENT_ACTS, Filters, read_filters
from casemgr.web.pagination import page_number
from casemgr.work import collector

__all__ = ["bp", "day_views", "export_views", "number_views", "view_views"]


@bp.get("", permission=READ)
def index() -> ResponseReturnValue:
    """The log, narrowed as this session last asked."""
    place, filters = Place("all", page_number()), asked_filters()
    form = FilterForm(formdata=None, data=shown(actor(), filters)).prepare(actor())
    page = service.page_of_log(actor(), filters.up_to(place.until), place.below)
    return render_template(
        "privacy/index.html",
        page=place.shown(page),
        form=form,
        is_narrowed=filters != Filters(),
        sending=collector.state(actor()),
    )


@bp.post("", permission=READ, unaudited=OWN_SESSION)
def narrow() -> ResponseReturnValue:
    """Keep the filters on the server: an address would tell what was looked for (I5)."""
    form = FilterForm().prepare(actor())
    if form.validate():
        try:
            session[FILTERS] = form.filters(actor()).kept()
            return redirect(url_for("privacy.index"), 303)
        except Invalid as refused:
            form.refuse(refused.field, MESSAGES[refused.reason])
    nothing = {"page": NOTHING, "is_narrowed": True, "sending": None}
    return render_template("privacy/index.html", form=form, **nothing), 422


@bp.post("/filters/clear", permission=READ, unaudited=OWN_SESSION)
def widen() -> ResponseReturnValue:
    """Forget the filters."""
    session.pop(FILTERS, None)
    return redirect(url_for("privacy.index"), 303)


@bp.get("/recent/<kind>", permission=READ)
def recent(kind: str) -> ResponseReturnValue:
    """One kind of acts of the last 24 hours: the lists behind the numbers of the home page."""
    if kind not in RECENT_ACTS:
        raise NotFound(kind)
    place = Place(kind, page_number())
    page = service.page_of_log(actor(), service.recent(kind, place.until), place.below)
    return render_template(
        "privacy/recent.html", page=place.shown(page), heading=labels.RECENT[kind]
    )


@bp.get("/history", permission=READ)
def history() -> ResponseReturnValue:
    """The history of the case that this session asked for last."""
    case_id = read_filters(session.get(ONE_CASE, {})).case_id
    code = service.code_of(actor(), case_id) if case_id else None
    if case_id is None or code is None:
        raise NotFound(case_id)
    place = Place("case", page_number())
    visitors, page = service.history_of_case(actor(), case_id, place.below, place.until)
    return render_template(
        "privacy/history.html",
        code=code,
        visitors=visitors,
        page=place.shown(page),
        form=HistoryForm(formdata=None),
    )


@bp.get("/history/ask", permission=READ, unaudited="asks for a code, shows nothing")
def ask_history() -> ResponseReturnValue:
    """Ask for the code of a case."""
    return render_template("privacy/ask_history.html", form=HistoryForm())


@bp.post("/history/ask", permission=READ, unaudited=OWN_SESSION)
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
