"""Identity, safe contact and what happened: sealed parts, each on a page of its own."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casemgr.access import Compartment, Permission, Purpose
from casemgr.access.gate import actor
from casemgr.cases import labels, recording, rules, service
from casemgr.cases.desk import (
    CONFLICT,
    DONE,
    REFUSED,
    attempt,
    bp,
    forget_purpose,
    purpose_form,
    state_purpose,
    stated_earlier,
    stated_purpose,
)
from casemgr.cases.forms import PurposeForm
from casemgr.cases.identity_form import IdentityForm
from casemgr.cases.models import Case, Episode, Identity, SafeContact
from casemgr.cases.part_forms import ContactForm, EpisodeForm, PartForm
from casemgr.clock import today
from casemgr.crypto.errors import SealBroken
from casemgr.web.readable import is_intact

_SHOWN_AT: Final = {
    IdentityForm: "cases.identity",
    ContactForm: "cases.contact",
    EpisodeForm: "cases.episode",
}
_PAGE: Final = {
    IdentityForm: "cases/identity_form.html",
    ContactForm: "cases/contact_form.html",
    EpisodeForm: "cases/episode_form.html",
}


@bp.get("/<uuid:case_id>/identity", permission=Permission.CASE_READ)
def identity(case_id: UUID) -> ResponseReturnValue:
    """Who the person is, for sixty seconds, to somebody who said why (R7)."""
    case = service.show_case(actor(), case_id)
    service.may_open(actor(), case, Compartment.IDENTITY)
    purpose = stated_purpose("identity", case_id)
    if purpose is None:
        return _ask_purpose(case, purpose_form())
    row = recording.open_part(actor(), case, Identity, purpose)
    return render_template("cases/identity.html", case=case, row=row, ages=_ages(row), words=labels)


@bp.post("/<uuid:case_id>/identity", permission=Permission.CASE_READ)
def open_identity(case_id: UUID) -> ResponseReturnValue:
    """Say why; then it is shown."""
    case = service.show_case(actor(), case_id)
    service.may_open(actor(), case, Compartment.IDENTITY)
    form = purpose_form()
    if not form.validate():
        return _ask_purpose(case, form, REFUSED)
    state_purpose("identity", case_id, form.purpose.data)
    return redirect(url_for("cases.identity", case_id=case_id), 303)


@bp.post("/<uuid:case_id>/identity/hide", permission=Permission.CASE_READ)
def hide_identity(case_id: UUID) -> ResponseReturnValue:
    """Close it before the sixty seconds are over."""
    service.show_case(actor(), case_id)
    forget_purpose("identity", case_id)
    return redirect(url_for("cases.show", case_id=case_id), 303)


@bp.get("/<uuid:case_id>/identity/edit", permission=Permission.CASE_WRITE)
def edit_identity(case_id: UUID) -> ResponseReturnValue:
    """The identity form; what is recorded is shown to somebody who said why."""
    case = service.show_case(actor(), case_id)
    service.may_open(actor(), case, Compartment.IDENTITY)
    purpose = stated_purpose("identity", case_id)
    if purpose is None:
        if recording.version_of(case, Identity) is not None:
            return _ask_purpose(case, purpose_form())
        state_purpose("first_identity", case_id, Purpose.CASE_WORK)
    return _edit(case, IdentityForm, purpose or Purpose.CASE_WORK)


@bp.post("/<uuid:case_id>/identity/edit", permission=Permission.CASE_WRITE)
def save_identity(case_id: UUID) -> ResponseReturnValue:
    """Keep who the person is."""
    form = IdentityForm()
    form.offer_choices()
    return _save(case_id, form, _("Identity recorded."))


@bp.get("/<uuid:case_id>/contact", permission=Permission.CASE_READ)
def contact(case_id: UUID) -> ResponseReturnValue:
    """How to reach the person; the rule stands before the number (R10)."""
    return _show(case_id, SafeContact, "cases/contact.html")


@bp.get("/<uuid:case_id>/contact/edit", permission=Permission.CASE_WRITE)
def edit_contact(case_id: UUID) -> ResponseReturnValue:
    """The safe contact form."""
    return _edit(service.show_case(actor(), case_id), ContactForm)


@bp.post("/<uuid:case_id>/contact/edit", permission=Permission.CASE_WRITE)
def save_contact(case_id: UUID) -> ResponseReturnValue:
    """Keep how the person may be reached."""
    return _save(case_id, ContactForm(), _("Safe contact recorded."))


@bp.get("/<uuid:case_id>/episode", permission=Permission.CASE_READ)
def episode(case_id: UUID) -> ResponseReturnValue:
    """What the person told, so that nobody asks twice (R15)."""
    return _show(case_id, Episode, "cases/episode.html")


@bp.get("/<uuid:case_id>/episode/edit", permission=Permission.CASE_WRITE)
def edit_episode(case_id: UUID) -> ResponseReturnValue:
    """The form for what the person told."""
    return _edit(service.show_case(actor(), case_id), EpisodeForm)


@bp.post("/<uuid:case_id>/episode/edit", permission=Permission.CASE_WRITE)
def save_episode(case_id: UUID) -> ResponseReturnValue:
    """Keep what the person told."""
    return _save(case_id, EpisodeForm(), _("What the person told is recorded."))


def _show(
    case_id: UUID, kind: type[SafeContact] | type[Episode], template: str
) -> ResponseReturnValue:
    case = service.show_case(actor(), case_id)
    row = recording.open_part(actor(), case, kind, Purpose.CASE_WORK)
    return render_template(template, case=case, row=row, words=labels)


def _edit(
    case: Case, kind: type[PartForm], purpose: Purpose = Purpose.CASE_WORK
) -> ResponseReturnValue:
    row = recording.open_part(actor(), case, kind.kind, purpose)
    try:
        form = kind.of(row)
    except SealBroken:
        is_intact(row, kind.names[0])
        flash(_("This part cannot be opened, so it cannot be changed either."), "error")
        return redirect(url_for(_SHOWN_AT[kind], case_id=case.id), 303)
    return _form_page(case, form)


def _save(case_id: UUID, form: PartForm, done: str) -> ResponseReturnValue:
    kind, version = form.kind, form.seen_version or None
    status = attempt(
        form,
        lambda: recording.record_part(actor(), case_id, kind, version, form.values()),
    )
    if status is DONE:
        for warning in form.warnings:
            flash(warning, "warning")
        flash(done)
        return redirect(url_for("cases.show", case_id=case_id), 303)
    case = service.show_case(actor(), case_id)
    if status is CONFLICT and (kind is not Identity or _said_why(case_id)):
        now = recording.open_part(actor(), case, kind, Purpose.CASE_WORK)
        form.version.data = str(now.version) if now else ""
        return _form_page(case, form, status, {"now": now})
    return _form_page(case, form, status)


def _said_why(case_id: UUID) -> bool:
    """Whether what somebody else wrote as identity may be shown beside one's own form."""
    is_first = stated_purpose("first_identity", case_id) is not None
    return is_first or stated_earlier("identity", case_id) is not None


def _form_page(
    case: Case,
    form: PartForm,
    status: HTTPStatus = DONE,
    more: Mapping[str, Any] | None = None,
) -> ResponseReturnValue:
    given = {"case": case, "form": form, "now": None, "words": labels, **(more or {})}
    return render_template(_PAGE[type(form)], **given), status


def _ask_purpose(case: Case, form: PurposeForm, status: HTTPStatus = DONE) -> ResponseReturnValue:
    page = render_template(
        "cases/purpose.html",
        case=case,
        form=form,
        heading=_("Open identity"),
        told=_("It is shown for 60 seconds. Opening it is recorded with your name and reason."),
        action=url_for("cases.open_identity", case_id=case.id),
    )
    return page, status


def _ages(row: Identity | None) -> tuple[bool, bool] | None:
    """Whether the person counts as under 18 and under 16 today; None where it cannot be read."""
    if row is None or not is_intact(row, "born_on"):
        return None
    born = row.born_on
    return (
        rules.is_minor(born, today()),
        rules.is_minor(born, today(), below=rules.CHILD_BELOW),
    )
