import pytest
from flask import Flask
from werkzeug.exceptions import NotFound

from casemgr.web.pagination import Page, page_number


def test_a_page_knows_where_it_stands() -> None:
    page = Page(["x"] * 37, number=9, total=437)
    assert (page.last, page.first_shown, page.last_shown) == (9, 401, 437)
    assert Page([], number=1, total=0).last == 1
    assert Page([], number=1, total=0).first_shown == 0
    assert Page([], number=1, total=50).last == 1
    assert Page([], number=1, total=51).last == 2


def test_gaps_are_told() -> None:
    assert Page([], number=5, total=450).numbers() == [1, None, 3, 4, 5, 6, 7, None, 9]
    assert Page([], number=1, total=60).numbers() == [1, 2]


@pytest.mark.parametrize("text", ["0", "-1", "x", "1.5", "٣", "9999999", ""])
def test_no_other_page_numbers(bare: Flask, text: str) -> None:
    with bare.test_request_context(f"/?page={text}"), pytest.raises(NotFound):
        page_number()
