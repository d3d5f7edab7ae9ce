"""R15: one account in two places at once."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import pairwise

from casemgr.privacy.detection.rules.facts import Facts
from casemgr.privacy.detection.rules.telling import tell
from casemgr.privacy.detection.rules.window import Access, Limits, Window
from casemgr.privacy.reviews.signals import Signal

NAME = "shared_account"


def find(window: Window, _facts: Facts, limits: Limits) -> Iterator[Signal]:
    """There, elsewhere, and there again, in two sessions at two addresses, within minutes."""
    within = timedelta(minutes=limits["minutes"])
    for mine in window.by_account.values():
        known = [access for access in mine if access.session_ref and access.address]
        turns = [after for before, after in pairwise(known) if _elsewhere(before, after)]
        found = _and_back(turns, within, limits["turns"], window)
        if found:
            yield tell(NAME, limits["score"], found, turns=len(found))


def _elsewhere(one: Access, other: Access) -> bool:
    return one.session_ref != other.session_ref and one.address != other.address


def _and_back(
    turns: Sequence[Access], within: timedelta, least: int, window: Window
) -> Sequence[Access]:
    """The first run of so many changes of place within the time that ends in the window."""
    for end in range(least - 1, len(turns)):
        run = turns[end - least + 1 : end + 1]
        if run[-1].at - run[0].at <= within and window.is_new([run[-1]]):
            return run
    return ()
