"""A cell that holds something else than what was sealed there last is found by the log's digests."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, select, text

from casemgr.access import Compartment, Purpose
from casemgr.access.actor import system_actor
from casemgr.audit import Action, AuditEntry, record
from casemgr.audit.rolled_back import Finding, Place, find_rolled_back
from casemgr.audit.trail import SealedWithoutEntry
from casemgr.cases import recording
from casemgr.cases import service as cases
from casemgr.cases.models import Case, Note, SafeContact
from casemgr.db import session
from config import Settings
from tests.house.damaging import cells, damaged, damages
from tests.house.hospital import Hospital, found
from tests.house.sealed_models import records
from tests.planting import past_the_log

CONTACT = SafeContact.contact


@pytest.fixture
def hospital(cast: Any) -> Hospital:
    return found(cast)


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    engine = past_the_log(settings.database_url)
    yield engine
    engine.dispose()


def places(hospital: Hospital) -> list[Place]:
    with hospital.cast.app.app_context():
        return list(find_rolled_back(session()))


def write(hospital: Hospital, **values: Any) -> UUID:
    """Change the safe contact as the worker would. Returns the row's id."""
    with hospital.cast.acting():
        worker, case_id = hospital.cast.actor("worker"), hospital.ids["case"]
        row = session.scalars(select(SafeContact).where(SafeContact.case_id == case_id)).one()
        return recording.record_part(worker, case_id, SafeContact, row.version, values).id


def put(engine: Engine, row_id: object, cell: bytes | None) -> None:
    statement = text("UPDATE case_safe_contact SET contact_sealed = :cell WHERE id = :id")
    with engine.begin() as connection:
        connection.execute(statement, {"cell": cell, "id": row_id})


def test_a_hospital_at_work_has_every_digest(hospital: Hospital) -> None:
    """Every room's services: nothing that they sealed is missing from the log."""
    assert places(hospital) == []


def test_an_older_value_put_back_is_found(hospital: Hospital, engine: Engine) -> None:
    before = cells(engine, SafeContact, CONTACT)
    row_id = write(hospital, safe_hours="19:00")
    assert places(hospital) == []
    for key, cell in before.items():  # it is sound: it opens in its place
        put(engine, key, cell)
    assert places(hospital) == [Place("case_safe_contact", "contact_sealed", row_id, Finding.OLDER)]


NO_SEALINGS = {
    "no JSON": b"{",
    "a list": b"[1]",
    "no list": b'{"sealed":7}',
    "no texts": b'{"sealed":[7]}',
    "no three words": b'{"sealed":["a b"]}',
    "no digest": b'{"sealed":["a.b zz zz"]}',
}


@pytest.mark.parametrize("name", NO_SEALINGS)
def test_an_entry_that_says_nonsense_ends_no_comparison(
    hospital: Hospital, engine: Engine, name: str
) -> None:
    with hospital.cast.app.app_context():
        query = select(AuditEntry.id).where(AuditEntry.action == Action.HOME_SHOWN)
        who = system_actor("tests", hospital.cast.facility_id)
        record(who, Action.HOME_SHOWN)
        session.commit()
        entry_id = session.scalars(query.order_by(AuditEntry.at.desc())).first()
    values: dict[str, object] = {"leaf": NO_SEALINGS[name], "id": entry_id}
    with engine.begin() as connection:
        is_sqlite = engine.dialect.name == "sqlite"
        if is_sqlite:
            connection.execute(text("DROP TRIGGER audit_entry_update"))
            values["id"] = entry_id.hex if entry_id else None
        connection.execute(text("UPDATE audit_entry SET leaf = :leaf WHERE id = :id"), values)
    assert places(hospital) == []


def test_an_emptied_cell_is_found(hospital: Hospital, engine: Engine) -> None:
    for key in cells(engine, SafeContact, CONTACT):
        put(engine, key, None)
    (place,) = places(hospital)
    assert (place.column, place.finding) == ("contact_sealed", Finding.EMPTIED)


def test_every_damage_is_found_everywhere(hospital: Hospital, engine: Engine) -> None:
    ways = list(damages(engine).values())
    for turn, (kind, sealed_record) in enumerate(records()):
        if not cells(engine, kind, sealed_record):
            continue  # tests/house/test_broken_seals.py says which and why
        with damaged(engine, kind, sealed_record, ways[turn % len(ways)], b"another"):
            assert {place.column for place in places(hospital)} == {sealed_record.column}


def test_a_value_that_the_log_does_not_know_is_found(hospital: Hospital, engine: Engine) -> None:
    """Sealed properly, by somebody who has the keys, but past the log."""
    with hospital.cast.acting():
        case = session.get_one(Case, hospital.ids["case"])
        cases.open_parts(
            hospital.cast.actor("worker"), case, {Compartment.SOCIAL}, Purpose.CASE_WORK
        )
        note = Note(facility_id=case.facility_id, case_id=case.id, written_at=case.opened_at)
        note.text = "past the log"
        session.info.pop("audit_newest_entry")
        session.add(note)
        with pytest.raises(SealedWithoutEntry):
            session.flush()
        session.rollback()
    kept = next(iter(cells(engine, Note, Note.note)))
    with engine.begin() as connection:
        columns = "facility_id, case_id, written_at, note_sealed"
        copy = f"INSERT INTO case_note (id, {columns}) SELECT :new, {columns} FROM case_note"  # noqa: S608 - our own names
        new = UUID(int=7).hex if isinstance(kept, str) else UUID(int=7)
        connection.execute(text(copy + " WHERE id = :old"), {"new": new, "old": kept})
    (place,) = places(hospital)
    assert (place.row_id, place.finding) == (UUID(int=7), Finding.UNKNOWN)


def digests(action: Action) -> list[list[str]]:
    leaves = session.scalars(
        select(AuditEntry.leaf).where(AuditEntry.action == action).order_by(AuditEntry.at)
    )
    return [json.loads(leaf)["sealed"] for leaf in leaves]


def test_the_entry_of_the_act_carries_the_digest(hospital: Hospital, engine: Engine) -> None:
    """Half of SHA-256 over the very bytes in the column; the row in hexadecimal."""
    row_id = write(hospital, safe_hours="19:00")
    (cell,) = cells(engine, SafeContact, CONTACT).values()
    expected = (
        f"case_safe_contact.contact_sealed {row_id.hex} {hashlib.sha256(cell).hexdigest()[:32]}"
    )
    with hospital.cast.app.app_context():
        assert digests(Action.CONTACT_RECORDED)[-1] == [expected]
        assert all(expected not in lines for lines in digests(Action.VALUES_SEALED))


def test_what_is_sealed_after_its_entry_gets_one_more(hospital: Hospital) -> None:
    with hospital.cast.acting():
        worker, case_id = hospital.cast.actor("worker"), hospital.ids["case"]
        case = cases.get_for_change(worker, case_id)
        cases.open_parts(worker, case, {Compartment.SOCIAL}, Purpose.CASE_WORK)
        session.flush()
        case.ward = "Khoa Nhi"
        session.flush()
    assert places(hospital) == []
    with hospital.cast.app.app_context():
        (line,) = digests(Action.VALUES_SEALED)[-1]
        assert line.startswith(f"case.intake_sealed {case_id.hex} ")


def test_a_savepoint_takes_its_digests_along(hospital: Hospital) -> None:
    with hospital.cast.acting():
        worker, case_id = hospital.cast.actor("worker"), hospital.ids["case"]
        case = cases.get_for_change(worker, case_id)
        cases.open_parts(worker, case, {Compartment.SOCIAL}, Purpose.CASE_WORK)
        nested = session.begin_nested()
        case.ward = "Khoa Nhi"
        record(worker, Action.CASE_MOVED, case_id=case_id)
        session.flush()
        nested.rollback()
        case.ward = "Khoa Nội"
        session.flush()
    assert places(hospital) == []


def test_leaves_of_the_first_version_are_read(hospital: Hospital) -> None:
    """They had no digests: what they sealed is not known, and nothing fails."""
    with hospital.cast.acting():
        entry = record(hospital.cast.actor("worker"), Action.HOME_SHOWN)
        leaf = entry.__dict__.pop("draft")
        del leaf["sealed"]
        entry.leaf = json.dumps(leaf | {"v": 1}).encode()
        entry.leaf_version = 1
    assert places(hospital) == []
