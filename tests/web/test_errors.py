"""What goes wrong is answered calmly and tells nothing (I5)."""

import logging
from typing import NoReturn

import pytest
from flask import Flask, abort
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.exc import StaleDataError

from casemgr.access import Conflict, Denied, NotFound
from casemgr.web import errors
from tests import markup, page_rules

CANARY = "Lường Thị Bí Mật"


def raising(error: BaseException) -> NoReturn:
    raise error


@pytest.mark.parametrize("status", sorted(errors.PAGES))
def test_every_error_page_is_a_page_of_ours(bare: Flask, status: int) -> None:
    bare.add_url_rule("/x", view_func=lambda: abort(status, CANARY))
    answer = bare.test_client().get("/x")
    assert answer.status_code == status
    assert page_rules.faults(markup.read(answer.text)) == []
    assert CANARY not in answer.text


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Denied(CANARY), 403),
        (NotFound(CANARY), 404),
        (Conflict(CANARY), 409),
        (StaleDataError(CANARY), 409),
        (OperationalError(CANARY, {}, Exception(CANARY)), 503),
        (RuntimeError(CANARY), 500),
        (ValueError(CANARY), 500),
    ],
)
def test_neither_page_nor_log_tells_what_the_error_said(
    bare: Flask, caplog: pytest.LogCaptureFixture, error: Exception, status: int
) -> None:
    bare.add_url_rule("/x", view_func=lambda: raising(error))
    with caplog.at_level(logging.DEBUG):
        answer = bare.test_client().get("/x")
    assert answer.status_code == status
    assert CANARY not in answer.text + caplog.text
    assert (type(error).__name__ in caplog.text) == (status >= 500)
    assert all(record.exc_info is None for record in caplog.records)


def test_an_error_in_a_page_under_construction_is_no_different(bare: Flask) -> None:
    bare.add_url_rule("/x", view_func=lambda: bare.jinja_env.from_string("{{ nobody }}").render())
    assert bare.test_client().get("/x").status_code == 500


def test_error_pages_need_no_context_processor(bare: Flask) -> None:
    bare.context_processor(lambda: raising(OperationalError("", {}, Exception())))
    assert bare.test_client().get("/nowhere").status_code == 404


def test_a_form_without_its_token_is_refused(bare: Flask) -> None:
    bare.add_url_rule("/x", view_func=lambda: "done", methods=["POST"])
    answer = bare.test_client().post("/x", data={"name": CANARY})
    assert answer.status_code == 400
    assert CANARY not in answer.text


def test_a_wrong_method_keeps_the_list_of_right_ones(bare: Flask) -> None:
    bare.add_url_rule("/x", view_func=lambda: "done", methods=["POST"])
    answer = bare.test_client().get("/x")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_a_body_that_is_too_large_is_413(bare: Flask) -> None:
    from flask import request

    bare.config["MAX_CONTENT_LENGTH"] = 100
    bare.add_url_rule("/x", view_func=lambda: dict(request.form), methods=["POST"])
    answer = bare.test_client().post("/x", data={"name": "a" * 1000})
    assert answer.status_code == 413


def test_rarer_statuses_get_the_page_of_their_class(bare: Flask) -> None:
    bare.add_url_rule("/x", view_func=lambda: abort(415, CANARY))
    answer = bare.test_client().get("/x")
    assert answer.status_code == 415
    assert CANARY not in answer.text
