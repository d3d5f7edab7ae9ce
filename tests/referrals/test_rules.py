"""Dates, bands, marks: expected values from domain §5.9, §6 and R22."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from casemgr.cases.rules import Group
from casemgr.crypto.partial_date import PartialDate
from casemgr.directory.rules import Service
from casemgr.referrals import rules, wording
from casemgr.referrals.facts import FACTS, MINIMAL, FactKey
from casemgr.web import pdf
from casemgr.web.locale import official_day
from casemgr.web.pdf import OutsideAddress


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 12, 5), "ngày 05 tháng 12 năm 2026"),  # domain §5.9's own example
        (date(2026, 2, 28), "ngày 28 tháng 02 năm 2026"),
        (date(2026, 1, 1), "ngày 01 tháng 01 năm 2026"),
        (date(2026, 3, 10), "ngày 10 tháng 3 năm 2026"),
        (date(2026, 7, 3), "ngày 03 tháng 7 năm 2026"),
    ],
)
def test_leading_zeros_for_days_below_ten_and_the_first_two_months(day: date, words: str) -> None:
    assert official_day(day) == words


def test_the_mark_of_a_phieu_chuyen() -> None:
    assert rules.letter_mark("BVĐKCP-CTXH") == "PC-BVĐKCP"


@pytest.mark.parametrize(
    ("born", "words"),
    [
        ("2021-01-01", "Dưới 6 tuổi"),
        ("2020-11-22", "Từ 6 đến dưới 12 tuổi"),
        ("2010-11-23", "Từ 12 đến dưới 16 tuổi"),
        ("2010-11-22", "Từ 16 đến dưới 18 tuổi"),
        ("2008-11-22", "Từ 18 đến dưới 25 tuổi"),
        ("2008", "Từ 16 đến dưới 18 tuổi"),  # only the year: counted as its last day
        ("1966-11-22", "Từ 60 tuổi trở lên"),
    ],
)
def test_age_bands_of_the_report(born: str, words: str) -> None:
    band = rules.age_band(PartialDate.parse(born), date(2026, 11, 22))
    assert wording.band(*band) == words


def test_asking_again_at_three_and_seven_days() -> None:
    sent = datetime(2026, 11, 22, 3, tzinfo=UTC)
    assert rules.next_chase(sent, sent) == sent + timedelta(days=3)
    assert rules.next_chase(sent, sent + timedelta(days=3)) == sent + timedelta(days=7)
    assert rules.next_chase(sent, sent + timedelta(days=7)) is None


def test_everything_that_can_be_said_has_its_words() -> None:
    assert set(wording.SERVICES) == set(Service)
    assert set(FACTS) == set(FactKey)
    assert FactKey.FULL_NAME not in MINIMAL
    assert FactKey.PHONE not in MINIMAL


STATIC = Path(pdf.__file__).with_name("static")


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/static/css/letter.css",
        "https://print.invalid/static/css/letter.css",
        "file:///etc/passwd",
        "data:text/css,a",
        "http://print.invalid/static/../views.py",
        "http://print.invalid/static/%2e%2e/views.py",
        "http://print.invalid/static/css/missing.css",
        "http://print.invalid/other",
    ],
)
def test_a_letter_fetches_nothing_but_our_static_files(url: str) -> None:
    with pytest.raises(OutsideAddress):
        pdf.own_file(url, STATIC)


def test_a_letter_fetches_its_own_style() -> None:
    found = pdf.own_file("http://print.invalid/static/css/letter.css", STATIC)
    assert found == STATIC / "css" / "letter.css"


@pytest.mark.skipif(pdf.obstacle() is not None, reason="no PDF here: Pango is missing")
def test_a_letter_that_asks_for_something_outside_is_not_made() -> None:
    html = '<title>x</title><img src="http://example.org/a.png">'
    with pytest.raises(BaseException, match="Error fetching"):
        pdf.pdf(html, STATIC)


def test_the_letter_has_words_for_every_group() -> None:
    """A case outside the trafficking law (P9) is referred like any other."""
    assert set(wording.GROUPS) == set(Group)
