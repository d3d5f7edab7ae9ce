"""Sign-ins again and sign-outs, as the sessions of the house ask for them (accounts.rules)."""

from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta
from random import Random

from casemgr.accounts.rules import ABSOLUTE_LIMIT, IDLE_LIMIT
from casemgr.demo.events import Event, SignedIn, SignedOut

Told = tuple[str | None, Event]

_TODAY = datetime(2000, 1, 1)  # noqa: DTZ001 - a scale for counted days, not a moment
_SIGNS_OUT = 0.8
_PAUSE = IDLE_LIMIT - timedelta(minutes=1)  # acts have seconds too, and take some


def attend(told: Iterable[Told], rng: Random) -> tuple[Told, ...]:
    """The same events, in order, with everybody signed in whenever they act.

    Whoever pauses longer than a session lives signs in once more before the next act; most sign
    out when they leave, the others are signed out by the clock.
    """
    told = tuple(told)
    added = [event for acts in _by_person(told).values() for event in _sessions(acts, rng)]
    everything = [*((None, event) for event in added), *told]
    return tuple(sorted(everything, key=lambda pair: (pair[1].day, pair[1].at)))


def _by_person(told: Iterable[Told]) -> dict[str, list[Event]]:
    acts: dict[str, list[Event]] = {}
    for _, event in told:
        acts.setdefault(event.by, []).append(event)
    return acts


def _sessions(acts: list[Event], rng: Random) -> Iterator[Event]:
    opened: datetime | None = None
    for act, following in zip(acts, [*acts[1:], None], strict=True):
        now = _moment(act)
        if isinstance(act, SignedIn):
            opened = now if act.is_successful else opened
        elif opened is None or now - opened > ABSOLUTE_LIMIT - IDLE_LIMIT:
            opened = now - timedelta(minutes=1)
            yield _at(SignedIn, opened, act.by)
        if following is None or _moment(following) - now > _PAUSE:
            left = now + timedelta(minutes=rng.randint(1, 5))
            if opened is not None and rng.random() < _SIGNS_OUT and left < _TODAY:
                yield _at(SignedOut, left, act.by)
            opened = None


def _moment(event: Event) -> datetime:
    return datetime.combine(_TODAY.date(), event.at) + timedelta(days=event.day)


def _at(kind: type[SignedIn] | type[SignedOut], moment: datetime, by: str) -> Event:
    day = (moment.date() - _TODAY.date()).days
    return kind(day=day, at=time(moment.hour, moment.minute), by=by)
