"""The pages of erasures: the privacy officer asks, the director decides. Codes only."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from flask import Response, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casemgr.access import Conflict, Invalid, Permission
from casemgr.access.gate import Blueprint, actor, all_or_nothing, between_transactions
from casemgr.accounts import service as accounts
from casemgr.cases.retention import ERASABLE
from casemgr.directory import service as directory
from casemgr.privacy import carrying_out, certificate, erasure_labels, erasures, rules
from casemgr.privacy.erasure_forms import DecisionForm, ErasureForm, ReasonForm
from casemgr.privacy.erasure_labels import REFUSALS
from casemgr.privacy.erasures import Opened
from casemgr.privacy.rules import ErasureState, ForbiddenMove
from casemgr.web import navigation, pdf
from casemgr.web.forms import BaseForm
from casemgr.web.labels import COMPARTMENTS, PDF_OBSTACLES

bp = Blueprint("erasures", __name__, url_prefix="/erasures")
bp.context_processor(lambda: {"words": erasure_labels, "part_names": COMPARTMENTS})
navigation.declare(_l("Erasure of data"), "erasures.index", Permission.ERASURE_READ, order=62)

READ, APPROVE = Permission.ERASURE_READ, Permission.ERASURE_APPROVE
REQUEST = Permission.ERASURE_REQUEST
ONE = "/<uuid:erasure_id>"
REFUSED, CONFLICT = 422, 409


@bp.get("", permission=READ)
def index() -> ResponseReturnValue:
    """Every erasure, what waits first."""
    return render_template("erasures/index.html", found=erasures.list_erasures(actor()))


@bp.get("/new", permission=REQUEST, unaudited="an empty form")
def new() -> ResponseReturnValue:
    """Ask which case and why; every part is ticked."""
    form = ErasureForm(formdata=None, data={"parts": list(ERASABLE)})
    return render_template("erasures/new.html", form=form)


@bp.post("", permission=REQUEST)
def create() -> ResponseReturnValue:
    """Ask for an erasure; nothing is erased yet."""
    form = ErasureForm()
    asked: list[UUID] = []

    def ask() -> None:
        erasure = erasures.request_erasure(
            actor(),
            form.case_code.data or "",
            basis=form.basis.data,
            reason=form.reason.data or "",
            record_kind=form.record_kind.data,
            parts=form.parts.data or (),
        )
        asked.append(erasure.id)

    if (status := attempt(form, ask)) is not None:
        return render_template("erasures/new.html", form=form), status
    flash(_("Asked for. The director decides; nothing is erased yet."))
    return redirect(url_for("erasures.show", erasure_id=asked[0]), 303)


@bp.get(ONE, permission=READ)
def show(erasure_id: UUID) -> ResponseReturnValue:
    """One erasure: its parts, what is outstanding, who is to be told."""
    return _page(erasure_id)


@bp.post(ONE + "/approve", permission=APPROVE)
def approve(erasure_id: UUID) -> ResponseReturnValue:
    """A second person approves."""
    form = DecisionForm()
    act = _approving(erasure_id, form)
    if (status := attempt(form, act)) is not None:
        return _page(erasure_id, form), status
    flash(_("Approved. Until the waiting time is over, either of you can still cancel it."))
    return _back_to(erasure_id)


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


@bp.get(ONE + "/parts/<uuid:part_id>/lift", permission=APPROVE)
def ask_lift(erasure_id: UUID, part_id: UUID) -> ResponseReturnValue:
    """Ask why a restricted part opens again."""
    opened, row = erasures.show_part(actor(), erasure_id, part_id)
    form = ReasonForm(formdata=None, data={"version": row.version})
    return render_template("erasures/lift.html", form=form, opened=opened, row=row)


@bp.post(ONE + "/parts/<uuid:part_id>/lift", permission=APPROVE)
def lift(erasure_id: UUID, part_id: UUID) -> ResponseReturnValue:
    """Open a restricted part again."""
    form = ReasonForm()

    def act() -> None:
        erasures.lift_restriction(
            actor(), erasure_id, part_id, form.seen_version, form.reason.data or ""
        )

    if (status := attempt(form, act)) is not None:
        opened, row = erasures.show_part(actor(), erasure_id, part_id)
        return render_template("erasures/lift.html", form=form, opened=opened, row=row), status
    flash(_("The part can be opened again by those who work on the case."))
    return _back_to(erasure_id)


@bp.post(ONE + "/recipients/<uuid:recipient_id>/told", permission=REQUEST)
def note_told(erasure_id: UUID, recipient_id: UUID) -> ResponseReturnValue:
    """A receiver was told of the erasure."""
    erasures.note_told(actor(), erasure_id, recipient_id)
    flash(_("Recorded that they were told."))
    return _back_to(erasure_id)


@bp.get(ONE + "/certificate", permission=READ)
def print_certificate(erasure_id: UUID) -> ResponseReturnValue:
    """The certificate as a page to print."""
    return _certificate(erasure_id, as_pdf=False)


@bp.get(ONE + "/certificate.pdf", permission=READ)
def certificate_pdf(erasure_id: UUID) -> ResponseReturnValue:
    """The certificate as PDF, with the case code as its only name."""
    return _certificate(erasure_id, as_pdf=True)


def _certificate(erasure_id: UUID, *, as_pdf: bool) -> ResponseReturnValue:
    if as_pdf and (missing := pdf.obstacle()):
        erasures.show(actor(), erasure_id)
        flash(str(PDF_OBSTACLES[missing]), "error")
        return _back_to(erasure_id)
    with force_locale("vi"):  # an official paper has one language
        paper = certificate.certify(actor(), erasure_id)
    html = render_template(
        "print/certificate.html",
        paper=paper,
        as_pdf=as_pdf,
        back_url=url_for("erasures.show", erasure_id=erasure_id),
    )
    if not as_pdf:
        return html
    static_folder = Path(current_app.static_folder or "")
    with between_transactions():
        body = pdf.pdf(html, static_folder)
    headers = {"Content-Disposition": f'attachment; filename="bien-ban-{paper.code}.pdf"'}
    return Response(body, mimetype="application/pdf", headers=headers)


def attempt(form: BaseForm, act: Callable[[], object]) -> int | None:
    """Validate, then act. What was refused stands on the form; None when it was done."""
    if not form.validate():
        return REFUSED
    try:
        with all_or_nothing():
            act()
    except Invalid as refused:
        form.refuse(refused.field, REFUSALS[refused.reason])
        return REFUSED
    except ForbiddenMove:
        form.refuse("", REFUSALS["forbidden_move"])
        return CONFLICT
    except Conflict:
        form.refuse("", REFUSALS["conflict"])
        return CONFLICT
    return None


def _decide(erasure_id: UUID, kind: str, act: Callable[..., object]) -> ResponseReturnValue:
    form = ReasonForm()
    status = attempt(
        form, lambda: act(actor(), erasure_id, form.seen_version, form.reason.data or "")
    )
    if status is not None:
        return _reason_page(erasure_id, kind, form, status)
    flash(_("Saved"))
    return _back_to(erasure_id)


def _reason_page(
    erasure_id: UUID, kind: str, form: ReasonForm | None = None, status: int = 200
) -> ResponseReturnValue:
    opened = erasures.show(actor(), erasure_id)
    shown = form or ReasonForm(formdata=None, data={"version": opened.erasure.version})
    if status == CONFLICT:
        shown.version.data = str(opened.erasure.version)
    page = render_template(f"erasures/{kind}.html", form=shown, opened=opened)
    return page, status


def _page(erasure_id: UUID, form: DecisionForm | None = None) -> str:
    opened = erasures.show(actor(), erasure_id)
    erasure = opened.erasure
    staff = {erasure.requested_by, erasure.decided_by, erasure.cancelled_by}
    return render_template(
        "erasures/show.html",
        form=form,
        opened=opened,
        erasure=erasure,
        approval=DecisionForm(formdata=None, data={"version": erasure.version}),
        names=accounts.names_of(actor(), staff),
        organisations=_organisations(opened),
        outstanding=carrying_out.outstanding(erasure),
        may_decide=erasure.state is ErasureState.REQUESTED
        and actor().may(APPROVE)
        and erasure.requested_by != actor().account_id,
        may_cancel=ErasureState.CANCELLED in rules.MOVES[erasure.state],
        is_begun=erasure.begun_at is not None,
        pdf_obstacle=pdf.obstacle(),
        pdf_words=PDF_OBSTACLES,
    )


def _organisations(opened: Opened) -> dict[UUID | None, str]:
    return directory.names_of(actor(), [row.known_organisation_id for row in opened.recipients])


def _back_to(erasure_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("erasures.show", erasure_id=erasure_id), 303)
