"""The hourly comparison tells of each cell once, and reads of the log only what is new."""

from typing import Any

import pytest
from sqlalchemy import select

from casemgr.access import Compartment
from casemgr.access.actor import system_actor
from casemgr.audit import Action, AuditEntry, Outcome, comparing, sequencer
from casemgr.audit.rolled_back import find_rolled_back
from casemgr.cases.erasing import erase_parts
from casemgr.cases.models import Case, SafeContact
from casemgr.db import new_id, session
from config import Settings
from tests.house.hospital import Hospital, found
from tests.planting import past_the_log


@pytest.fixture
def hospital(cast: Any) -> Hospital:
    return found(cast)


def compare(hospital: Hospital) -> int:
    with hospital.cast.acting():
        return comparing.compare(system_actor("cell-comparer", hospital.cast.facility_id))


def told(hospital: Hospital) -> list[AuditEntry]:
    with hospital.cast.app.app_context():
        query = select(AuditEntry).where(AuditEntry.action == Action.CELL_ROLLED_BACK)
        rows = list(session.scalars(query))
        session.expunge_all()
        return rows


def put(settings: Settings, row_id: object, cell: bytes | None) -> None:
    engine = past_the_log(settings.database_url)
    with engine.begin() as connection:
        table = SafeContact.__table__
        connection.execute(
            table.update().where(table.c.id == row_id).values(contact_sealed=cell)  # type: ignore[attr-defined]
        )
    engine.dispose()


def test_a_cell_is_told_of_once_and_again_after_it_was_right(
    hospital: Hospital, settings: Settings
) -> None:
    assert compare(hospital) == 0
    with hospital.cast.app.app_context():
        sequencer.run(session())
        row_id, cell = session.execute(select(SafeContact.id, SafeContact.contact_sealed)).one()  # type: ignore[attr-defined]
    put(settings, row_id, None)
    assert compare(hospital) == 1
    assert compare(hospital) == 0
    (entry,) = told(hospital)
    assert (entry.outcome, entry.subject_id) == (Outcome.FAILED, row_id)
    assert (entry.subject_kind, entry.acting_as) == ("case_safe_contact.contact", "cell-comparer")
    hospital.cast.app.extensions["process"].pop("comparing")  # another process reads it in the log
    assert compare(hospital) == 0
    put(settings, row_id, cell)
    assert compare(hospital) == 0
    put(settings, row_id, None)
    assert compare(hospital) == 1


def test_what_an_erasure_emptied_in_a_row_that_stays_is_on_record(hospital: Hospital) -> None:
    case_id = hospital.ids["case"]
    with hospital.cast.acting():
        actor = system_actor("erasure", hospital.cast.facility_id)
        case = session.get_one(Case, case_id)
        assert case.intake_sealed is not None  # type: ignore[attr-defined]
        erase_parts(actor, case, frozenset({Compartment.SOCIAL}), new_id())
    with hospital.cast.app.app_context():
        assert session.get_one(Case, case_id).intake_sealed is None  # type: ignore[attr-defined]
        assert list(find_rolled_back(session())) == []
        session.rollback()
    assert compare(hospital) == 0
