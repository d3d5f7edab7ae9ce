"""A migrated hospital on either database, for benchmarks that run the product's own code."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from casemgr import create_app
from casemgr.crypto.providers.file import create_root
from casemgr.db import db
from casemgr.install import migrate
from config import load
from tests.cast import ORIGIN
from tests.plugins import databases
from tests.plugins.databases import Databases

KINDS = ("sqlite", "postgresql")


@contextmanager
def hospital(kind: str) -> Iterator[tuple[Flask, Databases]]:
    """The app and its databases, removed afterwards. PostgreSQL: as the tests find it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "databases").mkdir()  # the key file must not lie beside them
        for pair in databases.make(kind, folder / "databases", "bench"):
            app = _app(pair, folder)
            yield app, pair
            with app.app_context():
                db.engine.dispose()
            app.extensions["keyring"].store.engine.dispose()


def _app(pair: Databases, folder: Path) -> Flask:
    root = folder / "provider" / "root.key"
    root.parent.mkdir(mode=0o700)
    create_root(root)
    settings = load(
        {
            "CASEMGR_ENVIRONMENT": "test",
            "CASEMGR_DATABASE_URL": pair.main_url,
            "CASEMGR_MIGRATION_DATABASE_URL": pair.main_url,
            "CASEMGR_KEY_STORE_URL": pair.keys_url,
            "CASEMGR_KEY_PROVIDER": f"file:{root}",
            "CASEMGR_FILE_STORE": f"file:{folder / 'files'}",
            "CASEMGR_SECRET_KEY": "for the benchmark only " * 3,
            "CASEMGR_PUBLIC_ORIGIN": ORIGIN,
        }
    )
    migrate(settings, lambda _line: None)
    return create_app(settings)
