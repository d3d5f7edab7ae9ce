"""The child of test_kill: opens suspicions and records answers until it is killed.

Started with the settings in its environment, and facility and account as arguments; says a line
after every commit, which the parent may rely on.
"""

import sys
from itertools import count
from uuid import UUID

from casemgr import create_app
from casemgr.access import Actor, Role
from casemgr.cases import consenting
from casemgr.cases import service as cases
from casemgr.cases.consent import ConsentMethod
from casemgr.cases.rules import Source
from casemgr.db import session
from config import load


def main() -> None:
    """Go on for ever."""
    facility_id, account_id = map(UUID, sys.argv[1:])
    nurse = Actor(facility_id, account_id, frozenset({Role.SCREENER}), channel="command")
    app = create_app(load())
    for turn in count():
        with app.app_context():
            case = cases.open_suspicion(
                nurse, source=Source.WARD, ward="Khoa Sản", contact_nurse_id=account_id
            )
            consenting.record_first_answer(
                nurse,
                case.id,
                was_given=bool(turn % 2),
                method=ConsentMethod.SPOKEN_WITH_WITNESS,
                witness="Lê Thị Hoa",
            )
            case_id = case.id
            session.commit()
        print(case_id, flush=True)  # noqa: T201 - this is how the parent knows


if __name__ == "__main__":
    main()
