"""R5: a case that is flagged, or in which a member of staff is named."""

from collections.abc import Iterator

from casemgr.privacy.detection.rules.facts import Facts
from casemgr.privacy.detection.rules.telling import tell
from casemgr.privacy.detection.rules.window import Limits, Window
from casemgr.privacy.reviews.signals import Signal

NAME = "flagged_case"


def find(window: Window, facts: Facts, limits: Limits) -> Iterator[Signal]:
    """Whoever is named and looks; and anybody from outside the team."""
    for (account_id, case_id), accesses in window.touching.items():
        named = facts.named_staff.get(case_id, frozenset())
        case = facts.cases.get(case_id)
        if account_id in named:
            yield tell(NAME, limits["score"], accesses, case_id=case_id, why="named")
        elif named or (case is not None and case.is_flagged):
            found = facts.without_care(accesses)
            if found:
                why = "others" if named else "flag"
                yield tell(NAME, limits["score"], found, case_id=case_id, why=why)
