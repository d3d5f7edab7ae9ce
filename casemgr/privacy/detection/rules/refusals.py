"""R11: refused again and again, at several cases, or where a colleague then got in."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from casemgr.privacy.detection.rules.facts import Facts
from casemgr.privacy.detection.rules.telling import tell
from casemgr.privacy.detection.rules.window import Access, Act, Limits, Window, by_day
from casemgr.privacy.reviews.signals import Signal

NAME = "refusals"
HOUR = timedelta(hours=1)


def find(window: Window, _facts: Facts, limits: Limits) -> Iterator[Signal]:
    """One signal for each colleague and day: the gravest reason."""
    refused = [access for access in window.accesses if access.act is Act.REFUSED]
    touches: dict[UUID | None, list[Access]] = defaultdict(list)
    for access in window.accesses:
        if access.is_touching:
            touches[access.case_id].append(access)
    within = timedelta(minutes=limits["minutes"])
    for found in by_day(refused).values():
        if not window.is_new(found):
            continue
        cases = len({access.case_id for access in found if access.case_id})
        if helped := _let_in_by_another(found, touches, within):
            yield tell(NAME, limits["score"], found, why="another", case_id=helped.case_id)
        elif cases >= limits["cases"]:
            yield tell(NAME, limits["score"], found, why="cases", number=cases)
        elif (most := _most_in_an_hour(found)) >= limits["refusals"]:
            yield tell(NAME, limits["score"], found, why="hour", number=most)


def _most_in_an_hour(found: Sequence[Access]) -> int:
    return max(sum(timedelta(0) <= last.at - one.at < HOUR for one in found) for last in found)


def _let_in_by_another(
    found: Sequence[Access], touches: Mapping[UUID | None, Sequence[Access]], within: timedelta
) -> Access | None:
    """A refusal after which another account opened the same case at the same address."""
    for refused in found:
        for access in touches.get(refused.case_id, ()) if refused.case_id else ():
            if (
                access.address is not None
                and access.address == refused.address
                and access.account_id != refused.account_id
                and timedelta(0) <= access.at - refused.at <= within
            ):
                return refused
    return None
