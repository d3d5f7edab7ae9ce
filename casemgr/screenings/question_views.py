"""One question at a time, the ways out of the questions, and the thanks at the end."""

from uuid import UUID

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from casemgr.access import NotFound
from casemgr.access.gate import actor
from casemgr.screenings import service
from casemgr.screenings.desk import WRITE, bp, onward
from casemgr.screenings.forms import Pressed, QuestionForm, StepForm
from casemgr.screenings.models import Sitting
from casemgr.screenings.rules import SittingState
from casemgr.web.locale import language


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
        return onward(leave[form.pressed](who, sitting_id, form.seen_version))
    form.offer(service.instrument_of(service.look(who, sitting_id)), language())
    if not form.validate():
        return _question_page(service.look(who, sitting_id), number, form)
    sitting = service.record_answer(who, sitting_id, form.seen_version, number, form.answer.data)
    return onward(sitting)


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
    return onward(service.complete(actor(), sitting_id, StepForm().seen_version))


@bp.post("/<uuid:sitting_id>/decline", permission=WRITE)
def decline(sitting_id: UUID) -> ResponseReturnValue:
    """The person wants none of it."""
    return onward(service.decline(actor(), sitting_id, StepForm().seen_version))


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
