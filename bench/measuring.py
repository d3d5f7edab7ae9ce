"""The rules of measuring (design §6): ratios to a twin in the same run.

The median of interleaved rounds with its quartiles; milliseconds are printed, not judged.
"""

import gc
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from statistics import median, quantiles
from time import perf_counter
from typing import Protocol

ROUNDS = 9


class Result(Protocol):
    """What a part of the benchmarks hands out."""

    @property
    def is_met(self) -> bool:
        """Whether every bar in it is kept to."""

    def table(self) -> str:
        """The numbers and the verdict."""


@dataclass(frozen=True)
class Contest:
    """Ours against its twin, the bar, and what came of it."""

    name: str
    bar: float
    ours: list[float]  # milliseconds for one act, per round
    twin: list[float]

    @property
    def ratios(self) -> list[float]:
        """Ours to the twin, round by round."""
        return [mine / other for mine, other in zip(self.ours, self.twin, strict=True)]

    @property
    def is_met(self) -> bool:
        """Whether the median keeps to the bar."""
        return median(self.ratios) <= self.bar

    def table(self) -> str:
        """Three lines of numbers and the verdict."""
        return "\n".join(
            [
                f"{self.name}: {len(self.ours)} interleaved rounds, median [quartiles]",
                _line("ours (ms)", self.ours),
                _line("twin (ms)", self.twin),
                _line("ratio", self.ratios),
                f"  bar: ratio <= {self.bar}: {'met' if self.is_met else 'MISSED'}",
            ]
        )


@dataclass(frozen=True)
class Runner:
    """One of several that do the same work. A runner with a bar is judged against ``than``."""

    name: str
    act: Callable[[], object]
    bar: float | None = None
    than: str = ""  # the other runner; without a name the first one
    before: Callable[[], object] = lambda: None  # outside the measured time


@dataclass(frozen=True)
class Race:
    """Several runners in turns, each next to one twin."""

    name: str
    runners: list[Runner]
    times: Mapping[str, list[float]] = field(default_factory=dict)  # milliseconds for one act

    @property
    def is_met(self) -> bool:
        """Whether every runner with a bar keeps to it."""
        return all(self._is_met(runner) for runner in self.runners)

    def table(self) -> str:
        """A line for each runner."""
        rounds = len(self.times[self.runners[0].name])
        width = max(len(runner.name) for runner in self.runners)
        lines = [f"{self.name}: {rounds} interleaved rounds, median [quartiles]"]
        for runner in self.runners:
            ms, ratios = _numbers(self.times[runner.name]), _numbers(self._ratios(runner))
            lines.append(f"  {runner.name:<{width}}  {ms} ms   x {ratios}{self._verdict(runner)}")
        return "\n".join(lines)

    def _twin(self, runner: Runner) -> str:
        return runner.than or self.runners[0].name

    def _ratios(self, runner: Runner) -> list[float]:
        twin = self.times[self._twin(runner)]
        return [mine / other for mine, other in zip(self.times[runner.name], twin, strict=True)]

    def _is_met(self, runner: Runner) -> bool:
        return runner.bar is None or median(self._ratios(runner)) <= runner.bar

    def _verdict(self, runner: Runner) -> str:
        if runner.bar is None:
            return ""
        verdict = "met" if self._is_met(runner) else "MISSED"
        return f"   bar: <= {runner.bar} x {self._twin(runner)}: {verdict}"


def contest(
    name: str,
    bar: float,
    ours: Callable[[], object],
    twin: Callable[[], object],
    *,
    times: int,
    rounds: int = ROUNDS,
    around_twin: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> Contest:
    """Measure both in turns, each ``times`` in a row, swapping who begins.

    What stands ``around_twin`` is entered and left outside the measured time.
    """
    result = Contest(name, bar, [], [])
    both = [(ours, nullcontext, result.ours), (twin, around_twin, result.twin)]
    for act, around, _ in both:
        with around():
            _time(act, max(1, times // 10))  # warm up
    for turn in range(rounds):
        for act, around, into in both if turn % 2 else reversed(both):
            with around():
                into.append(_time(act, times))
    return result


def race(name: str, runners: list[Runner], *, times: int, rounds: int = ROUNDS) -> Race:
    """Measure all in turns, each ``times`` in a row; every round begins with another one."""
    taken: dict[str, list[float]] = {runner.name: [] for runner in runners}
    for runner in runners:
        runner.before()
        _time(runner.act, max(1, times // 10))  # warm up
    for turn in range(rounds):
        first = turn % len(runners)
        for runner in [*runners[first:], *runners[:first]]:
            runner.before()
            taken[runner.name].append(_time(runner.act, times))
    return Race(name, runners, taken)


def _time(act: Callable[[], object], times: int) -> float:
    """Milliseconds for one act, without the collector's pauses."""
    gc.collect()
    gc.disable()
    try:
        start = perf_counter()
        for _ in range(times):
            act()
        return (perf_counter() - start) * 1000 / times
    finally:
        gc.enable()


def _line(label: str, values: list[float]) -> str:
    return f"  {label:<10} {_numbers(values)}"


def _numbers(values: list[float]) -> str:
    low, middle, high = quantiles(values, n=4)
    return f"{middle:9.4f}  [{low:.4f} - {high:.4f}]"
