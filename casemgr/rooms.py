"""The rooms of the house, and how they are connected: part of create_app."""

from datetime import timedelta

from flask import Flask

from casemgr.access import epochs, removal
from casemgr.access.key_names import note_unnamed, sweep_unnamed, the_keyring
from casemgr.accounts import sessions
from casemgr.accounts.views import bp as accounts
from casemgr.cases import attachments as cases_attachments
from casemgr.cases import consent as cases_consent
from casemgr.cases import consenting, disclosing, erasing, notices, numbers, packed, packing, panels
from casemgr.cases import models as cases_models
from casemgr.cases.views import bp as cases
from casemgr.directory.views import bp as directory
from casemgr.files import service as files
from casemgr.home.views import bp as home
from casemgr.privacy.erasure import carrying_out, erasures
from casemgr.privacy.erasure import models as privacy_models
from casemgr.privacy.erasure.hold_views import bp as hold_pages
from casemgr.privacy.erasure.views import bp as erasure_pages
from casemgr.privacy.log.announcement_views import bp as announcements
from casemgr.privacy.log.views import bp as privacy
from casemgr.privacy.statement import models as statement_models
from casemgr.privacy.statement.views import bp as statements
from casemgr.referrals import disclosing as referrals_disclosing
from casemgr.referrals import erasing as referrals_erasing
from casemgr.referrals import models as referrals_models
from casemgr.referrals import views as referrals_views
from casemgr.referrals import withdrawing
from casemgr.referrals.incoming_views import bp as incoming
from casemgr.referrals.views import bp as referrals
from casemgr.screenings import erasing as screenings_erasing
from casemgr.screenings import models as screenings_models
from casemgr.screenings import views as screenings_views
from casemgr.screenings.views import bp as screenings
from casemgr.work import backups, rekeying
from casemgr.work.worker import Handler, Periodic

MODELS = (
    epochs,
    removal,
    backups,
    cases_attachments,
    cases_consent,
    cases_models,
    packed,
    privacy_models,
    referrals_models,
    screenings_models,
    statement_models,
)
BLUEPRINTS = (
    accounts,
    cases,
    screenings,
    home,
    privacy,
    erasure_pages,
    hold_pages,
    statements,
    announcements,
    directory,
    referrals,
    incoming,
)
HANDLERS: dict[str, Handler] = {
    erasures.CARRY_OUT: carrying_out.begin,
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
    disclosing.tellers[:] = [referrals_disclosing.TELLER]
    erasing.belongings[:] = [referrals_erasing.on_erasure, screenings_erasing.on_erasure]


def periodic_rounds() -> list[Periodic]:
    """What the worker does again and again."""
    return [
        Periodic("session-sweeper", timedelta(minutes=5), sessions.sweep),
        Periodic("file-sweeper", timedelta(hours=1), files.doom_unclaimed),
        Periodic("file-remover", timedelta(seconds=10), files.remove_doomed),
        Periodic("key-ring", timedelta(seconds=5), lambda _actor: the_keyring().refresh()),
        Periodic("sitting-eraser", timedelta(hours=1), screenings_erasing.erase_old),
        Periodic("key-remover", timedelta(seconds=10), removal.carry_out_removals),
        Periodic("eraser", timedelta(seconds=30), carrying_out.settle),  # after what it waits for
        Periodic("erasure-finisher", timedelta(hours=1), carrying_out.finish),
        Periodic("name-index", timedelta(0), packing.pack_names),
        Periodic("key-sweeper", timedelta(hours=1), note_unnamed, lambda _actor: sweep_unnamed()),
    ]
