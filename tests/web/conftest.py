"""A bare application: the face without database, gate or rooms."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask_wtf import CSRFProtect

from casemgr import web

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def bare() -> Flask:
    app = Flask(
        "bare",
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "casemgr" / "web" / "static"),
        static_url_path="/static",
    )
    app.config.update(
        SECRET_KEY="for tests only", CASEMGR_DEMONSTRATION=True, CASEMGR_LARGEST_FILE=50
    )
    CSRFProtect(app)
    web.init_app(app)
    return app


@pytest.fixture
def vietnamese(bare: Flask) -> Iterator[Flask]:
    with bare.test_request_context("/"):
        yield bare
