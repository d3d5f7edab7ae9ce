"""flask keys: each command does what it says, on record, and fails with one clear line."""

import json
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import Uuid, bindparam, select, text

from casemgr.access.epochs import KeyEpoch, Waits, current_epoch, what_is_outstanding
from casemgr.access.key_names import KeyName
from casemgr.audit import Action, AuditEntry, Outcome
from casemgr.crypto.errors import KeyProviderDown
from casemgr.crypto.key_store import KeyStore
from casemgr.db import session
from tests.cast import Cast
from tests.house.hospital import Hospital, found
from tests.house.sealed_values import UNREADABLE, new_process, opened


@pytest.fixture
def hospital(cast: Cast) -> Hospital:
    return found(cast)


def run(app: Flask, *arguments: str, fails: bool = False) -> Result:
    result = app.test_cli_runner().invoke(args=["keys", *arguments])
    assert (result.exit_code != 0) is fails, result.output
    return result


def entries(app: Flask, action: Action) -> list[AuditEntry]:
    with app.app_context():
        query = select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.at)
        return list(session.scalars(query))


def active(app: Flask) -> dict[str, int]:
    store: KeyStore = app.extensions["keyring"].store
    return {key.purpose: key.number for key in store.facility_keys() if key.state == "active"}


@pytest.mark.usefixtures("hospital")
def test_rotate_wraps_every_data_key_anew(app: Flask) -> None:
    before, store = opened(app), app.extensions["keyring"].store
    assert before
    assert UNREADABLE not in before.values()
    result = run(app, "rotate")
    assert "New facility key data:2" in result.output
    assert {number for _, number, _, _ in store.census()} == {2}
    assert active(app) == {"data": 2, "index": 1, "tag": 1, "backup": 1}
    assert opened(app) == before
    (begun,), (done,) = entries(app, Action.KEY_ROTATION_BEGUN), entries(app, Action.KEYS_ROTATED)
    assert (begun.channel, begun.acting_as) == ("command", "keys")
    assert done.count == sum(count for *_, count in store.census())


def test_a_running_process_goes_on_through_rotation_and_close(
    app: Flask, hospital: Hospital
) -> None:
    """It meets a facility key that it does not know, and learns of it from the store."""
    worker = hospital.cast.browser("worker")
    worker.get(f"/cases/{hospital.ids['case']}")
    ring = app.extensions["keyring"]
    new_process(app)  # the command's own
    run(app, "rotate")
    run(app, "close-epoch")
    app.extensions["keyring"] = ring
    page = worker.get(f"/cases/{hospital.ids['case']}")
    assert hospital.word("note_text") in page.text
    with hospital.cast.acting():  # and makes new keys under the newest facility key
        from casemgr.cases import service as cases
        from casemgr.cases.rules import Source

        cases.open_suspicion(
            hospital.cast.actor("worker"), source=Source.WARD, ward="B", contact_nurse_id=None
        )
    assert {number for _, number, _, _ in ring.store.census()} == {active(app)["data"]}


@pytest.mark.usefixtures("hospital")
def test_close_epoch_leaves_one_root_and_one_facility_key(app: Flask, key_file: Path) -> None:
    before, ring = opened(app), app.extensions["keyring"]
    old_root = ring.provider.root_name()
    old_bytes = [key.wrapped for key in ring.store.facility_keys()]
    output = run(app, "close-epoch").output
    assert "Epoch 1 is closed, epoch 2 is open" in output
    assert opened(app) == before
    keys = ring.store.facility_keys()
    assert {(key.purpose, key.number) for key in keys} == {
        ("data", 2), ("index", 1), ("tag", 1), ("backup", 1)
    }  # fmt: skip
    present = ring.provider.root_name()
    assert present != old_root
    assert (
        {key.root for key in keys} == {ring.provider.root_of(k.wrapped) for k in keys} == {present}
    )
    roots = [json.loads(line)["number"] for line in key_file.read_text().splitlines()]
    assert int(present.removeprefix("file:")) in roots
    assert int(old_root.removeprefix("file:")) not in roots, "the old root is gone from its file"
    if ring.store.engine.dialect.name == "sqlite":
        folder = Path(str(ring.store.engine.url.database)).parent
        stored = b"".join(
            p.read_bytes() for p in folder.glob("keys.sqlite*") if "fresh" not in p.name
        )
        assert not [old for old in old_bytes if old in stored]
    with app.app_context():
        row = session.scalars(select(KeyEpoch).where(KeyEpoch.number == 1)).one()
        assert (row.old_root, row.root_final_at is not None) == (old_root, True)
        assert current_epoch() == 2
        assert what_is_outstanding(1) == []
        assert {item.what for item in what_is_outstanding(2)} == {Waits.RE_WRAP, Waits.ROOT}
    assert len(entries(app, Action.EPOCH_CLOSED)) == 1
    run(app, "close-epoch")
    assert opened(app) == before


def test_rekey_gives_new_generations_at_once(app: Flask, hospital: Hospital) -> None:
    case_id, code = hospital.ids["case"], hospital.code("case")
    output = run(app, "rekey", code.lower()).output
    assert "CLINICAL" in output
    with app.app_context():
        query = select(KeyName.compartment, KeyName.generation).where(KeyName.owner_id == case_id)
        found = sorted((row.compartment, row.generation) for row in session.execute(query))
    parts = sorted({part for part, _ in found})
    assert len(parts) > 4
    assert found == [(part, number) for part in parts for number in (1, 2)]
    (entry,) = entries(app, Action.CASE_REKEYED)
    assert (entry.case_id, entry.compartments.split()) == (case_id, parts)
    assert "no such case" in run(app, "rekey", "TN-000000", fails=True).output


@pytest.mark.usefixtures("hospital")
def test_verify_tries_every_key(app: Flask) -> None:
    assert "Facility keys tried: 4" in run(app, "verify").output
    (entry,) = entries(app, Action.KEYS_VERIFIED)
    assert (entry.outcome, entry.count) == (Outcome.DONE, 4)


@pytest.mark.usefixtures("hospital")
@pytest.mark.parametrize("purpose", ["data", "index", "tag", "backup"])
def test_verify_names_the_key_that_does_not_open(app: Flask, purpose: str) -> None:
    store = app.extensions["keyring"].store
    with store.writing() as connection:
        connection.execute(
            text("UPDATE facility_key SET commitment = :c WHERE purpose = :p"),
            {"c": bytes(32), "p": purpose},
        )
    assert f"Does not open: {purpose}:1" in run(app, "verify", fails=True).output
    (entry,) = entries(app, Action.KEYS_VERIFIED)
    assert entry.outcome is Outcome.FAILED


@pytest.mark.usefixtures("hospital")
def test_verify_tries_a_data_key_too(app: Flask) -> None:
    with app.extensions["keyring"].store.writing() as connection:
        connection.execute(text("UPDATE data_key SET commitment = :c"), {"c": bytes(32)})
    assert "a data key under data:1" in run(app, "verify", fails=True).output


@pytest.mark.usefixtures("hospital")
def test_status_tells_without_opening_anything(app: Flask) -> None:
    run(app, "verify")
    run(app, "rotate")
    output = run(app, "status").output
    for line in (
        "Provider: file:",
        "Epoch: 1",
        "data:1",
        "decrypt-only",
        "under data:2",
        "Last verify: 2",
        "Last drill: never",
    ):
        assert line in output
    assert len(entries(app, Action.KEYS_SHOWN)) == 1


@pytest.mark.usefixtures("hospital")
def test_destroy_takes_only_what_nothing_needs(app: Flask) -> None:
    before = opened(app)
    assert "Nothing can be destroyed" in run(app, "destroy").output
    for needed in ("data:1", "index:1", app.extensions["keyring"].provider.root_name(), "x"):
        assert "is not an old key" in run(app, "destroy", needed, "--yes", fails=True).output
    run(app, "rotate")
    assert run(app, "destroy").output == "data:1\n"
    refused = app.test_cli_runner().invoke(args=["keys", "destroy", "data:1"], input="n\n")
    assert refused.exit_code != 0
    assert "data:1" in run(app, "destroy").output
    run(app, "destroy", "data:1", "--yes")
    assert "Nothing can be destroyed" in run(app, "destroy").output
    assert opened(app) == before
    assert len(entries(app, Action.KEY_DESTROYED)) == 1


@pytest.mark.usefixtures("hospital")
@pytest.mark.parametrize("command", ["rotate", "close-epoch", "verify"])
def test_a_provider_that_is_down_is_one_clear_line(
    app: Flask, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, ring = opened(app), app.extensions["keyring"]

    def down(*_: object) -> None:
        raise KeyProviderDown("no answer from the test")

    with monkeypatch.context() as patch:
        for name in ("wrap", "unwrap", "root_name", "renew", "destroy"):
            patch.setattr(ring.provider, name, down)
        output = run(app, command, fails=True).output
        assert output.splitlines()[-1].startswith("Error: The key provider does not answer")
        assert "does not answer" in run(app, "status").output
    assert opened(app) == before
    run(app, command)
    assert opened(app) == before


@pytest.mark.usefixtures("hospital")
def test_data_keys_that_do_not_open_stop_a_closing(app: Flask) -> None:
    """Nothing is destroyed for their sake, unless somebody says so aloud."""
    store = app.extensions["keyring"].store
    with store.writing() as connection:
        query = "UPDATE data_key SET commitment = :c WHERE compartment = 'CLINICAL'"
        connection.execute(text(query), {"c": bytes(32)})
    before = opened(app)
    assert UNREADABLE in before.values()
    assert "cannot be opened" in run(app, "close-epoch", fails=True).output
    assert {key.number for key in store.facility_keys() if key.purpose == "data"} == {1, 2}
    run(app, "close-epoch", "--give-up-unreadable")
    assert opened(app) == before


@pytest.mark.usefixtures("hospital")
def test_giving_up_takes_no_key_that_opens(app: Flask) -> None:
    """Not of another facility in the store, whose turn had not come, either."""
    ring = app.extensions["keyring"]
    others = {UUID(int=1), UUID(int=2**128 - 1)}  # before ours and after it
    for facility_id in others:
        ring.found_facility(facility_id)
        ring.new_keys(facility_id, UUID(int=5), ["CLINICAL"], [uuid4()])
    with ring.store.writing() as connection:
        query = text("UPDATE data_key SET commitment = :c WHERE compartment = 'CLINICAL'"
                     " AND facility_id = :f")  # fmt: skip
        ids = query.bindparams(bindparam("f", type_=Uuid))
        connection.execute(ids, {"c": bytes(32), "f": UUID(int=1)})
    before = opened(app)
    assert UNREADABLE not in before.values()
    run(app, "close-epoch", "--give-up-unreadable")
    assert opened(app) == before
    states = {(facility_id, state) for facility_id, _, state, _ in ring.store.census()}
    assert {state for facility_id, state in states if facility_id == UUID(int=1)} == {"removed"}
    assert all(state != "removed" for facility_id, state in states if facility_id != UUID(int=1))


@pytest.mark.usefixtures("hospital")
def test_a_facility_key_that_does_not_open_gives_nothing_up(app: Flask) -> None:
    """Its data keys may be sound: they wait for the day it is mended."""
    before, store = opened(app), app.extensions["keyring"].store
    (key,) = [k for k in store.facility_keys() if k.purpose == "data"]
    with store.writing() as connection:
        query = text("UPDATE facility_key SET commitment = :c WHERE purpose = 'data'")
        connection.execute(query, {"c": bytes(32)})
    new_process(app)
    run(app, "close-epoch", "--give-up-unreadable", fails=True)
    assert {state for *_, state, _ in store.census()} <= {"live", "pending"}
    with store.writing() as connection:
        query = text(
            "UPDATE facility_key SET commitment = :c WHERE purpose = 'data' AND number = 1"
        )
        connection.execute(query, {"c": key.commitment})
    new_process(app)
    run(app, "close-epoch")
    assert opened(app) == before


def test_without_a_hospital_there_is_nothing_to_do(app: Flask) -> None:
    assert "No hospital was founded" in run(app, "status", fails=True).output
