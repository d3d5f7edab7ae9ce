"""Every answer carries the headers, whatever kind of answer it is (I5, I6)."""

import pytest
from flask import Flask

WANTED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
}


def policy(header: str) -> dict[str, list[str]]:
    parts = [part.split() for part in header.split(";")]
    return {part[0]: part[1:] for part in parts}


@pytest.mark.parametrize(
    ("path", "status"),
    [("/ok", 200), ("/boom", 500), ("/nowhere", 404), ("/static/js/start.js", 200), ("/away", 302)],
)
def test_headers_on_every_answer(bare: Flask, path: str, status: int) -> None:
    bare.add_url_rule("/ok", view_func=lambda: "ok")
    bare.add_url_rule("/boom", "boom", view_func=lambda: str(1 / 0))
    bare.add_url_rule("/away", "away", view_func=lambda: ("", 302, {"Location": "/ok"}))
    answer = bare.test_client().get(path)
    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in WANTED} == WANTED
    assert (answer.headers.get("Cache-Control") == "no-store") == (not path.startswith("/static"))
    answer.close()


def test_nothing_inline_and_nothing_from_elsewhere(bare: Flask) -> None:
    header = bare.test_client().get("/nowhere").headers["Content-Security-Policy"]
    rules = policy(header)
    assert rules["default-src"] == rules["base-uri"] == rules["frame-ancestors"] == ["'none'"]
    assert rules["script-src"] == rules["style-src"] == rules["form-action"] == ["'self'"]
    assert {source for sources in rules.values() for source in sources} == {"'none'", "'self'"}


def test_a_view_cannot_loosen_them(bare: Flask) -> None:
    loose = {"Content-Security-Policy": "default-src *", "Cache-Control": "public"}
    bare.add_url_rule("/ok", view_func=lambda: ("ok", 200, loose))
    answer = bare.test_client().get("/ok")
    assert "*" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_strict_transport_only_over_tls(bare: Flask) -> None:
    client = bare.test_client()
    assert "Strict-Transport-Security" not in client.get("/nowhere").headers
    assert "Strict-Transport-Security" in client.get("/nowhere", base_url="https://x").headers
