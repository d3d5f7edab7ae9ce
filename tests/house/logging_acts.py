"""A child of test_log_killed: acts under load, each a change and its entry, until it is killed.

Started with the settings in its environment and facility as argument. One act in three rolls a
savepoint back, one in seven itself, so that numbers are given back all the time. A connection that
the server closed is an act that may or may not have happened: the next one goes on.
"""

import sys
from itertools import count
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from casemgr import create_app
from casemgr.access.actor import system_actor
from casemgr.audit import Action, record
from casemgr.db import new_id, session
from casemgr.directory.models import Organisation
from config import load
from tests.house.test_entry_required import organisation


def act(facility_id: UUID, turn: int) -> UUID | None:
    """One act. Returns what it made, once that is confirmed."""
    actor, row_id = system_actor("tests", facility_id, "command"), new_id()
    if turn % 3 == 0:
        savepoint = session.begin_nested()
        record(actor, Action.DIRECTORY_SHOWN)
        session.flush()
        savepoint.rollback()
    row: Organisation = organisation(facility_id, row_id)
    session.add(row)
    record(actor, Action.DIRECTORY_SEEDED, subject_kind="organisation", subject_id=row_id)
    if turn % 7 == 0:
        session.flush()
        session.rollback()
        return None
    session.commit()
    return row_id


def main() -> None:
    """Go on for ever."""
    facility_id = UUID(sys.argv[1])
    app = create_app(load())
    print("ready", flush=True)  # noqa: T201 - this is how the parent knows
    for turn in count(1):
        with app.app_context():
            try:
                done = act(facility_id, turn)
            except SQLAlchemyError:
                session.rollback()
                continue
        if done:
            print(done, flush=True)  # noqa: T201 - as above


if __name__ == "__main__":
    main()
