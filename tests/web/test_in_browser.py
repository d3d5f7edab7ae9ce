"""What only a browser can show: quick exit, the policy, no sideways scrolling at any width."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, render_template_string
from werkzeug.serving import make_server

from tests.cast import Cast
from tests.plugins.chromium import QUIET

pytestmark = pytest.mark.browser
SECRET = "Câu hỏi riêng tư"
ASKING = f"""{{% extends "layouts/person.html" %}}
{{% block progress %}}1{{% endblock %}}
{{% block question %}}<h1 class="govuk-heading-l">{SECRET}</h1>{{% endblock %}}"""
WIDE = """{% extends "layouts/staff.html" %}
{% from "components/table.html" import table, row %}
{% block content %}<h1>Danh sách</h1>{% call table("Hồ sơ", ["Một", "Hai", "Ba", "Bốn", "Năm"]) %}
{{ row(["CP-7Q4M2K", "Nguyễn Thị Quỳnh Ngọc", "Đang hỗ trợ", "Tổ Công tác xã hội", "22/11/2026"]) }}
{% endcall %}{% endblock %}"""


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The real application on a port of its own."""
    Cast(app)
    app.add_url_rule("/asking", "asking", lambda: render_template_string(ASKING))
    app.add_url_rule("/wide", "wide", lambda: render_template_string(WIDE))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(chromium: str) -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=chromium, args=list(QUIET))
        yield browser.new_page()
        browser.close()


def test_esc_three_times_leaves_at_once(page: Any, address: str) -> None:
    page.goto(f"{address}/asking")
    for _ in range(2):
        page.keyboard.press("Escape")
    assert SECRET in page.inner_text("body")
    page.keyboard.press("Escape")
    assert SECRET not in page.inner_text("body")
    page.wait_for_selector("body:not(.js-enabled) h1")  # the server's own roster has no scripts
    assert page.url == f"{address}/roster"
    assert page.title() == "Sổ công tác"
    page.go_back()
    assert SECRET not in page.inner_text("body")


def test_the_button_clears_the_screen_without_a_network(page: Any, address: str) -> None:
    page.goto(f"{address}/asking")
    page.context.set_offline(True)
    page.click("[data-quick-exit] button")
    page.wait_for_timeout(300)
    assert SECRET not in page.content()
    assert page.locator("table").count() == 1
    assert page.url == f"{address}/roster"


def test_nothing_scrolls_sideways_and_nothing_breaks_the_policy(page: Any, address: str) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    for path in ("/asking", "/wide", "/roster", "/sign-in"):
        page.goto(address + path)
        page.evaluate("document.fonts.ready")
        assert page.evaluate("document.fonts.check('600 16px \"Be Vietnam Pro\"', 'Ễ')")
        for width in (360, 720, 768, 1440):  # 720 is 1440 at 200 % zoom
            page.set_viewport_size({"width": width, "height": 800})
            widest, shown = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
            assert widest <= shown, (path, width)
    assert said == []


def test_paper_shows_only_the_content(page: Any, address: str) -> None:
    page.goto(f"{address}/wide")
    page.emulate_media(media="print")
    assert not page.locator(".casemgr-header").is_visible()
    assert not page.locator(".casemgr-footer").is_visible()
    assert page.locator("h1").is_visible()
