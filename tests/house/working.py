"""A child of test_keys_soak: people at work while keys change. Says a line after every commit.

Started with the settings in its environment, and facility, nurse, worker and doctor as arguments.
"""

import sys
from itertools import count
from uuid import UUID

from casemgr import create_app
from casemgr.access import Actor, Compartment, Role
from casemgr.cases import consenting, recording, team
from casemgr.cases import service as cases
from casemgr.cases.consent import ConsentMethod
from casemgr.cases.models import Identity
from casemgr.cases.rules import Source
from casemgr.db import session
from config import load


def main() -> None:
    """Go on for ever: a suspicion, its case, an identity, a grant, a search that finds it."""
    facility_id, nurse_id, worker_id, doctor_id = map(UUID, sys.argv[1:])
    nurse = Actor(facility_id, nurse_id, frozenset({Role.SCREENER}), channel="command")
    worker = Actor(facility_id, worker_id, frozenset({Role.SOCIAL_WORKER}), channel="command")
    app = create_app(load())
    for turn in count():
        with app.app_context():
            case_id = _open(nurse)
        with app.app_context():
            cases.take_case(worker, case_id)
            name = {"full_name": f"Người Thứ {turn}"}
            recording.record_part(worker, case_id, Identity, None, name)
            team.add_member(worker, case_id, doctor_id, {Compartment.IDENTITY})
            session.commit()
        with app.app_context():
            found = [case.id for case in cases.search_cases(worker, f"nguoi thu {turn}")]
            session.commit()
        if case_id not in found:
            sys.exit("the search did not find what was written")
        print(case_id, flush=True)  # noqa: T201 - this is how the parent knows


def _open(nurse: Actor) -> UUID:
    case = cases.open_suspicion(
        nurse, source=Source.WARD, ward="Khoa Sản", contact_nurse_id=nurse.account_id
    )
    consenting.record_first_answer(
        nurse,
        case.id,
        was_given=True,
        method=ConsentMethod.SPOKEN_WITH_WITNESS,
        witness="Lê Thị Hoa",
    )
    case_id = case.id
    session.commit()
    return case_id


if __name__ == "__main__":
    main()
