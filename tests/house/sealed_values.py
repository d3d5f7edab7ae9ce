"""Everything sealed in the databases, opened: what may never become less when keys change."""

from collections.abc import Iterator
from typing import Any

from flask import Flask
from sqlalchemy import literal, select

from casemgr.access import Compartment
from casemgr.access.actor import system_actor
from casemgr.access.key_names import KeyName
from casemgr.access.opening import apart, open_many
from casemgr.crypto.errors import CompartmentClosed, SealBroken
from casemgr.crypto.keyring import Keyring
from casemgr.crypto.sealed import OPEN_KEYS
from casemgr.db import session
from tests.house import sealed_models

UNREADABLE = "unreadable"


def new_process(app: Flask) -> None:
    """Forget everything that a process holds in memory, as if it were started now."""
    old: Keyring = app.extensions["keyring"]
    app.extensions["keyring"] = Keyring(old.store, old.provider)
    app.extensions["process"] = {}


def opened(app: Flask) -> dict[str, Any]:
    """The content of every sealed cell by its place, opened as a process started now would."""
    new_process(app)
    with app.app_context():
        found = dict(_cells())
        session.rollback()
    return found


def _cells() -> Iterator[tuple[str, Any]]:
    names = session.execute(select(KeyName.facility_id, KeyName.owner_id).distinct()).all()
    with apart():
        for facility_id in {name.facility_id for name in names}:
            owners = [name.owner_id for name in names if name.facility_id == facility_id]
            open_many(system_actor("tests", facility_id), owners, list(Compartment))
        keys = session.info[OPEN_KEYS]
        for kind, record in sealed_models.records():
            owner = getattr(kind, getattr(kind, "__key_owner__", "id"))
            column = getattr(kind, record.column)
            part = getattr(kind, record.by_column) if record.by_column else literal("")
            for row_id, owner_id, named, sealed in session.execute(
                select(kind.id, owner, part, column).where(column.is_not(None))
            ):
                place = f"{kind.__tablename__}.{record.column} {row_id}"
                if sealed is None:  # its owner may have no key at all
                    yield place, {}
                    continue
                try:
                    yield place, record.read(row_id, owner_id, sealed, keys, named)
                except (SealBroken, CompartmentClosed):  # no key, or none named any more
                    yield place, UNREADABLE
