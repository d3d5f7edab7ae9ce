"""R2: somebody looks at a case about themselves."""

from collections.abc import Iterator

from casemgr.privacy.detection.rules.facts import Facts
from casemgr.privacy.detection.rules.people import Match, same_person
from casemgr.privacy.detection.rules.telling import tell
from casemgr.privacy.detection.rules.window import Limits, Window
from casemgr.privacy.reviews.signals import Signal

NAME = "own_case"


def find(window: Window, facts: Facts, limits: Limits) -> Iterator[Signal]:
    """Whatever their role: nobody works on their own case."""
    for (account_id, case_id), accesses in window.touching.items():
        member, other = facts.staff.get(account_id), facts.people.get(case_id)
        if member is None or other is None:
            continue
        match = same_person(member.person, other)
        if match is not None:
            score = limits["score"] if match is Match.NUMBER else limits["by_name"]
            yield tell(NAME, score, accesses, case_id=case_id, by=match.value)
