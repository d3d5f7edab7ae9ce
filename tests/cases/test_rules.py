"""The state machines (domain §4.0), minors (§0.5), consent (R4, R5) and wording (R16)."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from casemgr.cases.rules import (
    CHILD_BELOW,
    RETENTION_AFTER_REFUSAL,
    CaseState,
    ForbiddenMove,
    Group,
    is_minor,
    move,
    regroup,
)
from casemgr.cases.wording import blaming_words
from casemgr.crypto.partial_date import PartialDate

S = CaseState
TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    "way",
    [
        [S.SUSPECTED, S.REPORTED, S.ADMITTED, S.IN_SUPPORT, S.TRANSFERRED, S.CLOSED, S.REPORTED],
        [S.SUSPECTED, S.REFUSED, S.REPORTED, S.ADMITTED],
        [S.ADMITTED, S.REFUSED],
        [S.IN_SUPPORT, S.REFUSED],
        [S.TRANSFERRED, S.REFUSED],
        [S.TRANSFERRED, S.IN_SUPPORT],
    ],
)
def test_the_way_of_the_domain_can_be_walked(way: list[CaseState]) -> None:
    for here, there in pairwise(way):
        assert move(here, there) is there


@pytest.mark.parametrize(
    ("here", "there"),
    [
        (S.SUSPECTED, S.IN_SUPPORT),  # nobody was asked
        (S.REPORTED, S.IN_SUPPORT),
        (S.REFUSED, S.ADMITTED),  # the person was not asked again
        (S.REFUSED, S.IN_SUPPORT),
        (S.CLOSED, S.IN_SUPPORT),  # reopening leads back to asking
        (S.ADMITTED, S.SUSPECTED),
        (S.IN_SUPPORT, S.IN_SUPPORT),
    ],
)
def test_no_other_way_exists(here: CaseState, there: CaseState) -> None:
    with pytest.raises(ForbiddenMove):
        move(here, there)


@pytest.mark.parametrize("wanted", [Group.CONFIRMED, Group.NOT_A_VICTIM])
def test_only_a_paper_says_that_somebody_is_a_victim_or_is_not(wanted: Group) -> None:
    assert regroup(Group.UNDER_IDENTIFICATION, wanted, has_paper=True) is wanted
    with pytest.raises(ForbiddenMove):
        regroup(Group.UNDER_IDENTIFICATION, wanted, has_paper=False)


@pytest.mark.parametrize(
    ("born", "minor", "child"),
    [
        (None, True, True),  # uncertain age: presume a minor (domain §0.5)
        (PartialDate(2008, 11, 22), False, False),  # eighteen today
        (PartialDate(2008, 11, 23), True, False),  # eighteen tomorrow
        (PartialDate(2008, 11), True, False),  # perhaps on the 30th
        (PartialDate(2008), True, False),
        (PartialDate(2007), False, False),
        (PartialDate(2010, 11, 22), True, False),
        (PartialDate(2010, 11, 23), True, True),
    ],
)
def test_minors_are_those_who_may_be_under_age(
    born: PartialDate | None, *, minor: bool, child: bool
) -> None:
    assert is_minor(born, TODAY) is minor
    assert is_minor(born, TODAY, below=CHILD_BELOW) is child


def test_after_a_refusal_a_record_is_kept_for_twelve_months() -> None:
    asked = datetime(2026, 11, 22, tzinfo=UTC).date()
    assert asked + RETENTION_AFTER_REFUSAL == date(2027, 11, 22)
    assert timedelta(days=365) == RETENTION_AFTER_REFUSAL


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Chị khai là bị giữ giấy tờ", ["khai"]),
        ("Bệnh nhân tự nguyện đi, cố tình giấu", ["tự nguyện", "cố tình"]),
        ("Nghi là GÁI MẠI DÂM", ["gái mại dâm"]),
        ("Đã làm giấy khai sinh và kê khai tạm trú, triển khai kế hoạch", []),
        ("Chị kể: “tôi tự nguyện đi”", []),  # a person's own words stay (R16)
        ("Làm ở mỏ khai thác than", []),
        ("Chị kể lại việc bị giữ giấy tờ", []),
    ],
)
def test_blaming_words_are_found_outside_quotations(text: str, words: list[str]) -> None:
    assert [item.word for item in blaming_words(text)] == words
