"""Signals of all rules brought together: what care explains is left out, scores are added up. Pure.

Care explains only rules whose meaning is "no business with this case". Where the question is who
sat there (R15), how somebody searched or was refused (R10, R11), or where every use is reviewed
(R9), care is no answer; nor for R2, R5, R12, R13 and R17, as issue 4 says.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from casemgr.privacy.detection.rules.every import WAYS
from casemgr.privacy.detection.rules.facts import Facts
from casemgr.privacy.detection.rules.window import Access, Limits, Window
from casemgr.privacy.reviews.signals import Signal

FURTHER, MOST = 10, 100
MOST_ENTRIES = 50  # enough to look at; the log has the rest


@dataclass(frozen=True, slots=True)
class Combined:
    """What all rules say about one colleague, one case and one day."""

    account_id: UUID | None
    case_id: UUID | None
    day: date
    score: int
    signals: tuple[Signal, ...]


def run(
    window: Window, facts: Facts, limits: Mapping[str, Limits], names: Iterable[str]
) -> list[Signal]:
    """The signals of these rules, without those that care explains."""
    found: list[Signal] = []
    known = {access.id: access for access in window.accesses}
    for name in names:
        told = WAYS[name].find(window, facts, limits[name])
        found += [
            _shortened(signal, known, facts)
            for signal in told
            if not is_explained(signal, known, facts)
        ]
    return found


def is_explained(signal: Signal, known: Mapping[UUID, Access], facts: Facts) -> bool:
    """Whether whoever it was had care of every case that the signal is about, at the time."""
    if not WAYS[signal.rule].explained_by_care:
        return False
    on_cases = [known[entry] for entry in signal.entries if known[entry].case_id is not None]
    return bool(on_cases) and not facts.without_care(on_cases)


def _shortened(signal: Signal, known: Mapping[UUID, Access], facts: Facts) -> Signal:
    """With as many entries as somebody can look at, those first that care does not explain."""
    if len(signal.entries) <= MOST_ENTRIES:
        return signal
    first = sorted(signal.entries, key=lambda entry: facts.has_care(known[entry]))
    return replace(signal, entries=tuple(first[:MOST_ENTRIES]))


def combine(signals: Iterable[Signal]) -> list[Combined]:
    """By colleague, case and day, the gravest first: the highest score and 10 per further rule."""
    groups: dict[tuple[UUID | None, UUID | None, date], dict[str, Signal]] = defaultdict(dict)
    for signal in signals:
        rules = groups[signal.account_id, signal.case_id, signal.day]
        if signal.rule not in rules or rules[signal.rule].score < signal.score:
            rules[signal.rule] = signal
    found = [
        Combined(*place, combined_score(rules.values()), tuple(rules.values()))
        for place, rules in groups.items()
    ]
    return sorted(found, key=lambda each: -each.score)


def combined_score(signals: Iterable[Signal]) -> int:
    """The highest score of one rule, 10 more for each further rule, at most 100."""
    scores: dict[str, int] = {}
    for signal in signals:
        scores[signal.rule] = max(signal.score, scores.get(signal.rule, 0))
    if not scores:
        return 0
    return min(MOST, max(scores.values()) + FURTHER * (len(scores) - 1))
