"""What is usual: worked out from the touches of earlier days. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from uuid import UUID

from casemgr.privacy.detection.rules.export_spike import subjects
from casemgr.privacy.detection.rules.facts import Baseline
from casemgr.privacy.detection.rules.window import Access, Act, by_day

CASE_DAYS, EXPORT_DAYS = 30, 90


def baselines(accesses: Iterable[Access], day: date) -> Mapping[UUID, Baseline]:
    """What each account did in a day before ``day``; days without a case are no days of work."""
    cases: dict[UUID, list[int]] = defaultdict(list)
    exports: dict[UUID, int] = defaultdict(int)
    places: dict[UUID, set[str]] = defaultdict(set)
    for (account_id, on), found in by_day(accesses).items():
        if not day - timedelta(days=EXPORT_DAYS) <= on < day:
            continue
        taken_out = [access for access in found if access.act is Act.EXPORT]
        exports[account_id] = max(exports[account_id], subjects(taken_out) if taken_out else 0)
        places[account_id] |= {one.destination for one in taken_out if one.destination}
        touched = len({access.case_id for access in found if access.is_touching})
        if touched and on >= day - timedelta(days=CASE_DAYS):
            cases[account_id].append(touched)
    return {
        one: Baseline(tuple(cases[one]), exports[one], frozenset(places[one])) for one in exports
    }


def parts_used(
    accesses: Iterable[Access], day: date
) -> Mapping[str, Mapping[str, frozenset[UUID]]]:
    """Who of which role opened which part on the 90 days before ``day``."""
    used: dict[str, dict[str, set[UUID]]] = defaultdict(lambda: defaultdict(set))
    for access in accesses:
        is_earlier = day - timedelta(days=EXPORT_DAYS) <= access.day < day
        if is_earlier and access.account_id is not None and access.is_touching:
            for role in access.roles:
                for part in access.parts:
                    used[role][part].add(access.account_id)
    return {
        role: {part: frozenset(who) for part, who in parts.items()} for role, parts in used.items()
    }
