"""A file of a case, sent in parts or in a range of it, once its entry is committed."""

import re
from collections.abc import Callable, Iterator
from http import HTTPStatus
from itertools import chain
from uuid import UUID

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casemgr.access import Permission
from casemgr.access.gate import actor, between_transactions, stream
from casemgr.cases import attachments
from casemgr.cases.attachment_views import PART, admitted, ask_purpose
from casemgr.cases.attachments import OpenedFile
from casemgr.cases.desk import bp, purpose_form, stated_purpose
from casemgr.crypto.errors import SealBroken
from casemgr.files import service as files
from casemgr.files.reading import reader

_LAST_NOTHING = re.compile(r"bytes=\s*-0+\s*", re.ASCII)  # the parser takes it for no header


@bp.get("/<uuid:case_id>/attachments/<uuid:attachment_id>", permission=Permission.ATTACHMENT_READ)
def download_attachment(case_id: UUID, attachment_id: UUID) -> ResponseReturnValue:
    """The file, or the range of it that was asked for, under a neutral name."""
    case = admitted(case_id)
    item = attachments.find_attachment(actor(), case, attachment_id)
    purpose = stated_purpose(PART, case_id)
    if purpose is None:
        return ask_purpose(case, purpose_form())
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
    source = reader(files.store(), opened.stored_file_id, opened.key)
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
    """From where to where (RFC 9110 §14); several ranges at once are answered with the whole.

    So is one with ``If-Range``: we send no validator, so none can be the present one (§13.1.5). The
    last 0 bytes are no range (§14.1.2), and more than there are is all of them.
    """
    asked = request.range
    if "If-Range" in request.headers:
        return 0, size, HTTPStatus.OK
    if _LAST_NOTHING.fullmatch(request.headers.get("Range", "")):
        return 0, 0, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1:
        return 0, size, HTTPStatus.OK
    first, last = asked.ranges[0]
    is_all = size and last is None and first <= -size
    span = (0, size) if is_all else asked.range_for_length(size)
    if span is None:
        return 0, 0, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
    return span[0], span[1], HTTPStatus.PARTIAL_CONTENT


def _begun(parts: Iterator[bytes]) -> Iterator[bytes]:
    return chain([next(parts, b"")], parts)


def _failure_noted(opened: OpenedFile) -> Callable[[Exception], None]:
    who = actor()
    return lambda error: attachments.note_failure(who, opened, error)
