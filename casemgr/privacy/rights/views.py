"""The pages of rights requests: the officer's, and the list of those who prepare."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casemgr import clock
from casemgr.access.gate import actor
from casemgr.privacy.rights import requests, steps
from casemgr.privacy.rights.desk import (
    ONE,
    PREPARE,
    READ,
    WRITE,
    attempt,
    bp,
    page_of,
    taken,
)
from casemgr.privacy.rights.forms import (
    AnswerForm,
    ButtonForm,
    CaseForm,
    CloseForm,
    ReasonForm,
    ReceiveForm,
    StepsForm,
)
from casemgr.web import navigation

__all__ = ["bp"]
navigation.declare(_l("Rights requests"), "rights.index", READ, order=63)


@bp.get("", permission=READ)
def index() -> ResponseReturnValue:
    """Every request, the most urgent first."""
    return render_template(
        "rights/index.html", found=requests.list_requests(actor()), today=clock.today()
    )


@bp.get("/new", permission=WRITE, unaudited="an empty form")
def new() -> ResponseReturnValue:
    """Ask what came in."""
    return render_template("rights/new.html", form=ReceiveForm())


@bp.post("", permission=WRITE)
def create() -> ResponseReturnValue:
    """Record a request."""
    form = ReceiveForm()
    made: list[UUID] = []

    def receive() -> None:
        values = {name: getattr(form, name).data for name in _RECEIVED}
        made.append(requests.receive(actor(), **values).id)

    if (status := attempt(form, receive)) is not None:
        return render_template("rights/new.html", form=form), status
    flash(_("Recorded. Confirm receipt to the person within the term shown here."))
    return redirect(url_for("rights.show", request_id=made[0]), 303)


_RECEIVED = (
    "right", "asker", "received_on", "wording", "checked", "reply_to", "others_hold_it", "case_code"
)  # fmt: skip


@bp.get(ONE, permission=READ)
def show(request_id: UUID) -> ResponseReturnValue:
    """One request and its next steps."""
    return page_of(request_id)


@bp.post(ONE + "/acknowledge", permission=WRITE)
def acknowledge(request_id: UUID) -> ResponseReturnValue:
    """Receipt was confirmed to the person."""
    form = ButtonForm(prefix="acknowledge")
    return taken(
        request_id,
        "acknowledge",
        form,
        lambda: requests.acknowledge(actor(), request_id, form.seen_version),
    )


@bp.post(ONE + "/case", permission=WRITE)
def name_case(request_id: UUID) -> ResponseReturnValue:
    """Say which case it is about."""
    form = CaseForm(prefix="case")
    return taken(
        request_id,
        "case",
        form,
        lambda: requests.name_case(
            actor(), request_id, form.seen_version, form.case_code.data or ""
        ),
    )


@bp.post(ONE + "/steps", permission=WRITE)
def ask_for_steps(request_id: UUID) -> ResponseReturnValue:
    """Ask those who may open these parts."""
    form = StepsForm(prefix="steps")
    return taken(
        request_id,
        "steps",
        form,
        lambda: steps.ask_for(actor(), request_id, form.seen_version, form.parts.data or ()),
    )


@bp.post(ONE + "/extend", permission=WRITE)
def extend(request_id: UUID) -> ResponseReturnValue:
    """Extend the term, once."""
    form = ReasonForm(prefix="extend")
    return taken(
        request_id,
        "extend",
        form,
        lambda: requests.extend(actor(), request_id, form.seen_version, form.reason.data or ""),
    )


@bp.post(ONE + "/answer", permission=WRITE)
def answer(request_id: UUID) -> ResponseReturnValue:
    """Answer, with reasons."""
    form = AnswerForm(prefix="answer")
    return taken(
        request_id,
        "answer",
        form,
        lambda: requests.answer(
            actor(),
            request_id,
            form.seen_version,
            answered=form.answered.data,
            reason=form.reason.data or "",
        ),
    )


@bp.post(ONE + "/close", permission=WRITE)
def close(request_id: UUID) -> ResponseReturnValue:
    """What was granted is done."""
    form = CloseForm(prefix="close")
    form.erasure.offer((row.id, "") for row in requests.erasures_since(actor(), request_id))
    return taken(
        request_id,
        "close",
        form,
        lambda: requests.close(
            actor(),
            request_id,
            form.seen_version,
            effect=form.effect.data or "",
            erasure=form.erasure.data,
        ),
    )


@bp.post(ONE + "/withdraw", permission=WRITE)
def withdraw(request_id: UUID) -> ResponseReturnValue:
    """The person takes it back."""
    form = ReasonForm(prefix="withdraw")
    return taken(
        request_id,
        "withdraw",
        form,
        lambda: requests.withdraw(actor(), request_id, form.seen_version, form.reason.data or ""),
    )


@bp.get("/steps", permission=PREPARE, endpoint="steps")
def show_steps() -> ResponseReturnValue:
    """What is to be prepared by me; codes and parts only."""
    return _steps()


@bp.post("/steps/<uuid:step_id>/done", permission=PREPARE)
def finish_step(step_id: UUID) -> ResponseReturnValue:
    """A part is prepared."""
    form = ButtonForm()
    status = attempt(form, lambda: steps.finish(actor(), step_id, form.seen_version))
    if status is not None:
        flash(_("Somebody else did this meanwhile."))
        return _steps(), status
    flash(_("Saved"))
    return redirect(url_for("rights.steps"), 303)


def _steps() -> str:
    return render_template(
        "rights/steps.html", found=steps.list_mine(actor()), today=clock.today(), form_of=_button
    )


def _button(version: int) -> ButtonForm:
    return ButtonForm(formdata=None, data={"version": version})
