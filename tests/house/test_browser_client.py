"""The test client sends what the page really offers, so that a missing field cannot be hidden."""

import pytest
from flask import Flask, request

from tests.client import Browser, Page

FORM = """<!DOCTYPE html><html lang="vi"><head><title>Sổ công tác</title></head><body><main>
<h1>Mẫu</h1><form method="post" action="/send"><input type="hidden" name="csrf_token" value="t1">
<label>Tên <input name="name" value="An"></label>
<label>Ghi chú <textarea name="note">\ncũ</textarea></label>
<label>Khoa <select name="ward"><option value="san">Sản</option><option selected>Nhi</option>
</select></label>
<label><input type="checkbox" name="agree" value="yes"> Đồng ý</label>
<button name="act" value="keep">Lưu<span class="govuk-visually-hidden"> mẫu</span></button>
<button name="act" value="drop">Bỏ</button></form></main></body></html>"""


@pytest.fixture
def page() -> Page:
    app = Flask(__name__)
    app.add_url_rule("/", "form", lambda: FORM)
    app.add_url_rule("/send", "send", lambda: dict(request.form.lists()), methods=["POST"])
    return Browser(app.test_client()).get("/")


def test_untouched_fields_and_the_token_are_sent(page: Page) -> None:
    sent = page.submit(button="Lưu", name="Bình").response.json
    assert sent == {
        "csrf_token": ["t1"],
        "name": ["Bình"],
        "note": ["cũ"],
        "ward": ["Nhi"],
        "act": ["keep"],
    }


def test_boxes_and_the_pressed_button_are_sent(page: Page) -> None:
    sent = page.submit(button="Bỏ", agree=True, ward="san").response.json
    assert sent is not None
    assert (sent["agree"], sent["ward"], sent["act"]) == (["yes"], ["san"], ["drop"])


@pytest.mark.parametrize("typed", [{"unknown": "1"}, {"ward": "noi"}, {"name": True}])
def test_what_the_form_does_not_offer_cannot_be_sent(page: Page, typed: dict[str, object]) -> None:
    with pytest.raises(AssertionError):
        page.submit(typed, button="Lưu")


def test_a_page_with_a_fault_is_refused() -> None:
    app = Flask(__name__)
    app.add_url_rule("/", "bad", lambda: FORM.replace("<h1>Mẫu</h1>", ""))
    with pytest.raises(AssertionError, match="one h1"):
        Browser(app.test_client()).get("/")
