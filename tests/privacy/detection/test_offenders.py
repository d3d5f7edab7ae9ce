"""Issue 4: eighteen planted patterns among 50,000 benign events; audit.md §5 names the targets."""

from collections import Counter
from datetime import timedelta

import pytest

from casemgr import clock
from casemgr.privacy.detection import combining
from casemgr.privacy.detection.rules import usual
from casemgr.privacy.detection.rules.every import LOOK_BACK, NUMBERED
from casemgr.privacy.detection.rules.limits import LIMITS, defaults
from casemgr.privacy.detection.rules.window import Window
from casemgr.privacy.reviews.signals import Signal
from tests.privacy.detection import offenders
from tests.privacy.detection.offenders import FIRST, LAST, House

MOST_PER_THOUSAND = 5


def look(house: House) -> list[Signal]:
    """Every rule over every day, as the worker would."""
    told: list[Signal] = []
    limits = {rule: defaults(rule) for rule in LIMITS}
    ordered = sorted(house.accesses, key=lambda access: access.at)
    for each in range((LAST - FIRST).days + 1):
        day = FIRST + timedelta(days=each)
        since, until = clock.at_hospital(day), clock.at_hospital(day + timedelta(days=1))
        recent = [one for one in ordered if since - LOOK_BACK <= one.at < until]
        facts = house.facts()
        facts = type(facts)(
            **{
                **vars(facts),
                "baselines": usual.baselines(ordered, day),
                "parts_used": usual.parts_used(ordered, day),
            }
        )
        told += combining.run(Window(recent, since, until), facts, limits, NUMBERED)
    return told


@pytest.fixture(scope="module")
def house() -> House:
    made = offenders.found(20260310)
    offenders.work(made)
    return made


@pytest.fixture(scope="module")
def benign(house: House) -> list[Signal]:
    return look(house)


def test_few_alarms_about_ordinary_work(house: House, benign: list[Signal]) -> None:
    alerts = combining.combine(benign)
    events = len(house.accesses)
    by_rule = Counter(signal.rule for signal in benign)
    print(f"\nfalse alarms: {len(alerts)} of {events} benign events ({dict(by_rule)})")  # noqa: T201 - the count is asked for
    assert events >= offenders.EVENTS
    assert len(alerts) * 1000 <= MOST_PER_THOUSAND * events


def test_each_offender_is_found(house: House, benign: list[Signal]) -> None:
    del benign  # the ordinary days are judged first: planting changes the house
    offenders.plant(house)
    told = look(house)
    found = {
        rule: [
            signal for signal in told if signal.rule == rule and set(signal.entries) & set(planted)
        ]
        for rule, planted in house.planted.items()
    }
    assert set(found) == set(NUMBERED), "one offender for each rule"
    assert not [rule for rule, signals in found.items() if not signals]
