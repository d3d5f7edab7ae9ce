"""I14 for files: killed at any moment, every kept file is whole and every other one is swept."""

import os
import random
import subprocess
import sys
import time
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

import pytest
from sqlalchemy import select

from casemgr import clock, rooms
from casemgr.access import Compartment, Purpose
from casemgr.cases import service as cases
from casemgr.cases.attachments import Attachment
from casemgr.cases.models import Case
from casemgr.db import session
from casemgr.files import service as files
from casemgr.files.reading import reader
from casemgr.files.store import UNCLAIMED_KEPT
from casemgr.work.worker import Worker
from config import Settings
from tests.house.hospital import Hospital
from tests.house.source_tree import ROOT
from tests.house.uploading import BODY


def run_and_kill(settings: Settings, hospital: Hospital, seconds: float) -> set[UUID]:
    """Start the child, kill it so long after its first commit, and say what it had confirmed."""
    named = {f"CASEMGR_{name.upper()}": str(getattr(settings, name)) for name in settings.__slots__}
    cast = hospital.cast
    arguments = map(str, (cast.facility_id, cast.ids["worker"], hospital.ids["case"]))
    with subprocess.Popen(
        [sys.executable, "-m", "tests.house.uploading", *arguments],
        cwd=ROOT,
        env={**os.environ, **named},
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        first = child.stdout.readline()
        time.sleep(seconds)
        child.kill()
        lines = [first, *child.stdout.read().split("\n")]
    return {UUID(line.strip()) for line in lines if len(line.strip()) == 36}


def whole(hospital: Hospital) -> dict[UUID, UUID]:
    """Every attachment of LEGAL with its file, each read to its end."""
    with hospital.cast.app.app_context():
        case = session.get_one(Case, hospital.ids["case"])
        worker = hospital.cast.actor("worker")
        cases.open_parts(worker, case, {Compartment.LEGAL}, Purpose.CASE_WORK)
        found = session.scalars(
            select(Attachment).where(Attachment.compartment == Compartment.LEGAL)
        ).all()
        for item in found:
            body = b"".join(reader(files.store(), item.stored_file_id, item.file_key or b"").read())
            assert body == BODY
            assert sha256(body).digest() == item.digest
        return {item.id: item.stored_file_id for item in found}


@pytest.mark.soak
def test_a_killed_process_leaves_no_torn_file(
    hospital: Hospital, settings: Settings, share: int
) -> None:
    """2 kills here, 60 in soak, each at another moment."""
    seed = int(time.time())
    moments = random.Random(seed)
    confirmed, kept = set[UUID](), dict[UUID, UUID]()
    for _ in range(max(2, share * 6 // 100)):
        confirmed |= run_and_kill(settings, hospital, moments.uniform(0.0, 0.4))
        kept = whole(hospital)
        assert confirmed
        assert confirmed <= set(kept), f"lost what was confirmed (seed {seed})"
    later = clock.now() + UNCLAIMED_KEPT + timedelta(minutes=1)
    with clock.frozen(later), hospital.cast.app.app_context():
        for _ in range(10):  # a round removes ten
            Worker(hospital.cast.facility_id, {}, rooms.periodic_rounds()).work_once()
        claimed = set(session.scalars(select(Attachment.stored_file_id)))
        folder = hospital.cast.app.extensions["file_store"]._folder
        left = {path.name for path in folder.rglob("*") if path.is_file()}
        session.remove()
    assert left == {str(name) for name in claimed}, f"an orphan is left (seed {seed})"
    assert whole(hospital) == kept
