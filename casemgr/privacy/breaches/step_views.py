"""The steps of handling a breach, each asked on a page of its own."""

from uuid import UUID

from flask import flash
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casemgr import clock
from casemgr.access.gate import actor
from casemgr.privacy.breaches import deciding, records, rules
from casemgr.privacy.breaches.desk import (
    CONFIRM,
    ONE,
    WRITE,
    asked_about,
    attempt,
    back_to,
    bp,
    step_page,
    take_step,
    unless_broken,
)
from casemgr.privacy.breaches.forms import (
    AssessForm,
    DecisionForm,
    NotifyForm,
    PersonsForm,
    ReasonForm,
    version_of,
)
from casemgr.privacy.breaches.page import breach_page
from casemgr.web.forms import VersionedForm


def _ask(breach_id: UUID, step: str, kind: type[VersionedForm]) -> ResponseReturnValue:
    breach = asked_about(breach_id, step)
    return step_page(breach, step, kind(formdata=None, data=version_of(breach)))


@bp.get(ONE + "/assess", permission=WRITE)
def ask_assess(breach_id: UUID) -> ResponseReturnValue:
    """Ask whether the authority must be told."""
    return _ask(breach_id, "assess", AssessForm)


@bp.post(ONE + "/assess", permission=WRITE)
def assess(breach_id: UUID) -> ResponseReturnValue:
    """Keep the assessment."""
    form = AssessForm()
    return take_step(
        breach_id,
        "assess",
        form,
        lambda: deciding.assess(
            actor(),
            breach_id,
            form.seen_version,
            is_notifiable=form.is_notifiable.data,
            reason=form.reason.data or "",
        ),
    )


@bp.post(ONE + "/confirm", permission=CONFIRM)
def confirm(breach_id: UUID) -> ResponseReturnValue:
    """The director agrees that the authority is not told."""
    form = DecisionForm()
    status = attempt(form, lambda: deciding.confirm(actor(), breach_id, form.seen_version))
    if status is not None:
        return breach_page(breach_id, form), status
    flash(_("Saved"))
    return back_to(breach_id)


@bp.get(ONE + "/overrule", permission=CONFIRM)
def ask_overrule(breach_id: UUID) -> ResponseReturnValue:
    """Ask the director why it must be notified."""
    return _ask(breach_id, "overrule", ReasonForm)


@bp.post(ONE + "/overrule", permission=CONFIRM)
def overrule(breach_id: UUID) -> ResponseReturnValue:
    """The director has it notified."""
    form = ReasonForm()
    return take_step(
        breach_id,
        "overrule",
        form,
        lambda: deciding.overrule(actor(), breach_id, form.seen_version, form.reason.data or ""),
    )


@bp.get(ONE + "/notify", permission=WRITE)
def ask_notify(breach_id: UUID) -> ResponseReturnValue:
    """Ask when and how the authority was told."""
    return unless_broken(breach_id, lambda: _ask_notify(breach_id))


def _ask_notify(breach_id: UUID) -> ResponseReturnValue:
    breach = records.show_to_handler(actor(), breach_id)
    data = version_of(breach) | {
        "authority": rules.term_of(clock.today()).authority,
        "lateness": breach.lateness,
    }
    return step_page(breach, "notify", NotifyForm(formdata=None, data=data))


@bp.post(ONE + "/notify", permission=WRITE)
def note_notified(breach_id: UUID) -> ResponseReturnValue:
    """Record that the authority was told."""
    form = NotifyForm()
    return take_step(
        breach_id,
        "notify",
        form,
        lambda: deciding.note_notified(
            actor(),
            breach_id,
            form.seen_version,
            at=form.at.data,
            authority=form.authority.data or "",
            reference=form.reference.data or "",
            sender=form.sender.data or "",
            lateness=form.lateness.data,
        ),
    )


@bp.get(ONE + "/persons", permission=WRITE)
def ask_persons(breach_id: UUID) -> ResponseReturnValue:
    """Ask whether the people concerned were told."""
    return _ask(breach_id, "persons", PersonsForm)


@bp.post(ONE + "/persons", permission=WRITE)
def settle_persons(breach_id: UUID) -> ResponseReturnValue:
    """Record whether they were told."""
    form = PersonsForm()
    return take_step(
        breach_id,
        "persons",
        form,
        lambda: deciding.settle_persons(
            actor(),
            breach_id,
            form.seen_version,
            telling=form.telling.data,
            reason=form.reason.data or "",
        ),
    )


@bp.get(ONE + "/measures", permission=WRITE)
def ask_measures(breach_id: UUID) -> ResponseReturnValue:
    """Ask what was done against it."""
    return _ask(breach_id, "measures", ReasonForm)


@bp.post(ONE + "/measures", permission=WRITE)
def note_measures(breach_id: UUID) -> ResponseReturnValue:
    """Record the measures."""
    form = ReasonForm()
    return take_step(
        breach_id,
        "measures",
        form,
        lambda: deciding.note_measures(
            actor(), breach_id, form.seen_version, form.reason.data or ""
        ),
    )


@bp.get(ONE + "/close", permission=WRITE)
def ask_close(breach_id: UUID) -> ResponseReturnValue:
    """Ask what was learned."""
    return _ask(breach_id, "close", ReasonForm)


@bp.post(ONE + "/close", permission=WRITE)
def close(breach_id: UUID) -> ResponseReturnValue:
    """Close the breach."""
    form = ReasonForm()
    return take_step(
        breach_id,
        "close",
        form,
        lambda: deciding.close(actor(), breach_id, form.seen_version, form.reason.data or ""),
    )
