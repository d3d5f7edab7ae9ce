"""I14: kill the process at any moment: no change without its entry, no half act, nothing lost."""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from casemgr import clock
from casemgr.access import Compartment, Purpose
from casemgr.access.key_names import UNNAMED_KEYS_KEPT, KeyName, sweep_unnamed
from casemgr.access.opening import open_many
from casemgr.audit import Action, AuditEntry
from casemgr.cases import service as cases
from casemgr.cases.consent import Consent
from casemgr.cases.models import Case, Notice
from casemgr.cases.rules import CaseState, Source
from casemgr.crypto.key_store import KeyStore
from casemgr.db import session
from casemgr.work.models import Job
from config import Settings
from tests.cast import Cast
from tests.house.source_tree import ROOT

TOLD = 3  # lead, social workers, director


def torn(app: Flask, cast: Cast) -> list[str]:
    """Everything in the databases that is only half there."""
    with app.app_context():
        found = [*_cases_and_entries(), *_consents(), *_keys(app, cast)]
        session.rollback()
    return found


def _cases_and_entries() -> list[str]:
    cases_ = set(session.scalars(select(Case.id)))
    opened = Counter(
        session.scalars(select(AuditEntry.case_id).where(AuditEntry.action == Action.CASE_OPENED))
    )
    told = Counter(session.scalars(select(Notice.case_id)))
    notices, jobs = (
        set(session.scalars(select(Notice.id))),
        set(session.scalars(select(Job.ref_id))),
    )
    return [
        *(f"case {c} has {opened[c]} entries" for c in cases_ if opened[c] != 1),
        *(f"entry of {c} has no case" for c in opened if c not in cases_),
        *(f"case {c} has {told[c]} notices" for c in cases_ if told[c] != TOLD),
        *(f"notice of {c} has no case" for c in told if c not in cases_),
        *(f"notice {n} has no job" for n in notices - jobs),
    ]


def _consents() -> list[str]:
    answered = set(session.scalars(select(Consent.case_id)))
    rows = session.execute(select(Case.id, Case.state)).all()
    settled = {row.id for row in rows if row.state in {CaseState.ADMITTED, CaseState.REFUSED}}
    return [f"case {c} moved without its answer, or the other way" for c in answered ^ settled]


def _keys(app: Flask, cast: Cast) -> list[str]:
    names = list(session.scalars(select(KeyName)))
    store: KeyStore = app.extensions["keyring"].store
    known = {key.id for key in store.fetch([name.id for name in names])}
    faults = [
        f"key {name.id} is named but not in the store" for name in names if name.id not in known
    ]
    rows = list(session.scalars(select(Case)))
    open_many(cast.actor("worker"), [case.id for case in rows], [Compartment.SOCIAL])
    faults += [f"case {case.id} cannot be read" for case in rows if case.ward != "Khoa Sản"]
    return faults


def run_and_kill(settings: Settings, cast: Cast, seconds: float) -> Collection[UUID]:
    """Start the child, kill it so long after its first commit, and say what it had confirmed."""
    environment = {
        **os.environ,
        **{f"CASEMGR_{name.upper()}": str(getattr(settings, name)) for name in settings.__slots__},
    }
    command = [sys.executable, "-m", "tests.house.killed"]
    command += [str(cast.facility_id), str(cast.ids["nurse"])]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        first = child.stdout.readline()
        time.sleep(seconds)
        child.kill()
        lines = [first, *child.stdout.read().split("\n")]
    return {UUID(line.strip()) for line in lines if len(line.strip()) == 36}


@pytest.mark.soak
def test_a_killed_process_leaves_nothing_torn(
    app: Flask, cast: Cast, settings: Settings, share: int
) -> None:
    """3 kills here, 100 in soak, each at another moment."""
    seed = int(time.time())
    moments = random.Random(seed)
    confirmed: set[UUID] = set()
    for _ in range(max(3, share // 10)):
        confirmed |= set(run_and_kill(settings, cast, moments.uniform(0.0, 0.4)))
        assert not torn(app, cast), f"seed {seed}"
        with app.app_context():
            kept = set(session.scalars(select(Case.id)))
            session.rollback()
        assert confirmed, "the child never committed"
        assert confirmed <= kept, f"lost what was confirmed: {confirmed - kept} (seed {seed})"


def test_a_torn_case_is_found(app: Flask, cast: Cast) -> None:
    with cast.acting():
        case = _open(cast)
        notice = session.scalars(select(Notice).where(Notice.case_id == case.id)).first()
        session.delete(notice)
    assert any("has 2 notices" in fault for fault in torn(app, cast))


def test_a_case_without_its_entry_is_found(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    from casemgr.access import opening

    monkeypatch.setattr(opening, "record", lambda *_a, **_n: None)
    with cast.acting():
        _open(cast)
    assert any("has 0 entries" in fault for fault in torn(app, cast))


def test_killed_between_the_two_commits_the_key_is_swept(app: Flask, cast: Cast) -> None:
    """The key store has committed, the main database has not: nothing names the key."""
    store: KeyStore = app.extensions["keyring"].store
    with app.app_context():
        _open(cast)
        session.rollback()  # what the main database does when its client is gone
    ((unnamed, _),) = store.pending()
    with cast.acting():
        named = _open(cast)
        assert sweep_unnamed() == 0, "younger than a day: its transaction may still be running"
        named_id = named.id
    later = clock.now() + UNNAMED_KEYS_KEPT + timedelta(minutes=1)
    with clock.frozen(later), cast.acting():
        assert sweep_unnamed() == 1
    assert store.fetch([unnamed]) == []
    assert store.pending() == []
    with cast.acting():
        case = session.get_one(Case, named_id)
        cases.open_parts(cast.actor("worker"), case, {Compartment.SOCIAL}, Purpose.CASE_WORK)
        assert case.ward == "Khoa Sản"


def test_a_key_that_was_never_committed_leaves_no_case(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other order: the key store is gone before the key is kept."""

    def gone(_store: KeyStore, _keys: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(KeyStore, "add_pending", gone)
    with app.app_context():
        with pytest.raises(ConnectionError):
            _open(cast)
        session.rollback()
        assert not session.scalars(select(Case.id)).all()


def _open(cast: Cast) -> Case:
    return cases.open_suspicion(
        cast.actor("worker"), source=Source.WARD, ward="Khoa Sản", contact_nurse_id=None
    )
