"""Folding: what may become one line, what never does, and that nothing is left out."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casemgr.audit import Action, Outcome
from casemgr.db import new_id
from casemgr.privacy.log.folding import NEAR, fold
from casemgr.privacy.log.lines import Line

AT = datetime(2026, 11, 25, 3, tzinfo=UTC)
A, B = UUID(int=1), UUID(int=2)
ONE, OTHER = UUID(int=11), UUID(int=12)


def line(
    action: Action = Action.COMPARTMENT_OPENED,
    *,
    before: int = 0,
    who: UUID = A,
    code: str | None = "TN-AAAAAA",
    outcome: Outcome = Outcome.DONE,
    request: UUID | None = None,
    parts: tuple[str, ...] = (),
    address: str = "10.0.0.1",
) -> Line:
    return Line(
        id=new_id(),
        at=AT - timedelta(seconds=before),
        account_id=who,
        who="Somebody",
        acting_as="social_worker",
        action=action,
        outcome=outcome,
        case_code=code,
        has_case=code is not None,
        subject_kind=None,
        subject_name=None,
        compartments=parts,
        purpose=None,
        channel="web",
        address=address,
        request_id=request,
        count=None,
        codes_shown=(),
    )


def sizes(*lines: Line) -> list[int]:
    return [len(one.lines) for one in fold(lines)]


def test_three_parts_of_one_case_are_one_line() -> None:
    found = fold([line(parts=(part,), request=ONE) for part in ("IDENTITY", "CONTACT", "SOCIAL")])
    assert len(found) == 1
    assert found[0].compartments == ("CONTACT", "IDENTITY", "SOCIAL")
    assert found[0].times == 3


def test_the_sealing_of_an_act_belongs_to_it() -> None:
    (one,) = fold(
        [
            line(Action.VALUES_SEALED, code=None, request=ONE),
            line(Action.NOTE_ADDED, request=ONE),
            line(Action.VALUES_SEALED, code=None, request=ONE),
        ]
    )
    assert one.head.action is Action.NOTE_ADDED
    assert one.times == 1


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.FAILED], ids=str)
def test_a_refusal_or_a_failure_stands_alone(outcome: Outcome) -> None:
    alone = [line(request=ONE), line(outcome=outcome, request=ONE), line(outcome=outcome)]
    assert sizes(*alone) == [1, 1, 1]
    assert sizes(*reversed(alone)) == [1, 1, 1]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (line(), line(who=B)),
        (line(), line(code="TN-BBBBBB")),
        (line(), line(Action.CASE_SHOWN)),
        (line(), line(before=61)),
        (line(), line(address="10.0.0.2")),
        (line(request=ONE), line(request=OTHER, before=61)),
        (line(Action.VALUES_SEALED, code=None, request=ONE), line(request=OTHER, before=1)),
    ],
    ids=["colleague", "case", "act", "minute", "address", "request", "sealing of another"],
)
def test_what_differs_is_not_folded(first: Line, second: Line) -> None:
    assert sizes(first, second) == [1, 1]


def test_a_minute_is_enough_and_a_request_may_last_longer() -> None:
    assert sizes(line(), line(before=int(NEAR.total_seconds()))) == [2]
    assert sizes(line(request=ONE), line(request=ONE, before=600)) == [2]


def _lines() -> st.SearchStrategy[list[Line]]:
    one = st.builds(
        line,
        st.sampled_from([Action.COMPARTMENT_OPENED, Action.VALUES_SEALED, Action.CASE_SHOWN]),
        before=st.integers(0, 300),
        who=st.sampled_from([A, B]),
        code=st.sampled_from(["TN-AAAAAA", "TN-BBBBBB", None]),
        outcome=st.sampled_from(Outcome),
        request=st.sampled_from([ONE, OTHER, None]),
    )
    return st.lists(one, max_size=30)


def _newest_first(lines: list[Line]) -> Iterator[Line]:
    for one in sorted(lines, key=lambda line: line.at, reverse=True):
        yield replace(one)


@given(_lines())
def test_nothing_is_lost_moved_or_hidden(lines: list[Line]) -> None:
    given_lines = list(_newest_first(lines))
    found = fold(given_lines)
    assert sorted(line.id for one in found for line in one.lines) == sorted(
        line.id for line in given_lines
    )
    for one in found:
        if len(one.lines) > 1:
            assert {line.outcome for line in one.lines} == {Outcome.DONE}
            assert len({line.account_id for line in one.lines}) == 1
            assert len({line.case_code for line in one.lines} - {None}) <= 1
    heads = [one.lines[0].at for one in found]
    assert heads == sorted(heads, reverse=True)
