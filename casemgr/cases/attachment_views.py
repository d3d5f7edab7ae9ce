"""Attachments: the list for somebody who said why, the form, and the file itself in parts."""

from collections.abc import Callable, Iterator
from http import HTTPStatus
from itertools import chain
from uuid import UUID

from flask import Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casemgr.access import Denied, Permission
from casemgr.access.gate import actor, between_transactions, stream
from casemgr.accounts import service as accounts
from casemgr.cases import attachments, labels, rules, service
from casemgr.cases.attachments import OpenedFile
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
from casemgr.cases.forms import AttachmentForm, PurposeForm
from casemgr.cases.models import Case
from casemgr.crypto.errors import SealBroken
from casemgr.files import service as files
from casemgr.web.labels import COMPARTMENTS
from casemgr.web.uploads import LARGEST_FILE

_PART = "attachments"
READ, WRITE = Permission.ATTACHMENT_READ, Permission.ATTACHMENT_WRITE


@bp.get("/<uuid:case_id>/attachments", permission=READ)
def show_attachments(case_id: UUID) -> ResponseReturnValue:
    """Ask why, or list the files to somebody who has just said so. Never a preview."""
    case = _admitted(case_id)
    purpose = stated_purpose(_PART, case_id)
    if purpose is None:
        return _ask_purpose(case, purpose_form())
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
    case, form = _admitted(case_id), purpose_form()
    if not form.validate():
        return _ask_purpose(case, form, REFUSED)
    state_purpose(_PART, case_id, form.purpose.data)
    return redirect(url_for("cases.show_attachments", case_id=case_id), 303)


@bp.post("/<uuid:case_id>/attachments/hide", permission=READ)
def hide_attachments(case_id: UUID) -> ResponseReturnValue:
    """Close the list again."""
    service.show_case(actor(), case_id)
    forget_purpose(_PART, case_id)
    return redirect(url_for("cases.show", case_id=case_id), 303)


@bp.get("/<uuid:case_id>/attachments/new", permission=WRITE)
def new_attachment(case_id: UUID) -> ResponseReturnValue:
    """Ask for a file and where it belongs."""
    return _form_page(_admitted(case_id), AttachmentForm())


@bp.post("/<uuid:case_id>/attachments/new", permission=WRITE, takes_file=True)
def add_attachment(case_id: UUID) -> ResponseReturnValue:
    """Keep a file. It was sealed while it arrived; refused, it is gone again."""
    case, form = _admitted(case_id), AttachmentForm()
    form.offer(attachments.may_file_in(actor(), case))

    def keep() -> None:
        assert form.file.data is not None  # noqa: S101 - the form requires it
        attachments.add_attachment(
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


@bp.get("/<uuid:case_id>/attachments/<uuid:attachment_id>", permission=READ)
def download_attachment(case_id: UUID, attachment_id: UUID) -> ResponseReturnValue:
    """The file, or the range of it that was asked for, under a neutral name."""
    case = _admitted(case_id)
    item = attachments.find_attachment(actor(), case, attachment_id)
    purpose = stated_purpose(_PART, case_id)
    if purpose is None:
        return _ask_purpose(case, purpose_form())
    part = item.compartment
    try:
        opened = attachments.open_attachment(actor(), case, item, purpose)
        with between_transactions():
            return _sent(opened)
    except SealBroken:
        attachments.note_broken(actor(), case_id, attachment_id, part)
        flash(_("This file cannot be read: it is damaged or lost. The log knows of it."), "error")
        return redirect(url_for("cases.show_attachments", case_id=case_id), 303)


def _sent(opened: OpenedFile) -> Response:
    """The answer; its first bytes and the end of the file were opened before anything leaves."""
    source = files.reader(opened.stored_file_id, opened.key)
    start, end, status = _range_asked(source.size)
    if status is HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        return Response(status=status, headers={"Content-Range": f"bytes */{source.size}"})
    response = Response(
        stream(_begun(source.read(start, end - start)), _failure_noted(opened)),
        status,
        mimetype=opened.kind,
        headers={
            "Content-Disposition": f'attachment; filename="{opened.name}"',
            "Content-Length": str(end - start),
            "Accept-Ranges": "bytes",
            "X-Accel-Buffering": "no",  # a proxy must not put it into a file of its own
        },
    )
    if status is HTTPStatus.PARTIAL_CONTENT:
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{source.size}"
    return response


def _range_asked(size: int) -> tuple[int, int, HTTPStatus]:
    """From where to where (RFC 9110 §14); several ranges at once are answered with the whole."""
    asked = request.range
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1:
        return 0, size, HTTPStatus.OK
    span = asked.range_for_length(size)
    if span is None:
        return 0, 0, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
    return span[0], span[1], HTTPStatus.PARTIAL_CONTENT


def _begun(parts: Iterator[bytes]) -> Iterator[bytes]:
    return chain([next(parts, b"")], parts)


def _failure_noted(opened: OpenedFile) -> Callable[[Exception], None]:
    who = actor()
    return lambda error: attachments.note_failure(who, opened, error)


def _admitted(case_id: UUID) -> Case:
    """The case, for somebody who could open at least one part of it."""
    case = service.show_case(actor(), case_id)
    if not attachments.may_file_in(actor(), case):
        raise Denied(case_id)
    return case


def _form_page(case: Case, form: AttachmentForm, status: HTTPStatus = DONE) -> ResponseReturnValue:
    form.offer(attachments.may_file_in(actor(), case))
    if status is not DONE and not form.file.errors:
        form.refuse(
            "file", _("Choose the file again: it was not kept, because something is missing")
        )
    largest = current_app.config[LARGEST_FILE]
    page = render_template("cases/attachment_form.html", case=case, form=form, largest=largest)
    return page, status


def _ask_purpose(case: Case, form: PurposeForm, status: HTTPStatus = DONE) -> ResponseReturnValue:
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
