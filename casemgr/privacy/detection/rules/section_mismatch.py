"""R16: a part of a case opened that nobody of the same role opens."""

from collections.abc import Iterator

from casemgr.privacy.detection.rules.facts import Facts
from casemgr.privacy.detection.rules.telling import tell
from casemgr.privacy.detection.rules.window import Access, Limits, Window, by_day
from casemgr.privacy.reviews.signals import Signal

NAME = "section_mismatch"


def find(window: Window, facts: Facts, limits: Limits) -> Iterator[Signal]:
    """Silent where too few share the role to say what is usual."""
    strange = [
        access for access in window.new if access.is_touching and _strange(access, facts, limits)
    ]
    for found in by_day(strange).values():
        parts = sorted({part for one in found for part in _strange(one, facts, limits)})
        yield tell(NAME, limits["score"], found, parts=" ".join(parts))


def _strange(access: Access, facts: Facts, limits: Limits) -> frozenset[str]:
    """The parts that no peer of any of the roles opened in the last 90 days."""
    used: set[str] = set()
    peers: set[object] = set()
    for role in access.roles:
        for part, accounts in facts.parts_used.get(role, {}).items():
            others = accounts - {access.account_id}
            peers |= others
            if others:
                used.add(part)
    return access.parts - used if len(peers) >= limits["peers"] else frozenset()
