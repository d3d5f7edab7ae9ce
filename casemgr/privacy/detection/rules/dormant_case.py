"""R14: a case that has long been closed is read or printed, and no task asks for it."""

from collections.abc import Iterator
from datetime import timedelta

from casemgr.privacy.detection.rules.facts import Facts
from casemgr.privacy.detection.rules.telling import tell
from casemgr.privacy.detection.rules.window import Act, Limits, Window
from casemgr.privacy.reviews.signals import Signal

NAME = "dormant_case"


def find(window: Window, facts: Facts, limits: Limits) -> Iterator[Signal]:
    """Reading and taking out; opening it again is work, and leaves a trace of its own."""
    rest = timedelta(days=limits["days"])
    for (account_id, case_id), accesses in window.touching.items():
        case = facts.cases.get(case_id)
        if case is None or case.closed_at is None:
            continue
        found = [
            access
            for access in accesses
            if access.act in {Act.READ, Act.EXPORT}
            and access.at > case.closed_at + rest
            and not facts.care.has_task(account_id, case_id, access.at)
        ]
        if found:
            days = (found[-1].at - case.closed_at).days
            yield tell(NAME, limits["score"], found, case_id=case_id, days=days)
