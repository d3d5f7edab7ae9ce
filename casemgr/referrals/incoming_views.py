"""Pages of referrals in: the hotline's, the police's, another hospital's."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casemgr import clock
from casemgr.access import Permission
from casemgr.access.gate import Blueprint, actor
from casemgr.referrals import incoming, labels
from casemgr.referrals.forms import IncomingForm
from casemgr.web import navigation
from casemgr.web.pagination import PAGE_SIZE, Page, page_number

RECEIVE = Permission.REFERRAL_RECEIVE

bp = Blueprint("incoming", __name__, url_prefix="/referrals/incoming")
navigation.declare(_l("Referred to us"), "incoming.index", RECEIVE, order=45)


@bp.get("", permission=RECEIVE)
def index() -> ResponseReturnValue:
    """Who referred to us, by the code of the case that came of it."""
    number, waiting = page_number(), request.args.get("show") == "waiting"
    found, total = incoming.list_incoming(actor(), waiting=waiting, offset=(number - 1) * PAGE_SIZE)
    return render_template("referrals/incoming_index.html", page=Page(found, number, total))


@bp.get("/new", permission=RECEIVE, unaudited="an empty form; tells of nobody")
def new() -> ResponseReturnValue:
    """Somebody calls, or a document arrives."""
    form = IncomingForm(data={"called_at": clock.now()})
    return render_template("referrals/incoming_new.html", form=form)


@bp.post("/new", permission=RECEIVE)
def receive() -> ResponseReturnValue:
    """Write it down; a suspicion is opened and those who must act are told."""
    form = IncomingForm()
    if not form.validate():
        return render_template("referrals/incoming_new.html", form=form), 422
    received = incoming.receive(
        actor(),
        source=form.source.data,
        sender=form.sender.data or "",
        sender_phone=form.sender_phone.data,
        called_at=form.called_at.data,
        document_number=form.document_number.data,
        care_needed=form.care_needed.data or "",
        reason=form.reason.data,
        ward=form.ward.data or "",
    )
    for warning in form.warnings:
        flash(warning, "warning")
    flash(_("The case is opened. Tell the sender that the referral has arrived."))
    return redirect(url_for("incoming.show", incoming_id=received.id), 303)


@bp.get("/<uuid:incoming_id>", permission=RECEIVE)
def show(incoming_id: UUID) -> ResponseReturnValue:
    """What they asked of us."""
    found, case = incoming.show(actor(), incoming_id)
    return render_template(
        "referrals/incoming_show.html",
        incoming=found,
        case=case,
        sources=labels.SOURCES,
        case_url=url_for("cases.show", case_id=case.id),
    )


@bp.post("/<uuid:incoming_id>/acknowledge", permission=RECEIVE)
def acknowledge(incoming_id: UUID) -> ResponseReturnValue:
    """The sender knows that it arrived."""
    incoming.acknowledge(actor(), incoming_id)
    flash(_("Saved"))
    return redirect(url_for("incoming.show", incoming_id=incoming_id), 303)
