"""10,000 ORM rows of ten fields, nine short and one note of 450 bytes: sealed, plain, and peers.

The same session, the same engine, the same base class: the models differ in their ten fields only.
Sealed rows have a data key each, as cases do. Warm: the keys are in the session. Cold: as a request
meets them, with every key looked up, fetched from the key store and unwrapped first.
"""

import random
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import UUID

from sqlalchemy import String, delete, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from bench.name_search import GIVEN, MIDDLES, SURNAMES
from casemgr import create_app
from casemgr.access import Compartment
from casemgr.access.actor import system_actor
from casemgr.access.key_names import KeyName
from casemgr.access.opening import open_many
from casemgr.audit import Action, record
from casemgr.crypto.keyring import Keyring, OpenKeys
from casemgr.crypto.providers.file import create_root
from casemgr.crypto.sealed import OPEN_KEYS, SealedRecord
from casemgr.db import Model, Versioned, db, new_id, session
from casemgr.install import migrate
from config import load
from tests.plugins import databases

ROWS, NOTE_BYTES = 10_000, 450
FIELDS = ("name", "place", "born", "number", "phone", "hours", "tongue", "people", "code", "note")
FACILITY = new_id()
PART = Compartment.SOCIAL


class SealedRow(Model, Versioned):
    """The product's way: one record."""

    __tablename__ = "bench_sealed"
    __key_owner__ = "case_id"

    case_id: Mapped[UUID]
    record = SealedRecord(PART)
    name, place, born, number = record.text(), record.text(), record.text(), record.text()
    phone, hours, tongue, people = record.text(), record.text(), record.text(), record.text()
    code, note = record.text(), record.text()


def plain_fields(column_type: Any = String) -> dict[str, Any]:
    """Ten columns of their own."""
    return {name: mapped_column(name, column_type) for name in FIELDS}


class PlainRow(Model, Versioned):
    """No protection at all: the twin."""

    __tablename__ = "bench_plain"

    case_id: Mapped[UUID]
    locals().update(plain_fields())


def everything(row: Any) -> tuple[Any, ...]:
    """Read all ten fields."""
    return (
        row.name, row.place, row.born, row.number, row.phone,
        row.hours, row.tongue, row.people, row.code, row.note,
    )  # fmt: skip


class Place:
    """One pair of databases with the product around it, filled with the same people twice."""

    def __init__(self, pair: databases.Databases, folder: Path) -> None:
        create_root(folder / "root.key")
        settings = load(
            {
                "CASEMGR_ENVIRONMENT": "test",
                "CASEMGR_DATABASE_URL": pair.main_url,
                "CASEMGR_MIGRATION_DATABASE_URL": pair.main_url,
                "CASEMGR_KEY_STORE_URL": pair.keys_url,
                "CASEMGR_KEY_PROVIDER": f"file:{folder / 'root.key'}",
                "CASEMGR_SECRET_KEY": "for the benchmark only " * 3,
                "CASEMGR_PUBLIC_ORIGIN": "http://localhost:8000",
            }
        )
        migrate(settings, lambda _line: None)
        self.kind, self.app = pair.kind, create_app(settings)
        self.keyring: Keyring = self.app.extensions["keyring"]
        self.keyring.found_facility(FACILITY)
        self.actor = system_actor("bench", FACILITY)
        self.people = people(ROWS)
        self.keys = OpenKeys()
        with self.app.app_context():
            self._make()

    def _make(self) -> None:
        tables = [kind.__table__ for kind in (SealedRow, PlainRow)]
        Model.metadata.create_all(db.engine, tables=tables)  # type: ignore[arg-type]
        self.owners = [new_id() for _ in range(ROWS)]
        made: list[Any] = []
        with mock.patch.object(self.keyring.store, "add_pending", made.extend):
            names = [self._key(owner) for owner in self.owners]
        self.keyring.store.add_pending(made)
        session.execute(insert(KeyName), names)
        session.commit()
        for kind in (SealedRow, PlainRow):
            self.fill(kind)

    def _key(self, owner: UUID) -> dict[str, Any]:
        (key,) = self.keyring.new_keys(FACILITY, owner, [PART], [new_id()])
        self.keys.add(key)
        return {
            "id": key.id, "facility_id": FACILITY, "owner_id": owner,
            "compartment": PART, "generation": 1, "epoch": 1,
        }  # fmt: skip

    def fill(self, kind: Any) -> None:
        """Insert every person, as a service would: objects, one entry, one commit."""
        with self.app.app_context():
            session.info[OPEN_KEYS] = self.keys.copy()
            if kind is SealedRow:
                record(self.actor, Action.CASE_SHOWN)
            session.add_all(
                kind(facility_id=FACILITY, case_id=owner, **person)
                for owner, person in zip(self.owners, self.people, strict=True)
            )
            session.commit()

    def empty(self, kind: Any) -> None:
        """Take the rows away again."""
        with self.app.app_context():
            session.execute(delete(kind))
            session.commit()

    def read(self, kind: Any, touch: Callable[[Any], object] | None) -> None:
        """Load all rows and read of each what ``touch`` reads; the keys are there."""
        with self.app.app_context():
            session.info[OPEN_KEYS] = self.keys.copy()
            self._read(kind, touch)

    def read_cold(self, kind: Any) -> None:
        """Open every compartment first, as a page does."""
        with self.app.app_context():
            open_many(self.actor, self.owners, [PART])
            self._read(kind, everything)

    def _read(self, kind: Any, touch: Callable[[Any], object] | None) -> None:
        rows = session.scalars(select(kind)).all()
        assert len(rows) == ROWS
        if touch is not None:
            for row in rows:
                touch(row)


def people(count: int) -> list[dict[str, str]]:
    """Ten facts each, of the lengths that real ones have."""
    rng = random.Random(20261122)

    def person(number: int) -> dict[str, str]:
        note = "Đã gặp ở khoa, ổn định, hẹn gặp lại tuần sau. " * 20
        return {
            "name": f"{rng.choice(list(SURNAMES))} {rng.choice(list(MIDDLES))} {rng.choice(GIVEN)}",
            "place": f"Khu {rng.randint(1, 9)}, phường Cẩm Trung",
            "born": f"{rng.randint(1960, 2015)}-0{rng.randint(1, 9)}",
            "number": f"0002{number:08}",
            "phone": f"05{rng.randint(10**7, 10**8 - 1)}",
            "hours": "19:00-21:00",
            "tongue": rng.choice(["Kinh", "Tày", "Dao", "Sán Dìu"]),
            "people": rng.choice(["mẹ", "chị gái", "không ai"]),
            "code": f"BN-{number:06}",
            "note": note.encode()[:NOTE_BYTES].decode(errors="ignore"),
        }

    return [person(number) for number in range(count)]


@contextmanager
def place(kind: str) -> Iterator[Place]:
    """Databases of this kind with the product around them, removed afterwards."""
    with tempfile.TemporaryDirectory() as name:
        for pair in databases.make(kind, Path(name), "bench"):
            made = Place(pair, Path(name))
            yield made
            with made.app.app_context():
                db.engine.dispose()
            made.keyring.store.engine.dispose()
