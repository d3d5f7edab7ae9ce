"""R8: far more cases in a day than this colleague, and others like them, usually touch."""

from collections.abc import Iterator

from casemgr.privacy.detection.rules.facts import Facts
from casemgr.privacy.detection.rules.telling import tell
from casemgr.privacy.detection.rules.window import Limits, Window, by_day
from casemgr.privacy.reviews.signals import Signal

NAME = "volume"


def find(window: Window, facts: Facts, limits: Limits) -> Iterator[Signal]:
    """Over the own mean and deviations, over the peers' median, and over a least number."""
    touching = [access for access in window.new if access.is_touching]
    for (account_id, day), found in by_day(touching).items():
        cases = len({access.case_id for access in found})
        usual = facts.baselines.get(account_id)
        mean, deviation = (usual.mean, usual.deviation) if usual else (0.0, 0.0)
        is_many = cases >= limits["least"] and cases > mean + limits["deviations"] * deviation
        if is_many and cases > limits["peers"] * facts.peer_median(account_id):
            yield tell(
                NAME, limits["score"], found,
                account_id=account_id, day=day, cases=cases, usual=round(mean),
            )  # fmt: skip
