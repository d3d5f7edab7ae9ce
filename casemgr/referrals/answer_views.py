"""How a referral ends: the receiver's answer, or taking it back."""

from uuid import UUID

from flask import render_template
from flask.typing import ResponseReturnValue

from casemgr.access.gate import actor
from casemgr.referrals import labels, rules, service, withdrawing
from casemgr.referrals.desk import ONE, WRITE, back_to, bp, read, step
from casemgr.referrals.forms import AnswerForm, WithdrawForm


@bp.get(ONE + "/answer", permission=WRITE)
def ask_answer(case_id: UUID, referral_id: UUID) -> ResponseReturnValue:
    """Ask what the receiver answered."""
    shown = service.show(actor(), case_id, referral_id)
    if shown.recipient is None:
        return back_to(case_id, referral_id, "unreadable")
    return _answer_page(_answer_form(shown), shown)


@bp.post(ONE + "/answer", permission=WRITE)
def answer(case_id: UUID, referral_id: UUID) -> ResponseReturnValue:
    """Keep the receiver's answer."""
    shown = service.show(actor(), case_id, referral_id)
    form = _answer_form(shown)
    if not form.validate():
        return _answer_page(form, shown), 422
    return step(
        form,
        lambda: service.record_answer(
            actor(),
            case_id,
            referral_id,
            form.seen_version,
            answer=form.answer.data,
            by_whom=form.by_whom.data,
            note=form.note.data,
        ),
        again=lambda: _answer_page(form, shown),
        case_id=case_id,
        referral_id=referral_id,
    )


@bp.get(ONE + "/withdraw", permission=WRITE)
def ask_withdraw(case_id: UUID, referral_id: UUID) -> ResponseReturnValue:
    """Ask whether to take it back."""
    shown = service.show(actor(), case_id, referral_id)
    form = WithdrawForm(data={"version": shown.referral.version})
    return render_template("referrals/withdraw.html", form=form, shown=shown)


@bp.post(ONE + "/withdraw", permission=WRITE)
def withdraw(case_id: UUID, referral_id: UUID) -> ResponseReturnValue:
    """Take it back; the receiver of one that was sent is to be told."""
    form, shown = WithdrawForm(), service.show(actor(), case_id, referral_id)
    return step(
        form,
        lambda: withdrawing.withdraw_referral(
            actor(), case_id, referral_id, form.seen_version, reason=form.reason.data
        ),
        again=lambda: render_template("referrals/withdraw.html", form=form, shown=shown),
        case_id=case_id,
        referral_id=referral_id,
    )


def _answer_form(shown: service.Shown) -> AnswerForm:
    form, referral = AnswerForm(formdata=None), shown.referral
    possible = rules.answers_from(referral.state)
    form.answer.offer([(answer, labels.ANSWERS[answer]) for answer in possible])
    return read(form, version=referral.version)


def _answer_page(form: AnswerForm, shown: service.Shown) -> str:
    return render_template("referrals/answer.html", form=form, shown=shown)
