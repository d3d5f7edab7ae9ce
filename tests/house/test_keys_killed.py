"""I14 for keys: killed between any two steps and run again, nothing is lost and nothing comes back.

A step ends where something becomes durable: a transaction of the key store, a commit of the main
database, a root made or destroyed. The test counts them and kills before and after each in turn.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any
from unittest import mock
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from casemgr.access.actor import system_actor
from casemgr.access.key_names import KeyName
from casemgr.access.removal import carry_out_removals, intend_removal, removals_of
from casemgr.audit import Action, AuditEntry
from casemgr.cases import service as cases
from casemgr.cases.rules import Source
from casemgr.crypto.key_store import KeyStore
from casemgr.crypto.store_engine import StoreEngine
from casemgr.db import new_id, session
from casemgr.db.session import RequestSession
from tests.cast import Cast
from tests.house.hospital import Hospital
from tests.house.sealed_values import UNREADABLE, new_process, opened

MOST_STEPS, LEAST_STEPS, SOAK = 200, 5, 1000


class Killed(BaseException):
    """The process is gone: nothing that follows is run."""


@contextmanager
def killed_at(app: Flask, moment: int) -> Iterator[list[str]]:
    """Let ``moment`` steps pass, then die. Yields the steps that were met."""
    met: list[str] = []

    def tick(name: str) -> None:
        met.append(name)
        if len(met) > moment:
            raise Killed

    def around(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def step(*args: Any, **named: Any) -> Any:
            tick(f"before {name}")
            answer = real(*args, **named)
            tick(f"after {name}")
            return answer

        return step

    @contextmanager
    def writing(self: KeyStore) -> Iterator[Any]:
        tick("before the key store")
        with real_writing(self) as connection:
            yield connection
            tick("inside the key store")
        tick("after the key store")

    real_writing = StoreEngine.writing
    provider: Any = type(app.extensions["keyring"].provider)
    with (
        mock.patch.object(StoreEngine, "writing", writing),
        mock.patch.object(provider, "renew", around("renew", provider.renew)),
        mock.patch.object(provider, "destroy", around("destroy", provider.destroy)),
        mock.patch.object(RequestSession, "commit", around("commit", RequestSession.commit)),
    ):
        yield met


def deaths(app: Flask, act: Callable[[], object], share: int) -> Iterator[list[str]]:
    """Run ``act`` again and again, each time dying a little later, until it comes to its end.

    One step later in soak; in the quick run some steps later, beginning anywhere.
    """
    stride = 1 if share == SOAK else 4
    for moment in count(random.randrange(stride), stride):
        assert moment < MOST_STEPS, "it never comes to its end"
        new_process(app)
        with killed_at(app, moment) as met:
            try:
                act()
            except Killed:
                died = True
            else:
                died = False
        if not died:
            return
        yield met


def command(app: Flask, *arguments: str) -> Callable[[], object]:
    def run() -> None:
        result = app.test_cli_runner().invoke(args=["keys", *arguments])
        assert result.exit_code == 0, result.output

    return run


@pytest.mark.soak
@pytest.mark.parametrize("name", ["rotate", "close-epoch"])
def test_killed_between_any_two_steps(
    app: Flask, hospital: Hospital, name: str, share: int
) -> None:
    """Then run again: every value opens after the death and after the end, and old keys are gone."""
    assert hospital.ids
    before, store = opened(app), app.extensions["keyring"].store
    assert UNREADABLE not in before.values()
    steps = 0
    for met in deaths(app, command(app, name), share):
        steps = len(met)
        assert opened(app) == before, f"killed {met[-1]}, {steps} steps in"
        earlier = {key.number for key in store.facility_keys() if key.purpose == "data"}
        command(app, name)()
        assert opened(app) == before, f"killed {met[-1]}, {steps} steps in, and run again"
        left = {key.number for key in store.facility_keys() if key.purpose == "data"}
        if name == "close-epoch":
            assert len(left) == 1
            assert not left & (earlier - {max(earlier)}), "an old facility key is still there"
    assert steps > LEAST_STEPS, "it met fewer steps than there are"


@pytest.mark.soak
def test_a_removal_killed_between_any_two_steps(app: Flask, cast: Cast, share: int) -> None:
    """Once the intent is committed nothing opens, whatever is killed; in the end it is gone."""
    actor, store = system_actor("tests", cast.facility_id), app.extensions["keyring"].store
    found: list[tuple[UUID, list[UUID]]] = []

    def remove() -> None:
        cause, ids = found[-1]
        with app.app_context():
            intend_removal(actor, ids, cause)
            session.commit()
            carry_out_removals(actor)
            session.commit()

    found.append((new_id(), _keys_of_a_new_case(cast)))
    for met in deaths(app, remove, share):
        cause, ids = found[-1]
        faults = torn_removal(app, cause, ids)
        assert not faults, f"killed {met[-1]}, {len(met)} steps in: {faults}"
        remove()
        assert store.fetch(ids) == []
        assert set(store.removed(ids)) == set(ids)
        _all_confirmed(app, cause, ids)
        found.append((new_id(), _keys_of_a_new_case(cast)))
    assert len(found) > 1


def torn_removal(app: Flask, cause: UUID, ids: list[UUID]) -> list[str]:
    """What is only half there of a removal that was killed somewhere."""
    store: KeyStore = app.extensions["keyring"].store
    with app.app_context():
        rows = removals_of(cause)
        named = session.scalars(select(KeyName.id).where(KeyName.id.in_(ids))).all()
        intents = select(AuditEntry.id).where(AuditEntry.action == Action.KEY_REMOVAL_INTENDED)
        entries = session.scalars(intents.where(AuditEntry.subject_id == cause)).all()
        confirmed = [row for row in rows if row.confirmed_at]
        session.rollback()
    there = store.fetch(ids)
    faults = {
        "named and intended at once, or neither": bool(named) is bool(rows),
        "an intent without its entry, or the other way": len(entries) != bool(rows),
        "removed without an intent": not rows and len(there) != len(ids),
        "confirmed before it was removed": bool(confirmed) and bool(there),
    }
    return [fault for fault, is_so in faults.items() if is_so]


def test_a_torn_removal_is_found(app: Flask, cast: Cast) -> None:
    ids, cause = _keys_of_a_new_case(cast), new_id()
    app.extensions["keyring"].store.remove(ids)
    assert torn_removal(app, cause, ids) == ["removed without an intent"]


def _keys_of_a_new_case(cast: Cast) -> list[UUID]:
    with cast.acting():
        case = cases.open_suspicion(
            cast.actor("worker"), source=Source.WARD, ward="Khoa Sản", contact_nurse_id=None
        )
        session.flush()
        return list(session.scalars(select(KeyName.id).where(KeyName.owner_id == case.id)))


def _all_confirmed(app: Flask, cause: UUID, ids: list[UUID]) -> None:
    with app.app_context():
        rows = list(removals_of(cause))
        assert {row.key_id for row in rows} == set(ids)
        assert all(row.removed_at and row.confirmed_at for row in rows)
        assert all(row.epoch == 1 for row in rows)
