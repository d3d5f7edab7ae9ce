"""R18: after an incident many open one case that is none of theirs."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from casemgr.privacy.detection.rules.facts import Facts
from casemgr.privacy.detection.rules.telling import tell
from casemgr.privacy.detection.rules.window import Access, Limits, Window
from casemgr.privacy.reviews.signals import Signal

NAME = "curiosity"


def find(window: Window, facts: Facts, limits: Limits) -> Iterator[Signal]:
    """One signal for each of those who looked."""
    stray: dict[UUID, list[Access]] = defaultdict(list)
    for access in window.accesses:
        if access.is_touching and access.case_id and not facts.has_care(access):
            stray[access.case_id].append(access)
    within = timedelta(hours=limits["hours"])
    for case_id, found in stray.items():
        crowd = _crowd(found, within, limits["people"], window)
        people = {access.account_id for access in crowd}
        for account_id in sorted(people, key=str):
            mine = [access for access in crowd if access.account_id == account_id]
            yield tell(NAME, limits["score"], mine, case_id=case_id, people=len(people))


def _crowd(found: list[Access], within: timedelta, least: int, window: Window) -> list[Access]:
    """Accesses of at least so many people within the time, the last of them in the window."""
    crowd: list[Access] = []
    start = 0
    for end, last in enumerate(found):
        while last.at - found[start].at > within:
            start += 1
        span = found[start : end + 1]
        if window.is_new([last]) and len({one.account_id for one in span}) >= least:
            crowd = span
    return crowd
