"""Pages of referrals out: the lists, and the choice to whom."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from casemgr.access import Actor, Compartment, Invalid, Permission
from casemgr.access.gate import actor, all_or_nothing
from casemgr.cases import service as cases
from casemgr.cases.models import Case
from casemgr.cases.rules import WITHOUT_RECORD
from casemgr.referrals import (  # noqa: F401 - their routes register on the same blueprint
    answer_views,
    draft_views,
    labels,
    letter_views,
    lists,
    rules,
    service,
    sheet_views,
)
from casemgr.referrals.desk import OF_CASE, READ, WRITE, bp, read
from casemgr.referrals.forms import RecipientForm
from casemgr.referrals.rules import ReferralState
from casemgr.web import navigation
from casemgr.web.pagination import PAGE_SIZE, Page, page_number

__all__ = ["bp", "panel"]
navigation.declare(_l("Referrals"), "referrals.index", Permission.REFERRAL_READ, order=40)


@bp.get("/referrals", permission=READ)
def index() -> ResponseReturnValue:
    """Every referral in reach, by code only."""
    number, shown = page_number(), request.args.get("show", "all")
    states: tuple[ReferralState, ...] = ()
    if shown in ("draft", "waiting"):
        states = (ReferralState.DRAFT,) if shown == "draft" else tuple(rules.AWAITING)
    found, total = lists.list_referrals(
        actor(), states=states, due=shown == "due", offset=(number - 1) * PAGE_SIZE
    )
    return render_template(
        "referrals/index.html", page=Page(found, number, total), shown=shown, labels=labels
    )


def panel(who: Actor, case: Case) -> dict[str, object] | None:
    """That there are referrals, on the case's page; to whom stands behind the link."""
    if not who.may(READ) or case.state in WITHOUT_RECORD:
        return None
    if Compartment.SOCIAL not in cases.openable(who, case):
        return None  # restricted or erased
    return {"states": lists.states_of_case(who, case), "labels": labels}


@bp.get(OF_CASE, permission=READ)
def for_case(case_id: UUID) -> ResponseReturnValue:
    """The referrals of one case, with their recipients."""
    case, found = lists.of_case(actor(), case_id)
    return render_template(
        "referrals/for_case.html",
        case=case,
        referrals=found,
        labels=labels,
        case_url=url_for("cases.show", case_id=case_id),
    )


@bp.get(OF_CASE + "/new", permission=WRITE)
def choose_recipient(case_id: UUID) -> ResponseReturnValue:
    """Ask to whom."""
    try:
        service.case_at_work(actor(), case_id)
    except Invalid as refused:
        flash(str(labels.OBSTACLES[refused.reason]), "error")
        return redirect(url_for("referrals.for_case", case_id=case_id), 303)
    return _recipient_page(case_id, _recipient_form())


@bp.post(OF_CASE + "/new", permission=WRITE)
def prepare(case_id: UUID) -> ResponseReturnValue:
    """Begin a draft to the chosen organisation."""
    form = _recipient_form()
    if form.validate():
        try:
            with all_or_nothing():
                made = service.prepare(actor(), case_id, recipient_id=form.recipient.data)
            return redirect(url_for("referrals.edit", case_id=case_id, referral_id=made.id), 303)
        except Invalid as refused:
            form.refuse(refused.field, labels.OBSTACLES[refused.reason])
    return _recipient_page(case_id, form), 422


def _recipient_form() -> RecipientForm:
    form = RecipientForm(formdata=None)
    form.recipient.offer([(item.id, item.name) for item in service.addressees(actor())])
    return read(form)


def _recipient_page(case_id: UUID, form: RecipientForm) -> str:
    case, _found = lists.of_case(actor(), case_id)
    return render_template("referrals/choose_recipient.html", form=form, case=case)
