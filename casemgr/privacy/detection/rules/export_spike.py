"""R13: much taken out at once, more than ever before, before leaving, or to a new place."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from casemgr.privacy.detection.rules.facts import Baseline, Facts
from casemgr.privacy.detection.rules.leaver import is_leaving
from casemgr.privacy.detection.rules.telling import tell
from casemgr.privacy.detection.rules.window import Access, Act, Limits, Window, by_day
from casemgr.privacy.reviews.signals import Signal

NAME = "export_spike"


def find(window: Window, facts: Facts, limits: Limits) -> Iterator[Signal]:
    """Printed, downloaded and exported, of each colleague and day."""
    exports = [access for access in window.new if access.act is Act.EXPORT]
    for (account_id, _day), found in by_day(exports).items():
        cases = subjects(found)
        why = _why(account_id, found, cases, facts, limits)
        if why:
            yield tell(NAME, limits["score"], found, why=why, cases=cases)


def subjects(found: Sequence[Access]) -> int:
    """How many cases: those named, or the count of an export that names none."""
    named = frozenset().union(*(access.subjects for access in found))
    return max(len(named), max((access.count for access in found if access.case_id), default=0))


def _why(
    account_id: UUID, found: Sequence[Access], cases: int, facts: Facts, limits: Limits
) -> str:
    usual, member = facts.baselines.get(account_id, Baseline()), facts.staff.get(account_id)
    if cases > limits["cases"]:
        return "many"
    if member is not None and cases and is_leaving(member, found[-1], limits["leaving"]):
        return "leaving"
    if cases >= limits["least"] and cases > limits["times"] * usual.exports:
        return "unusual"
    places = {access.destination for access in found if access.destination}
    return "new_place" if places - usual.destinations else ""
