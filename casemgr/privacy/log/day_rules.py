"""A day in hours, with the gaps between acts. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from casemgr import clock
from casemgr.audit import Outcome
from casemgr.privacy.log.folding import Fold
from casemgr.privacy.log.lines import Line

GAP = timedelta(hours=1)  # shorter ones are ordinary work away from the screen
HOURS = 24


@dataclass(frozen=True, slots=True)
class Step:
    """One act of the day, and how long nothing had been done before it (None: less than GAP)."""

    fold: Fold
    gap: timedelta | None


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour on the hospital's clock in which something was done."""

    hour: int
    steps: Sequence[Step]
    acts: int
    refused: int


@dataclass(frozen=True, slots=True)
class OnCase:
    """What a day held for one case."""

    code: str
    acts: int
    refused: int
    compartments: tuple[str, ...]
    first_at: datetime
    last_at: datetime


def hours_of(folds: Iterable[Fold]) -> list[Hour]:
    """The hours of a day with their acts, earliest first; empty hours are left out."""
    steps: dict[int, list[Step]] = {}
    last: datetime | None = None
    for one in sorted(folds, key=lambda one: one.lines[-1].at):
        first = one.lines[-1].at
        gap = first - last if last is not None and first - last >= GAP else None
        steps.setdefault(clock.to_local(first).hour, []).append(Step(one, gap))
        last = max(last or one.lines[0].at, one.lines[0].at)
    return [_hour(hour, found) for hour, found in sorted(steps.items())]


def on_cases(lines: Iterable[Line]) -> list[OnCase]:
    """Each case that was acted on, the busiest first; one that was only on a list is not."""
    by_code: dict[str, list[Line]] = {}
    for line in lines:
        if line.case_code:
            by_code.setdefault(line.case_code, []).append(line)
    found = [_on_case(code, acts) for code, acts in by_code.items()]
    return sorted(found, key=lambda one: (-one.acts, one.code))


def _hour(hour: int, steps: Sequence[Step]) -> Hour:
    lines = [line for step in steps for line in step.fold.lines]
    return Hour(hour, steps, len(lines), _refused(lines))


def _on_case(code: str, lines: Sequence[Line]) -> OnCase:
    parts = {part for line in lines for part in line.compartments}
    moments = [line.at for line in lines]
    return OnCase(
        code, len(lines), _refused(lines), tuple(sorted(parts)), min(moments), max(moments)
    )


def _refused(lines: Iterable[Line]) -> int:
    return sum(line.outcome is Outcome.REFUSED for line in lines)
