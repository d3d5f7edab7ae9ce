"""A sitting: its state machine, its checks, its answers and what it comes to."""

from itertools import product

import pytest

from casemgr.screenings import guidance, rules
from casemgr.screenings.instruments.instrument import Age
from casemgr.screenings.instruments.raft import RAFT
from casemgr.screenings.rules import Ground, Outcome, SafetyChecks, SittingState

S = SittingState
NO = dict.fromkeys((item.key for item in RAFT.items), "no")
DECLARED = {
    (S.OPENED, S.UNSAFE_TO_ASK),
    (S.OPENED, S.ASKING),
    (S.OPENED, S.REFUSED),
    (S.UNSAFE_TO_ASK, S.ASKING),
    (S.UNSAFE_TO_ASK, S.STOPPED),
    (S.UNSAFE_TO_ASK, S.REFUSED),
    (S.ASKING, S.UNSAFE_TO_ASK),
    (S.ASKING, S.COMPLETED),
    (S.ASKING, S.STOPPED),
    (S.ASKING, S.REFUSED),
    (S.STOPPED, S.ASKING),
    (S.STOPPED, S.UNSAFE_TO_ASK),
    (S.STOPPED, S.REFUSED),
}


@pytest.mark.parametrize(("state", "to"), list(product(S, S)))
def test_only_declared_moves_are_made(state: S, to: S) -> None:
    if (state, to) in DECLARED:
        assert rules.move(state, to) is to
    else:
        with pytest.raises(rules.MoveNotDeclared):
            rules.move(state, to)


@pytest.mark.parametrize(
    ("alone", "explained", "expected"),
    [
        (True, True, S.ASKING),
        (False, True, S.UNSAFE_TO_ASK),
        (True, False, S.UNSAFE_TO_ASK),
        (False, False, S.UNSAFE_TO_ASK),
    ],
)
@pytest.mark.parametrize("state", [S.OPENED, S.UNSAFE_TO_ASK, S.STOPPED])
def test_both_checks_are_required_before_the_first_question(
    state: S, alone: bool, explained: bool, expected: S
) -> None:
    """R1, also when a stopped sitting is taken up again."""
    assert rules.after_checks(state, SafetyChecks(alone, explained)) is expected


def test_checks_do_not_reopen_a_completed_sitting() -> None:
    with pytest.raises(rules.MoveNotDeclared):
        rules.after_checks(S.COMPLETED, SafetyChecks(is_alone=True, limits_explained=True))


@pytest.mark.parametrize(
    ("age", "advice"),
    [
        (Age.exactly(17), guidance.MINOR),
        (Age.exactly(9), guidance.MINOR),
        (Age(17, 19), guidance.AGE_UNKNOWN),
        (None, guidance.AGE_UNKNOWN),
    ],
)
def test_raft_is_refused_to_minors_and_to_uncertain_ages(
    age: Age | None, advice: guidance.Guidance
) -> None:
    """Domain §3.1 and R14, with what to do instead."""
    with pytest.raises(rules.OutsidePopulation) as refused:
        rules.require_population(RAFT, age)
    assert refused.value.guidance is advice
    assert refused.value.field == "age"


def test_raft_is_open_to_adults() -> None:
    rules.require_population(RAFT, Age.exactly(18))


def test_an_answer_is_added_and_may_be_changed() -> None:
    first = rules.answer(RAFT, S.ASKING, {}, "unsafe_place", "no")
    changed = rules.answer(RAFT, S.ASKING, first, "unsafe_place", "declined")
    assert first == {"unsafe_place": "no"}
    assert changed == {"unsafe_place": "declined"}


@pytest.mark.parametrize(
    ("state", "item", "value", "error"),
    [
        (S.ASKING, "no_such_item", "yes", rules.UnknownItem),
        (S.ASKING, "unsafe_place", "maybe", rules.ValueOutsideScale),
        (S.ASKING, "unsafe_place", "", rules.ValueOutsideScale),
        (S.COMPLETED, "unsafe_place", "yes", rules.SittingClosed),
        (S.STOPPED, "unsafe_place", "yes", rules.SittingClosed),
        (S.REFUSED, "unsafe_place", "yes", rules.SittingClosed),
        (S.OPENED, "unsafe_place", "yes", rules.NotAsking),
        (S.UNSAFE_TO_ASK, "unsafe_place", "yes", rules.NotAsking),
    ],
)
def test_answers_that_cannot_be_are_named(
    state: S, item: str, value: str, error: type[rules.SittingRuleBroken]
) -> None:
    with pytest.raises(error) as refused:
        rules.answer(RAFT, state, {}, item, value)
    assert "yes" not in str(refused.value)  # no answer of a person in an error (I5)


def test_questions_come_in_order_and_declined_is_not_asked_again() -> None:
    item = rules.next_item(RAFT, {"unsafe_place": "declined"})
    assert item is not None
    assert item.key == "tricked_or_forced"
    assert rules.next_item(RAFT, NO) is None


def test_a_sitting_with_open_questions_cannot_be_completed() -> None:
    with pytest.raises(rules.AnswersIncomplete):
        rules.complete(RAFT, S.ASKING, {"unsafe_place": "yes"})
    assert rules.complete(RAFT, S.ASKING, NO | {"unsafe_place": "declined"}) is S.COMPLETED
    with pytest.raises(rules.MoveNotDeclared):
        rules.complete(RAFT, S.OPENED, NO)


@pytest.mark.parametrize(
    ("state", "answers", "expected"),
    [
        (S.COMPLETED, NO, Outcome.NEGATIVE),
        (S.COMPLETED, NO | {"afraid_to_leave": "yes"}, Outcome.POSITIVE),
        (S.COMPLETED, NO | {"afraid_to_leave": "declined"}, Outcome.INCOMPLETE),
        (S.COMPLETED, dict.fromkeys(NO, "declined"), Outcome.INCOMPLETE),
        (S.STOPPED, {"unsafe_place": "no"}, Outcome.INCOMPLETE),
        (S.STOPPED, {}, Outcome.INCOMPLETE),
        (S.STOPPED, {"unsafe_place": "yes"}, Outcome.POSITIVE),
        (S.REFUSED, {}, Outcome.REFUSED),
        (S.REFUSED, {"unsafe_place": "yes"}, Outcome.POSITIVE),
        (S.UNSAFE_TO_ASK, {}, Outcome.UNSAFE),
        (S.UNSAFE_TO_ASK, {"unsafe_place": "yes"}, Outcome.POSITIVE),
        (S.ASKING, {}, Outcome.INCOMPLETE),
        (S.ASKING, NO, Outcome.INCOMPLETE),
    ],
)
def test_outcome(state: S, answers: dict[str, str], expected: Outcome) -> None:
    assert rules.outcome(RAFT, state, answers) is expected


def test_every_outcome_says_what_to_do_next() -> None:
    yes = NO | {"exchange_for_sex": "yes"}
    said = {
        Outcome.POSITIVE: rules.what_next(RAFT, Outcome.POSITIVE, yes),
        Outcome.NEGATIVE: rules.what_next(RAFT, Outcome.NEGATIVE, NO),
        Outcome.INCOMPLETE: rules.what_next(RAFT, Outcome.INCOMPLETE, {}),
        Outcome.UNSAFE: rules.what_next(RAFT, Outcome.UNSAFE, {}),
        Outcome.REFUSED: rules.what_next(RAFT, Outcome.REFUSED, {}),
    }
    assert set(said) == set(Outcome)
    assert len({each.meaning.vi for each in said.values()}) == len(Outcome)
    assert "cần đánh giá thêm" in said[Outcome.POSITIVE].meaning.vi
    assert "không loại trừ" in said[Outcome.NEGATIVE].meaning.vi
    assert "Không được hiểu là âm tính" in said[Outcome.INCOMPLETE].meaning.vi
    assert "Chưa an toàn để hỏi" in said[Outcome.UNSAFE].meaning.vi


@pytest.mark.parametrize("result", list(Outcome))
def test_concern_alone_may_open_a_suspicion(result: Outcome) -> None:
    """Domain §3: a negative screen closes nothing."""
    assert rules.ground_for_suspicion(result, has_concern=True) is not None
    without = rules.ground_for_suspicion(result, has_concern=False)
    positive = result is Outcome.POSITIVE
    assert without is (Ground.POSITIVE_SCREENING if positive else None)
