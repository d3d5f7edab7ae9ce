"""(c) ORM rows of ten fields, nine short and one note of 450 bytes: sealed, plain, and by peers.

The same session, engine and base class: the models differ in their ten fields only. A sealed row
has a data key of its own, as a case has. Warm: the keys are open in the session. Cold: as a request
meets them; every key is looked up by name, fetched from the key store and unwrapped first.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock
from uuid import UUID

from flask import Flask
from sqlalchemy import Table, Text, create_engine, delete, insert, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from bench import peers
from bench.hospitals import KINDS, hospital
from bench.measuring import ROUNDS, Race, Runner, race
from bench.name_search import GIVEN, MIDDLES, SURNAMES
from casemgr.access import Compartment
from casemgr.access.actor import system_actor
from casemgr.access.key_names import KeyName
from casemgr.access.opening import open_many
from casemgr.audit import Action, record
from casemgr.audit.change_guard import PLANTED
from casemgr.crypto.at_once import open_all
from casemgr.crypto.keyring import Keyring, OpenKeys
from casemgr.crypto.sealed import OPEN_KEYS, SealedRecord
from casemgr.db import Model, Versioned, db, new_id, session
from tests.planting import planted

ROWS, PEER_ROWS, NOTE_BYTES = 10_000, 1_000, 450
FIELDS = ("name", "place", "born", "number", "phone", "hours", "tongue", "people", "code", "note")
BARS = {"sqlite": {"warm": 1.2}, "postgresql": {"warm": 1.4, "cold": 1.9}}
NONE_READ, INSERTED = 0.8, 1.0
FACILITY, PART = new_id(), Compartment.SOCIAL


class SealedRow(Model, Versioned):
    """The product's way: one record."""

    __tablename__ = "bench_sealed"
    __key_owner__ = "case_id"

    case_id: Mapped[UUID]
    facts = SealedRecord(PART)
    name, place, born, number = facts.text(), facts.text(), facts.text(), facts.text()
    phone, hours, tongue, people = facts.text(), facts.text(), facts.text(), facts.text()
    code, note = facts.text(), facts.text()


def _of_columns(table: str, column_type: Any) -> type[Model]:
    """A model whose ten fields are columns of this type."""
    fields = {name: mapped_column(name, column_type) for name in FIELDS}
    own = {"__tablename__": table, "case_id": mapped_column(), "__annotations__": {}}
    own["__annotations__"] = {"case_id": Mapped[UUID]}
    return type(table, (Model, Versioned), {**own, **fields, "__module__": __name__})


Plain = _of_columns("bench_plain", Text)
PEERS = {
    name: _of_columns(f"bench_{number}", column)
    for number, (name, column) in enumerate({**peers.COLUMNS, **peers.PGCRYPTO}.items())
}


def everything(row: Any) -> tuple[Any, ...]:
    """Read all ten fields."""
    return (
        row.name, row.place, row.born, row.number, row.phone,
        row.hours, row.tongue, row.people, row.code, row.note,
    )  # fmt: skip


class Place:
    """One pair of databases with the product around it, and people with a data key each."""

    def __init__(self, app: Flask, kind: str) -> None:
        self.app, self.kind = app, kind
        self.keyring: Keyring = app.extensions["keyring"]
        self.keyring.found_facility(FACILITY)
        self.actor = system_actor("bench", FACILITY)
        self.people = people(ROWS)
        self.owners = [new_id() for _ in range(ROWS)]
        self.keys = OpenKeys()
        self.peers = {
            name: model
            for name, model in PEERS.items()
            if kind == "postgresql" or name not in peers.PGCRYPTO
        }
        with app.app_context():
            self._make()
            self.stock = create_engine(db.engine.url)

    def _make(self) -> None:
        if self.kind == "postgresql":
            session.execute(text("CREATE EXTENSION IF NOT EXISTS pgcrypto"))
            session.commit()
        tables = [_table(model) for model in (SealedRow, Plain, *self.peers.values())]
        Model.metadata.create_all(db.engine, tables=tables)
        made: list[Any] = []
        with mock.patch.object(self.keyring.store, "add_pending", made.extend):
            names = [self._key(owner) for owner in self.owners]
        self.keyring.store.add_pending(made)
        with planted(session()):
            session.execute(insert(KeyName), names)
            session.commit()

    def _key(self, owner: UUID) -> dict[str, Any]:
        (key,) = self.keyring.new_keys(FACILITY, owner, [PART], [new_id()])
        self.keys.add(key)
        return {
            "id": key.id, "facility_id": FACILITY, "owner_id": owner,
            "compartment": PART, "generation": 1,
        }  # fmt: skip

    def fill(self, model: Any, count: int = ROWS) -> None:
        """Insert people as a service would: objects, one commit; one entry where it is sealed."""
        with self.app.app_context():
            session.info[OPEN_KEYS] = self.keys.copy()
            if model is SealedRow:
                record(self.actor, Action.CASE_SHOWN)
            else:  # no table of the product: nothing asks for an entry but our own check
                session.info[PLANTED] = True
            session.add_all(
                model(facility_id=FACILITY, case_id=owner, **person)
                for owner, person in zip(self.owners[:count], self.people, strict=False)
            )
            session.commit()

    def empty(self, model: Any) -> None:
        """Take the rows away again."""
        with self.app.app_context(), planted(session()):
            session.execute(delete(model))
            session.commit()

    def read(self, model: Any, touch: Callable[[Any], object] | None = everything) -> None:
        """Load all rows and read of each what ``touch`` reads; the keys are there."""
        with self.app.app_context():
            session.info[OPEN_KEYS] = self.keys.copy()
            _read(model, touch)

    def read_plain_text(self) -> None:
        """All plain rows and their fields, in the results that SQLAlchemy asks for by itself."""
        with Session(self.stock) as reading:
            for row in reading.scalars(select(Plain)).all():
                everything(row)

    def read_cold(self) -> None:
        """Open every row's compartment first, as a page does."""
        with self.app.app_context():
            open_many(self.actor, self.owners, [PART])
            _read(SealedRow, everything)


def _read(model: Any, touch: Callable[[Any], object] | None) -> None:
    rows = session.scalars(select(model)).all()
    if model is SealedRow and touch is everything:
        open_all(SealedRow.facts, rows)  # as a list does that shows all of every row
    if touch is not None:
        for row in rows:
            touch(row)


def _table(model: Any) -> Table:
    table: Table = model.__table__
    return table


@contextmanager
def place(kind: str) -> Iterator[Place]:
    """Databases of this kind with the product around them, removed afterwards."""
    with hospital(kind) as (app, _pair):
        made = Place(app, kind)
        yield made
        made.stock.dispose()


def run(full: bool) -> list[Race]:
    """On both databases: reading, inserting, and the peers (with ``full`` ten times the rows)."""
    races = []
    for kind in KINDS:
        with place(kind) as made:
            races += [_inserting(made), _reading(made), _beside_peers(made, full=full)]
    return races


def _reading(made: Place) -> Race:
    bars = BARS[made.kind]
    warm, cold = "sealed, all ten, keys open", "sealed, all ten, each key fetched and unwrapped"
    runners = [
        *_twins(made),
        Runner(warm, lambda: made.read(SealedRow), bars.get("warm")),
        Runner(cold, made.read_cold, bars.get("cold")),
        Runner("sealed, two", lambda: made.read(SealedRow, lambda row: (row.name, row.born))),
        Runner("sealed, none", lambda: made.read(SealedRow, None), NONE_READ),
    ]
    return race(f"{ROWS} rows of ten fields, {made.kind}", runners, times=1, rounds=2 * ROUNDS + 1)


def _twins(made: Place) -> list[Runner]:
    """Plaintext as a team would read it. The first one is the twin.

    On PostgreSQL our engine asks for binary results, because sealed values are bytes; the twin
    reads what SQLAlchemy asks for by itself, and our engine's plaintext stands beside it.
    """
    ours = Runner("plaintext, all ten", lambda: made.read(Plain))
    if made.kind == "sqlite":
        return [ours]
    return [
        Runner("plaintext, all ten", made.read_plain_text),
        Runner("plaintext, all ten, binary results", ours.act),
    ]


def _inserting(made: Place) -> Race:
    runners = [
        Runner("plaintext", lambda: made.fill(Plain), before=lambda: made.empty(Plain)),
        Runner(
            "sealed and logged",
            lambda: made.fill(SealedRow),
            INSERTED,
            before=lambda: made.empty(SealedRow),
        ),
    ]
    name = f"{ROWS} rows of ten fields inserted, {made.kind}"
    return race(name, runners, times=1, rounds=ROUNDS)


def _beside_peers(made: Place, *, full: bool) -> Race:
    """Few rows: the others take seconds for ten thousand."""
    count = ROWS if full else PEER_ROWS
    models = {"plaintext": Plain, "casemgr": SealedRow, **made.peers}
    for model in models.values():
        made.empty(model)
        made.fill(model, count)
    runners = [
        Runner(name, lambda model=model: made.read(model))  # type: ignore[misc]
        for name, model in models.items()
    ]
    return race(f"{count} rows of ten fields, all read, {made.kind}", runners, times=1)


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
