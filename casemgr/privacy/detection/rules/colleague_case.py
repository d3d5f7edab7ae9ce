"""R3: a case about a member of staff, opened by a colleague who has nothing to do with it."""

from collections.abc import Iterator

from casemgr.privacy.detection.rules.facts import Facts
from casemgr.privacy.detection.rules.people import Match, same_person
from casemgr.privacy.detection.rules.telling import tell
from casemgr.privacy.detection.rules.window import Limits, Window
from casemgr.privacy.reviews.signals import Signal

NAME = "colleague_case"


def find(window: Window, facts: Facts, limits: Limits) -> Iterator[Signal]:
    """Higher within one department. A whole name alone counts only if the settings say so."""
    wanted = {Match.NUMBER} | ({Match.NAME} if limits["by_name"] else set())
    meant: dict[object, set[object]] = {}
    for (account_id, case_id), accesses in window.touching.items():
        other, found = facts.people.get(case_id), facts.without_care(accesses)
        if other is None or not found:
            continue
        if case_id not in meant:
            meant[case_id] = {
                one
                for one, member in facts.staff.items()
                if same_person(member.person, other) in wanted
            }
        if account_id in meant[case_id] or not meant[case_id]:
            continue
        mine = facts.staff.get(account_id)
        near = {member.department for one, member in facts.staff.items() if one in meant[case_id]}
        is_near = mine is not None and mine.department != "" and mine.department in near
        score = limits["score"] + (limits["same_department"] if is_near else 0)
        yield tell(NAME, score, found, case_id=case_id, near=int(is_near))
