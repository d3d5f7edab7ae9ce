"""Consent by purpose, lawful grounds, and declining support (R4–R6)."""

from collections.abc import Sequence
from datetime import date
from http import HTTPStatus
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casemgr.access import Compartment, Permission
from casemgr.access.gate import actor
from casemgr.accounts import service as accounts
from casemgr.cases import consenting, labels, rules, service
from casemgr.cases.consent import Consent, ConsentPurpose
from casemgr.cases.consent_forms import ConsentForm, GroundForm, RefusalForm
from casemgr.cases.desk import DONE, attempt, bp, where_consent_was_awaited
from casemgr.cases.forms import PressForm
from casemgr.clock import today
from casemgr.directory import service as directory
from casemgr.web.readable import intact

_SOCIAL = {Compartment.SOCIAL}


@bp.get("/<uuid:case_id>/consents", permission=Permission.CASE_READ)
def consents(case_id: UUID) -> ResponseReturnValue:
    """Every answer, and a form for the next one."""
    return _consents_page(case_id, _consent_form(case_id))


@bp.post("/<uuid:case_id>/consents", permission=Permission.CONSENT_WRITE)
def record_consent(case_id: UUID) -> ResponseReturnValue:
    """Keep what the person answered."""
    form = _consent_form(case_id)
    status = attempt(
        form,
        lambda: consenting.record_consent(
            actor(),
            case_id,
            purpose=form.purpose.data,
            was_given=form.was_given.data,
            method=form.method.data,
            witness=form.witness.data,
            recipient_id=form.recipient_id.data,
            expires_on=form.expires_on.data,
        ),
    )
    if status is not DONE:
        return _consents_page(case_id, form, status)
    flash(_("The answer is recorded."))
    waiting = where_consent_was_awaited(case_id)
    return redirect(waiting or url_for("cases.show", case_id=case_id), 303)


@bp.post("/<uuid:case_id>/consents/<uuid:consent_id>", permission=Permission.CONSENT_WRITE)
def withdraw(case_id: UUID, consent_id: UUID) -> ResponseReturnValue:
    """One press: what depends on this consent stops now (R5)."""
    form = PressForm()
    act = attempt(form, lambda: consenting.withdraw(actor(), case_id, consent_id))
    if act is not DONE:
        return _consents_page(case_id, _consent_form(case_id), act)
    flash(_("The consent is withdrawn. What depended on it has stopped."))
    return redirect(url_for("cases.consents", case_id=case_id), 303)


@bp.get("/<uuid:case_id>/ground", permission=Permission.CONSENT_WRITE)
def ground(case_id: UUID) -> ResponseReturnValue:
    """Ask why a record is lawful without consent."""
    return _page("cases/ground.html", case_id, GroundForm())


@bp.post("/<uuid:case_id>/ground", permission=Permission.CONSENT_WRITE)
def record_ground(case_id: UUID) -> ResponseReturnValue:
    """Keep the ground; the record may begin."""
    form = GroundForm()
    status = attempt(
        form,
        lambda: consenting.record_ground(
            actor(),
            case_id,
            ground=form.ground.data,
            reason=form.reason.data or "",
            person_was_told=form.person_was_told.data,
        ),
    )
    if status is not DONE:
        return _page("cases/ground.html", case_id, form, status)
    flash(_("The lawful ground is recorded."))
    return redirect(url_for("cases.show", case_id=case_id), 303)


@bp.get("/<uuid:case_id>/refusal", permission=Permission.CONSENT_WRITE)
def refusal(case_id: UUID) -> ResponseReturnValue:
    """Ask once more before the case rests; say until when it is kept."""
    return _page("cases/refusal.html", case_id, RefusalForm())


@bp.post("/<uuid:case_id>/refusal", permission=Permission.CONSENT_WRITE)
def record_refusal(case_id: UUID) -> ResponseReturnValue:
    """The person declines support; care goes on and the door stays open."""
    form = RefusalForm()
    status = attempt(
        form,
        lambda: consenting.record_consent(
            actor(),
            case_id,
            purpose=ConsentPurpose.RECORD,
            was_given=False,
            method=form.method.data,
            witness=form.witness.data,
        ),
    )
    if status is not DONE:
        return _page("cases/refusal.html", case_id, form, status)
    flash(_("Recorded. Medical care goes on, and the person may come back at any time."))
    return redirect(url_for("cases.show", case_id=case_id), 303)


def _consent_form(case_id: UUID) -> ConsentForm:
    case = service.get(actor(), case_id)
    form = ConsentForm()
    offered = {item.id: item.name for item in directory.organisations(actor())}
    form.offer_for(case.state, offered)
    return form


def _consents_page(
    case_id: UUID, form: ConsentForm, status: HTTPStatus = DONE
) -> ResponseReturnValue:
    case = service.open_case(actor(), case_id, _SOCIAL)
    answers = consenting.consents(case)
    page = render_template(
        "cases/consents.html",
        case=case,
        form=form,
        answers=answers,
        grounds=consenting.grounds(case),
        names=accounts.names_of(actor(), {item.recorded_by for item in answers}),
        organisations=directory.names_of(actor(), _recipients(answers)),
        today=today(),
        rests=case.state in rules.AT_REST,
        words=labels,
    )
    return page, status


def _recipients(answers: Sequence[Consent]) -> set[UUID | None]:
    return {item.recipient_id for item in intact(answers, "recipient_id")}


def _page(
    template: str, case_id: UUID, form: GroundForm | RefusalForm, status: HTTPStatus = DONE
) -> ResponseReturnValue:
    case = service.open_case(actor(), case_id, _SOCIAL)
    keep_until: date = today() + rules.RETENTION_AFTER_REFUSAL
    has_ground = bool(consenting.grounds(case))
    page = render_template(
        template, case=case, form=form, keep_until=keep_until, has_ground=has_ground
    )
    return page, status
