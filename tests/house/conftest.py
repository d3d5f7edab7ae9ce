"""The small hospital with one of everything."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cast import Cast
    from tests.house.hospital import Hospital
    from tests.house.log_forging import Log
    from tests.plugins.databases import Databases


@pytest.fixture
def hospital(cast: "Cast") -> "Hospital":
    from tests.house.hospital import found

    return found(cast)


@pytest.fixture(scope="module")
def log(
    request: pytest.FixtureRequest,
    databases: "Databases",
    key_file: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> "Iterator[Log]":
    """A log of the file's COUNT entries that no test changes: all of them roll back."""
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    from casemgr import create_app
    from casemgr.db import db
    from tests.cast import Cast
    from tests.conftest import settings_of
    from tests.house.log_forging import Log, fill

    databases.restore()
    app = create_app(settings_of(databases, key_file, tmp_path_factory.mktemp("files")))
    people = Cast(app)
    fill(people, request.module.COUNT)
    engine = create_engine(databases.main_url, poolclass=NullPool)
    yield Log(people, engine)
    with app.app_context():
        engines = [engine, *db.engines.values(), app.extensions["keyring"].store.engine]
    for each in engines:
        each.dispose()
