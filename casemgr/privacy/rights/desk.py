"""What the pages of rights requests share."""

from collections.abc import Callable
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casemgr.access import Conflict, Invalid, Permission
from casemgr.access.gate import Blueprint, actor, all_or_nothing
from casemgr.accounts import service as accounts
from casemgr.clock import today
from casemgr.privacy.rights import labels, requests
from casemgr.privacy.rights.forms import (
    AnswerForm,
    ButtonForm,
    CaseForm,
    CloseForm,
    ReasonForm,
    StepsForm,
)
from casemgr.privacy.rights.rules import OPEN, UNDONE, ForbiddenMove
from casemgr.privacy.rights.rules import RequestState as State
from casemgr.web.forms import BaseForm, VersionedForm
from casemgr.web.labels import COMPARTMENTS
from casemgr.web.locale import day

bp = Blueprint("rights", __name__, url_prefix="/rights")
bp.context_processor(lambda: {"words": labels, "part_names": COMPARTMENTS})

READ, WRITE, PREPARE = (
    Permission.RIGHTS_READ,
    Permission.RIGHTS_WRITE,
    Permission.RIGHTS_PREPARE,
)
ONE = "/<uuid:request_id>"
REFUSED, CONFLICT = 422, 409


def attempt(form: BaseForm, act: Callable[[], object]) -> int | None:
    """Validate, then act. What was refused stands on the form; None when it was done."""
    if not form.validate():
        return REFUSED
    try:
        with all_or_nothing():
            act()
    except Invalid as refused:
        form.refuse(refused.field, labels.REFUSALS[refused.reason])
        return REFUSED
    except ForbiddenMove:
        form.refuse("", labels.REFUSALS["forbidden_move"])
        return CONFLICT
    except Conflict:
        form.refuse("", labels.REFUSALS["conflict"])
        return CONFLICT
    return None


def taken(
    request_id: UUID, name: str, form: VersionedForm, act: Callable[[], object]
) -> ResponseReturnValue:
    """Try one step from the request's page; back to it, with what was refused."""
    if (status := attempt(form, act)) is not None:
        return page_of(request_id, {name: form}, is_stale=status == CONFLICT), status
    flash(_("Saved"))
    return redirect(url_for("rights.show", request_id=request_id), 303)


def page_of(
    request_id: UUID, typed: dict[str, VersionedForm] | None = None, *, is_stale: bool = False
) -> str:
    """The page of one request, with a form for each step that is possible now."""
    opened = requests.show(actor(), request_id)
    request, typed = opened.request, typed or {}
    forms = {
        name: typed.get(name) or _fresh(name, kind, request.version) for name, kind in KINDS.items()
    }
    if is_stale:
        for form in typed.values():
            form.version.data = str(request.version)
    done_by = {step.done_by for step in opened.steps}
    close = forms["close"]
    close.erasure.offer(
        (row.id, _("asked for on %(day)s", day=day(row.requested_at))) for row in opened.erasures
    )
    return render_template(
        "rights/show.html",
        opened=opened,
        request_=request,
        forms=forms,
        form=next(iter(typed.values()), None),
        is_open=request.state in OPEN,
        is_undone=request.state in UNDONE,
        is_late=request.state in OPEN and request.due_on < today(),
        is_answered=request.state is State.ANSWERED,
        names=accounts.names_of(actor(), {request.received_by, request.answered_by, *done_by}),
    )


KINDS: dict[str, type[VersionedForm]] = {
    "acknowledge": ButtonForm,
    "case": CaseForm,
    "steps": StepsForm,
    "extend": ReasonForm,
    "answer": AnswerForm,
    "close": CloseForm,
    "withdraw": ReasonForm,
}


def _fresh(name: str, kind: type[VersionedForm], version: int) -> VersionedForm:
    return kind(formdata=None, data={"version": version}, prefix=name)  # one page, many forms
