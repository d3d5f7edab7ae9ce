"""I5: nothing that a request carried reaches the web server's log."""

import logging
import runpy

import pytest

from casemgr.serve import ROOT

CONFIG = runpy.run_path(str(ROOT / "gunicorn.conf.py"))
CANARY = "NguyenThiBaoMat"


def _logged(message: str, *args: object, error: Exception | None = None) -> str:
    facts = (type(error), error, None) if error else None
    record = logging.LogRecord("gunicorn.error", logging.ERROR, "", 0, message, args, facts)
    assert CONFIG["Discreet"]().filter(record) is True
    return logging.Formatter().format(record)


@pytest.mark.parametrize(
    ("message", "args"),
    [
        ("Error handling request %s %s", ("GET", f"/cases?q={CANARY}")),
        ("Error handling request %s", (f"/cases#{CANARY}",)),
        (f"Invalid request from ip=10.0.0.1: Invalid HTTP header: 'x: {CANARY}'", ()),
        (f"Invalid request from ip=10.0.0.1: '{CANARY}\r\n{CANARY}'", ()),
    ],
)
def test_query_and_headers_are_cut(message: str, args: tuple[object, ...]) -> None:
    logged = _logged(message, *args)
    assert CANARY not in logged
    assert logged.startswith(message[:20])


def test_an_error_is_named_without_its_words() -> None:
    logged = _logged("Error handling request", error=ValueError(CANARY))
    assert logged == "Error handling request (ValueError)"


def test_why_the_program_could_not_start_is_told_in_full() -> None:
    logged = _logged("Exception in worker process", error=RuntimeError("settings"))
    assert "RuntimeError: settings" in logged


def test_no_request_is_logged_and_there_is_no_second_way_in() -> None:
    assert CONFIG["accesslog"] is None
    assert CONFIG["control_socket_disable"] is True
    assert CONFIG["bind"].startswith("127.0.0.1:")
