"""Unique numbers by blind index: letters kept, hits compared, older rows found and reindexed."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from casemgr.access.actor import system_actor
from casemgr.audit import Action
from casemgr.cases import numbers, service
from casemgr.cases.models import Identity
from casemgr.crypto.names import fold
from casemgr.db import session
from casemgr.work.models import Job
from tests.cases.people import add_people
from tests.cases.scene import entries
from tests.cast import Cast

CARD, PERSON = "HN4010000713593", "0000713593"
PASSPORT, CCCD = "B1234567", "098200012345"


@pytest.fixture
def people(cast: Cast) -> list[UUID]:
    return add_people(
        cast,
        [
            {"full_name": "Vàng Thị Máy", "insurance_number": CARD},
            {"full_name": "Lò Văn Pâng", "national_id": PASSPORT},
            {"full_name": "Lý Quyên", "national_id": CCCD, "insurance_number": CCCD},
        ],
    )


def found(cast: Cast, text: str) -> list[UUID]:
    with cast.acting():
        return [case.id for case in service.search_cases(cast.actor("lead"), text)]


def set_index(cast: Cast, case_id: UUID, column: str, value: Any) -> None:
    with cast.planting():
        session.execute(update(Identity).where(Identity.case_id == case_id).values({column: value}))


def old_index(cast: Cast, field: str, text: str) -> int:
    """As rows were indexed before: by their digits alone."""
    keyring = cast.app.extensions["keyring"]
    index: int = keyring.blind_index(
        cast.facility_id, f"case_identity.{field}", "".join(c for c in text if c.isdigit())
    )
    return index


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (CARD, 0),
        ("hn 4 01 0000-713593", 0),
        (PERSON, 0),
        ("GD2220000713593", 0),
        ("4010000713593", None),
        (PASSPORT, 1),
        ("b 123 4567", 1),
        ("1234567", None),
        ("C1234567", None),
        ("0982 0001 2345", 2),
        ("098200012346", None),
        ("HN", None),
    ],
)
def test_a_number_is_found_however_it_is_written(
    cast: Cast, people: list[UUID], text: str, expected: int | None
) -> None:
    """BHYT: the ten digits of the person count, whichever card carries them (domain §5.5)."""
    assert found(cast, text) == ([] if expected is None else [people[expected]])


def test_a_forged_index_shows_nobody(cast: Cast, people: list[UUID]) -> None:
    """Somebody who can write to the database points a number at another person."""
    keyring = cast.app.extensions["keyring"]
    forged = keyring.blind_index(cast.facility_id, "case_identity.national_id", CCCD)
    set_index(cast, people[0], "national_id_index", forged)
    assert found(cast, CCCD) == [people[2]]
    (compared,) = entries(cast, Action.NUMBER_COMPARED)
    assert compared.acting_as == "name-index"
    assert compared.compartments == "IDENTITY"
    assert compared.count == 2


def test_a_hit_that_does_not_open_shows_nobody(cast: Cast, people: list[UUID]) -> None:
    with cast.acting():
        sealed: Any = Identity.identity_sealed  # type: ignore[attr-defined]
        row = session.execute(
            select(Identity.id, sealed).where(Identity.case_id == people[2])
        ).one()
        broken = row[1][:-1] + bytes([row[1][-1] ^ 1])
    set_index(cast, people[2], "identity_sealed", broken)
    assert found(cast, CCCD) == []
    assert entries(cast, Action.SEAL_BROKEN)[0].case_id == people[2]


def test_nothing_is_opened_for_somebody_out_of_reach(cast: Cast, people: list[UUID]) -> None:
    with cast.acting():
        assert service.search_cases(cast.actor("worker"), CCCD) == []
    assert len(people) == 3
    assert entries(cast, Action.NUMBER_COMPARED) == []


def test_rows_indexed_by_the_older_rule_are_found_before_and_after_they_are_reindexed(
    cast: Cast, people: list[UUID]
) -> None:
    set_index(cast, people[0], "insurance_number_index", old_index(cast, "insurance_number", CARD))
    set_index(cast, people[1], "national_id_index", old_index(cast, "national_id", PASSPORT))
    assert found(cast, CARD) == [people[0]]
    assert found(cast, PASSPORT) == [people[1]]
    assert found(cast, PERSON) == []
    _reindex(cast)
    for text, person in ((CARD, 0), (PERSON, 0), (PASSPORT, 1), (CCCD, 2)):
        assert found(cast, text) == [people[person]], text


def _reindex(cast: Cast) -> None:
    """Job after job, as the worker does them."""
    after = UUID(int=0)
    for _ in range(10):
        with cast.acting():
            numbers.reindex(system_actor("number.reindex", cast.facility_id), after)
            jobs = session.scalars(select(Job).where(Job.kind == numbers.REINDEX)).all()
            left = [job.ref_id for job in jobs]
            for job in jobs:
                session.delete(job)
        if not left:
            return
        (after,) = left


def test_reindexing_goes_over_everybody_in_batches(
    cast: Cast, people: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numbers, "BATCH", 2)
    for case_id in people:
        set_index(cast, case_id, "insurance_number_index", 7)
    with cast.acting():
        before = dict(session.execute(select(Identity.id, Identity.version)).all())
    _reindex(cast)
    assert sum(entry.count or 0 for entry in entries(cast, Action.NUMBERS_REINDEXED)) == 3
    with cast.acting():
        rows = dict(
            session.execute(select(Identity.case_id, Identity.insurance_number_index)).all()
        )
        assert [rows[case_id] for case_id in people][1] is None
        assert 7 not in rows.values()
        after = dict(session.execute(select(Identity.id, Identity.version)).all())
        assert after == before  # nobody who edits now is told that somebody else changed it


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HN4010000713593", "0000713593"),
        ("hn-4-01-0000713593", "0000713593"),
        ("0000713593", "0000713593"),
        ("098200012345", "098200012345"),
        ("XX9990000713593", "XX9990000713593"),
        ("", ""),
    ],
)
def test_what_stays_of_an_insurance_number(text: str, expected: str) -> None:
    assert fold.insurance(text) == expected
