"""R6: cases opened by somebody who had nothing to do with them, summed up for the day."""

from collections.abc import Iterator

from casemgr.privacy.detection.rules.facts import Facts
from casemgr.privacy.detection.rules.telling import tell
from casemgr.privacy.detection.rules.window import Limits, Window, by_day
from casemgr.privacy.reviews.signals import Signal

NAME = "no_care_relation"


def find(window: Window, facts: Facts, limits: Limits) -> Iterator[Signal]:
    """No place on the team, no task, no intake or referral of theirs, no leading role."""
    stray = [
        access
        for access in window.new
        if access.is_touching and not facts.has_care(access) and not facts.leads(access)
    ]
    for (account_id, day), found in by_day(stray).items():
        cases = len({access.case_id for access in found})
        if cases >= limits["cases"]:
            yield tell(NAME, limits["score"], found, account_id=account_id, day=day, cases=cases)
