"""casemgr: confidential victim case management for hospitals. ``create_app`` sees every room."""

from flask import Flask
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from casemgr import cli, rooms, web
from casemgr.access import epochs, gate
from casemgr.accounts import sessions, views
from casemgr.accounts.service import DEPUTY_OFFICER
from casemgr.audit import change_guard, publishing
from casemgr.audit.outside.addresses import read_witnessed
from casemgr.audit.outside.ways import endpoints, ways_of
from casemgr.crypto.key_store import KeyStore
from casemgr.crypto.keyring import Keyring
from casemgr.crypto.process import keep_memory_private
from casemgr.crypto.providers import provider_for
from casemgr.crypto.providers.asking import asker
from casemgr.crypto.sealed_bytes import connect_arguments
from casemgr.db import db
from casemgr.db.session import PACKED_ABOVE, prepare
from casemgr.files.store import file_store_for
from casemgr.web import uploads
from config import Settings


def create_app(settings: Settings) -> Flask:
    """Build the application from frozen settings. Fails at once where something is missing."""
    keep_memory_private()
    app = Flask(__name__, template_folder="../templates", static_folder="web/static")
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(settings),
        TRUSTED_HOSTS=[settings.host],
        MAX_CONTENT_LENGTH=uploads.MEGABYTE,
        MAX_FORM_MEMORY_SIZE=uploads.MEGABYTE,
        MAX_FORM_PARTS=500,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a night shift must not lose a form
        WTF_CSRF_SSL_STRICT=False,  # Referrer-Policy is no-referrer; the token itself decides
        CASEMGR_DEMONSTRATION=settings.is_demonstration,
        ORIGIN=settings.public_origin,
        CASEMGR_LARGEST_FILE=settings.largest_file,
        PRODUCTION=settings.environment == "production",
    )
    app.extensions["keyring"] = _keyring(settings)
    app.extensions["file_store"] = file_store_for(settings.file_store)
    app.extensions["process"] = _process(settings)
    app.extensions["settings"] = settings  # for the commands that need the owner's role
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    app.request_class = uploads.Request
    app.session_interface = sessions.ServerSessions()
    db.init_app(app)
    with app.app_context():
        prepare(db.engine)
        change_guard.watch(db.engine)
    uploads.init_app(app)
    gate.init_app(
        app,
        load_actor=views.load_actor,
        finish=views.keep_session,
        make_ready=uploads.make_ready,
    )
    views.login_manager.init_app(app)
    CSRFProtect(app)
    web.init_app(app)
    rooms.init_app(app)
    cli.init_app(app)
    return app


def _outside(settings: Settings) -> dict[str, object]:
    """What signs the head of the log, and the ways by which it leaves this machine."""
    ways = ways_of(settings.checkpoints, settings.smtp)
    return publishing.configured(
        settings.log_key,
        settings.host,
        ways,
        endpoints(ways, settings.smtp),
        read_witnessed(settings.witnessed_logs),
        settings.database_files,
    )


def _keyring(settings: Settings) -> Keyring:
    provider = provider_for(
        settings.key_provider,
        ask=asker(settings.key_secret_file),
        apart_from=settings.database_files,
    )
    store = KeyStore(settings.key_store_url)
    store.newest_set = epochs.newest_set
    return Keyring(store, provider)


def _process(settings: Settings) -> dict[str, object]:
    """What services ask of the settings; each process keeps more there, such as the name index."""
    return {
        PACKED_ABOVE: settings.packed_above,
        DEPUTY_OFFICER: settings.deputy_officer,
        **_outside(settings),
    }


def _engine_options(settings: Settings) -> dict[str, object]:
    if settings.database_url.startswith("sqlite"):
        return {"connect_args": {"timeout": 15}}
    pool = {"pool_pre_ping": True, "pool_size": 10, "max_overflow": 5}
    return {**pool, "connect_args": connect_arguments(settings.database_url)}
