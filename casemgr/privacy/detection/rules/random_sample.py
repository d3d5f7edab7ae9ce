"""A few accesses that no rule told of, drawn at random: they show how much the rules miss.

The lot is drawn by a hash over the whole day's log, which nobody knows before the day is over
and everybody with the log can draw again. No secret is needed.
"""

from collections.abc import Iterator
from hashlib import sha256

from casemgr.privacy.detection.rules.facts import Facts
from casemgr.privacy.detection.rules.telling import tell
from casemgr.privacy.detection.rules.window import Access, Limits, Window
from casemgr.privacy.reviews.signals import Signal

NAME = "sample"  # as reviews know it: they keep drawn accesses apart from alerts


def find(window: Window, facts: Facts, limits: Limits) -> Iterator[Signal]:
    """One lot for each account and case of the day, not for each click."""
    for (_, case_id), accesses in window.touching.items():
        if not any(access.id in facts.flagged for access in accesses) and is_drawn(
            accesses[0], facts.seed, limits["per_thousand"]
        ):
            yield tell(NAME, limits["score"], accesses, case_id=case_id)


def is_drawn(access: Access, seed: bytes, per_thousand: int) -> bool:
    """Whether this entry is drawn, with so many chances in a thousand."""
    lot = int.from_bytes(sha256(seed + access.id.bytes).digest()[:8])
    return lot * 1000 < per_thousand * 2**64
