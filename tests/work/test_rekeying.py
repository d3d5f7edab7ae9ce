"""Re-keying a case: new values at once, old ones by the worker, old keys gone in the end."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from casemgr import clock, rooms
from casemgr.access import Compartment
from casemgr.access.actor import system_actor
from casemgr.access.key_names import KeyName
from casemgr.access.removal import KeyRemoval, removals_of
from casemgr.audit import Action, AuditEntry, Outcome
from casemgr.cases import recording
from casemgr.cases.models import Case, Identity, Note
from casemgr.crypto import envelope
from casemgr.db import session
from casemgr.work import rekeying, resealing
from casemgr.work.models import Job
from casemgr.work.worker import Worker
from tests.house import sealed_models
from tests.house.hospital import Hospital
from tests.house.sealed_values import UNREADABLE, opened

LATER = timedelta(days=35, minutes=1)  # design §4: as long as last month's backup must open


def generations(hospital: Hospital) -> Counter[int]:
    """How many sealed values of the case lie under which generation."""
    found: Counter[int] = Counter()
    with hospital.cast.app.app_context():
        for kind, record in sealed_models.records():
            owner = getattr(kind, getattr(kind, "__key_owner__", "id"))
            column = getattr(kind, record.column)
            query = select(column).where(owner == hospital.ids["case"], column.is_not(None))
            found.update(envelope.generation_of(sealed) for sealed in session.scalars(query))
        session.rollback()
    return found


def rekey(hospital: Hospital) -> None:
    with hospital.cast.acting():
        rekeying.rekey(system_actor("tests", hospital.cast.facility_id), hospital.ids["case"])


def work(hospital: Hospital, at: datetime | None = None) -> None:
    """Let the worker do everything that is due."""
    with hospital.cast.app.app_context(), clock.frozen(at or clock.now()):
        for _ in range(2):  # what the jobs decided, the rounds of the next worker carry out
            worker = Worker(hospital.cast.facility_id, rooms.HANDLERS, rooms.periodic_rounds())
            while worker.work_once():
                pass


def keys_of(hospital: Hospital) -> set[tuple[str, int]]:
    with hospital.cast.app.app_context():
        query = select(KeyName.compartment, KeyName.generation)
        rows = session.execute(query.where(KeyName.owner_id == hospital.ids["case"]))
        return {(row.compartment, row.generation) for row in rows}


def assert_unchanged(hospital: Hospital, before: Mapping[str, object]) -> None:
    """Everything opens as before. The rounds may add values (a sample drawn at random)."""
    after = opened(hospital.cast.app)
    assert {name: after.get(name) for name in before} == before


def jobs(hospital: Hospital, kind: str) -> list[datetime]:
    with hospital.cast.app.app_context():
        open_jobs = select(Job.run_at).where(Job.kind == kind, Job.done_at.is_(None))
        return list(session.scalars(open_jobs))


def test_new_values_use_the_new_generation_at_once(hospital: Hospital) -> None:
    before = opened(hospital.cast.app)
    rekey(hospital)
    old = generations(hospital)
    assert set(old) == {1}
    with hospital.cast.acting():
        worker = hospital.cast.actor("worker")
        note_id = recording.add_note(worker, hospital.ids["case"], "after").id
    with hospital.cast.app.app_context():
        (sealed,) = session.scalars(select(Note.note_sealed).where(Note.id == note_id))  # type: ignore[attr-defined]
    assert envelope.generation_of(sealed) == 2
    assert before.items() <= opened(hospital.cast.app).items()


def test_the_worker_seals_every_old_value_anew(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rekeying, "BATCH", 3)  # several jobs
    before, versions = opened(hospital.cast.app), _versions(hospital)
    rekey(hospital)
    assert len(generations(hospital)) == 1
    work(hospital)
    assert set(generations(hospital)) == {2}
    assert_unchanged(hospital, before)
    assert _versions(hospital) == versions, "an editor's form would be refused for nothing"
    (due,) = jobs(hospital, rekeying.RETIRE)
    assert due > clock.now() + timedelta(days=34)
    assert {number for _, number in keys_of(hospital)} == {1, 2}, "last month's backup must open"


def test_old_generations_go_when_no_backup_needs_them(hospital: Hospital) -> None:
    before = opened(hospital.cast.app)
    rekey(hospital)
    work(hospital)
    old = keys_of(hospital)
    work(hospital, clock.now() + LATER)
    left = keys_of(hospital)
    assert left == {(part, number) for part, number in old if number == 2}
    with hospital.cast.app.app_context():
        rows = removals_of(hospital.ids["case"])
        ids = [row.key_id for row in rows]
        assert {(row.compartment, row.generation) for row in rows} == old - left
        assert all(row.confirmed_at for row in rows)
    store = hospital.cast.app.extensions["keyring"].store
    assert store.fetch(ids) == []
    assert set(store.removed(ids)) == set(ids)
    assert_unchanged(hospital, before)


def test_a_case_re_keyed_twice_keeps_the_second_generation_its_own_35_days(
    hospital: Hospital,
) -> None:
    """Backups of the last weeks hold values under it; the first one's time is over."""
    day, before = timedelta(days=1), opened(hospital.cast.app)
    start = clock.now()
    rekey(hospital)
    work(hospital)
    with clock.frozen(start + 34 * day):
        rekey(hospital)
    work(hospital, start + 34 * day)
    work(hospital, start + 36 * day)
    assert {number for _, number in keys_of(hospital)} == {2, 3}
    work(hospital, start + 70 * day)
    assert {number for _, number in keys_of(hospital)} == {3}
    assert_unchanged(hospital, before)


def test_what_was_sealed_late_under_the_old_key_is_found_before_it_goes(hospital: Hospital) -> None:
    """A transaction that began before the re-keying may commit after the worker passed."""
    row_id, sealed = _identity(hospital)
    before = opened(hospital.cast.app)
    rekey(hospital)
    work(hospital)
    _write_identity(hospital, row_id, sealed)
    assert 1 in generations(hospital)
    with hospital.cast.acting(), clock.frozen(clock.now() + LATER):
        rekeying.retire(system_actor("x", hospital.cast.facility_id), hospital.ids["case"])
        assert session.scalar(select(func.count(KeyRemoval.id))) == 0
    work(hospital, clock.now() + LATER)
    assert set(generations(hospital)) == {2}
    work(hospital, clock.now() + LATER * 2)
    assert {number for _, number in keys_of(hospital)} == {2}
    assert_unchanged(hospital, before)


def test_a_value_that_does_not_open_keeps_its_key(hospital: Hospital) -> None:
    row_id, sealed = _identity(hospital)
    _write_identity(hospital, row_id, sealed[:-1] + bytes([sealed[-1] ^ 1]))
    before = opened(hospital.cast.app)
    assert UNREADABLE in before.values()
    rekey(hospital)
    work(hospital)
    work(hospital, clock.now() + LATER)
    assert ("IDENTITY", 1) in keys_of(hospital)
    _write_identity(hospital, row_id, sealed)  # somebody mended it
    assert UNREADABLE not in opened(hospital.cast.app).values()
    with hospital.cast.app.app_context():
        entries = session.scalars(
            select(AuditEntry).where(AuditEntry.action == Action.CASE_RESEALED)
        )
        assert Outcome.FAILED in {entry.outcome for entry in entries}


def test_broken_values_keep_no_sound_one_waiting(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch that is full of what does not open would come again and again."""
    row_id, sealed = _identity(hospital)
    _write_identity(hospital, row_id, sealed[:-1] + bytes([sealed[-1] ^ 1]))
    monkeypatch.setattr(rekeying, "BATCH", 1)
    rekey(hospital)
    for _ in range(30):
        work(hospital)
    assert generations(hospital)[1] == 1


def test_a_value_that_changed_meanwhile_is_left_to_its_writer(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    row_id, sealed = _identity(hospital)
    rekey(hospital)
    stale = [(Identity, Identity.identity, "IDENTITY", row_id, sealed)]
    with hospital.cast.acting():
        worker = hospital.cast.actor("worker")
        version = session.get_one(Identity, row_id).version
        values: dict[str, Any] = {"full_name": "Người khác"}
        recording.record_part(worker, hospital.ids["case"], Identity, version, values)
    _, newer = _identity(hospital)
    monkeypatch.setattr(resealing, "_old_values", lambda *_: iter(stale))
    with hospital.cast.acting():
        rekeying.reseal(system_actor("x", hospital.cast.facility_id), hospital.ids["case"])
    assert _identity(hospital) == (row_id, newer)


def test_what_else_is_sealed_under_the_keys_is_waited_for(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, int]] = []

    def files(_actor: object, owner_id: UUID, newest: Any) -> bool:
        assert owner_id == hospital.ids["case"]
        asked.append(dict(newest))
        return len(asked) > 2

    monkeypatch.setattr(rekeying, "elsewhere", [files])
    rekey(hospital)
    work(hospital)
    assert len(asked) == 3
    assert set(asked[0].values()) == {2}
    assert len(jobs(hospital, rekeying.RETIRE)) == 1


def test_every_sealed_record_is_found_by_the_worker() -> None:
    """One that names no compartment would be left behind, and its key removed under it."""
    parts = {str(part) for part in Compartment}
    lost = [
        f"{kind.__name__}.{record.name}"
        for kind, record in sealed_models.records()
        if not record.by_column and str(record.compartment) not in parts
    ]
    assert not lost, f"teach casemgr.work.resealing which compartment they belong to: {lost}"


def _identity(hospital: Hospital) -> tuple[UUID, bytes]:
    column = Identity.identity_sealed  # type: ignore[attr-defined]
    with hospital.cast.app.app_context():
        query = select(Identity.id, column).where(Identity.case_id == hospital.ids["case"])
        row_id, sealed = session.execute(query).one()
        session.rollback()
    return row_id, sealed


def _write_identity(hospital: Hospital, row_id: UUID, sealed: bytes) -> None:
    with hospital.cast.planting():
        session.execute(
            update(Identity).where(Identity.id == row_id).values(identity_sealed=sealed)
        )


def _versions(hospital: Hospital) -> tuple[int, int]:
    with hospital.cast.app.app_context():
        case = select(Case.version).where(Case.id == hospital.ids["case"])
        identity = select(Identity.version).where(Identity.case_id == hospital.ids["case"])
        return session.scalars(case).one(), session.scalars(identity).one()
