"""Who works on the case, with which parts, until when."""

from datetime import timedelta
from http import HTTPStatus
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casemgr import clock
from casemgr.access import NotFound, Permission
from casemgr.access.gate import actor
from casemgr.access.roles import care_compartments_of, permissions_of
from casemgr.accounts import service as accounts
from casemgr.cases import labels, rules, service, team
from casemgr.cases.desk import DONE, attempt, bp
from casemgr.cases.forms import PressForm
from casemgr.cases.team_forms import HandOverForm, MemberForm
from casemgr.web.labels import COMPARTMENTS


@bp.get("/<uuid:case_id>/team", permission=Permission.TEAM_WRITE)
def care_team(case_id: UUID) -> ResponseReturnValue:
    """The care team, and a form for one more."""
    return _team_page(case_id, _member_form(case_id))


@bp.post("/<uuid:case_id>/team", permission=Permission.TEAM_WRITE)
def add_member(case_id: UUID) -> ResponseReturnValue:
    """Give a colleague a place."""
    form = _member_form(case_id)
    last_day = form.expires_at.data
    until = clock.at_hospital(last_day + timedelta(days=1)) if last_day else None
    status = attempt(
        form,
        lambda: team.add_member(actor(), case_id, form.account_id.data, form.parts.data, until),
    )
    if status is not DONE:
        return _team_page(case_id, form, status)
    flash(_("The colleague is on the care team now."))
    return redirect(url_for("cases.care_team", case_id=case_id), 303)


@bp.post("/<uuid:case_id>/team/<uuid:member_id>", permission=Permission.TEAM_WRITE)
def remove_member(case_id: UUID, member_id: UUID) -> ResponseReturnValue:
    """End somebody's place at once."""
    form = PressForm()
    status = attempt(form, lambda: team.remove_member(actor(), case_id, member_id))
    if status is not DONE:
        listing = _member_form(case_id)
        listing.form_errors.extend(form.form_errors)
        return _team_page(case_id, listing, status)
    flash(_("The colleague has left the care team and can no longer open the case."))
    try:
        service.get(actor(), case_id)
    except NotFound:  # one who removed themselves
        return redirect(url_for("cases.index"), 303)
    return redirect(url_for("cases.care_team", case_id=case_id), 303)


@bp.post("/<uuid:case_id>/team/hand-over", permission=Permission.CASE_HAND_OVER)
def hand_over(case_id: UUID) -> ResponseReturnValue:
    """The lead gives the case to another social worker."""
    form = _hand_over_form(case_id)
    status = attempt(form, lambda: team.hand_over(actor(), case_id, form.to_id.data))
    if status is not DONE:
        return _team_page(case_id, _member_form(case_id), status, form)
    flash(_("The case was handed over."))
    return redirect(url_for("cases.care_team", case_id=case_id), 303)


def _hand_over_form(case_id: UUID) -> HandOverForm:
    form = HandOverForm(prefix="over")
    runs_it = service.get(actor(), case_id).assignee_id
    staff = [
        p for p in accounts.colleagues(actor()) if Permission.CASE_TAKE in permissions_of(p.roles)
    ]
    form.to_id.offer({p.id: p.display_name for p in staff if p.id != runs_it})
    return form


def _member_form(case_id: UUID) -> MemberForm:
    """Offers colleagues who can open something, and are not there yet."""
    form = MemberForm()
    there = {member.account_id for member in team.members(service.get(actor(), case_id))}
    staff = [p for p in accounts.colleagues(actor()) if care_compartments_of(p.roles)]
    staff = [p for p in staff if p.id not in there]
    form.account_id.offer(
        {p.id: labels.colleague_label(p.display_name, p.department, p.roles) for p in staff}
    )
    return form


def _team_page(
    case_id: UUID,
    form: MemberForm,
    status: HTTPStatus = DONE,
    handing: HandOverForm | None = None,
) -> ResponseReturnValue:
    case = service.show_case(actor(), case_id)
    members = team.members(case)
    people = {member.account_id for member in members} | {case.assignee_id}
    may_change = team.may_change(actor(), case)
    page = render_template(
        "cases/team.html",
        case=case,
        form=handing if handing and handing.errors else form,
        adding=form,
        handing=(handing or _hand_over_form(case_id))
        if actor().may(Permission.CASE_HAND_OVER) and case.assignee_id
        else None,
        members=members,
        names=accounts.names_of(actor(), people),
        parts=COMPARTMENTS,
        may_add=may_change and case.state not in rules.WITHOUT_RECORD | rules.AT_REST,
        may_change=may_change,
    )
    return page, status
