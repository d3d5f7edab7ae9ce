"""R17: signs that log, keys or database were tampered with."""

from collections.abc import Iterator

from casemgr.privacy.detection.rules.facts import Facts
from casemgr.privacy.detection.rules.telling import tell
from casemgr.privacy.detection.rules.window import Act, Limits, Window
from casemgr.privacy.reviews.signals import Signal

NAME = "tampering"


def find(window: Window, _facts: Facts, limits: Limits) -> Iterator[Signal]:
    """Each kind of alarm once a day and case; nobody is accused by it."""
    told: set[tuple[object, ...]] = set()
    for access in window.new:
        place = (access.day, access.case_id, access.action)
        if access.act is Act.ALARM and place not in told:
            told.add(place)
            yield tell(NAME, limits["score"], [access], case_id=access.case_id, kind=access.action)
