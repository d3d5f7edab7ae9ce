"""I8: two people editing one record never overwrite each other; a form sent twice acts once."""

import threading
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm.exc import StaleDataError

from casemgr.access import Compartment, Conflict, Purpose
from casemgr.cases import recording
from casemgr.cases import service as cases
from casemgr.cases.models import Case, Identity, Note
from casemgr.db import Model, Versioned, session
from tests.cast import ORIGIN
from tests.house.hospital import Hospital
from tests.house.sealed_models import models
from tests.house.test_permission_matrix import token_of

# Sealed rows that are written once and never changed: nobody can overwrite them.
WRITTEN_ONCE = {"Attachment", "Note", "ClinicalEntry", "LawfulGround", "Packet", "MonthlyReport"}
WRITTEN_ONCE |= {"ReviewSignal", "ReviewMeasure", "DetectionSetting"}
# A consent is only ever withdrawn, which is the same whoever does it first.
ONE_WAY = {"Consent"}
VERSIONED = [kind for kind in models() if issubclass(kind, Versioned)]
# The worker alone writes epochs of the packed index, and only for more than 100,000 people.
THE_WORKERS_OWN = {"PackedEpoch", "DetectionProgress", "DetectionTally"}
EDITED = [kind for kind in VERSIONED if kind.__name__ not in THE_WORKERS_OWN]


def unversioned() -> set[str]:
    """Models with sealed records that could be overwritten silently."""
    sealed = {
        k.__name__ for k in models() if any(c.name.endswith("_sealed") for c in k.__table__.c)
    }
    return sealed - {kind.__name__ for kind in VERSIONED} - WRITTEN_ONCE - ONE_WAY


def test_whatever_can_be_edited_has_a_version() -> None:
    loose = unversioned() - {"WebSession"}  # one browser's own
    assert not loose, f"add Versioned to {loose}, or say here that it is written once"


def test_a_model_without_a_version_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    others = [kind for kind in VERSIONED if kind.__name__ != "Identity"]
    monkeypatch.setitem(globals(), "VERSIONED", others)
    assert "Identity" in unversioned()


@pytest.mark.parametrize("kind", EDITED, ids=lambda kind: kind.__name__)
def test_a_row_that_moved_on_is_not_overwritten(hospital: Hospital, kind: type[Model]) -> None:
    """The database itself refuses, whatever a service forgot."""
    with hospital.cast.app.app_context():
        row = session.scalars(select(kind)).first()
        if row is None:
            pytest.fail(f"make a {kind.__name__} in tests/house/hospital.py")
        table = kind.__table__
        theirs = update(table).where(table.c.id == row.id).values(version=table.c.version + 1)  # type: ignore[arg-type]
        session.connection().execute(theirs)
        column = next(c.name for c in table.columns if c.name.endswith(("_at", "_sealed")))
        row.facility_id = uuid4()
        assert column
        with pytest.raises(StaleDataError):
            session.flush()
        session.rollback()


def test_the_second_editor_is_told_and_nothing_is_overwritten(hospital: Hospital) -> None:
    case_id, cast = hospital.ids["case"], hospital.cast
    with cast.app.app_context():
        seen = session.scalars(select(Identity.version).where(Identity.case_id == case_id)).one()
    with cast.acting():
        recording.record_part(cast.actor("worker"), case_id, Identity, seen, {"address": "first"})
    with cast.app.app_context():
        with pytest.raises(Conflict):
            recording.record_part(
                cast.actor("lead"), case_id, Identity, seen, {"address": "second"}
            )
        session.rollback()
    with cast.app.app_context():
        case = session.get_one(Case, case_id)
        cases.open_parts(cast.actor("lead"), case, {Compartment.IDENTITY}, Purpose.CASE_WORK)
        kept = session.scalars(select(Identity).where(Identity.case_id == case_id)).one()
        assert kept.address == "first"
        assert kept.full_name == hospital.word("full_name"), "the other fields stayed"


def test_over_http_the_second_editor_sees_a_page(hospital: Hospital) -> None:
    path = f"/cases/{hospital.ids['case']}/contact/edit"
    one, other = hospital.cast.browser("worker"), hospital.cast.browser("lead")
    first, second = one.get(path), other.get(path)
    first.submit(safe_hours="19:00", button=None if len(first.main.all("form")) == 1 else "Lưu")
    token = token_of(other.client)
    form = second.main.all("form")[0]
    data = second.values(form) | {"safe_hours": ["20:00"], "csrf_token": [token]}
    response = other.client.post(path, data=data, base_url=ORIGIN, buffered=True)
    assert response.status_code in {409, 422}
    assert "19:00" in one.get(f"/cases/{hospital.ids['case']}/contact").text


def _note(hospital: Hospital, client: FlaskClient, token: str, submission: str) -> int:
    form = {"csrf_token": token, "submission_id": submission, "text": "one and the same note"}
    path = f"/cases/{hospital.ids['case']}/notes"
    return client.post(path, data=form, base_url=ORIGIN, buffered=True).status_code


def _notes(hospital: Hospital) -> int:
    with hospital.cast.app.app_context():
        return session.scalar(select(func.count()).select_from(Note)) or 0


def test_a_form_sent_twice_acts_once(hospital: Hospital) -> None:
    client, before = hospital.cast.browser("worker").client, _notes(hospital)
    token, submission = token_of(client), str(uuid4())
    assert [_note(hospital, client, token, submission) for _ in range(3)] == [303] * 3
    assert _notes(hospital) == before + 1
    assert _note(hospital, client, token, str(uuid4())) == 303  # it bites: another form acts again
    assert _notes(hospital) == before + 2


def test_somebody_elses_submission_answers_nothing(hospital: Hospital) -> None:
    worker, lead = (hospital.cast.browser(name).client for name in ("worker", "lead"))
    submission, before = str(uuid4()), _notes(hospital)
    assert _note(hospital, worker, token_of(worker), submission) == 303
    assert _note(hospital, lead, token_of(lead), submission) in {303, 409, 500}
    assert _notes(hospital) == before + 1


def test_twins_that_race_act_once(hospital: Hospital) -> None:
    """The same form from the same session in four threads at once."""
    client, before = hospital.cast.browser("worker").client, _notes(hospital)
    token, submission = token_of(client), str(uuid4())
    twins = [hospital.cast.app.test_client() for _ in range(4)]
    for twin in twins:
        twin._cookies = dict(client._cookies or {})
    together, answers = threading.Barrier(len(twins)), list[int]()

    def send(twin: FlaskClient) -> None:
        together.wait()
        answers.append(_note(hospital, twin, token, submission))

    threads = [threading.Thread(target=send, args=[twin]) for twin in twins]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [303] * len(twins)
    assert _notes(hospital) == before + 1
