"""The demonstration's accounts, whose passwords were printed, must never open a hospital's door."""

from dataclasses import replace

from casemgr import create_app
from casemgr.access.actor import system_actor
from casemgr.audit import Action, record
from casemgr.db import db
from config import Settings
from tests.cast import Cast


def test_production_answers_nothing_over_a_demonstration(cast: Cast, settings: Settings) -> None:
    production = replace(settings, environment="production")
    assert _status_of_sign_in(production) == 200
    with cast.acting():
        loader = system_actor("tests", cast.facility_id, "command")
        record(loader, Action.DEMONSTRATION_LOADED)
    assert _status_of_sign_in(production) == 500


def _status_of_sign_in(settings: Settings) -> int:
    """What a server just started answers; its databases are closed again."""
    app = create_app(settings)
    status = app.test_client().get("/sign-in", base_url="http://localhost:8000").status_code
    with app.app_context():
        db.engine.dispose()
    app.extensions["keyring"].store.engine.dispose()
    return status
