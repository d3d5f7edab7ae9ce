"""R4: the telephone or the address of the person is that of the colleague."""

from collections.abc import Iterator

from casemgr.privacy.detection.rules.facts import Facts
from casemgr.privacy.detection.rules.people import shared_home
from casemgr.privacy.detection.rules.telling import tell
from casemgr.privacy.detection.rules.window import Limits, Window
from casemgr.privacy.reviews.signals import Signal

NAME = "household"


def find(window: Window, facts: Facts, limits: Limits) -> Iterator[Signal]:
    """Without care only: in a small town neighbours are also patients."""
    for (account_id, case_id), accesses in window.touching.items():
        member, other = facts.staff.get(account_id), facts.people.get(case_id)
        found = facts.without_care(accesses)
        if member is None or other is None or not found:
            continue
        shared = shared_home(member.person, other)
        if shared is not None:
            yield tell(NAME, limits["score"], found, case_id=case_id, shared=shared)
