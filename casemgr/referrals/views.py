"""Pages of referrals out: the list, one referral, and every step of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from flask import Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casemgr.access import Actor, Compartment, Conflict, Invalid, Permission
from casemgr.access.gate import Blueprint, actor, all_or_nothing, between_transactions
from casemgr.cases import service as cases
from casemgr.cases.desk import come_back_after_consent
from casemgr.cases.models import Case
from casemgr.cases.rules import WITHOUT_RECORD
from casemgr.directory import labels as directory_labels
from casemgr.referrals import labels, lists, packet, rules, service, withdrawing
from casemgr.referrals.forms import (
    AnswerForm,
    ChaseForm,
    ContentForm,
    RecipientForm,
    SendForm,
    WithdrawForm,
)
from casemgr.referrals.rules import ForbiddenMove, ReferralState
from casemgr.referrals.wording import WORDS
from casemgr.web import navigation, pdf
from casemgr.web.forms import BaseForm
from casemgr.web.pagination import PAGE_SIZE, Page, page_number

AnyForm = TypeVar("AnyForm", bound=BaseForm)

bp = Blueprint("referrals", __name__)
navigation.declare(_l("Referrals"), "referrals.index", Permission.REFERRAL_READ, order=40)

READ, WRITE = Permission.REFERRAL_READ, Permission.REFERRAL_WRITE
OF_CASE = "/cases/<uuid:case_id>/referrals"
ONE = OF_CASE + "/<uuid:referral_id>"
FILTERS = ("all", "draft", "waiting", "due")


@bp.get("/referrals", permission=READ)
def index() -> ResponseReturnValue:
    """Every referral in reach, by code only."""
    number, shown = page_number(), request.args.get("show", "all")
    states: tuple[ReferralState, ...] = ()
    if shown in ("draft", "waiting"):
        states = (ReferralState.DRAFT,) if shown == "draft" else tuple(rules.AWAITING)
    found, total = lists.list_referrals(
        actor(), states=states, due=shown == "due", offset=(number - 1) * PAGE_SIZE
    )
    return render_template(
        "referrals/index.html", page=Page(found, number, total), shown=shown, labels=labels
    )


def panel(who: Actor, case: Case) -> dict[str, object] | None:
    """That there are referrals, on the case's page; to whom stands behind the link."""
    if not who.may(READ) or case.state in WITHOUT_RECORD:
        return None
    if Compartment.SOCIAL not in cases.openable(who, case):
        return None  # restricted or erased
    return {"states": lists.states_of_case(who, case), "labels": labels}


@bp.get(OF_CASE, permission=READ)
def for_case(case_id: UUID) -> ResponseReturnValue:
    """The referrals of one case, with their recipients."""
    case, found = lists.of_case(actor(), case_id)
    return render_template(
        "referrals/for_case.html",
        case=case,
        referrals=found,
        labels=labels,
        case_url=url_for("cases.show", case_id=case_id),
    )


@bp.get(OF_CASE + "/new", permission=WRITE)
def choose_recipient(case_id: UUID) -> ResponseReturnValue:
    """Ask to whom."""
    try:
        service.case_at_work(actor(), case_id)
    except Invalid as refused:
        flash(str(labels.OBSTACLES[refused.reason]), "error")
        return redirect(url_for("referrals.for_case", case_id=case_id), 303)
    return _recipient_page(case_id, _recipient_form())


@bp.post(OF_CASE + "/new", permission=WRITE)
def prepare(case_id: UUID) -> ResponseReturnValue:
    """Begin a draft to the chosen organisation."""
    form = _recipient_form()
    if form.validate():
        try:
            with all_or_nothing():
                made = service.prepare(actor(), case_id, recipient_id=form.recipient.data)
            return redirect(url_for("referrals.edit", case_id=case_id, referral_id=made.id), 303)
        except Invalid as refused:
            form.refuse(refused.field, labels.OBSTACLES[refused.reason])
    return _recipient_page(case_id, form), 422


@bp.get(ONE, permission=READ)
def show(case_id: UUID, referral_id: UUID) -> ResponseReturnValue:
    """One referral: exactly what the receiver will see, or saw, and the next step."""
    return _referral_page(case_id, referral_id)


@bp.get(ONE + "/content", permission=WRITE)
def edit(case_id: UUID, referral_id: UUID) -> ResponseReturnValue:
    """What is asked, and which facts go along."""
    shown = service.show(actor(), case_id, referral_id)
    if shown.recipient is None:
        return _back_to(case_id, referral_id, "unreadable")
    return _content_page(_content_form(shown), shown)


@bp.post(ONE + "/content", permission=WRITE)
def save(case_id: UUID, referral_id: UUID) -> ResponseReturnValue:
    """Keep the draft and show what the receiver would see."""
    shown = service.show(actor(), case_id, referral_id)
    form = _content_form(shown)
    if form.validate():
        try:
            with all_or_nothing():
                service.change_draft(
                    actor(),
                    case_id,
                    referral_id,
                    form.seen_version,
                    services=form.services.data,
                    urgent_needs=form.urgent_needs.data,
                    facts=form.facts.data or (),
                    signer=form.signer.data,
                )
            return _back_to(case_id, referral_id)
        except Invalid as refused:
            form.refuse(refused.field, labels.OBSTACLES[refused.reason])
        except Conflict:
            _tell_of_twin(form, case_id, referral_id)
            return _content_page(form, shown), 409
    return _content_page(form, shown), 422


@bp.post(ONE + "/send", permission=WRITE)
def send(case_id: UUID, referral_id: UUID) -> ResponseReturnValue:
    """Send what was looked at, or say why it must not leave the hospital."""
    form = SendForm()
    try:
        with all_or_nothing():
            service.send(actor(), case_id, referral_id, form.seen_version, form.seen.data)
    except (Invalid, ForbiddenMove) as refused:
        service.note_refusal(actor(), case_id, referral_id)
        form.form_errors.append(_reason(refused))
        return _referral_page(case_id, referral_id, form=form), 422
    flash(_("The referral is sent. Print the letter and have it signed."))
    return _back_to(case_id, referral_id)


@bp.get(ONE + "/answer", permission=WRITE)
def ask_answer(case_id: UUID, referral_id: UUID) -> ResponseReturnValue:
    """Ask what the receiver answered."""
    shown = service.show(actor(), case_id, referral_id)
    if shown.recipient is None:
        return _back_to(case_id, referral_id, "unreadable")
    return _answer_page(_answer_form(shown), shown)


@bp.post(ONE + "/answer", permission=WRITE)
def answer(case_id: UUID, referral_id: UUID) -> ResponseReturnValue:
    """Keep the receiver's answer."""
    shown = service.show(actor(), case_id, referral_id)
    form = _answer_form(shown)
    if not form.validate():
        return _answer_page(form, shown), 422
    return _step(
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


@bp.post(ONE + "/chase", permission=WRITE)
def chase(case_id: UUID, referral_id: UUID) -> ResponseReturnValue:
    """The receiver was asked again."""
    form = ChaseForm()
    return _step(
        form,
        lambda: service.note_chase(actor(), case_id, referral_id, form.seen_version),
        again=lambda: _referral_page(case_id, referral_id, form=form),
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
    return _step(
        form,
        lambda: withdrawing.withdraw_referral(
            actor(), case_id, referral_id, form.seen_version, reason=form.reason.data
        ),
        again=lambda: render_template("referrals/withdraw.html", form=form, shown=shown),
        case_id=case_id,
        referral_id=referral_id,
    )


@bp.get(ONE + "/letter", permission=WRITE)
def print_page(case_id: UUID, referral_id: UUID) -> ResponseReturnValue:
    """The letter as a page to print."""
    return _letter(case_id, referral_id, as_pdf=False)


@bp.get(ONE + "/letter.pdf", permission=WRITE)
def print_pdf(case_id: UUID, referral_id: UUID) -> ResponseReturnValue:
    """The letter as PDF, made outside the transaction, with the case code as its only name."""
    return _letter(case_id, referral_id, as_pdf=True)


def _letter(case_id: UUID, referral_id: UUID, *, as_pdf: bool) -> ResponseReturnValue:
    if as_pdf and (missing := pdf.obstacle()):
        service.show(actor(), case_id, referral_id)
        return _back_to(case_id, referral_id, missing)
    try:
        content = service.print_letter(actor(), case_id, referral_id, as_pdf=as_pdf)
    except Invalid as refused:
        return _back_to(case_id, referral_id, refused.reason)
    html = render_template(
        "print/letter.html",
        sheet_content=packet.sheet(content),
        words=WORDS,
        as_pdf=as_pdf,
        back_url=url_for("referrals.show", case_id=case_id, referral_id=referral_id),
    )
    if not as_pdf:
        return html
    static_folder = Path(current_app.static_folder or "")
    with between_transactions():
        body = pdf.pdf(html, static_folder)
    name = f"phieu-{content['code']}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, mimetype="application/pdf", headers=headers)


def _recipient_form() -> RecipientForm:
    form = RecipientForm(formdata=None)
    form.recipient.offer([(item.id, item.name) for item in service.addressees(actor())])
    return _read(form)


def _recipient_page(case_id: UUID, form: RecipientForm) -> str:
    case, _found = lists.of_case(actor(), case_id)
    return render_template("referrals/choose_recipient.html", form=form, case=case)


def _content_form(shown: service.Shown) -> ContentForm:
    form, draft = ContentForm(formdata=None), shown.referral
    offered = service.services_of(actor(), draft)
    form.services.offer([(item, directory_labels.SERVICES[item]) for item in offered])
    allowed = service.openable_facts(actor(), shown.case)
    form.facts.offer([(key, labels.FACTS[key]) for key in allowed])
    return _read(
        form,
        version=draft.version,
        services=draft.services,
        urgent_needs=draft.urgent_needs,
        facts=draft.facts,
        signer=draft.signer,
    )


def _content_page(form: ContentForm, shown: service.Shown) -> str:
    return render_template("referrals/content.html", form=form, shown=shown)


def _answer_form(shown: service.Shown) -> AnswerForm:
    form, referral = AnswerForm(formdata=None), shown.referral
    possible = rules.answers_from(referral.state)
    form.answer.offer([(answer, labels.ANSWERS[answer]) for answer in possible])
    return _read(form, version=referral.version)


def _answer_page(form: AnswerForm, shown: service.Shown) -> str:
    return render_template("referrals/answer.html", form=form, shown=shown)


def _read(form: AnyForm, **data: object) -> AnyForm:
    """Read what was sent, now that the form knows its choices; ``data`` where nothing was."""
    form.process(request.form or None, data=data)
    return form


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


def _step(
    form: Any,
    act: Callable[[], object],
    *,
    again: Callable[[], str],
    case_id: UUID,
    referral_id: UUID,
) -> ResponseReturnValue:
    """Do one step, or show the page again with what was wrong and what was typed."""
    if form.validate():
        try:
            with all_or_nothing():
                act()
            flash(_("Saved"))
            return _back_to(case_id, referral_id)
        except (Invalid, ForbiddenMove) as refused:
            form.refuse(getattr(refused, "field", ""), _reason(refused))
        except Conflict:
            _tell_of_twin(form, case_id, referral_id)
            return again(), 409
    return again(), 422


def _tell_of_twin(form: Any, case_id: UUID, referral_id: UUID) -> None:
    """Somebody else was faster: what was typed stays, and saving again is a knowing act (I8)."""
    form.form_errors.append(
        _(
            "Somebody else changed this meanwhile. Yours is not saved yet: compare it with "
            "what is recorded now, then save again."
        )
    )
    form.version.data = str(service.show(actor(), case_id, referral_id).referral.version)


def _reason(refused: Exception) -> str:
    return str(labels.OBSTACLES[getattr(refused, "reason", "forbidden_move")])


def _back_to(case_id: UUID, referral_id: UUID, obstacle: str | None = None) -> ResponseReturnValue:
    if obstacle:
        flash(str(labels.OBSTACLES[obstacle]), "error")
    return redirect(url_for("referrals.show", case_id=case_id, referral_id=referral_id), 303)
