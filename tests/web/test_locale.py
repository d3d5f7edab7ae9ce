"""Vietnamese first, English by a switch, dates as people write them (domain §5.8)."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from flask import Flask, session
from flask.testing import FlaskClient
from flask_babel import gettext, lazy_gettext
from markupsafe import escape
from werkzeug.datastructures import MultiDict

from casemgr.crypto.partial_date import PartialDate
from casemgr.web import locale
from casemgr.web.fields import Choice, Text
from casemgr.web.forms import BaseForm
from tests.cast import Cast
from tests.client import Browser

pytestmark = pytest.mark.usefixtures("vietnamese")
LATE = datetime(2026, 11, 21, 18, 30, tzinfo=UTC)  # half past one the next day at the hospital


def test_moments_are_told_at_the_hospital() -> None:
    assert locale.moment(LATE) == "22/11/2026 01:30"
    assert locale.day(LATE) == "22/11/2026"
    assert locale.day(date(2026, 2, 1)) == "01/02/2026"
    assert locale.time_of_day(LATE) == "01:30"
    assert (locale.day(None), locale.moment(None)) == ("", "")


@pytest.mark.parametrize(
    ("known", "shown"),
    [("2009-03-14", "14/03/2009"), ("2009-03", "03/2009"), ("2009", "2009")],
)
def test_partial_dates_show_what_is_known(known: str, shown: str) -> None:
    assert locale.partial_date(PartialDate.parse(known)) == shown


def test_numbers_and_money() -> None:
    assert locale.number(Decimal("1234.5")) == "1.234,5"
    assert locale.money(1_234_000) == "1.234.000 đ"
    session["locale"] = "en"
    assert locale.number(Decimal("1234.5")) == "1,234.5"


@pytest.mark.parametrize(
    ("address", "leads"),
    [
        ("/static/x?page=2", "/static/x?page=2"),
        ("//elsewhere.example/", "/"),
        ("https://elsewhere.example/", "/"),
        ("/\\elsewhere.example", "/"),
        ("/language", "/"),  # can be sent, not read
        ("/nowhere", "/"),
        ("", "/"),
    ],
)
def test_the_switch_leads_only_to_our_own_pages(address: str, leads: str) -> None:
    assert locale.own_page(address) == leads


def test_an_unknown_language_is_vietnamese() -> None:
    session["locale"] = "xx"
    assert locale.language() == "vi"


def test_lazy_text_does_not_smuggle_markup() -> None:
    typed = lazy_gettext("Case %(code)s", code="<b>")
    assert "<b>" not in escape(typed)


def test_framework_messages_are_vietnamese() -> None:
    class Sheet(BaseForm):
        name = Text("Họ và tên", required=True)
        ward = Choice("Khoa", {"ob": "Sản"}, required=True)

    form = Sheet(formdata=MultiDict({"ward": "elsewhere"}), meta={"csrf": False})
    form.validate()
    assert form.summary() == [
        {"text": "Họ và tên: Hãy ghi nội dung", "href": "#name"},
        {"text": "Khoa: Hãy chọn một câu trả lời", "href": "#ward"},
    ]
    assert gettext("Day") == "Ngày"


def test_no_page_shows_an_untranslated_framework_word() -> None:
    words = [
        "There is a problem",
        "Not a valid choice.",
        "This field is required.",
        "Month",
        "Year",
    ]
    assert [word for word in words if gettext(word) == word and word != words[0]] == []


def test_the_switch_keeps_the_language_for_the_session(app: Flask, client: FlaskClient) -> None:
    Cast(app)
    page = Browser(client).get("/sign-in")
    assert page.tree.all("html")[0]["lang"] == "vi"
    english = page.submit(button="English")
    assert english.path == "/sign-in"
    assert english.tree.all("html")[0]["lang"] == "en"
    assert english.submit(button="Tiếng Việt").tree.all("html")[0]["lang"] == "vi"
