"""A request that names another host: a plain page with the right address, and our headers."""

from flask import Flask


def test_another_host_is_told_the_address(app: Flask) -> None:
    for base in ("http://127.0.0.1:8000", "http://evil.example"):
        answer = app.test_client().get("/cases/", base_url=base)
        assert answer.status_code == 400
        assert "http://localhost:8000" in answer.text
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
