"""The pages of a screening: one's own list, what a sitting came to, and a case's sittings."""

from uuid import UUID

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from casemgr.access import Actor, Invalid, Permission
from casemgr.access.gate import actor, all_or_nothing
from casemgr.cases.models import Case
from casemgr.screenings import (  # noqa: F401 - their routes register on the same blueprint
    check_views,
    lists,
    question_views,
    service,
    suspicion_views,
    suspicions,
)
from casemgr.screenings.desk import WRITE, bp
from casemgr.screenings.forms import StepForm
from casemgr.screenings.labels import MESSAGES, OUTCOMES, STATES
from casemgr.screenings.models import Sitting
from casemgr.screenings.rules import Outcome
from casemgr.screenings.suspicion_forms import ConcernForm
from casemgr.web import navigation
from casemgr.web.readable import is_intact

__all__ = ["bp", "panel"]
navigation.declare(_l("Screening"), "screenings.index", WRITE, order=10)


@bp.get("/", permission=WRITE)
def index() -> ResponseReturnValue:
    """My own sittings: those to take up again, and today's."""
    found = lists.list_mine(actor())
    return render_template("screenings/index.html", found=found, states=STATES, outcomes=OUTCOMES)


@bp.get("/<uuid:sitting_id>", permission=WRITE)
def show(sitting_id: UUID) -> ResponseReturnValue:
    """What the sitting came to and what to do next."""
    sitting = service.look(actor(), sitting_id)
    if not is_intact(sitting, "outcome"):
        return render_template("screenings/unreadable.html", sitting=sitting, states=STATES)
    return _result_page(sitting, ConcernForm(data={"version": sitting.version}))


@bp.post("/<uuid:sitting_id>", permission=WRITE)
def raise_suspicion(sitting_id: UUID) -> ResponseReturnValue:
    """Open a suspicion from this sitting."""
    form = ConcernForm()
    if form.validate():
        try:
            with all_or_nothing():
                suspicions.raise_suspicion(
                    actor(), sitting_id, form.seen_version, concern=form.concern.data
                )
            return redirect(url_for(".suspicion", sitting_id=sitting_id), 303)
        except Invalid as refused:
            form.refuse(refused.field, MESSAGES[refused.reason])
    return _result_page(service.look(actor(), sitting_id), form), 422


@bp.get("/cases/<uuid:case_id>/<uuid:sitting_id>", permission=Permission.CASE_READ)
def show_for_case(case_id: UUID, sitting_id: UUID) -> ResponseReturnValue:
    """The answers, opened on purpose by somebody who works on the case."""
    case, sitting = lists.open_for_case(actor(), case_id, sitting_id)
    opens = is_intact(sitting, "answers")
    return render_template(
        "screenings/answers.html",
        case=case,
        sitting=sitting,
        instrument=service.instrument_of(sitting) if opens and sitting.instrument_slug else None,
        age=service.age_of(sitting) if opens else None,
        taken_by=service.taken_by(actor(), sitting),
        states=STATES,
        outcomes=OUTCOMES,
    )


def panel(who: Actor, case: Case) -> dict[str, object] | None:
    """The sittings on a case's page (casemgr/rooms.py connects it); None for who may not see them."""
    sittings = lists.for_case(who, case)
    if not sittings:
        return None
    return {"sittings": sittings, "states": STATES, "outcomes": OUTCOMES}


def _result_page(sitting: Sitting, form: ConcernForm) -> str:
    return render_template(
        "screenings/show.html",
        form=form,
        step=StepForm(data={"version": sitting.version}),
        sitting=sitting,
        advice=service.advice(sitting),
        instrument=service.instrument_of(sitting) if sitting.instrument_slug else None,
        was_interrupted=sitting.outcome is Outcome.UNSAFE and bool(sitting.answers),
        is_positive=sitting.outcome is Outcome.POSITIVE,
        may_take_up=service.may_take_up(sitting),
        is_other_age=service.is_outside(sitting),
        states=STATES,
        outcomes=OUTCOMES,
    )
