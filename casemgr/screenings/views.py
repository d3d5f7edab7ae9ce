"""The pages of a screening: before asking, one question at a time, result, suspicion."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casemgr.access import Actor, Invalid, NotFound, Permission
from casemgr.access.gate import Blueprint, actor, all_or_nothing
from casemgr.cases.models import Case
from casemgr.screenings import lists, service, suspicions
from casemgr.screenings.forms import (
    MESSAGES,
    OUTCOMES,
    STATES,
    ChecksForm,
    ConcernForm,
    FirstAnswer,
    FirstAnswerForm,
    NewConcernForm,
    Pressed,
    QuestionForm,
    StepForm,
    age_fields,
)
from casemgr.screenings.models import Sitting
from casemgr.screenings.rules import Outcome, SittingState
from casemgr.web import navigation
from casemgr.web.labels import ROLES
from casemgr.web.locale import language
from casemgr.web.readable import is_intact

WRITE = Permission.SCREENING_WRITE
_BLANK = "an empty form shows nothing of anybody"

bp = Blueprint("screenings", __name__, url_prefix="/screenings")
navigation.declare(_l("Screening"), "screenings.index", WRITE, order=10)


@bp.get("/", permission=WRITE)
def index() -> ResponseReturnValue:
    """My own sittings: those to take up again, and today's."""
    found = lists.list_mine(actor())
    return render_template("screenings/index.html", found=found, states=STATES, outcomes=OUTCOMES)


@bp.get("/new", permission=WRITE, unaudited=_BLANK)
def new() -> ResponseReturnValue:
    """Before you ask."""
    form = ChecksForm(data={"department": actor().department})
    return render_template("screenings/checks.html", form=form, back_to=url_for(".index"))


@bp.post("/new", permission=WRITE)
def begin() -> ResponseReturnValue:
    """Keep the safety checks; ask only where both passed."""
    form, who = ChecksForm(), actor()
    if form.is_declined:
        return _onward(service.decline_at_once(who, form.department.data or who.department))
    if not form.validate():
        back_to = url_for(".index")
        return render_template("screenings/checks.html", form=form, back_to=back_to), 422
    sitting = service.open_sitting(
        who, department=form.department.data or "", checks=form.checks, age=form.told_age
    )
    return _onward(sitting)


@bp.get("/<uuid:sitting_id>/checks", permission=WRITE)
def checks(sitting_id: UUID) -> ResponseReturnValue:
    """The same checks anew, before a sitting is taken up again."""
    sitting = service.look(actor(), sitting_id)
    if not service.may_take_up(sitting):
        return redirect(url_for(".show", sitting_id=sitting_id), 303)
    told = age_fields(service.age_of(sitting)) if sitting.instrument_slug else {}
    form = ChecksForm(data={"department": sitting.department, "version": sitting.version, **told})
    back_to = url_for(".show", sitting_id=sitting_id)
    return render_template("screenings/checks.html", form=form, back_to=back_to)


@bp.post("/<uuid:sitting_id>/checks", permission=WRITE)
def check_again(sitting_id: UUID) -> ResponseReturnValue:
    """Take up a sitting, or keep that it is not safe now."""
    form = ChecksForm()
    if form.is_declined:
        return _onward(service.decline(actor(), sitting_id, form.seen_version))
    if not form.validate():
        service.look(actor(), sitting_id)
        back_to = url_for(".show", sitting_id=sitting_id)
        return render_template("screenings/checks.html", form=form, back_to=back_to), 422
    sitting = service.check_again(
        actor(),
        sitting_id,
        form.seen_version,
        department=form.department.data or "",
        checks=form.checks,
        age=form.told_age,
    )
    return _onward(sitting)


@bp.get("/<uuid:sitting_id>/questions/<int:number>", permission=WRITE)
def question(sitting_id: UUID, number: int) -> ResponseReturnValue:
    """One question. Not shown unless the safety checks passed."""
    sitting = service.look(actor(), sitting_id)
    if sitting.state is not SittingState.ASKING:
        return redirect(url_for(".show", sitting_id=sitting_id), 303)
    return _question_page(sitting, number, None)


@bp.post("/<uuid:sitting_id>/questions/<int:number>", permission=WRITE)
def answer(sitting_id: UUID, number: int) -> ResponseReturnValue:
    """An answer, or one of the ways out of the questions."""
    form, who = QuestionForm(), actor()
    if form.pressed is not Pressed.NEXT:
        leave = {
            Pressed.STOP: service.stop,
            Pressed.INTERRUPT: service.interrupt,
            Pressed.DECLINE: service.decline,
        }
        return _onward(leave[form.pressed](who, sitting_id, form.seen_version))
    form.offer(service.instrument_of(service.look(who, sitting_id)), language())
    if not form.validate():
        return _question_page(service.look(who, sitting_id), number, form)
    sitting = service.record_answer(who, sitting_id, form.seen_version, number, form.answer.data)
    return _onward(sitting)


@bp.get("/<uuid:sitting_id>/finish", permission=WRITE)
def finish(sitting_id: UUID) -> ResponseReturnValue:
    """Thanks to the person; the result is for the staff, on the next page."""
    sitting = service.look(actor(), sitting_id)
    if sitting.state is not SittingState.ASKING or service.question_open(sitting) is not None:
        return redirect(url_for(".show", sitting_id=sitting_id), 303)
    form = StepForm(data={"version": sitting.version})
    last = len(service.instrument_of(sitting).items)
    return render_template("screenings/finish.html", form=form, sitting=sitting, last=last)


@bp.post("/<uuid:sitting_id>/finish", permission=WRITE)
def complete(sitting_id: UUID) -> ResponseReturnValue:
    """Close the sitting."""
    return _onward(service.complete(actor(), sitting_id, StepForm().seen_version))


@bp.post("/<uuid:sitting_id>/decline", permission=WRITE)
def decline(sitting_id: UUID) -> ResponseReturnValue:
    """The person wants none of it."""
    return _onward(service.decline(actor(), sitting_id, StepForm().seen_version))


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


@bp.get("/concern", permission=WRITE, unaudited=_BLANK)
def new_concern() -> ResponseReturnValue:
    """A suspicion on observed signs alone."""
    form = NewConcernForm(data={"department": actor().department})
    return render_template("screenings/concern.html", form=form)


@bp.post("/concern", permission=WRITE)
def raise_by_concern() -> ResponseReturnValue:
    """Open it."""
    form = NewConcernForm()
    if not form.validate():
        return render_template("screenings/concern.html", form=form), 422
    sitting = suspicions.raise_by_concern(
        actor(), department=form.department.data or "", concern=form.concern.data or ""
    )
    return redirect(url_for(".suspicion", sitting_id=sitting.id), 303)


@bp.get("/<uuid:sitting_id>/suspicion", permission=WRITE)
def suspicion(sitting_id: UUID) -> ResponseReturnValue:
    """The code, who was told it, and the next question to the person."""
    found = suspicions.show(actor(), sitting_id)
    return render_template(
        "screenings/suspicion.html", found=found, roles=ROLES, form=FirstAnswerForm()
    )


@bp.post("/<uuid:sitting_id>/suspicion", permission=WRITE)
def first_answer(sitting_id: UUID) -> ResponseReturnValue:
    """What the person said to a support record."""
    form = FirstAnswerForm()
    if form.validate():
        try:
            with all_or_nothing():
                _keep_first_answer(sitting_id, form)
            return redirect(url_for(".suspicion", sitting_id=sitting_id), 303)
        except Invalid as refused:
            form.refuse(refused.field, MESSAGES[refused.reason])
    found = suspicions.show(actor(), sitting_id)
    return render_template("screenings/suspicion.html", found=found, roles=ROLES, form=form), 422


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


def _onward(sitting: Sitting) -> ResponseReturnValue:
    """The next page of this sitting: a question, the thanks after the last one, or the result."""
    if sitting.state is not SittingState.ASKING:
        return redirect(url_for(".show", sitting_id=sitting.id), 303)
    number = service.question_open(sitting)
    if number is None:
        return redirect(url_for(".finish", sitting_id=sitting.id), 303)
    return redirect(url_for(".question", sitting_id=sitting.id, number=number), 303)


def _question_page(
    sitting: Sitting, number: int, tried: QuestionForm | None
) -> ResponseReturnValue:
    instrument = service.instrument_of(sitting)
    if not 1 <= number <= len(instrument.items):
        raise NotFound(sitting.id)
    item = instrument.items[number - 1]
    given = (sitting.answers or {}).get(item.key)
    form = tried or QuestionForm(data={"answer": given, "version": sitting.version})
    form.offer(instrument, language())
    page = render_template(
        "screenings/question.html",
        form=form,
        asked=item.words.spoken(language()),
        sitting=sitting,
        number=number,
        total=len(instrument.items),
    )
    return (page, 422) if tried else page


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


def _keep_first_answer(sitting_id: UUID, form: FirstAnswerForm) -> None:
    if form.answer.data is FirstAnswer.LATER:
        suspicions.postpone_answer(actor(), sitting_id)
        flash(_("Noted. The social worker will ask at a good moment."))
        return
    suspicions.record_first_answer(
        actor(),
        sitting_id,
        was_given=form.answer.data is FirstAnswer.YES,
        method=form.method.data,
        witness=form.witness.data,
    )
    flash(_("The answer was recorded."))
