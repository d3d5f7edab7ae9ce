"""The real application on a port of its own, and one Chromium with a window per person."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import make_server

from casemgr.access.actor import system_actor
from casemgr.db import session
from casemgr.directory.service import seed
from tests.browser.person import Person
from tests.cast import PASSWORD, Cast
from tests.plugins.chromium import QUIET

WIDTHS = (360, 768, 1440)


@pytest.fixture
def hospital(app: Flask) -> Iterator[str]:
    """A founded hospital with its staff and directory, answering on localhost."""
    cast = Cast(app)
    with app.app_context():
        seed(system_actor("tests", cast.facility_id, "command"))
        session.commit()
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def windows(chromium: str) -> Iterator[Any]:
    """A browser in which everybody gets cookies of their own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=chromium, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture
def enter(hospital: str, windows: Any) -> "Any":
    """``enter("nurse")`` signs somebody in through the real page, in Vietnamese."""

    def sign_in(name: str) -> Person:
        context = windows.new_context(locale="vi-VN", viewport={"width": 1440, "height": 900})
        person = Person(context.new_page(), hospital)
        person.go("/sign-in")
        person.fill("Tên đăng nhập", name)
        person.fill("Mật khẩu", PASSWORD)
        person.press("Đăng nhập")
        return person

    return sign_in
