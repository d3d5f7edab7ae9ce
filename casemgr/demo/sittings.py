"""Sittings: how one is written, and sixty that led to no case."""

from collections.abc import Sequence
from datetime import date
from random import Random

from casemgr.demo import staff
from casemgr.demo.events import SatScreening
from casemgr.demo.pen import Pen
from casemgr.demo.vocabulary import Harm, Screened
from casemgr.screenings.instruments.raft import RAFT
from casemgr.screenings.rules import Outcome, SittingState

_KEYS = tuple(item.key for item in RAFT.items)
_SEXUAL = frozenset({Harm.SEXUAL_EXPLOITATION})
_STAND_ALONE = (
    (Screened.NEGATIVE, 36),
    (Screened.INCOMPLETE, 10),
    (Screened.REFUSED, 8),
    (Screened.UNSAFE, 6),
)
# Busier in the morning and after supper; somebody comes at every hour.
_HOURS = (*range(24), *range(7, 12), *range(7, 12), *range(14, 22), *range(19, 22))

Answers = tuple[tuple[str, str], ...]


def _positive(rng: Random, harms: Sequence[Harm]) -> Answers:
    likely = {"exchange_for_sex"} if _SEXUAL & set(harms) else {"tricked_or_forced"}
    likely |= {key for key in _KEYS[:3] if rng.random() < 0.5}
    rest = ("no", "no", "no", "declined")
    return tuple((key, "yes" if key in likely else rng.choice(rest)) for key in _KEYS)


def _incomplete(rng: Random) -> tuple[Answers, SittingState]:
    """Either the person stopped after a question or two, or preferred not to answer one."""
    if rng.random() < 0.6:
        return tuple((key, "no") for key in _KEYS[: rng.randint(1, 3)]), SittingState.STOPPED
    silent = rng.choice(_KEYS)
    answers = tuple((key, "declined" if key == silent else "no") for key in _KEYS)
    return answers, SittingState.COMPLETED


def _course(
    rng: Random, screened: Screened, harms: Sequence[Harm]
) -> tuple[Answers, SittingState, Outcome]:
    if screened is Screened.POSITIVE:
        return _positive(rng, harms), SittingState.COMPLETED, Outcome.POSITIVE
    if screened is Screened.NEGATIVE:
        nothing = tuple((key, "no") for key in _KEYS)
        return nothing, SittingState.COMPLETED, Outcome.NEGATIVE
    if screened is Screened.INCOMPLETE:
        return *_incomplete(rng), Outcome.INCOMPLETE
    if screened is Screened.REFUSED:
        return (), SittingState.REFUSED, Outcome.REFUSED
    return (), SittingState.UNSAFE_TO_ASK, Outcome.UNSAFE


def sitting(
    pen: Pen,
    by: str,
    *,
    screened: Screened,
    department: str,
    age: int,
    harms: Sequence[Harm] = (),
    observed: str = "",
    is_in_case: bool = False,
) -> SatScreening:
    """A sitting with RAFT at the pen's moment that comes to ``screened``."""
    answers, ended, outcome = _course(pen.rng, screened, harms)
    is_unsafe = ended is SittingState.UNSAFE_TO_ASK
    return SatScreening(
        **pen.stamp(by),
        instrument=RAFT.slug,
        version=RAFT.version,
        department=department,
        age=age,
        is_alone=not is_unsafe,
        limits_explained=not is_unsafe,
        answers=answers,
        ended=ended,
        outcome=outcome,
        has_concern=bool(observed) and outcome is not Outcome.POSITIVE,
        observed=observed,
        is_in_case=is_in_case,
    )


def stand_alone(rng: Random, today: date) -> tuple[SatScreening, ...]:
    """Sixty sittings without a case, spread over the ninety days, in the order of time."""
    kinds = [kind for kind, count in _STAND_ALONE for _ in range(count)]
    rng.shuffle(kinds)
    told = []
    for kind in kinds:
        pen = Pen(rng, today, rng.randint(-90, -1), 60 * rng.choice(_HOURS) + rng.randrange(60))
        ward = rng.choices(("CAPCUU", "SAN", "NGOAI", "TAMTHAN"), weights=(25, 18, 12, 5))[0]
        age = rng.randint(18, 45) if ward == "SAN" else rng.randint(18, 84)
        by = staff.nurse_for(ward)
        told.append(sitting(pen, by, screened=kind, department=ward, age=age))
    return tuple(sorted(told, key=lambda each: (each.day, each.at)))
