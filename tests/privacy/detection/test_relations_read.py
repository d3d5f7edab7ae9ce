"""Care as the tables and the log tell it: places, tasks, beginnings, what waits for the team."""

from datetime import timedelta
from uuid import UUID

import pytest

from casemgr import clock
from casemgr.access.actor import system_actor
from casemgr.cases import service as cases
from casemgr.cases.models import Case
from casemgr.cases.rules import CaseState, Source
from casemgr.db import session
from casemgr.privacy.detection.relations import AFTER_REST, ORIGIN, relations
from casemgr.privacy.detection.rules.facts import Facts
from casemgr.privacy.detection.rules.window import Access, Act
from tests.cast import Cast
from tests.house.hospital import Hospital

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ROLES = {"worker": "social_worker", "other_worker": "social_worker", "doctor": "clinician"}


def holds(cast: Cast, who: str, case_id: UUID, later: timedelta = timedelta(0)) -> bool:
    """Whether somebody has care of a case so much later, as far as is known now."""
    with cast.acting():
        care, facts = relations(system_actor("detection", cast.facility_id), [case_id])
    access = Access(
        id=case_id,
        at=clock.now() + later,
        act=Act.READ,
        account_id=cast.ids[who],
        roles=frozenset({ROLES.get(who, "screener")}),
        case_id=case_id,
    )
    return Facts(care=care, cases=facts).has_care(access)


@pytest.mark.parametrize(
    ("who", "later", "expected"),
    [
        ("worker", HOUR, True),  # runs it
        ("doctor", HOUR, True),  # is on its team
        ("stranger", HOUR, False),
        ("other_worker", HOUR, False),  # it was taken by somebody else
        ("nurse", HOUR, True),  # began it
        ("nurse", ORIGIN + HOUR, False),
        ("worker", 300 * DAY, True),
    ],
)
def test_care_of_a_running_case(made: Hospital, who: str, later: timedelta, expected: bool) -> None:
    assert holds(made.cast, who, made.ids["case"], later) is expected


def test_what_nobody_took_waits_for_the_whole_social_work_team(made: Hospital) -> None:
    assert holds(made.cast, "other_worker", made.ids["untaken"], HOUR)
    assert not holds(made.cast, "doctor", made.ids["untaken"], HOUR)


def test_a_case_at_rest_is_tidied_up_for_thirty_days(made: Hospital) -> None:
    with made.cast.planting():
        case = session.get_one(Case, made.ids["case"])
        case.state, case.closed_at = CaseState.CLOSED, clock.now()
    assert holds(made.cast, "worker", made.ids["case"], AFTER_REST - HOUR)
    assert not holds(made.cast, "doctor", made.ids["case"], AFTER_REST + HOUR)


def test_what_was_never_taken_waited_until_it_ended(cast: Cast) -> None:
    with cast.acting():
        case_id = cases.open_suspicion(
            cast.actor("nurse"), source=Source.WARD, ward="Khoa Sản", contact_nurse_id=None
        ).id
    with cast.planting():
        case = session.get_one(Case, case_id)
        case.state, case.closed_at = CaseState.REFUSED, clock.now() + HOUR
    assert holds(cast, "other_worker", case_id, HOUR / 2)
    assert not holds(cast, "other_worker", case_id, 2 * HOUR)
