"""Attachments: the list for somebody who said why, the form, and the file itself in parts."""

from http import HTTPStatus
from uuid import UUID

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casemgr.access import Denied, Permission
from casemgr.access.gate import actor
from casemgr.accounts import service as accounts
from casemgr.cases import attaching, attachments, labels, rules, service
from casemgr.cases.desk import (
    DONE,
    REFUSED,
    attempt,
    bp,
    forget_purpose,
    purpose_form,
    state_purpose,
    stated_purpose,
)
from casemgr.cases.entry_forms import AttachmentForm
from casemgr.cases.forms import PurposeForm
from casemgr.cases.models import Case
from casemgr.web.labels import COMPARTMENTS
from casemgr.web.uploads import LARGEST_FILE

PART = "attachments"
READ, WRITE = Permission.ATTACHMENT_READ, Permission.ATTACHMENT_WRITE


@bp.get("/<uuid:case_id>/attachments", permission=READ)
def show_attachments(case_id: UUID) -> ResponseReturnValue:
    """Ask why, or list the files to somebody who has just said so. Never a preview."""
    case = admitted(case_id)
    purpose = stated_purpose(PART, case_id)
    if purpose is None:
        return ask_purpose(case, purpose_form())
    found = attachments.attachments(actor(), case, purpose)
    return render_template(
        "cases/attachments.html",
        case=case,
        found=found,
        words=labels,
        parts=COMPARTMENTS,
        names=accounts.names_of(actor(), {item.added_by for item in found}),
        may_add=case.state not in rules.WITHOUT_RECORD | rules.AT_REST,
    )


@bp.post("/<uuid:case_id>/attachments", permission=READ)
def open_attachments(case_id: UUID) -> ResponseReturnValue:
    """Say why; then the list is shown."""
    case, form = admitted(case_id), purpose_form()
    if not form.validate():
        return ask_purpose(case, form, REFUSED)
    state_purpose(PART, case_id, form.purpose.data)
    return redirect(url_for("cases.show_attachments", case_id=case_id), 303)


@bp.post("/<uuid:case_id>/attachments/hide", permission=READ)
def hide_attachments(case_id: UUID) -> ResponseReturnValue:
    """Close the list again."""
    service.show_case(actor(), case_id)
    forget_purpose(PART, case_id)
    return redirect(url_for("cases.show", case_id=case_id), 303)


@bp.get("/<uuid:case_id>/attachments/new", permission=WRITE)
def new_attachment(case_id: UUID) -> ResponseReturnValue:
    """Ask for a file and where it belongs."""
    return _form_page(admitted(case_id), AttachmentForm())


@bp.post("/<uuid:case_id>/attachments/new", permission=WRITE, takes_file=True)
def add_attachment(case_id: UUID) -> ResponseReturnValue:
    """Keep a file. It was sealed while it arrived; refused, it is gone again."""
    case, form = admitted(case_id), AttachmentForm()
    form.offer(attaching.may_file_in(actor(), case))

    def keep() -> None:
        assert form.file.data is not None  # noqa: S101 - the form requires it
        attaching.add_attachment(
            actor(),
            case_id,
            form.file.data.sealed,
            original_name=form.file.data.name,
            part=form.part.data,
            note=form.note.data,
        )

    status = attempt(form, keep)
    if status is not DONE:
        return _form_page(case, form, status)
    flash(_("The file is kept."))
    return redirect(url_for("cases.show", case_id=case_id), 303)


def admitted(case_id: UUID) -> Case:
    """The case, for somebody who could open at least one part of it."""
    case = service.show_case(actor(), case_id)
    if not attaching.may_file_in(actor(), case):
        raise Denied(case_id)
    return case


def _form_page(case: Case, form: AttachmentForm, status: HTTPStatus = DONE) -> ResponseReturnValue:
    form.offer(attaching.may_file_in(actor(), case))
    if status is not DONE and not form.file.errors:
        form.refuse(
            "file", _("Choose the file again: it was not kept, because something is missing")
        )
    largest = current_app.config[LARGEST_FILE]
    page = render_template("cases/attachment_form.html", case=case, form=form, largest=largest)
    return page, status


def ask_purpose(case: Case, form: PurposeForm, status: HTTPStatus = DONE) -> ResponseReturnValue:
    """Why the files are opened; said before they are."""
    page = render_template(
        "cases/purpose.html",
        case=case,
        form=form,
        heading=_("Open attachments"),
        told=_(
            "They stay open for 10 minutes. Opening them is recorded with your name and reason."
        ),
        action=url_for("cases.open_attachments", case_id=case.id),
    )
    return page, status
