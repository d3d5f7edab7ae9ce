"""A hospital whose key file is its own, a folder for its backups, and a bare machine beside it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import Flask

from tests.plugins import databases as made
from tests.plugins.databases import Databases

if TYPE_CHECKING:
    from config import Settings

Start = Callable[["Settings"], Flask]


@dataclass(frozen=True)
class Said:
    """What a command printed, and how it ended."""

    code: int
    text: str


@pytest.fixture
def settings(settings: "Settings", tmp_path: Path) -> "Settings":
    """With a root of its own: it may be destroyed here."""
    from casemgr.crypto.providers.file import create_root

    create_root(tmp_path / "provider" / "root.key")
    return replace(settings, key_provider=f"file:{tmp_path / 'provider' / 'root.key'}")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backups"


@pytest.fixture
def bare(databases: Databases, tmp_path: Path, worker: str) -> Iterator[Databases]:
    """Two empty databases of the same kind: a machine on which nothing is yet."""
    (tmp_path / "bare").mkdir()
    yield from made.make(databases.kind, tmp_path / "bare", f"{worker}b")


@pytest.fixture
def start() -> Iterator[Start]:
    """Another start of the application, such as on another machine."""
    from casemgr import create_app
    from casemgr.db import db

    apps: list[Flask] = []

    def begin(settings: "Settings") -> Flask:
        apps.append(create_app(settings))
        return apps[-1]

    yield begin
    for app in apps:
        with app.app_context():
            engines = [*db.engines.values(), app.extensions["keyring"].store.engine]
        for engine in engines:
            engine.dispose()
