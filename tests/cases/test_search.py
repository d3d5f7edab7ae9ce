"""Searching: by name and by facts, in reach only, and what the log keeps of it."""

import re
from uuid import UUID

import pytest
from sqlalchemy import select

from casemgr.access import Compartment, Invalid
from casemgr.audit import Action, AuditEntry
from casemgr.cases import recording, search, service, team
from casemgr.cases.facets import Facts
from casemgr.cases.models import Case, Identity, SafeContact
from casemgr.cases.rules import Sex
from casemgr.crypto.partial_date import PartialDate
from casemgr.db import session
from tests.cases.people import add_people
from tests.cases.scene import entries
from tests.cast import Cast

HUONG, HUONG_2, LAN, NO_NAME = range(4)
PEOPLE = [
    {
        "full_name": "Nguyễn Thị Hương",
        "born_on": PartialDate(1991, 2, 14),
        "sex": Sex.FEMALE,
        "address": "Tổ 3, phường Cẩm Thạch, tỉnh Quảng Ninh",
    },
    {"full_name": "Nguyễn Thị Hường", "born_on": PartialDate(1991, 3), "sex": Sex.FEMALE},
    {
        "full_name": "Trần Thị Lan",
        "born_on": PartialDate(1991),
        "sex": Sex.FEMALE,
        "address": "Xã Hải Hòa, Quảng Ninh",
    },
    {"born_on": PartialDate(2009, 2, 14), "sex": Sex.MALE, "address": "Cẩm Thạch"},
]


@pytest.fixture
def people(cast: Cast) -> list[UUID]:
    return add_people(cast, PEOPLE)


def found(cast: Cast, text: str, facts: Facts | None = None, *, who: str = "lead") -> list[UUID]:
    with cast.acting():
        return [case.id for case in service.search_cases(cast.actor(who), text, facts)]


@pytest.mark.parametrize(
    ("text", "facts", "expected"),
    [
        ("huong nguyen", Facts(), [HUONG, HUONG_2]),
        ("nguyễn hường", Facts(), [HUONG_2, HUONG]),
        ("nguyen", Facts(born_on=PartialDate(1991)), [HUONG, HUONG_2]),
        ("nguyen", Facts(born_on=PartialDate(1991, 2)), [HUONG]),
        ("nguyen", Facts(born_on=PartialDate(1991, 2, 14)), [HUONG]),
        ("nguyen", Facts(born_on=PartialDate(1991, 2, 15)), []),
        ("nguyen", Facts(place="quang ninh"), [HUONG]),
        ("lan", Facts(place="hải hoà"), [LAN]),
        ("lan", Facts(sex=Sex.MALE), []),
        ("", Facts(born_on=PartialDate(1991), sex=Sex.FEMALE), [HUONG, HUONG_2, LAN]),
        ("", Facts(sex=Sex.MALE, place="cam thach"), [NO_NAME]),
        ("", Facts(PartialDate(2009, 2, 14), Sex.MALE, "CẨM THẠCH"), [NO_NAME]),
        ("", Facts(sex=Sex.FEMALE, place="3"), None),
        ("", Facts(sex=Sex.FEMALE), None),
        ("  ", Facts(), None),
    ],
)
def test_names_and_facts(
    cast: Cast, people: list[UUID], text: str, facts: Facts, expected: list[int] | None
) -> None:
    """All of it must fit; one fact alone is too little, and a house number is no place."""
    if expected is None:
        with pytest.raises(Invalid, match="too_little"):
            found(cast, text, facts)
    else:
        assert found(cast, text, facts) == [people[n] for n in expected]


def test_a_mistyped_word_is_told_apart(cast: Cast, people: list[UUID]) -> None:
    with cast.acting():
        good, similar = service.find_cases(cast.actor("lead"), "nguyne huong")
        assert good == []
        assert [case.id for case in similar] == [people[HUONG], people[HUONG_2]]


def test_facts_narrow_codes_and_numbers_too(cast: Cast, in_support: UUID) -> None:
    worker = cast.actor("worker")
    with cast.acting():
        identity = {"full_name": "Vàng Thị Máy", "national_id": "098200012345", "sex": Sex.FEMALE}
        recording.record_part(worker, in_support, Identity, None, identity)
        code = session.get_one(Case, in_support).code
    for text in (code, "098200012345"):
        assert found(cast, text, Facts(sex=Sex.FEMALE), who="worker") == [in_support]
        assert found(cast, text, Facts(sex=Sex.MALE), who="worker") == []


def test_who_may_not_open_identity_learns_nothing_by_facts(cast: Cast, in_support: UUID) -> None:
    """With CONTACT alone a telephone number finds the case; with a fact beside it, nothing does."""
    worker = cast.actor("worker")
    with cast.acting():
        recording.record_part(
            worker, in_support, Identity, None, {"full_name": "Vàng Thị Máy", "sex": Sex.FEMALE}
        )
        recording.record_part(worker, in_support, SafeContact, None, {"phone": "0501234567"})
        team.add_member(worker, in_support, cast.ids["other_worker"], {Compartment.CONTACT})
    assert found(cast, "050 123 4567", who="other_worker") == [in_support]
    for sex in (Sex.FEMALE, Sex.MALE):
        assert found(cast, "050 123 4567", Facts(sex=sex), who="other_worker") == []
    assert found(cast, "", Facts(PartialDate(1991), Sex.FEMALE), who="other_worker") == []
    assert found(cast, "Máy", who="other_worker") == []


@pytest.mark.parametrize(
    ("text", "facts", "kind"),
    [
        ("Hương", Facts(), "search:name"),
        ("098200012345", Facts(), "search:number"),
        ("HN 4 01 0000713593", Facts(), "search:number"),
        ("tn-7q4m2k", Facts(), "search:code"),
        ("", Facts(PartialDate(1991), Sex.FEMALE), "search:facts"),
        ("Lan", Facts(place="Hải Hòa"), "search:name+facts"),
    ],
)
def test_the_log_tells_the_kind_of_question_and_never_the_question(
    cast: Cast, people: list[UUID], text: str, facts: Facts, kind: str
) -> None:
    hits = found(cast, text, facts)
    (entry,) = entries(cast, Action.CASES_SEARCHED)
    assert entry.subject_kind == kind
    assert entry.count == len(hits)
    said = entry.leaf.decode()
    assert all(str(case_id) in said for case_id in hits)
    # Digits of ids and moments are nobody's year of birth.
    said = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT[\d:.+]+", "", said)
    for word in ("Hương", "Hải", "1991", "female", text):
        assert not word or word not in said
    assert len(people) == 4


def test_out_of_reach_is_neither_shown_nor_counted_nor_opened(
    cast: Cast, people: list[UUID]
) -> None:
    assert found(cast, "nguyen", who="worker") == []
    (entry,) = entries(cast, Action.CASES_SEARCHED)
    assert entry.count == 0
    assert len(people) == 4


def test_a_search_shows_fifty_at_most(cast: Cast) -> None:
    add_people(cast, [{"full_name": f"Nguyễn Văn {chr(65 + n % 26)}"} for n in range(60)])
    assert len(found(cast, "nguyen")) == search.RESULTS == 50


def test_processes_catch_up_with_each_other(cast: Cast, people: list[UUID]) -> None:
    """Two processes of the server: what one writes the other finds at its next answer."""
    mine = cast.app.extensions["process"]
    assert found(cast, "lan") == [people[LAN]]
    cast.app.extensions["process"] = {**mine, "case_indexes": {}}
    (newcomer,) = add_people(cast, [{"full_name": "Lê Thị Lan"}])
    assert found(cast, "lan") == [newcomer, people[LAN]]
    cast.app.extensions["process"] = mine
    assert found(cast, "lan") == [newcomer, people[LAN]]


def test_each_building_of_the_index_is_one_entry(cast: Cast, people: list[UUID]) -> None:
    for _ in range(3):
        found(cast, "lan")
    with cast.acting():
        actors = select(AuditEntry.acting_as, AuditEntry.count).where(
            AuditEntry.action == Action.NAME_INDEX_BUILT
        )
        assert session.execute(actors).all() == [("name-index", len(people))]
