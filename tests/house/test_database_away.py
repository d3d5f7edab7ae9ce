"""The database goes away in the middle of the day, and comes back: plain pages, then work again."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from sqlalchemy import create_engine, make_url, text

from casemgr.db import db
from config import Settings
from tests.cast import Cast


def test_a_plain_page_and_a_clean_recovery(app: Flask, cast: Cast, settings: Settings) -> None:
    worker = cast.browser("worker")
    worker.get("/cases/")
    with _away(app, settings):
        page = worker.get("/cases/", status=503)
        assert "Traceback" not in page.text
        assert "OperationalError" not in page.text
        worker.get("/roster")  # the neutral page needs no database (R19)
    assert worker.get("/cases/").heading, "the session and the work go on without a restart"


@contextmanager
def _away(app: Flask, settings: Settings) -> Iterator[None]:
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite":
        with app.app_context():
            db.engine.dispose()
        path = Path(str(url.database))
        aside = path.rename(path.with_suffix(".aside"))
        path.mkdir()  # where the file was, nothing can be opened now
        try:
            yield
        finally:
            path.rmdir()
            aside.rename(path)
        return
    admin = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        name = url.database
        connection.execute(text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'))
        kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
        connection.execute(text(kill), {"name": name})
        try:
            yield
        finally:
            connection.execute(text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'))
    admin.dispose()


def test_an_oversized_body_is_refused(cast: Cast) -> None:
    """More than the limit: 413, a page of ours, and the next request works."""
    worker = cast.browser("worker")
    worker.post("/cases/search", {"text": "a" * (2 * 1024 * 1024)}, status=413)
    worker.get("/cases/")
