"""The rules as people see them: a name, a title, an explanation, and a sentence for each signal."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flask_babel.speaklater import LazyString

from casemgr.privacy.detection.explanations import EXPLANATIONS
from casemgr.privacy.detection.labels import NUMBERS, PACES, SOURCES
from casemgr.privacy.detection.rules.every import WAYS, Needs
from casemgr.privacy.detection.rules.limits import LIMITS, Limit
from casemgr.privacy.detection.sentences import sentence


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. ``number`` is that of R1 to R18; 0 for the random sample."""

    name: str
    number: int
    title: LazyString
    sees: LazyString
    not_seen: LazyString
    pace: LazyString
    limits: tuple[Limit, ...]
    opens_people: bool  # whether facts about people are opened to compare them
    explained_by_care: bool

    def sentence(self, reason: Mapping[str, str | int]) -> str:
        """What it says about one signal, in the language of the page."""
        return sentence(self.name, reason)

    def label(self, limit: Limit) -> LazyString:
        """What one of its numbers is called."""
        return NUMBERS[self.name][limit.name]

    def source(self, limit: Limit) -> LazyString:
        """Where its default comes from."""
        return SOURCES[limit.source]


RULES: Final[Mapping[str, Rule]] = {
    name: Rule(
        name=name,
        number=way.number,
        title=EXPLANATIONS[name].title,
        sees=EXPLANATIONS[name].sees,
        not_seen=EXPLANATIONS[name].not_seen,
        pace=PACES[way.pace],
        limits=LIMITS[name],
        opens_people=bool(way.needs & {Needs.PEOPLE, Needs.NAMED}),
        explained_by_care=way.explained_by_care,
    )
    for name, way in WAYS.items()
}


def describe(rule: str, reason: Mapping[str, str | int]) -> str:
    """What reviews show of a signal; the bare name of a rule that is not known here."""
    return sentence(rule, reason)
