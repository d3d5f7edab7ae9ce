"""Rotation and the close of epochs, killed at random while people work: no key is lost (issue 3).

3,000 data keys and 3 kills here; 100,000 and 100 in soak.
"""

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from casemgr.cases.models import Case
from casemgr.crypto import envelope, making
from casemgr.crypto.errors import SealBroken
from casemgr.crypto.key_store import WrappedKey
from casemgr.crypto.keyring import Keyring
from casemgr.db import new_id, session
from config import Settings
from tests.cast import Cast
from tests.house.sealed_values import UNREADABLE, new_process, opened
from tests.house.source_tree import ROOT

CHUNK = 2000
PLACE = b"probe"


class Probes:
    """A sealed value under each of many data keys: what opens it has not been lost."""

    def __init__(self, ring: Keyring, facility_id: UUID, count: int) -> None:
        self._facility_id = facility_id
        self.sealed: dict[UUID, bytes] = {}
        for start in range(0, count, CHUNK):
            self._make(ring, min(CHUNK, count - start))

    def _make(self, ring: Keyring, count: int) -> None:
        number = ring.active_number(self._facility_id, "data")
        cipher = ring.facility_cipher(self._facility_id, "data", number)
        places = [
            WrappedKey(new_id(), self._facility_id, new_id(), "SOCIAL", 1, number, b"", b"")
            for _ in range(count)
        ]
        made = [making.make_data_key(cipher, place) for place in places]
        ring.store.add_pending([wrapped for wrapped, _ in made])
        ring.store.settle([wrapped.id for wrapped, _ in made], [])
        for _, key in made:
            self.sealed[key.id] = envelope.seal(key.cipher, 1, key.id.bytes, PLACE)

    def lost(self, ring: Keyring) -> list[UUID]:
        """Probes that a process started now cannot open."""
        kept, ids = set(), list(self.sealed)
        for start in range(0, len(ids), CHUNK):
            for key in ring.open(self._facility_id, ids[start : start + CHUNK]):
                plain = envelope.unseal(key.cipher, self.sealed[key.id], PLACE)
                kept.update([key.id] if plain == key.id.bytes else [])
        return [key_id for key_id in ids if key_id not in kept]


@contextmanager
def child(name: str, settings: Settings, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """One of the programs beside this file; killed at the end if it still runs."""
    names = settings.__slots__
    environment = {f"CASEMGR_{name.upper()}": str(getattr(settings, name)) for name in names}
    environment["PYTHONPATH"] = str(ROOT)
    process = subprocess.Popen(
        [sys.executable, f"tests/house/{name}.py", *arguments],
        env=os.environ | environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def rotate_and_kill(settings: Settings, after: float) -> None:
    """Rotate and close epochs in a process that ends by SIGKILL, ``after`` seconds at work."""
    with child("rotating", settings, "rotate", "close-epoch") as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n", process.communicate()
        time.sleep(after)
        assert process.poll() is None, process.communicate()


@pytest.mark.soak
def test_no_key_is_lost_whenever_it_is_killed(
    app: Flask, cast: Cast, settings: Settings, share: int
) -> None:
    seed = int(time.time())
    moments = random.Random(seed)
    probes = Probes(app.extensions["keyring"], cast.facility_id, 100 * share)
    people = [str(cast.ids[name]) for name in ("nurse", "worker", "doctor")]
    with child("working", settings, str(cast.facility_id), *people) as work:
        confirmed = [_next(work)]
        for _ in range(max(3, share // 10)):
            rotate_and_kill(settings, moments.uniform(0.0, 0.02 * share if share < 100 else 8.0))
            assert work.poll() is None, f"nobody could work: {work.communicate()}, seed {seed}"
        confirmed.append(_next(work))
        work.kill()
        rest = work.communicate()[0].split()
    confirmed += [UUID(line) for line in rest if len(line) == len(str(confirmed[0]))]
    _all_is_there(app, probes, confirmed, f"seed {seed}")
    result = app.test_cli_runner().invoke(args=["keys", "close-epoch"])
    assert result.exit_code == 0, result.output
    _all_is_there(app, probes, confirmed, f"seed {seed}, at the end")
    store = app.extensions["keyring"].store
    assert len({number for _, number, _, _ in store.census()}) == 1


def _next(work: "subprocess.Popen[str]") -> UUID:
    """The next case that was committed."""
    assert work.stdout
    line = work.stdout.readline().strip()
    assert line, f"the work came to an end: {work.communicate()[1][-2000:]}"
    return UUID(line)


def _all_is_there(app: Flask, probes: Probes, confirmed: list[UUID], when: str) -> None:
    new_process(app)
    assert not probes.lost(app.extensions["keyring"]), when
    assert UNREADABLE not in opened(app).values(), when
    with app.app_context():
        kept = set(session.scalars(select(Case.id)))
        session.rollback()
    assert set(confirmed) <= kept, when


def test_a_lost_key_is_found(app: Flask, cast: Cast) -> None:
    ring = app.extensions["keyring"]
    probes = Probes(ring, cast.facility_id, 10)
    assert probes.lost(ring) == []
    gone = next(iter(probes.sealed))
    ring.store.remove([gone])
    assert probes.lost(ring) == [gone]
    other = Probes(ring, cast.facility_id, 2)
    one, two = other.sealed
    other.sealed[one] = other.sealed[two]
    with pytest.raises(SealBroken):
        other.lost(ring)
