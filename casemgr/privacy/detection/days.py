"""Looking at earlier days as the rules would have looked then; care counts as it was at the time."""

from collections.abc import Mapping
from datetime import date, timedelta

from casemgr import clock
from casemgr.access import Actor
from casemgr.privacy.detection import combining, knowing, reading
from casemgr.privacy.detection.rules.every import LOOK_BACK, Needs
from casemgr.privacy.detection.rules.window import Limits, Window
from casemgr.privacy.reviews.signals import Signal


def look_at(actor: Actor, limits: Mapping[str, Limits], first: date, last: date) -> list[Signal]:
    """What these rules with these numbers say about each day from ``first`` to ``last``."""
    since, until = clock.at_hospital(first), clock.at_hospital(last + timedelta(days=1))
    read = reading.accesses(actor, since - LOOK_BACK, until)
    needs = knowing.needs_of(limits)
    facts = knowing.facts_for(actor, Window(read, since, until), needs)
    touches = knowing.touches_before(actor, until) if Needs.USUAL in needs else []
    found: list[Signal] = []
    for each in range((last - first).days + 1):
        day = first + timedelta(days=each)
        known = knowing.with_usual(facts, touches, day) if touches else facts
        found += combining.run(knowing.day_window(read, day), known, limits, limits)
    return found
