"""(b) The case list (50 of 10,000 cases) and the case page: server time, in process.

As a ratio to the same pages with sealing and the log patched out (bench/patched_out.py).
"""

import logging
import random
import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select, text

from bench.measuring import Contest, contest
from bench.name_search import GIVEN, MIDDLES, SURNAMES
from bench.patched_out import patched_out
from casemgr import clock, create_app
from casemgr.access import Compartment
from casemgr.access.key_names import KeyName
from casemgr.audit import AuditEntry
from casemgr.cases.models import CareTeamMember, Case, Identity, Note, Task
from casemgr.cases.rules import CaseState, Group, Sex, Source
from casemgr.crypto.keyring import OpenKeys
from casemgr.crypto.partial_date import PartialDate
from casemgr.crypto.providers.file import create_root
from casemgr.crypto.sealed import OPEN_KEYS, records_of
from casemgr.db import Model, db, new_id, session
from casemgr.install import migrate
from config import load
from tests.cast import ORIGIN, Cast
from tests.planting import planted

BAR = 1.5
CASES, BATCH, NOTES, TASKS = 10_000, 1_000, 3, 2
TIMES, ROUNDS = 10, 21
PARTS = (Compartment.IDENTITY, Compartment.SOCIAL)


class House:
    """One hospital with its 10,000 cases, and a social worker's browser."""

    def __init__(self, folder: Path) -> None:
        self.app = _app(folder)
        self.cast = Cast(self.app)
        with self.app.app_context():
            self.newest = _fill(self.cast)
        self.client: FlaskClient = self.cast.browser("worker").client

    @property
    def is_sealed_and_logged(self) -> bool:
        """Whether this is the product; the twin must be neither. Half of each would be a bug."""
        with self.app.app_context():
            has_entries = session.scalar(select(AuditEntry.id).limit(1)) is not None
            query = text('SELECT intake_sealed FROM "case" LIMIT 1')
            is_sealed = b'"ward"' not in session.execute(query).scalar_one()
        assert has_entries == is_sealed
        return is_sealed

    def page(self, path: str) -> Callable[[], None]:
        """A request for a page; anything but 200 would measure nothing."""

        def request() -> None:
            response = self.client.get(path, base_url=ORIGIN)
            assert response.status_code == 200, response.status

        return request


def run(_full: bool) -> list[Contest]:
    """Both pages."""
    logging.getLogger("casemgr").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        ours = House(Path(folder, "ours"))
        with patched_out():
            twin = House(Path(folder, "twin"))
        assert ours.is_sealed_and_logged
        assert not twin.is_sealed_and_logged
        results = [
            contest(
                name,
                BAR,
                ours.page(path(ours)),
                twin.page(path(twin)),
                times=TIMES,
                rounds=ROUNDS,
                around_twin=patched_out,
            )
            for name, path in PAGES.items()
        ]
        for house in (ours, twin):
            with house.app.app_context():
                db.engine.dispose()
    return results


PAGES: dict[str, Callable[[House], str]] = {
    "case list, 50 of 10,000": lambda _house: "/cases/",
    "case page": lambda house: f"/cases/{house.newest}",
}


def _app(folder: Path) -> Flask:
    for part in ("main", "keys"):
        (folder / part).mkdir(parents=True)
    create_root(folder / "provider" / "root.key")
    main = f"sqlite:///{folder / 'main' / 'main.sqlite'}"
    settings = load(
        {
            "CASEMGR_ENVIRONMENT": "test",
            "CASEMGR_DATABASE_URL": main,
            "CASEMGR_MIGRATION_DATABASE_URL": main,
            "CASEMGR_KEY_STORE_URL": f"sqlite:///{folder / 'keys' / 'keys.sqlite'}",
            "CASEMGR_KEY_PROVIDER": f"file:{folder / 'provider' / 'root.key'}",
            "CASEMGR_FILE_STORE": f"file:{folder / 'files'}",
            "CASEMGR_SECRET_KEY": "for the benchmark only " * 3,
            "CASEMGR_PUBLIC_ORIGIN": ORIGIN,
        }
    )
    migrate(settings, lambda _line: None)
    return create_app(settings)


def _fill(cast: Cast) -> UUID:
    """10,000 cases by bulk inserts of properly sealed rows. Returns the newest."""
    rng, newest = random.Random(20261122), new_id()
    for start in range(0, CASES, BATCH):
        rows: dict[type[Model], list[dict[str, Any]]] = {}
        keys = OpenKeys()
        session.info[OPEN_KEYS] = keys
        for number in range(start, start + BATCH):
            case_id = new_id()
            newest = case_id if number == 0 else newest
            _keys(cast, case_id, keys, rows)
            for row in _case(cast, rng, number, case_id):
                rows.setdefault(type(row), []).append(_sealed(cast, row, keys))
        with planted(session()):
            for kind, values in rows.items():
                session.execute(insert(kind), values)
            session.commit()
    return newest


def _keys(cast: Cast, case_id: UUID, keys: OpenKeys, rows: dict[type[Model], list[Any]]) -> None:
    ids = [new_id() for _ in PARTS]
    ring = cast.app.extensions["keyring"]
    for key in ring.new_keys(cast.facility_id, case_id, PARTS, ids):
        keys.add(key)
        name = {"id": key.id, "facility_id": cast.facility_id, "owner_id": case_id}
        name |= {"compartment": str(key.compartment), "generation": key.generation}
        rows.setdefault(KeyName, []).append(name)


def _case(cast: Cast, rng: random.Random, number: int, case_id: UUID) -> Iterator[Model]:
    at, worker = clock.now() - timedelta(minutes=number), cast.ids["worker"]
    facility: dict[str, Any] = {"facility_id": cast.facility_id}
    yield Case(
        **facility,
        id=case_id,
        code=f"TN-{number:06}",
        code_name=f"Bến {number}",
        state=CaseState.IN_SUPPORT,
        assignee_id=worker,
        opened_at=at,
        changed_at=at,
        source=rng.choice(list(Source)),
        ward="Khoa Sản",
        group=Group.SUSPECTED,
    )
    yield CareTeamMember(
        **facility,
        case_id=case_id,
        account_id=worker,
        compartments="CONTACT EPISODE IDENTITY LEGAL SOCIAL",
        added_at=at,
    )
    name = f"{rng.choice(list(SURNAMES))} {rng.choice(list(MIDDLES))} {rng.choice(GIVEN)}"
    yield Identity(
        **facility,
        case_id=case_id,
        full_name=name,
        born_on=PartialDate(rng.randint(1960, 2015)),
        sex=rng.choice(list(Sex)),
        national_id=f"0002{number:08}",
    )
    for _ in range(NOTES):
        text = "Đã gặp, ổn định, hẹn gặp lại tuần sau. " * 3
        yield Note(**facility, case_id=case_id, author_id=worker, written_at=at, text=text)
    for _ in range(TASKS):
        title = "Gọi lại theo giờ đã hẹn"
        yield Task(**facility, case_id=case_id, assignee_id=worker, due_at=at, title=title)


def _sealed(cast: Cast, row: Model, keys: OpenKeys) -> dict[str, Any]:
    for record in records_of(type(row)):
        record.seal(row, keys, cast.app.extensions["keyring"])
    values = {c.name: getattr(row, c.name) for c in row.__table__.columns}
    if "version" in values:
        values["version"] = 1
    return values
