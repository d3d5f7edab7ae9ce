"""R1: the family name of the person, and something else that families share."""

from collections.abc import Iterator

from casemgr.privacy.detection.rules.facts import Facts
from casemgr.privacy.detection.rules.people import (
    Person,
    rarity,
    shared_home,
    shared_word,
    surnames,
)
from casemgr.privacy.detection.rules.telling import tell
from casemgr.privacy.detection.rules.window import Limits, Window
from casemgr.privacy.reviews.signals import Signal

NAME = "same_surname"


def find(window: Window, facts: Facts, limits: Limits) -> Iterator[Signal]:
    """By rarity of the name: a third of the country is Nguyễn, which alone says nothing."""
    for (account_id, case_id), accesses in window.touching.items():
        member, other = facts.staff.get(account_id), facts.people.get(case_id)
        found = facts.without_care(accesses)
        if member is None or other is None or not found:
            continue
        second = second_key(member.person, other)
        shared = surnames(member.person) & surnames(other)
        if second is None or not shared:
            continue
        score = limits["score"] * max(rarity(name) for name in shared)
        if second != "word":
            score += limits["strong"]
        if score >= limits["least"]:
            yield tell(NAME, score, found, case_id=case_id, second=second)


def second_key(one: Person, other: Person) -> str | None:
    """What they share beside the name: phone, address, or a word of the name."""
    return shared_home(one, other) or ("word" if shared_word(one, other) else None)
