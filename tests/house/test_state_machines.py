"""I7: every status moves along a declared state machine; anything else raises.

The machines are found by their tables of moves; that they are the right ones is asserted by hand.
"""

import ast
import importlib
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from functools import partial
from itertools import product
from types import ModuleType
from typing import Any, NamedTuple

import pytest

from casemgr.cases import rules as case_rules
from casemgr.cases.rules import CaseState, Group
from casemgr.privacy.breaches.rules import BreachState
from casemgr.privacy.erasure.rules import ErasureState
from casemgr.privacy.reviews.rules import ReviewState
from casemgr.privacy.rights.rules import RequestState
from casemgr.referrals.rules import ReferralState
from casemgr.screenings import rules as screening_rules
from casemgr.screenings.rules import SittingState
from casemgr.work.rules import CeremonyState
from tests.house import source_tree
from tests.house.sealed_models import models
from tests.house.source_tree import Module, of_text

# Where each begins and where it can come to rest: by hand, from domain §4.0, R3, R22, R34.
BEGINNINGS: dict[type[Enum], Enum] = {
    CaseState: CaseState.SUSPECTED,
    BreachState: BreachState.RECORDED,
    ErasureState: ErasureState.REQUESTED,
    Group: Group.SUSPECTED,
    ReferralState: ReferralState.DRAFT,
    ReviewState: ReviewState.NEW,
    SittingState: SittingState.OPENED,
    CeremonyState: CeremonyState.BEGUN,
    RequestState: RequestState.RECEIVED,
}
NEVER_AGAIN: dict[type[Enum], set[str]] = {
    CaseState: set(),  # a case at rest can always be opened again (R34)
    BreachState: {"closed"},
    ErasureState: {"refused", "cancelled", "final"},
    Group: set(),
    ReferralState: {"declined", "completed", "withdrawn"},
    ReviewState: {"closed"},
    SittingState: {"completed", "refused"},
    CeremonyState: {"done", "failed"},
    RequestState: {"closed", "withdrawn"},
}
FORBIDDEN_FOR_EVER: list[tuple[Enum, Enum]] = [
    (CaseState.SUSPECTED, CaseState.IN_SUPPORT),  # no support record without consent (R4a)
    (CaseState.REFUSED, CaseState.ADMITTED),
    (CaseState.CLOSED, CaseState.IN_SUPPORT),
    (BreachState.RECORDED, BreachState.NOT_NOTIFIABLE),  # never without the director
    (BreachState.RECORDED, BreachState.NOTIFIED),  # assessed first
    (BreachState.NOTIFIED, BreachState.CLOSED),  # never without a word about the people
    (BreachState.NOTIFIED, BreachState.NOT_NOTIFIABLE),  # what was sent was sent
    (BreachState.CLOSED, BreachState.RECORDED),
    (ErasureState.REQUESTED, ErasureState.UNDER_WAY),  # never without a second person (design §4)
    (ErasureState.UNDER_WAY, ErasureState.CANCELLED),  # what is gone cannot be called back
    (ErasureState.APPROVED, ErasureState.LIVE),
    (ErasureState.UNDER_WAY, ErasureState.FINAL),  # first gone here, then everywhere
    (ErasureState.REFUSED, ErasureState.APPROVED),
    (ReferralState.DRAFT, ReferralState.ACCEPTED),  # nobody answers what was never sent
    (ReferralState.WITHDRAWN, ReferralState.SENT),  # withdrawn consent stops it (R5)
    (ReviewState.NEW, ReviewState.CLOSED),  # nothing is closed that nobody took on
    (ReviewState.NEW, ReviewState.ASKED),
    (ReviewState.ASSIGNED, ReviewState.ANSWERED),  # nobody answers what was never asked
    (ReviewState.CLOSED, ReviewState.ASKED),
    (SittingState.OPENED, SittingState.COMPLETED),
    (SittingState.UNSAFE_TO_ASK, SittingState.COMPLETED),  # R1
    (SittingState.REFUSED, SittingState.ASKING),
    (Group.AT_RISK, Group.CONFIRMED),
    (RequestState.RECEIVED, RequestState.ANSWERED),  # receipt is confirmed first (domain §2.6)
    (RequestState.ANSWERED, RequestState.WITHDRAWN),
    (CeremonyState.FAILED, CeremonyState.DONE),  # what officers were told is not turned round
]
MOVERS = {"move", "complete", "after_checks", "regroup"}  # the functions of rules that decide


class Machine(NamedTuple):
    """A table of moves and the function that makes them."""

    kind: type[Enum]
    moves: Mapping[Any, frozenset[Any]]
    move: Callable[[Any, Any], Any]


def machines() -> Iterator[Machine]:
    """Every table of moves in a module called rules."""
    for module in source_tree.product():
        if module.name.endswith(".rules"):
            yield from _machines_of(importlib.import_module(module.name))


def _machines_of(rules: ModuleType) -> Iterator[Machine]:
    movers = {"MOVES": "move", "GROUP_MOVES": "regroup"}
    for name, table in vars(rules).items():
        if name.endswith("MOVES"):
            assert name in movers, f"{rules.__name__}.{name}: name its function in {__file__}"
            move = getattr(rules, movers[name])
            if name == "GROUP_MOVES":
                move = partial(move, has_paper=True)
            yield Machine(type(next(iter(table))), table, move)


MACHINES = list(machines())


def wrong_moves(machine: Machine) -> list[str]:
    """Pairs for which the function and the table disagree."""
    wrong = []
    for one, other in product(machine.kind, machine.kind):
        try:
            went = machine.move(one, other) is other
        except Exception:  # noqa: BLE001 - each room has its own error
            went = False
        if went != (other in machine.moves[one]):
            wrong.append(f"{one} -> {other}")
    return wrong


def assigned_by_hand(module: Module) -> list[str]:
    """Assignments to ``.state`` that no function of the rules decided."""
    faults = []
    for function in module.functions():
        decided = _decided(function)
        for node in ast.walk(function):
            for target, value in _assignments(node):
                if not isinstance(target, ast.Attribute) or target.attr != "state":
                    continue
                if not (_is_move(value) or (isinstance(value, ast.Name) and value.id in decided)):
                    faults.append(
                        f"{module.name}.{function.name}: {ast.unparse(node)[:60]}: "
                        f"let rules.move(...) decide (I7)"
                    )
    return faults


def _decided(function: ast.AST) -> set[str]:
    """Names in this function that hold what a rule decided."""
    return {
        target.id
        for node in ast.walk(function)
        for target, value in _assignments(node)
        if isinstance(target, ast.Name) and _is_move(value)
    }


def _assignments(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    if isinstance(node, ast.AnnAssign | ast.AugAssign) and node.value is not None:
        yield node.target, node.value
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                yield from zip(target.elts, node.value.elts, strict=True)
            else:
                yield target, node.value


def _is_move(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and source_tree.called_name(value) in MOVERS


def test_every_state_column_has_a_machine() -> None:
    known = {machine.kind for machine in MACHINES}
    kinds = {
        kind.__table__.columns["state"].type.enum_class  # type: ignore[attr-defined]
        for kind in models()
        if "state" in kind.__table__.columns
    }
    assert kinds <= known, f"write a table MOVES in rules for {kinds - known}"
    assert known == set(BEGINNINGS) == set(NEVER_AGAIN)


@pytest.mark.parametrize("machine", MACHINES, ids=lambda m: m.kind.__name__)
def test_only_declared_moves_are_made(machine: Machine) -> None:
    assert set(machine.moves) == set(machine.kind), "every state needs its line in the table"
    assert not wrong_moves(machine)


@pytest.mark.parametrize("machine", MACHINES, ids=lambda m: m.kind.__name__)
def test_every_state_can_be_reached_and_left_as_the_law_says(machine: Machine) -> None:
    reached, found = {BEGINNINGS[machine.kind]}, {BEGINNINGS[machine.kind]}
    while found:
        found = {to for state in found for to in machine.moves[state]} - reached
        reached |= found
    assert reached == set(machine.kind), f"never reached: {set(machine.kind) - reached}"
    ends = {state.value for state in machine.kind if not machine.moves[state]}
    assert ends == NEVER_AGAIN[machine.kind]
    assert all(state not in machine.moves[state] for state in machine.kind)


@pytest.mark.parametrize(("one", "other"), FORBIDDEN_FOR_EVER, ids=str)
def test_what_the_law_forbids_is_in_no_table(one: Enum, other: Enum) -> None:
    (machine,) = [m for m in MACHINES if m.kind is type(one)]
    assert other not in machine.moves[one]


def test_a_group_that_needs_a_paper_is_not_given_without_it() -> None:
    """I10: only an authority's paper says that somebody is, or is not, a victim."""
    for group, wanted in product(Group, case_rules.NEEDS_PAPER):
        with pytest.raises(case_rules.ForbiddenMove):
            case_rules.regroup(group, wanted, has_paper=False)


def test_states_are_assigned_only_where_a_rule_decided() -> None:
    faults = [fault for module in source_tree.product() for fault in assigned_by_hand(module)]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    "text",
    [
        "def close(case):\n    case.state = CaseState.CLOSED",
        "def close(case):\n    case.state, case.at = CaseState.CLOSED, 1",
        "def close(case, wanted):\n    wanted = CaseState(wanted)\n    case.state = wanted",
    ],
)
def test_an_assignment_by_hand_is_found(text: str) -> None:
    assert assigned_by_hand(of_text(text))


@pytest.mark.parametrize(
    "text",
    [
        "def go(case):\n    case.state = rules.move(case.state, CaseState.CLOSED)",
        "def go(case):\n    case.state, case.at = move(case.state, CaseState.CLOSED), 1",
        "def go(case):\n    state = rules.move(case.state, X)\n    case.state = state",
    ],
)
def test_a_decided_assignment_is_left_alone(text: str) -> None:
    assert not assigned_by_hand(of_text(text))


def test_a_function_that_lets_everything_through_is_found() -> None:
    loose = Machine(SittingState, screening_rules.MOVES, lambda _current, wanted: wanted)
    assert wrong_moves(loose)
