"""Revoking acts in every process: one removes a colleague, another one refuses the next request."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from casemgr import create_app
from casemgr.access import Compartment, Purpose
from casemgr.access.actor import system_actor
from casemgr.access.key_names import KeyName
from casemgr.access.removal import intend_removal
from casemgr.cases import team
from casemgr.db import db, new_id, session
from config import Settings
from tests.cast import ORIGIN, PASSWORD
from tests.client import Browser
from tests.house.hospital import Hospital


@pytest.fixture
def other_process(hospital: Hospital, settings: Settings) -> Iterator[Flask]:
    """A second application on the same databases, as another web process has it."""
    assert hospital.ids
    app = create_app(settings)
    yield app
    with app.app_context():
        engines = [*db.engines.values(), app.extensions["keyring"].store.engine]
    for engine in engines:
        engine.dispose()


def test_a_member_removed_here_is_refused_there(hospital: Hospital, other_process: Flask) -> None:
    doctor = Browser(other_process.test_client(), ORIGIN)
    doctor.get("/sign-in").submit(username="doctor", password=PASSWORD)
    path = f"/cases/{hospital.ids['case']}/clinical"
    page = doctor.get(path).submit(purpose=Purpose.TREATMENT.value)
    assert hospital.word("complaint") in page.text
    worker, case_id = hospital.cast.actor("worker"), hospital.ids["case"]
    with hospital.cast.acting():
        team.remove_member(worker, case_id, hospital.ids["member"])
    assert hospital.word("complaint") not in doctor.get(path, status=404).text


def test_a_removed_key_opens_nowhere(hospital: Hospital, other_process: Flask) -> None:
    """Both processes had it open; from the commit of the intent on neither reads it again."""
    doctor = Browser(other_process.test_client(), ORIGIN)
    doctor.get("/sign-in").submit(username="doctor", password=PASSWORD)
    path = f"/cases/{hospital.ids['case']}/clinical"
    words = hospital.word("complaint")
    assert words in doctor.get(path).submit(purpose=Purpose.TREATMENT.value).text
    clinical = select(KeyName.id).where(
        KeyName.owner_id == hospital.ids["case"], KeyName.compartment == Compartment.CLINICAL
    )
    actor = system_actor("tests", hospital.cast.facility_id)
    with hospital.cast.acting():
        intend_removal(actor, session.scalars(clinical).all(), new_id())
    for browser in (doctor, hospital.cast.browser("doctor")):
        assert words not in browser.get(path).text
