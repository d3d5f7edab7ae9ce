"""The rooms of the house, and how they are connected: part of create_app."""

from datetime import timedelta

from flask import Flask, current_app

from casemgr.access import epochs, removal
from casemgr.access.key_names import note_unnamed, sweep_unnamed, the_keyring
from casemgr.accounts import sessions
from casemgr.accounts.views import bp as accounts
from casemgr.audit import checkpoints, comparing, head_signing, publishing, rollback
from casemgr.audit.tiles import Head, Tree
from casemgr.cases import attachments as cases_attachments
from casemgr.cases import consent as cases_consent
from casemgr.cases import consenting, disclosing, erasing, notices, numbers, packed, packing, panels
from casemgr.cases import models as cases_models
from casemgr.cases.views import bp as cases
from casemgr.directory.views import bp as directory
from casemgr.files import service as files
from casemgr.home.views import bp as home
from casemgr.interop import models as interop_models
from casemgr.interop import service as interop
from casemgr.interop import views as interop_views
from casemgr.privacy import connecting
from casemgr.privacy.breaches import models as breach_models
from casemgr.privacy.breaches import recording as breach_recording
from casemgr.privacy.breaches.views import bp as breach_pages
from casemgr.privacy.dashboard import models as dashboard_models
from casemgr.privacy.dashboard import sums
from casemgr.privacy.dashboard.report_views import bp as monthly_reports
from casemgr.privacy.dashboard.views import bp as dashboard
from casemgr.privacy.detection import models as detection_models
from casemgr.privacy.detection import running as detection
from casemgr.privacy.detection import trials as detection_trials
from casemgr.privacy.detection.views import bp as detection_pages
from casemgr.privacy.erasure import carrying_out, erasures
from casemgr.privacy.erasure import models as privacy_models
from casemgr.privacy.erasure.hold_views import bp as hold_pages
from casemgr.privacy.erasure.views import bp as erasure_pages
from casemgr.privacy.log import models as log_models
from casemgr.privacy.log.announcement_views import bp as announcements
from casemgr.privacy.log.views import bp as privacy
from casemgr.privacy.proof import state as proof
from casemgr.privacy.proof.views import bp as proof_pages
from casemgr.privacy.reviews import models as reviews_models
from casemgr.privacy.reviews import service as reviews
from casemgr.privacy.reviews.access_views import bp as access_pages
from casemgr.privacy.reviews.question_views import bp as question_pages
from casemgr.privacy.reviews.views import bp as review_pages
from casemgr.privacy.rights import models as rights_models
from casemgr.privacy.rights import requests as rights_requests
from casemgr.privacy.rights.views import bp as rights
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
from casemgr.work import backups, collector, rekeying
from casemgr.work.receiver import read_receiver
from casemgr.work.worker import Handler, Periodic
from config import Settings

MODELS = (
    epochs,
    removal,
    backups,
    checkpoints,
    publishing,
    cases_attachments,
    cases_consent,
    cases_models,
    interop_models,
    detection_models,
    log_models,
    packed,
    privacy_models,
    rights_models,
    breach_models,
    dashboard_models,
    referrals_models,
    reviews_models,
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
    rights,
    detection_pages,
    breach_pages,
    dashboard,
    monthly_reports,
    statements,
    announcements,
    proof_pages,
    review_pages,
    question_pages,
    access_pages,
    directory,
    referrals,
    incoming,
)
HANDLERS: dict[str, Handler] = {
    erasures.CARRY_OUT: carrying_out.begin,
    notices.ESCALATE: notices.escalate,
    breach_recording.ESCALATE: breach_recording.escalate,
    **rekeying.HANDLERS,
    **numbers.HANDLERS,
    **detection_trials.HANDLERS,
}


def init_app(app: Flask) -> None:
    """Register every room."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    interop_views.init_app(app)
    proof.connect_watching(interop.watched)
    checkpoints.connect_tree(Tree)
    rollback.sources[:] = [_known_outside]
    panels.register("referrals", referrals_views.panel, "referrals/panel.html", order=30)
    panels.register("screenings", screenings_views.panel, "screenings/panel.html", order=20)
    if withdrawing.on_consent_withdrawn not in consenting.on_withdrawal:
        consenting.on_withdrawal.append(withdrawing.on_consent_withdrawn)
    connecting.connect()
    disclosing.tellers[:] = [referrals_disclosing.TELLER]
    erasing.belongings[:] = [referrals_erasing.on_erasure, screenings_erasing.on_erasure]


def _known_outside() -> Head | None:
    """A claim of a size without a root counts as another root: such a tree is behind, or not ours."""
    known = publishing.newest_known_outside()
    return Head(known.size, known.root or b"") if known else None


def periodic_rounds() -> list[Periodic]:
    """What the worker does again and again."""
    sender = publishing.Sender()
    return [
        *_forwarding(),
        Periodic("session-sweeper", timedelta(minutes=5), sessions.sweep),
        Periodic("file-sweeper", timedelta(hours=1), files.doom_unclaimed),
        Periodic("file-remover", timedelta(seconds=10), files.remove_doomed),
        Periodic("key-ring", timedelta(seconds=5), lambda _actor: the_keyring().refresh()),
        Periodic("sitting-eraser", timedelta(hours=1), screenings_erasing.erase_old),
        Periodic("key-remover", timedelta(seconds=10), removal.carry_out_removals),
        Periodic("eraser", timedelta(seconds=30), carrying_out.settle),  # after what it waits for
        Periodic("erasure-finisher", timedelta(hours=1), carrying_out.finish),
        Periodic("rights-clock", timedelta(hours=1), rights_requests.tell_late),
        Periodic("review-clock", timedelta(minutes=10), reviews.escalate_overdue),
        Periodic("access-review", timedelta(hours=1), reviews.begin_month),
        Periodic("cell-comparer", timedelta(hours=1), comparing.compare),
        Periodic(sums.ROUND, timedelta(minutes=1), sums.sum_days),
        Periodic("name-index", timedelta(0), packing.pack_names),
        Periodic("key-sweeper", timedelta(hours=1), note_unnamed, lambda _actor: sweep_unnamed()),
        Periodic(
            "log-signer",
            timedelta(seconds=60),
            head_signing.sign_when_grown,
            head_signing.remember,
        ),
        Periodic("checkpoint-sender", timedelta(seconds=10), sender.plan, sender.send),
        *detection.rounds(),
    ]


def _forwarding() -> list[Periodic]:
    """Sending the log to the collector that the settings name, if they do."""
    settings: Settings = current_app.extensions["settings"]
    if not settings.syslog:
        return []
    sending = collector.Collector(read_receiver(settings.syslog), settings.host)
    every = timedelta(seconds=5)
    return [Periodic(collector.NAME, every, sending.gather, sending.deliver)]
