"""The rules of measuring (design §6): ratios to a twin in the same run.

The median of interleaved rounds with its quartiles; milliseconds are printed, not judged.
"""

import gc
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from statistics import median, quantiles
from time import perf_counter

ROUNDS = 9


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
    low, middle, high = quantiles(values, n=4)
    return f"  {label:<10} {middle:9.4f}  [{low:.4f} - {high:.4f}]"
