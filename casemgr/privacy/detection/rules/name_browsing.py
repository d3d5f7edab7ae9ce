"""R10: one search after the other, and hardly anything opened."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from uuid import UUID

from casemgr.privacy.detection.rules.facts import Facts
from casemgr.privacy.detection.rules.telling import tell
from casemgr.privacy.detection.rules.window import Access, Act, Limits, Window
from casemgr.privacy.reviews.signals import Signal

NAME = "name_browsing"


def find(window: Window, _facts: Facts, limits: Limits) -> Iterator[Signal]:
    """What was typed is kept nowhere; how often, and what was opened of what was shown, is."""
    within = timedelta(minutes=limits["minutes"])
    for mine in window.by_account.values():
        searches = [access for access in mine if access.act is Act.SEARCH]
        found = _busiest(searches, within, limits["searches"], window)
        if found and _opened(found, mine, within) * 100 < limits["opened"] * len(found):
            yield tell(NAME, limits["score"], found, searches=len(found))


def _busiest(
    searches: Sequence[Access], within: timedelta, least: int, window: Window
) -> Sequence[Access]:
    """The most searches in any such span that ends in the window; none below the least."""
    best: Sequence[Access] = ()
    start = 0
    for end, last in enumerate(searches):
        while last.at - searches[start].at > within:
            start += 1
        span = searches[start : end + 1]
        if len(span) >= max(least, len(best) + 1) and window.is_new([last]):
            best = span
    return best


def _opened(searches: Sequence[Access], mine: Sequence[Access], within: timedelta) -> int:
    """Of how many searches something shown was opened soon."""
    return sum(
        any(
            access.is_touching
            and access.case_id in _shown(search)
            and timedelta(0) <= access.at - search.at <= within
            for access in mine
        )
        for search in searches
        if search.shown
    )


def _shown(search: Access) -> frozenset[UUID]:
    return frozenset(search.shown)
