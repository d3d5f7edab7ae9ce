"""One referral as the receiver sees it: sending it, and asking again."""

from typing import Any
from uuid import UUID

from flask import flash, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casemgr.access import Invalid
from casemgr.access.gate import actor, all_or_nothing
from casemgr.cases.desk import come_back_after_consent
from casemgr.referrals import labels, packet, rules, service
from casemgr.referrals.desk import ONE, READ, WRITE, back_to, bp, reason_of, step
from casemgr.referrals.forms import ChaseForm, SendForm
from casemgr.referrals.rules import ForbiddenMove, ReferralState
from casemgr.referrals.wording import WORDS
from casemgr.web import pdf


@bp.get(ONE, permission=READ)
def show(case_id: UUID, referral_id: UUID) -> ResponseReturnValue:
    """One referral: exactly what the receiver will see, or saw, and the next step."""
    return _referral_page(case_id, referral_id)


@bp.post(ONE + "/send", permission=WRITE)
def send(case_id: UUID, referral_id: UUID) -> ResponseReturnValue:
    """Send what was looked at, or say why it must not leave the hospital."""
    form = SendForm()
    try:
        with all_or_nothing():
            service.send(actor(), case_id, referral_id, form.seen_version, form.seen.data)
    except (Invalid, ForbiddenMove) as refused:
        service.note_refusal(actor(), case_id, referral_id)
        form.form_errors.append(reason_of(refused))
        return _referral_page(case_id, referral_id, form=form), 422
    flash(_("The referral is sent. Print the letter and have it signed."))
    return back_to(case_id, referral_id)


@bp.post(ONE + "/chase", permission=WRITE)
def chase(case_id: UUID, referral_id: UUID) -> ResponseReturnValue:
    """The receiver was asked again."""
    form = ChaseForm()
    return step(
        form,
        lambda: service.note_chase(actor(), case_id, referral_id, form.seen_version),
        again=lambda: _referral_page(case_id, referral_id, form=form),
        case_id=case_id,
        referral_id=referral_id,
    )


def _referral_page(case_id: UUID, referral_id: UUID, form: Any = None) -> str:
    shown = service.show(actor(), case_id, referral_id)
    version = {"version": shown.referral.version}
    seen = packet.digest(shown.content) if shown.content else ""
    if shown.obstacle == "no_consent":
        here = url_for("referrals.show", case_id=case_id, referral_id=referral_id)
        come_back_after_consent(case_id, here)
    return render_template(
        "referrals/show.html",
        form=form,
        shown=shown,
        send_form=SendForm(formdata=None, data={**version, "seen": seen}),
        chase_form=ChaseForm(formdata=None, data=version),
        sheet_content=packet.sheet(shown.content) if shown.content else None,
        words=WORDS,
        labels=labels,
        answers=rules.answers_from(shown.referral.state),
        can_withdraw=ReferralState.WITHDRAWN in rules.MOVES[shown.referral.state],
        pdf_obstacle=pdf.obstacle(),
        consent_url=url_for("cases.consents", case_id=case_id),
    )
