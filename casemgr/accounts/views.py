"""Sign-in and sign-out pages, and the actor of each request."""

from dataclasses import replace
from uuid import UUID

import flask
from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import LoginManager, current_user, login_user, logout_user

from casemgr.access import Actor
from casemgr.access.gate import NOWHERE, PUBLIC, SIGNED_IN, Blueprint, actor, between_transactions
from casemgr.accounts import passwords, service, sessions
from casemgr.accounts.forms import SignInForm
from casemgr.accounts.models import Account
from casemgr.audit import Action, record
from casemgr.db import new_id, session
from casemgr.directory.service import the_facility
from casemgr.web import quick_exit

bp = Blueprint("accounts", __name__)


class DemonstrationInProduction(RuntimeError):
    """The demonstration's accounts must never open a hospital's door: nothing is answered."""


login_manager = LoginManager()
login_manager.session_protection = None  # our sessions are on the server and renewed at sign-in


@bp.get("/sign-in", permission=PUBLIC, unaudited="the empty sign-in page shows nothing")
def sign_in() -> ResponseReturnValue:
    """Ask for name and password."""
    if actor().is_signed_in:
        return redirect(url_for("home.show"), 303)
    return render_template("accounts/sign_in.html", form=SignInForm())


@bp.post("/sign-in", permission=PUBLIC)
def check_sign_in() -> ResponseReturnValue:
    """Let somebody in, or say the same words whatever was wrong."""
    form = SignInForm()
    if not form.validate_on_submit():
        return render_template("accounts/sign_in.html", form=form), 422
    credentials = service.credentials_of(actor(), form.username.data or "")
    with between_transactions():
        fits = passwords.verify(credentials.password_hash, form.password.data or "")
    account = service.note_sign_in(actor(), credentials, fits=fits)
    if account is None:
        form.form_errors.append(
            _("The name or the password is not right, or the account is locked.")
        )
        return render_template("accounts/sign_in.html", form=form), 422
    if actor().is_signed_in:
        service.note_sign_out(actor())
    sessions.renew(account.id, account.facility_id)
    login_user(account)
    return redirect(url_for("home.show"), 303)


@bp.post("/sign-out", permission=SIGNED_IN)
def sign_out() -> ResponseReturnValue:
    """End the session at once."""
    _leave()
    response = flask.make_response(redirect(url_for("accounts.sign_in"), 303))
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _leave() -> None:
    """What signing out and leaving in a hurry have in common: nothing is left to come back to."""
    if actor().is_signed_in:
        service.note_sign_out(actor())
    logout_user()
    sessions.end()


quick_exit.on_leave(_leave)


@login_manager.user_loader
def _load_account(account_id: str) -> Account | None:
    account = session.get(Account, UUID(account_id))
    return account if account is not None and account.is_enabled else None


def load_actor() -> Actor:
    """Who makes this request: load the session, then the account that signed in to it."""
    facility_id = _facility_id()
    sessions.load(facility_id)
    row = sessions.current_row()
    nobody = Actor(
        facility_id=facility_id,
        session_ref=row.id if row else None,
        address=request.remote_addr,
        request_id=new_id(),
    )
    if row is None or row.account_id is None or not current_user.is_authenticated:
        return nobody
    if current_user.id != row.account_id:
        return nobody
    return service.actor_of(current_user, nobody)


def keep_session() -> None:
    """What the gate calls before its commit."""
    if (facility_id := actor().facility_id) != NOWHERE:
        if lapsed := flask.g.pop("lapsed_session", None):
            whose = replace(actor(), account_id=lapsed[0], session_ref=lapsed[1])
            record(whose, Action.SESSION_LAPSED)
        sessions.persist(facility_id)


def _facility_id() -> UUID:
    known: UUID | None = current_app.extensions.get("facility_id")
    if known is None:
        facility = the_facility()
        if facility is None:
            return NOWHERE
        if current_app.config["PRODUCTION"] and service.is_demonstration(facility.id):
            raise DemonstrationInProduction
        known = current_app.extensions["facility_id"] = facility.id
    return known
