"""The group with its paper; closing a case and opening it again."""

from http import HTTPStatus
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casemgr.access import Compartment, Permission
from casemgr.access.gate import actor
from casemgr.cases import labels, recording, rules, service
from casemgr.cases.desk import CONFLICT, DONE, attempt, bp
from casemgr.cases.models import Case
from casemgr.cases.rules import Group
from casemgr.cases.status_forms import ReasonForm, StatusForm
from casemgr.crypto.errors import SealBroken
from casemgr.web.readable import is_intact

_SOCIAL = {Compartment.SOCIAL}


@bp.get("/<uuid:case_id>/status", permission=Permission.CASE_WRITE)
def status(case_id: UUID) -> ResponseReturnValue:
    """The status form."""
    case = service.open_case(actor(), case_id, _SOCIAL)
    try:
        form = StatusForm.of(case)
    except SealBroken:
        is_intact(case, "group")
        flash(_("This part cannot be opened, so it cannot be changed either."), "error")
        return redirect(url_for("cases.show", case_id=case_id), 303)
    return _status_page(case, form)


@bp.post("/<uuid:case_id>/status", permission=Permission.CASE_WRITE)
def save_status(case_id: UUID) -> ResponseReturnValue:
    """Change the group; the law's two ask for the authority's paper (I10)."""
    case, form = service.open_case(actor(), case_id, _SOCIAL), StatusForm()
    form.group.offer(_groups(case))
    done = attempt(
        form,
        lambda: recording.record_status(
            actor(),
            case_id,
            form.seen_version,
            group=form.group.data,
            paper_number=form.paper_number.data,
            paper_issuer=form.paper_issuer.data,
            paper_on=form.paper_on.data,
        ),
    )
    if done is DONE:
        flash(_("Status recorded."))
        return redirect(url_for("cases.show", case_id=case_id), 303)
    return _status_page(case, form, done)


def _groups(case: Case) -> dict[Group, object]:
    """Where the group may go from here, and where it is."""
    group = case.group or Group.SUSPECTED
    open_to = rules.GROUP_MOVES[group] | {group}
    return {item: words for item, words in labels.GROUPS.items() if item in open_to}


def _status_page(case: Case, form: StatusForm, answer: HTTPStatus = DONE) -> ResponseReturnValue:
    if answer is CONFLICT:
        form.version.data = str(case.version)
    form.group.offer(_groups(case))
    page = render_template(
        "cases/status.html", case=case, form=form, is_conflict=answer is CONFLICT, words=labels
    )
    return page, answer


@bp.get("/<uuid:case_id>/close", permission=Permission.CASE_CLOSE)
def ask_close(case_id: UUID) -> ResponseReturnValue:
    """Ask for the reason."""
    case = service.open_case(actor(), case_id, _SOCIAL)
    return render_template("cases/close.html", case=case, form=ReasonForm())


@bp.post("/<uuid:case_id>/close", permission=Permission.CASE_CLOSE)
def close(case_id: UUID) -> ResponseReturnValue:
    """Close with a reason (R34)."""
    form = ReasonForm()
    done = attempt(form, lambda: recording.close_case(actor(), case_id, form.reason.data or ""))
    if done is not DONE:
        case = service.open_case(actor(), case_id, _SOCIAL)
        return render_template("cases/close.html", case=case, form=form), done
    flash(_("The case is closed. It can be reopened at any time."))
    return redirect(url_for("cases.show", case_id=case_id), 303)


@bp.get("/<uuid:case_id>/reopen", permission=Permission.CASE_CLOSE)
def ask_reopen(case_id: UUID) -> ResponseReturnValue:
    """Ask for the reason."""
    case = service.open_case(actor(), case_id, _SOCIAL)
    return render_template("cases/reopen.html", case=case, form=ReasonForm())


@bp.post("/<uuid:case_id>/reopen", permission=Permission.CASE_CLOSE)
def reopen(case_id: UUID) -> ResponseReturnValue:
    """Open a case at rest again, with a reason (R34)."""
    form = ReasonForm()
    done = attempt(form, lambda: recording.reopen_case(actor(), case_id, form.reason.data or ""))
    if done is not DONE:
        case = service.open_case(actor(), case_id, _SOCIAL)
        return render_template("cases/reopen.html", case=case, form=form), done
    flash(_("The case is open again. Ask for consent again before anything is written."))
    return redirect(url_for("cases.show", case_id=case_id), 303)
