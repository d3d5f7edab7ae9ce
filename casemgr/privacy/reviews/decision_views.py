"""Giving a review to somebody, asking, deciding, noting a measure, escalating: a page for each."""

from collections.abc import Callable
from uuid import UUID

from flask import flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casemgr.access import Denied
from casemgr.access.gate import actor
from casemgr.accounts import service as accounts
from casemgr.privacy.reviews import deciding, items, labels
from casemgr.privacy.reviews.desk import CONFLICT, DECIDE, ONE, attempt, back_to, bp
from casemgr.privacy.reviews.forms import (
    AssignForm,
    EscalationForm,
    MeasureForm,
    QuestionForm,
    VerdictForm,
)
from casemgr.web.forms import VersionedForm

FORMS: dict[str, type[VersionedForm]] = {
    "assign": AssignForm,
    "ask": QuestionForm,
    "decide": VerdictForm,
    "measure": MeasureForm,
    "escalate": EscalationForm,
}
HANDLERS_ONLY = frozenset({"assign", "ask", "escalate"})
NOT_SHOWN = frozenset({"HiddenField", "CSRFTokenField"})


@bp.get(ONE + "/assign", permission=DECIDE)
def ask_assignee(review_id: UUID) -> ResponseReturnValue:
    """Ask who reviews it."""
    return _page(review_id, "assign")


@bp.post(ONE + "/assign", permission=DECIDE)
def assign(review_id: UUID) -> ResponseReturnValue:
    """Give it to somebody who may review it."""
    return _do(review_id, "assign", lambda form: (form["to_id"].data,), deciding.assign)


@bp.get(ONE + "/ask", permission=DECIDE)
def ask_question(review_id: UUID) -> ResponseReturnValue:
    """Ask what the colleague is to be asked."""
    return _page(review_id, "ask")


@bp.post(ONE + "/ask", permission=DECIDE)
def send_question(review_id: UUID) -> ResponseReturnValue:
    """Ask the colleague."""
    return _do(review_id, "ask", lambda form: (form["question"].data or "",), deciding.ask)


@bp.get(ONE + "/decide", permission=DECIDE)
def ask_verdict(review_id: UUID) -> ResponseReturnValue:
    """Ask what it came to."""
    return _page(review_id, "decide")


@bp.post(ONE + "/decide", permission=DECIDE)
def decide(review_id: UUID) -> ResponseReturnValue:
    """Close it with a verdict."""
    told = ("verdict", "reason")
    return _do(review_id, "decide", lambda form: _typed(form, told), deciding.decide)


@bp.get(ONE + "/measure", permission=DECIDE)
def ask_measure(review_id: UUID) -> ResponseReturnValue:
    """Ask what was done."""
    return _page(review_id, "measure")


@bp.post(ONE + "/measure", permission=DECIDE)
def add_measure(review_id: UUID) -> ResponseReturnValue:
    """Note what was done."""
    told = ("what", "words")
    return _do(review_id, "measure", lambda form: _typed(form, told), deciding.add_measure)


@bp.get(ONE + "/escalate", permission=DECIDE)
def ask_escalation(review_id: UUID) -> ResponseReturnValue:
    """Ask why the director is asked."""
    return _page(review_id, "escalate")


@bp.post(ONE + "/escalate", permission=DECIDE)
def escalate(review_id: UUID) -> ResponseReturnValue:
    """Bring it before the director."""
    return _do(review_id, "escalate", lambda form: (form["reason"].data or "",), deciding.escalate)


def _typed(form: VersionedForm, names: tuple[str, ...]) -> tuple[object, ...]:
    return tuple(form[name].data for name in names)


def _do(
    review_id: UUID,
    act: str,
    told: Callable[[VersionedForm], tuple[object, ...]],
    call: Callable[..., object],
) -> ResponseReturnValue:
    handlers = _handlers(review_id, act)
    form = _offering(FORMS[act](), handlers)
    status = attempt(form, lambda: call(actor(), review_id, form.seen_version, *told(form)))
    if status is not None:
        return _page(review_id, act, form, status)
    flash(_("Saved"))
    return back_to(review_id)


def _page(
    review_id: UUID, act: str, form: VersionedForm | None = None, status: int = 200
) -> ResponseReturnValue:
    handlers = _handlers(review_id, act)
    opened = items.show(actor(), review_id)
    known = {"version": opened.review.version}
    shown = form or _offering(FORMS[act](formdata=None, data=known), handlers)
    if status == CONFLICT:
        shown.version.data = str(opened.review.version)
    page = render_template(
        "reviews/act.html",
        form=shown,
        opened=opened,
        act=labels.ACTS[act],
        fields=[field for field in shown if field.type not in NOT_SHOWN],
    )
    return page, status


def _handlers(review_id: UUID, act: str) -> frozenset[UUID]:
    """Who may review it. Raises Denied for the director, where only they may do this."""
    reach = items.get(actor(), review_id)
    if act in HANDLERS_ONLY and not reach.is_handler:
        raise Denied(review_id)
    return reach.handlers


def _offering(form: VersionedForm, handlers: frozenset[UUID]) -> VersionedForm:
    """Offer those who may review it, where the form asks for one."""
    if isinstance(form, AssignForm):
        names = accounts.names_of(actor(), handlers)
        form.to_id.offer(sorted(((who, names.get(who, "")) for who in handlers), key=str))
    return form
