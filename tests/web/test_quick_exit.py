"""R19: away at once, nothing kept, and what stands there could hang on any wall."""

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient

from casemgr.web import quick_exit
from tests import markup, page_rules
from tests.conftest import ORIGIN

ASKING = """{% extends "layouts/person.html" %}
{% block progress %}1{% endblock %}
{% block question %}<h1>?</h1>{% endblock %}"""
TELLING = ("victim", "nạn nhân", "hồ sơ", "sàng lọc", "mua bán", "bạo lực", "công tác xã hội")


def test_leaving_ends_in_the_roster_and_empties_the_browser(client: FlaskClient) -> None:
    answer = client.post("/roster", base_url=ORIGIN)  # no token: it must never be refused
    assert (answer.status_code, answer.location) == (303, "/roster")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'


def test_leaving_ends_the_session_first(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[str] = []
    monkeypatch.setattr(quick_exit, "_on_leave", [lambda: ended.append("session")])
    client.post("/roster", base_url=ORIGIN)
    assert ended == ["session"]


def test_the_roster_is_a_page_of_its_own_that_tells_nothing(client: FlaskClient) -> None:
    answer = client.get("/roster", base_url=ORIGIN)
    page = markup.read(answer.text)
    assert answer.status_code == 200
    assert page_rules.faults(page) == []
    assert page.all("a") == page.all("form") == []
    body = page.all("body")[0].text.lower()
    assert [word for word in TELLING if word in body] == []


def test_a_page_for_a_person_carries_button_and_neutral_page(bare: Flask) -> None:
    bare.add_url_rule("/x", view_func=lambda: render_template_string(ASKING))
    text = bare.test_client().get("/x").text
    page = markup.read(text)
    assert page_rules.faults(page) == []
    forms = page.all("form", where=lambda e: "data-quick-exit" in e)
    assert [(f["method"], f["action"], f["data-quick-exit"]) for f in forms] == [
        ("post", "/roster", "/roster")
    ]
    assert 'id="quick-exit-page"' in text
