"""Entries: one canonical encoding, columns that say the same, nothing but ids and names of acts."""

import hmac
import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from casemgr import clock
from casemgr.access.actor import system_actor
from casemgr.audit import Action, AuditEntry, Outcome, record
from casemgr.audit.lanes import label_of
from casemgr.audit.trail import canonical, entries_written
from casemgr.cases.models import Case
from casemgr.db import session
from tests.cast import Cast

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "leaf.json").read_text("utf-8"))
AT = datetime(2026, 11, 22, 1, 2, 3, 40, tzinfo=UTC)
CASE, SUBJECT = UUID(int=1), UUID(int=2)


def test_a_leaf_is_canonical() -> None:
    """RFC 8785 for what we write: sorted keys, no blanks, UTF-8, null and small integers."""
    assert (
        canonical({"b": None, "a": ["x", "ờ"], "c": 1}) == '{"a":["x","ờ"],"b":null,"c":1}'.encode()
    )
    assert canonical({"b": 1, "a": 2}) == canonical({"a": 2, "b": 1})


@pytest.mark.parametrize("vector", VECTORS["leaves"], ids=["version 1", "version 2", "version 3"])
def test_frozen_leaves_are_written_as_ever(vector: str) -> None:
    leaf = json.loads(vector)
    assert canonical(leaf) == vector.encode()
    assert ("sealed" in leaf) == (leaf["v"] >= 2)
    assert ("lane" in leaf, "seq" in leaf) == (leaf["v"] >= 3,) * 2


@pytest.mark.parametrize("vector", VECTORS["tags"], ids=lambda vector: vector["lane"][:8])
def test_a_frozen_tag_is_made_as_ever(vector: dict[str, str]) -> None:
    """HKDF-SHA256 (RFC 5869, no salt) by hand, then HMAC-SHA256 over the leaf."""
    root, info = bytes.fromhex(vector["root"]), f"lane|{vector['lane']}".encode()
    extracted = hmac.digest(bytes(32), root, "sha256")
    lane_key = hmac.digest(extracted, info + b"\x01", "sha256")
    assert hmac.digest(lane_key, vector["leaf"].encode(), "sha256").hex() == vector["tag"]
    assert label_of(UUID(vector["lane"])) == info.decode()


@pytest.mark.parametrize("vector", VECTORS["cells"], ids=lambda vector: vector["sealed"])
def test_the_digest_of_a_cell_is_half_of_sha_256(vector: dict[str, str]) -> None:
    cell = Case.intake.cell(SUBJECT, bytes.fromhex(vector["sealed"]))
    assert cell.digest.hex() == vector["digest"]
    assert (cell.place, cell.row_id) == ("case.intake_sealed", SUBJECT)


def test_the_leaf_says_everything_once(cast: Cast) -> None:
    with clock.frozen(AT), cast.acting():
        entry = record(
            cast.actor("worker"),
            Action.CASE_SHOWN,
            case_id=CASE,
            subject_kind="note",
            subject_id=SUBJECT,
            compartments=["SOCIAL", "IDENTITY"],
            purpose="case_work",
            shown=[SUBJECT, CASE],
        )
        session.flush()
        entry_id, leaf = entry.id, json.loads(entry.leaf)
        lane, number = entry.lane, entry.lane_seq
    assert number is not None
    assert leaf == {
        "v": 3,
        "lane": str(lane),
        "seq": number,
        "id": str(entry_id),
        "fac": str(cast.facility_id),
        "at": "2026-11-22T01:02:03.000040+00:00",
        "who": str(cast.ids["worker"]),
        "as": "social_worker",
        "act": "case.shown",
        "out": "done",
        "case": str(CASE),
        "kind": "note",
        "subj": str(SUBJECT),
        "parts": ["IDENTITY", "SOCIAL"],
        "purp": "case_work",
        "chan": "command",
        "sess": None,
        "rid": None,
        "n": 2,
        "ids": [str(CASE), str(SUBJECT)],
        "sealed": [],
    }


def test_the_columns_say_what_the_leaf_says(cast: Cast) -> None:
    with clock.frozen(AT), cast.acting():
        record(system_actor("tests", cast.facility_id), Action.KEYS_SWEPT, count=3)
    with cast.app.app_context():
        entry = session.scalars(select(AuditEntry).where(AuditEntry.at == AT)).one()
        leaf = json.loads(entry.leaf)
        assert (entry.at, leaf["at"]) == (AT, AT.isoformat(timespec="microseconds"))
        assert (entry.acting_as, leaf["as"]) == ("tests", "tests")
        assert (entry.account_id, leaf["who"]) == (None, None)
        assert (entry.action.value, leaf["act"]) == ("key.swept", "key.swept")
        assert (entry.outcome, leaf["out"]) == (Outcome.DONE, "done")
        assert (entry.count, leaf["n"]) == (3, 3)
        assert (entry.leaf_version, leaf["v"]) == (3, 3)
        assert (str(entry.lane), entry.lane_seq) == (leaf["lane"], leaf["seq"])
        assert entry.leaf == canonical(leaf)


def test_an_entry_goes_with_its_transaction(cast: Cast) -> None:
    with cast.app.app_context():
        before = entries_written()
        record(cast.actor("worker"), Action.HOME_SHOWN)
        assert entries_written() == before + 1
        session.rollback()
        assert (
            session.scalars(select(AuditEntry).where(AuditEntry.action == Action.HOME_SHOWN)).all()
            == []
        )


@pytest.mark.parametrize("action", list(Action))
def test_every_act_fits_its_column(action: Action) -> None:
    assert len(action.value) <= 40
    thing, _, act = action.value.partition(".")
    assert thing
    assert act
