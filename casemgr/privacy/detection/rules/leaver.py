"""R12: an account acts although its owner has left, is suspended or on leave."""

from collections.abc import Iterator
from datetime import timedelta

from casemgr import clock
from casemgr.privacy.detection.rules.facts import Facts, Member
from casemgr.privacy.detection.rules.telling import tell
from casemgr.privacy.detection.rules.window import Access, Limits, Window, by_day
from casemgr.privacy.reviews.signals import Signal

NAME = "leaver"


def find(window: Window, facts: Facts, limits: Limits) -> Iterator[Signal]:
    """Signing in counts as well."""
    for (account_id, _day), accesses in by_day(window.new).items():
        member = facts.staff.get(account_id)
        found = [(one, why) for one in accesses if member and (why := _why(one, member, limits))]
        if found:
            entries = [access for access, _ in found]
            yield tell(NAME, limits["score"], entries, why=found[-1][1])


def _why(access: Access, member: Member, limits: Limits) -> str:
    if member.ends_on is not None and access.day > member.ends_on:
        return "left"
    late = timedelta(minutes=limits["minutes"])
    if member.disabled_at is not None and access.at > member.disabled_at + late:
        return "disabled"
    return "leave" if any(span.holds(access.at) for span in member.leave) else ""


def is_leaving(member: Member, access: Access, days: int) -> bool:
    """Whether the last day of work is near or past."""
    if member.ends_on is None:
        return False
    return clock.to_local(access.at).date() + timedelta(days=days) >= member.ends_on
