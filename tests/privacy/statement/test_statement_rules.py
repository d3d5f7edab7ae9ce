"""What a statement tells of a log made by hand; the expected lines are written by hand too."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from casemgr.privacy.statement.rules import (
    Act,
    Line,
    Receiver,
    Secret,
    Who,
    Withholding,
    fold,
    grounds_on,
    is_refused,
    told,
)

HOA, SON, THUY = UUID(int=1), UUID(int=2), UUID(int=3)
REFERRAL, TIP = UUID(int=71), UUID(int=72)
NOTHING = Secret()
WHO = {
    HOA: Who("", "Khoa Sản"),
    SON: Who("", "Khoa Sản", "Ngô Thanh Sơn"),
    THUY: Who("", "Ban Giám đốc"),
}


def act(hour: int, who: UUID | None, what: str, parts: str = "", **more: object) -> Act:
    """One entry at this hour of 3 March 2026; by default a look of its own."""
    base: dict[str, object] = {
        "at": datetime(2026, 3, 3, hour, tzinfo=UTC),
        "who": who,
        "acting_as": "clinician" if who == SON else "screener",
        "action": what,
        "occasion": UUID(int=1000 + hour),
        "parts": frozenset(parts.split()),
    }
    return Act(**{**base, **more})  # type: ignore[arg-type]


LOG = [
    act(1, HOA, "case.opened", "SOCIAL", purpose="screening"),
    act(2, SON, "case.shown"),
    act(2, SON, "compartment.opened", "IDENTITY CLINICAL", purpose="treatment"),
    act(3, SON, "compartment.opened", "CLINICAL", purpose="treatment"),
    act(3, SON, "clinical.written", "CLINICAL", purpose="treatment"),  # the same request
    act(4, HOA, "case.listed", is_list=True),
    act(5, None, "compartment.opened", "IDENTITY", purpose="indexing"),  # the machine
    act(6, HOA, "act.refused", is_done=False),
    act(7, THUY, "log.shown"),
    act(8, THUY, "hold.set", "OVERSIGHT", purpose="oversight"),
    act(9, SON, "referral.sent", subject_id=REFERRAL),
    act(9, HOA, "team.added", "PSYCH"),  # a place given is no look
]
UNTOLD = [
    act(2, SON, "compartment.opened", "INFORMANT", purpose="case_work"),
    act(10, THUY, "compartment.opened", "INFORMANT"),
    act(11, HOA, "seal.broken", "INFORMANT", is_done=False),
    act(12, HOA, "tip.linked", "SOCIAL", subject_kind="tip"),
    act(13, HOA, "referral.received", "SOCIAL", purpose="referral"),
    act(14, HOA, "referral.answered", subject_kind="incoming:acknowledged"),
    act(15, HOA, "referral.shown", "SOCIAL", subject_id=TIP),
    act(16, HOA, "team.added", "IDENTITY INFORMANT"),
    act(16, HOA, "task.added", "INFORMANT OVERSIGHT"),
]


def lines(acts: Iterable[Act], secret: Secret = NOTHING) -> list[tuple[str, str, str, str, int]]:
    return [as_text(line) for line in fold(told(acts, secret), WHO)]


def as_text(line: Line) -> tuple[str, str, str, str, int]:
    who = " ".join(text for text in (line.who.acting_as, line.who.name) if text)
    hours = f"{line.first_at.hour}-{line.last_at.hour}"
    return who, line.part, line.purpose, hours, line.times


def test_a_log_by_hand_becomes_the_lines_by_hand() -> None:
    assert lines(LOG) == [
        ("clinician Ngô Thanh Sơn", "IDENTITY", "treatment", "2-2", 1),
        ("clinician Ngô Thanh Sơn", "CLINICAL", "treatment", "2-3", 2),
        ("clinician Ngô Thanh Sơn", "page", "", "2-9", 2),
        ("screener", "SOCIAL", "screening", "1-1", 1),
        ("screener", "list", "", "4-4", 1),
    ]


@pytest.mark.parametrize(
    "extra", UNTOLD, ids=lambda act: f"{act.action}-{len(act.parts)}-{act.at.hour}"
)
def test_a_sign_of_an_informant_changes_nothing(extra: Act) -> None:
    secret = Secret(records=frozenset({TIP}))
    mixed = sorted([*LOG, extra], key=lambda act: act.at)
    assert lines(mixed, secret) == lines(LOG, secret)


def test_a_look_at_the_informant_beside_another_part_tells_only_the_other() -> None:
    both = act(20, SON, "compartment.opened", "IDENTITY INFORMANT", purpose="treatment")
    alone = act(20, SON, "compartment.opened", "IDENTITY", purpose="treatment")
    assert lines([both]) == lines([alone])


def test_what_is_withheld_is_as_if_it_had_not_happened() -> None:
    sent = act(9, SON, "referral.sent", subject_id=REFERRAL)
    by_record = Secret(records=frozenset({REFERRAL}), occasions=frozenset({sent.occasion}))
    beside = act(9, SON, "compartment.opened", "SOCIAL", purpose="referral")
    without = [entry for entry in LOG if entry.subject_id != REFERRAL]
    assert lines([*LOG, beside], by_record) == lines(without)
    by_part = Secret(parts=frozenset({"CLINICAL"}))
    assert ("clinician Ngô Thanh Sơn", "IDENTITY", "treatment", "2-2", 1) in lines(LOG, by_part)
    assert not [line for line in lines(LOG, by_part) if line[1] == "CLINICAL"]


@pytest.mark.parametrize(
    ("receiver", "is_conflicted", "refused"),
    [
        (Receiver.PERSON, None, False),
        (Receiver.GUARDIAN, True, True),
        (Receiver.GUARDIAN, None, True),
        (Receiver.GUARDIAN, False, False),
        (Receiver.REPRESENTATIVE, True, True),
        (Receiver.REPRESENTATIVE, False, False),
    ],
    ids=str,
)
def test_who_gets_none(receiver: Receiver, is_conflicted: bool | None, refused: bool) -> None:
    assert is_refused(receiver, is_conflicted) is refused


@pytest.mark.parametrize(
    ("day", "counts"),
    [
        (date(2026, 2, 28), False),
        (date(2026, 3, 1), True),
        (date(2026, 3, 31), True),
        (date(2026, 4, 1), False),
    ],
    ids=str,
)
def test_both_days_of_a_withholding_belong_to_it(day: date, counts: bool) -> None:
    assert Withholding(date(2026, 3, 1), date(2026, 3, 31)).counts_on(day) is counts


def test_a_ground_counts_from_its_first_day() -> None:
    assert [ground.name for ground in grounds_on(date(2017, 12, 31))] == ["child_protection"]
    assert {ground.name for ground in grounds_on(date(2018, 1, 1))} == {
        "child_protection",
        "investigation",
    }
