"""Scores, terms and states of reviews, against numbers counted by hand."""

from datetime import UTC, date, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casemgr.privacy.reviews import rules
from casemgr.privacy.reviews.rules import ReviewKind, ReviewState


@pytest.mark.parametrize(
    ("found", "score"),
    [
        ([], 0),
        ([("R6", 50)], 50),
        ([("R6", 50), ("R7", 35)], 60),  # the highest, and ten for the second
        ([("R6", 50), ("R6", 30)], 50),  # one rule twice is one rule
        ([("R5", 95), ("R6", 50), ("R7", 35)], 100),  # never more than a hundred
        ([("R2", 90), ("R7", 35)], 100),
    ],
    ids=["nothing", "one", "two", "twice", "capped", "exactly"],
)
def test_one_score_for_all_that_was_found(found: list[tuple[str, int]], score: int) -> None:
    """audit.md §5: max + 10 per further rule, cap 100."""
    assert rules.combined(found) == score


FINDINGS = st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), st.integers(0, 100)), max_size=8)


@given(found=FINDINGS, more=st.tuples(st.sampled_from(["a", "b", "d"]), st.integers(0, 100)))
def test_more_is_never_less(found: list[tuple[str, int]], more: tuple[str, int]) -> None:
    assert 0 <= rules.combined(found) <= rules.combined([*found, more]) <= 100


@pytest.mark.parametrize(
    ("kind", "last"),
    [
        (ReviewKind.BREAK_GLASS, date(2026, 11, 30)),  # 3: Thursday, Friday, Monday
        (ReviewKind.ALERT, date(2026, 12, 2)),  # 5
        (ReviewKind.SAMPLE, date(2026, 12, 9)),  # 10
        (ReviewKind.ACCESS, date(2026, 12, 9)),
    ],
    ids=str,
)
def test_the_term_ends_with_a_working_day(kind: ReviewKind, last: date) -> None:
    """From Wednesday 25 November 2026, 23:30 at the hospital (16:30 UTC)."""
    due = rules.due_at(kind, datetime(2026, 11, 25, 16, 30, tzinfo=UTC))
    assert due == datetime(last.year, last.month, last.day, 17, tzinfo=UTC)


def test_terms_are_dated_and_have_a_source() -> None:
    assert {term.kind for term in rules.TERMS} == set(ReviewKind)
    assert all(term.source and term.working_days > 0 for term in rules.TERMS)
    assert rules.term_of(ReviewKind.BREAK_GLASS, date(2020, 1, 1)).working_days == 3


def test_the_usual_way_is_open() -> None:
    way = list(ReviewState)
    assert all(rules.move(one, other) is other for one, other in pairwise(way))
