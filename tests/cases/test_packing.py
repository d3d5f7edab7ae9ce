"""Above a setting of people the worker packs the index; every answer stays the same."""

import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, update

from casemgr import clock
from casemgr.access import Compartment
from casemgr.access.actor import system_actor
from casemgr.access.key_names import KeyName
from casemgr.access.removal import KeyRemoval, carry_out_removals
from casemgr.audit import Action
from casemgr.cases import erasing, indexing, packed, packing, service
from casemgr.cases.changes import note_change
from casemgr.cases.facets import Facts
from casemgr.cases.models import Case, Identity, IndexChange
from casemgr.cases.packed import PackedBlock, PackedEpoch
from casemgr.cases.rules import Sex
from casemgr.crypto.names.name_index import NameIndex
from casemgr.crypto.names.packed_index import PackedIndex
from casemgr.crypto.partial_date import PartialDate
from casemgr.db import new_id, session
from casemgr.db.session import PACKED_ABOVE
from tests.cases.people import add_people, rename
from tests.cases.scene import entries
from tests.cast import Cast

ABOVE, MANY = 20, 45
SURNAMES, MIDDLES = ["Nguyễn", "Trần", "Lê", "Lý"], ["Thị", "Văn", "Hòa"]
GIVEN = ["Hương", "Hường", "Lan", "Loan", "An", "Quyên"]
QUESTIONS = ["nguyen huong", "Hường", "la", "lan tran", "nguyne lan", "thi hoà", "khong co ai"]


@pytest.fixture
def app(app: Flask) -> Flask:
    app.extensions["process"][PACKED_ABOVE] = ABOVE
    return app


@pytest.fixture
def people(cast: Cast) -> list[UUID]:
    rng = random.Random(7)
    facts = [
        {
            "full_name": " ".join(map(rng.choice, (SURNAMES, MIDDLES, GIVEN))),
            "born_on": PartialDate(rng.choice([1991, 2004]), rng.randint(1, 12)),
            "sex": rng.choice([Sex.FEMALE, Sex.MALE]),
        }
        for _ in range(MANY)
    ]
    return add_people(cast, facts)


@pytest.fixture
def packed_now(cast: Cast, people: list[UUID]) -> list[UUID]:
    pack(cast)
    return people


def pack(cast: Cast) -> None:
    """The worker's rounds until nothing is left to do; each is a transaction of its own."""
    cast.app.extensions["process"].pop("packing_next_look", None)
    for _ in range(100):
        with cast.acting():
            if not packing.pack_names(system_actor("name-index", cast.facility_id)):
                return
    raise AssertionError("the worker never came to an end")


def answers(cast: Cast) -> list[list[UUID]]:
    with cast.acting():
        lead = cast.actor("lead")
        found = [[case.id for case in service.search_cases(lead, text)] for text in QUESTIONS]
        known = Facts(born_on=PartialDate(1991), sex=Sex.FEMALE)
        by_facts = [case.id for case in service.search_cases(lead, "", known)]
        listed = [case.id for case in service.list_page(lead, facets=["group:P4"])[0]]
        return [*found, by_facts, listed]


def answers_from_memory(cast: Cast) -> list[list[UUID]]:
    """What an index in memory alone says, in a process of its own."""
    mine, cast.app.extensions["process"] = cast.app.extensions["process"], {PACKED_ABOVE: 10**6}
    no_epoch = pytest.MonkeyPatch()
    no_epoch.setattr(packed, "current", lambda _facility_id: None)
    try:
        return answers(cast)
    finally:
        no_epoch.undo()
        cast.app.extensions["process"] = mine


def index_now(cast: Cast) -> NameIndex | PackedIndex:
    with cast.acting():
        return indexing.caught_up(cast.facility_id).names


def test_below_the_setting_nothing_is_packed(cast: Cast) -> None:
    add_people(cast, [{"full_name": "Nguyễn Thị Hương"}] * ABOVE)
    pack(cast)
    assert isinstance(index_now(cast), NameIndex)
    with cast.acting():
        assert session.scalar(select(func.count(PackedEpoch.id))) == 0


def test_packed_answers_are_those_from_memory(cast: Cast, packed_now: list[UUID]) -> None:
    assert isinstance(index_now(cast), PackedIndex)
    assert answers(cast) == answers_from_memory(cast)
    assert len(answers(cast)[0]) == 3
    (entry,) = entries(cast, Action.NAME_INDEX_PACKED)
    assert (entry.acting_as, entry.count) == ("name-index", len(packed_now))


def test_what_changes_after_is_found_at_once_and_packed_the_next_night(
    cast: Cast, packed_now: list[UUID]
) -> None:
    answers(cast)
    rename(cast, packed_now[3], "Voòng Sủi")
    (newcomer,) = add_people(cast, [{"full_name": "Nguyễn Thị Hương"}])
    _erase(cast, packed_now[5])
    for _ in range(2):  # before the next epoch, and in it
        now = answers(cast)
        assert now == answers_from_memory(cast)
        assert newcomer in now[0]
        assert packed_now[5] not in {case_id for found in now for case_id in found}
        with cast.acting():
            found = service.search_cases(cast.actor("lead"), "voong sui")
            assert [case.id for case in found] == [packed_now[3]]
        _next_night(cast)


def test_a_process_that_starts_later_reads_the_changes_too(
    cast: Cast, packed_now: list[UUID]
) -> None:
    rename(cast, packed_now[3], "Voòng Sủi")
    expected = answers_from_memory(cast)
    cast.app.extensions["process"] = {PACKED_ABOVE: ABOVE}
    assert answers(cast) == expected
    assert [entry.count for entry in entries(cast, Action.NAME_INDEX_OPENED)] == [None]


def test_changes_of_a_restored_database_are_not_overlooked(
    cast: Cast, packed_now: list[UUID]
) -> None:
    """Another cluster of PostgreSQL numbers its transactions lower than the epoch's horizon."""
    rename(cast, packed_now[3], "Voòng Sủi")
    with cast.planting():
        session.execute(update(IndexChange).values(transaction=0))
    cast.app.extensions["process"] = {PACKED_ABOVE: ABOVE}
    assert answers(cast) == answers_from_memory(cast)


def test_switching_removes_the_old_key_and_then_the_old_rows(
    cast: Cast, packed_now: list[UUID]
) -> None:
    first = _current(cast)
    answers(cast)
    _next_night(cast)
    second = _current(cast)
    assert second != first
    assert isinstance(index_now(cast), PackedIndex)
    with cast.acting():
        names = select(KeyName.owner_id).where(KeyName.compartment == "NAME_INDEX")
        assert session.scalars(names).all() == [second]
        removals = session.scalars(select(KeyRemoval).where(KeyRemoval.owner_id == first)).all()
        assert [removal.compartment for removal in removals] == ["NAME_INDEX"]
        key_ids = [removal.key_id for removal in removals]
        carry_out_removals(system_actor("key-remover", cast.facility_id))
    pack(cast)
    with cast.acting():
        owners = select(PackedBlock.epoch_id).distinct()
        assert session.scalars(owners).all() == [second]
        assert session.scalars(select(PackedEpoch.id)).all() == [second]
        assert not cast.app.extensions["keyring"].store.fetch(key_ids)
    assert len(packed_now) == MANY


@pytest.mark.parametrize("is_building", [False, True])
def test_an_erased_person_leaves_the_packed_index_with_the_erasure(
    cast: Cast, people: list[UUID], *, is_building: bool
) -> None:
    """Its blocks hold the name under a key of its own: that key is part of what must go."""
    night_worker, cause_id = system_actor("name-index", cast.facility_id), new_id()
    if is_building:
        for _ in range(2):
            with cast.acting():
                packing.pack_names(night_worker)
    else:
        pack(cast)
    with cast.acting():
        (old,) = session.scalars(select(PackedEpoch.id)).all()
        case = session.get_one(Case, people[0])
        eraser = system_actor("erasure", cast.facility_id)
        erasing.erase_parts(eraser, case, frozenset({Compartment.IDENTITY}), cause_id)
    with cast.acting():
        assert packed.current(cast.facility_id) is None
        causes = select(KeyRemoval.cause_id).where(KeyRemoval.owner_id == old)
        assert session.scalars(causes).all() == ([] if is_building else [cause_id])
    pack(cast)
    assert _current(cast) != old
    with cast.acting():
        assert old not in session.scalars(select(PackedBlock.epoch_id)).all()
    assert isinstance(index_now(cast), PackedIndex)
    assert people[0] not in answers(cast)[0]


def test_nothing_is_packed_twice_in_one_night(cast: Cast, packed_now: list[UUID]) -> None:
    first = _current(cast)
    pack(cast)
    assert _current(cast) == first
    assert packed_now


@pytest.mark.parametrize("harm", ["deleted", "altered", "contents", "key"])
def test_a_damaged_epoch_is_given_up_and_nobody_is_left_out(
    cast: Cast, packed_now: list[UUID], harm: str
) -> None:
    expected = answers_from_memory(cast)
    with cast.planting():
        {
            "deleted": lambda: session.execute(delete(PackedBlock)),
            "altered": lambda: session.execute(update(PackedBlock).values(block=b"\0" * 1948)),
            "contents": lambda: session.execute(update(PackedEpoch).values(contents_sealed=b"x")),
            "key": lambda: session.execute(
                delete(KeyName).where(KeyName.compartment == "NAME_INDEX")
            ),
        }[harm]()
    cast.app.extensions["process"] = {PACKED_ABOVE: ABOVE}
    assert answers(cast) == expected
    assert isinstance(index_now(cast), NameIndex)
    assert len(entries(cast, Action.NAME_INDEX_GIVEN_UP)) == 1
    pack(cast)
    assert isinstance(index_now(cast), PackedIndex)
    assert answers(cast) == expected
    assert packed_now


def test_a_build_that_was_interrupted_begins_again(cast: Cast, people: list[UUID]) -> None:
    for rounds in range(1, 7):
        with cast.acting():
            packing.pack_names(system_actor("name-index", cast.facility_id))
        if rounds % 2:  # the worker stops, and starts again
            cast.app.extensions["process"] = {PACKED_ABOVE: ABOVE}
    pack(cast)
    assert isinstance(index_now(cast), PackedIndex)
    assert answers(cast) == answers_from_memory(cast)
    with cast.acting():
        assert session.scalar(select(func.count(PackedEpoch.id))) == 1
    assert people


def test_a_rolled_back_step_leaves_nobody_out(
    cast: Cast, people: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Blocks whose writing was rolled back are missed at the switch: the build begins again."""
    monkeypatch.setattr(packing, "BLOCKS_PER_STEP", 20)
    worker = system_actor("name-index", cast.facility_id)
    for _ in range(4):
        with cast.acting():
            packing.pack_names(worker)
    with cast.app.app_context():
        packing.pack_names(worker)
        session.rollback()
    pack(cast)
    pack(cast)
    assert isinstance(index_now(cast), PackedIndex)
    assert answers(cast) == answers_from_memory(cast)
    assert people


def test_when_fewer_are_left_the_index_lies_in_memory_again(
    cast: Cast, packed_now: list[UUID]
) -> None:
    cast.app.extensions["process"][PACKED_ABOVE] = MANY + 1
    pack(cast)
    assert isinstance(index_now(cast), NameIndex)
    with cast.acting():
        assert session.scalar(select(func.count(PackedBlock.id))) == 0
    assert packed_now


def test_rows_of_the_table_are_all_of_one_length(cast: Cast, packed_now: list[UUID]) -> None:
    with cast.acting():
        lengths = session.scalars(select(func.length(PackedBlock.block)).distinct()).all()
        assert lengths == [1948]
        sealed = session.scalar(select(func.length(PackedEpoch.contents_sealed)))  # type: ignore[attr-defined]
        assert sealed == 65_536 + 33
    assert packed_now


NOON, NIGHT = datetime(2026, 11, 3, 5, tzinfo=UTC), datetime(2026, 11, 3, 19, tzinfo=UTC)


@pytest.mark.parametrize(
    ("started_at", "now", "expected"),
    [
        (None, NOON, True),
        (NOON, NOON + timedelta(hours=1), False),
        (NOON, NIGHT, True),  # two o'clock at the hospital
        (NIGHT, NIGHT + timedelta(hours=1), False),
        (NIGHT, NOON + timedelta(days=1), False),
        (NIGHT, NOON + timedelta(days=3), True),  # the machine was off at night
    ],
)
def test_once_a_night(started_at: datetime | None, now: datetime, expected: bool) -> None:
    assert packing.is_due(started_at, now) is expected


def _current(cast: Cast) -> UUID:
    with cast.acting():
        current = packed.current(cast.facility_id)
        assert current is not None
        return current


def _next_night(cast: Cast) -> None:
    with clock.frozen(clock.now() + timedelta(hours=49)):
        pack(cast)


def _erase(cast: Cast, case_id: UUID) -> None:
    with cast.planting():
        session.execute(delete(Identity).where(Identity.case_id == case_id))
        session.execute(delete(Case).where(Case.id == case_id))
        note_change(system_actor("tests", cast.facility_id), case_id)
