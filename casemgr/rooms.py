"""The rooms of the house, and how they are connected: part of create_app."""

from datetime import timedelta

from flask import Flask

from casemgr.access import epochs, removal
from casemgr.access.key_names import note_unnamed, sweep_unnamed
from casemgr.accounts import sessions
from casemgr.accounts.views import bp as accounts
from casemgr.cases import consent as cases_consent
from casemgr.cases import consenting, notices, numbers, packed, packing, panels
from casemgr.cases import models as cases_models
from casemgr.cases.views import bp as cases
from casemgr.directory.views import bp as directory
from casemgr.home.views import bp as home
from casemgr.privacy.views import bp as privacy
from casemgr.referrals import models as referrals_models
from casemgr.referrals import views as referrals_views
from casemgr.referrals import withdrawing
from casemgr.referrals.incoming_views import bp as incoming
from casemgr.referrals.views import bp as referrals
from casemgr.screenings import models as screenings_models
from casemgr.screenings import views as screenings_views
from casemgr.screenings.views import bp as screenings
from casemgr.work import rekeying
from casemgr.work.worker import Handler, Periodic

MODELS = (
    epochs,
    removal,
    cases_consent,
    cases_models,
    packed,
    referrals_models,
    screenings_models,
)
BLUEPRINTS = (accounts, cases, screenings, home, privacy, directory, referrals, incoming)
HANDLERS: dict[str, Handler] = {
    notices.ESCALATE: notices.escalate,
    **rekeying.HANDLERS,
    **numbers.HANDLERS,
}


def init_app(app: Flask) -> None:
    """Register every room."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    panels.register("referrals", referrals_views.panel, "referrals/panel.html", order=30)
    panels.register("screenings", screenings_views.panel, "screenings/panel.html", order=20)
    if withdrawing.on_consent_withdrawn not in consenting.on_withdrawal:
        consenting.on_withdrawal.append(withdrawing.on_consent_withdrawn)


def periodic_rounds() -> list[Periodic]:
    """What the worker does again and again."""
    return [
        Periodic("session-sweeper", timedelta(minutes=5), sessions.sweep),
        Periodic("key-remover", timedelta(seconds=10), removal.carry_out_removals),
        Periodic("name-index", timedelta(0), packing.pack_names),
        Periodic("key-sweeper", timedelta(hours=1), note_unnamed, lambda _actor: sweep_unnamed()),
    ]
