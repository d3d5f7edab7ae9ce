"""The lists of cases, search, the case page, and the steps that need one button."""

from uuid import UUID

from flask import flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casemgr.access import Compartment, Permission
from casemgr.access.gate import actor
from casemgr.accounts import service as accounts
from casemgr.cases import (  # noqa: F401 - their routes register on the same blueprint
    attachment_views,
    clinical_views,
    consent_views,
    download_views,
    labels,
    note_views,
    overview,
    panels,
    part_views,
    recording,
    service,
    status_views,
    task_views,
    team_views,
    timeline,
)
from casemgr.cases.consent import standings
from casemgr.cases.desk import DONE, REFUSED, attempt, bp
from casemgr.cases.forms import FilterForm, PressForm, SearchForm
from casemgr.cases.models import Case
from casemgr.cases.rules import CaseState, Group
from casemgr.clock import today
from casemgr.web import navigation
from casemgr.web.labels import COMPARTMENTS
from casemgr.web.pagination import Page, page_number
from casemgr.web.readable import intact

__all__ = ["bp"]
navigation.declare(_l("Cases"), "cases.index", Permission.CASE_LIST, order=20)
_FILTER = "cases.filter"


@bp.get("/", permission=Permission.CASE_LIST)
def index() -> ResponseReturnValue:
    """Every case in reach, filtered as this session asked."""
    kept = dict(session.get(_FILTER, {}))
    form = _filter_form(kept)
    states = [CaseState(kept["state"])] if kept.get("state") else []
    facets = [f"group:{Group(kept['group']).value}"] if kept.get("group") else []
    number = page_number()
    cases, total = service.list_page(actor(), states=states, facets=facets, page=number)
    return _list("all", cases, Page(cases, number, total), form=form)


@bp.post("/filter", permission=Permission.CASE_LIST, unaudited="keeps a filter in this session")
def filter_list() -> ResponseReturnValue:
    """Keep the filter in the session: facts never stand in an address (I5)."""
    form = _filter_form()
    if form.validate():
        chosen = {name: form[name].data for name in ("state", "group") if name in form}
        session[_FILTER] = {name: value.value for name, value in chosen.items() if value}
    return redirect(url_for("cases.index"), 303)


def _filter_form(kept: dict[str, str] | None = None) -> FilterForm:
    form = FilterForm(data=kept or {})
    if Compartment.SOCIAL not in actor().compartments:
        del form.group  # a fact that this reader may not open is no filter either
    return form


@bp.get("/mine", permission=Permission.CASE_LIST)
def mine() -> ResponseReturnValue:
    """The cases that this actor runs."""
    number = page_number()
    cases, total = service.list_page(actor(), mine=True, page=number)
    return _list("mine", cases, Page(cases, number, total))


@bp.get("/untaken", permission=Permission.CASE_TAKE)
def untaken() -> ResponseReturnValue:
    """The cases that nobody took yet."""
    number = page_number()
    cases, total = service.list_page(actor(), untaken=True, page=number)
    return _list("untaken", cases, Page(cases, number, total))


def _list(
    kind: str, cases: list[Case], page: Page[Case], form: FilterForm | None = None
) -> ResponseReturnValue:
    names = accounts.names_of(actor(), {case.assignee_id for case in cases})
    is_filtered = bool(kind == "all" and session.get(_FILTER))
    return render_template(
        "cases/index.html",
        kind=kind,
        page=page,
        names=names,
        words=labels,
        form=form,
        is_filtered=is_filtered,
    )


@bp.get("/search", permission=Permission.CASE_SEARCH, unaudited="an empty field shows nothing")
def search() -> ResponseReturnValue:
    """Ask what to search for."""
    return render_template("cases/search.html", form=SearchForm(), found=None)


@bp.post("/search", permission=Permission.CASE_SEARCH)
def find() -> ResponseReturnValue:
    """Show what was found, by code only (R8). The text is in no address and in no log."""
    form, answers = SearchForm(), []
    text = form.text.data or ""
    status = attempt(form, lambda: answers.append(service.find_cases(actor(), text, form.facts)))
    if status is not DONE:
        return render_template("cases/search.html", form=form, found=None), status
    ((found, similar),) = answers
    names = accounts.names_of(actor(), {case.assignee_id for case in (*found, *similar)})
    return render_template(
        "cases/search.html", form=form, found=found, similar=similar, names=names, words=labels
    )


@bp.get("/<uuid:case_id>", permission=Permission.CASE_READ)
def show(case_id: UUID) -> ResponseReturnValue:
    """The case page."""
    return _case_page(case_id)


def _case_page(case_id: UUID, form: PressForm | None = None) -> ResponseReturnValue:
    case = service.show_case(actor(), case_id)
    seen = overview.overview(actor(), case, service.openable(actor(), case))
    answers = intact(seen.consents, "purpose")
    page = render_template(
        "cases/show.html",
        case=case,
        seen=seen,
        standing=standings(answers, today()),
        has_broken_consents=len(answers) < len(seen.consents),
        panels=panels.shown(actor(), case),
        part_names=COMPARTMENTS,
        words=labels,
        form=form,
    )
    return page, (REFUSED if form else DONE)


@bp.post("/<uuid:case_id>/take", permission=Permission.CASE_TAKE)
def take(case_id: UUID) -> ResponseReturnValue:
    """Nhận trường hợp: from now on this social worker runs it."""
    service.take_case(actor(), case_id)
    flash(_("You run this case now. What comes next stands on top of this page."))
    return redirect(url_for("cases.show", case_id=case_id), 303)


@bp.post("/<uuid:case_id>/begin", permission=Permission.CASE_WRITE)
def begin(case_id: UUID) -> ResponseReturnValue:
    """Case work begins, or begins again."""
    form = PressForm()
    if attempt(form, lambda: recording.begin_support(actor(), case_id)) is not DONE:
        return _case_page(case_id, form)
    flash(_("Support has begun."))
    return redirect(url_for("cases.show", case_id=case_id), 303)


@bp.post("/<uuid:case_id>/transfer", permission=Permission.CASE_WRITE)
def transfer(case_id: UUID) -> ResponseReturnValue:
    """The person was transferred or went back home; follow-up may go on."""
    form = PressForm()
    if attempt(form, lambda: recording.transfer_case(actor(), case_id)) is not DONE:
        return _case_page(case_id, form)
    flash(_("Recorded as transferred or back home."))
    return redirect(url_for("cases.show", case_id=case_id), 303)


@bp.get("/<uuid:case_id>/timeline", permission=Permission.CASE_READ)
def show_timeline(case_id: UUID) -> ResponseReturnValue:
    """Everything that was done in the case."""
    case = service.show_case(actor(), case_id)
    moments = timeline.timeline(actor(), case)
    names = accounts.names_of(actor(), timeline.people_in(moments))
    return render_template(
        "cases/timeline.html", case=case, moments=moments, names=names, words=labels
    )
