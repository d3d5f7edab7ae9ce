"""R7: at work on cases outside the shift, without care or in numbers."""

from collections.abc import Iterator

from casemgr.privacy.detection.rules.facts import Facts
from casemgr.privacy.detection.rules.telling import tell
from casemgr.privacy.detection.rules.window import Access, Limits, Window, by_day
from casemgr.privacy.reviews.signals import Signal

NAME = "after_hours"
# Wards, the hotline and the board are on duty at night; without a roster nobody knows who.
ON_CALL = frozenset({"screener", "clinician", "director"})


def find(window: Window, facts: Facts, limits: Limits) -> Iterator[Signal]:
    """By the roster where there is one, else by the hours of the house."""
    late = [
        access for access in window.new if access.is_touching and _is_late(access, facts, limits)
    ]
    for (account_id, day), all_late in by_day(late).items():
        stray = [one for one in facts.without_care(all_late) if not facts.leads(one)]
        many = len({access.case_id for access in all_late}) >= limits["cases"]
        found = all_late if many else stray
        if found:
            cases = len({access.case_id for access in found})
            yield tell(NAME, limits["score"], found, account_id=account_id, day=day, cases=cases)


def _is_late(access: Access, facts: Facts, limits: Limits) -> bool:
    member = facts.staff.get(access.account_id) if access.account_id else None
    grace = limits["grace"]
    if member is not None and member.shifts is not None:
        margin = grace * 60
        return not any(
            (access.at - shift.since).total_seconds() >= -margin
            and (shift.until is None or (access.at - shift.until).total_seconds() < margin)
            for shift in member.shifts
        )
    if access.roles & ON_CALL:
        return False
    first, last = limits["opens"] * 60 - grace, limits["closes"] * 60 + grace
    return not first <= access.minute < last
