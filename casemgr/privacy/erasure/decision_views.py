"""A second person approves or refuses an erasure; either of the two calls it off."""

from collections.abc import Callable
from uuid import UUID

from flask import flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casemgr.access.gate import actor
from casemgr.privacy.erasure import erasures
from casemgr.privacy.erasure.desk import APPROVE, CONFLICT, ONE, READ, attempt, back_to, bp
from casemgr.privacy.erasure.forms import DecisionForm, ReasonForm
from casemgr.privacy.erasure.page import erasure_page


@bp.post(ONE + "/approve", permission=APPROVE)
def approve(erasure_id: UUID) -> ResponseReturnValue:
    """A second person approves."""
    form = DecisionForm()
    act = _approving(erasure_id, form)
    if (status := attempt(form, act)) is not None:
        return erasure_page(erasure_id, form), status
    flash(_("Approved. Until the waiting time is over, either of you can still cancel it."))
    return back_to(erasure_id)


def _approving(erasure_id: UUID, form: DecisionForm) -> Callable[[], object]:
    return lambda: erasures.approve(actor(), erasure_id, form.seen_version)


@bp.get(ONE + "/refuse", permission=APPROVE)
def ask_refusal(erasure_id: UUID) -> ResponseReturnValue:
    """Ask why it is not approved."""
    return _reason_page(erasure_id, "refuse")


@bp.post(ONE + "/refuse", permission=APPROVE)
def refuse(erasure_id: UUID) -> ResponseReturnValue:
    """A second person refuses, with a reason."""
    return _decide(erasure_id, "refuse", erasures.refuse)


@bp.get(ONE + "/cancel", permission=READ)
def ask_cancel(erasure_id: UUID) -> ResponseReturnValue:
    """Ask why it is called off."""
    return _reason_page(erasure_id, "cancel")


@bp.post(ONE + "/cancel", permission=READ)
def cancel(erasure_id: UUID) -> ResponseReturnValue:
    """Either of the two calls it off."""
    return _decide(erasure_id, "cancel", erasures.cancel)


def _decide(erasure_id: UUID, kind: str, act: Callable[..., object]) -> ResponseReturnValue:
    form = ReasonForm()
    status = attempt(
        form, lambda: act(actor(), erasure_id, form.seen_version, form.reason.data or "")
    )
    if status is not None:
        return _reason_page(erasure_id, kind, form, status)
    flash(_("Saved"))
    return back_to(erasure_id)


def _reason_page(
    erasure_id: UUID, kind: str, form: ReasonForm | None = None, status: int = 200
) -> ResponseReturnValue:
    opened = erasures.show(actor(), erasure_id)
    shown = form or ReasonForm(formdata=None, data={"version": opened.erasure.version})
    if status == CONFLICT:
        shown.version.data = str(opened.erasure.version)
    page = render_template(f"erasures/{kind}.html", form=shown, opened=opened)
    return page, status
