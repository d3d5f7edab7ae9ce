"""A child of test_log_killed: sequences again and again. Says a line when it begins, and after each.

Started with the settings in its environment.
"""

import time

from sqlalchemy.exc import SQLAlchemyError

from casemgr import create_app
from casemgr.audit import heartbeats, sequencer
from casemgr.db import session
from config import load


def main() -> None:
    """Go on for ever; a server that closed our connection is connected to again."""
    app = create_app(load())
    print("ready", flush=True)  # noqa: T201 - this is how the parent knows
    while True:
        with app.app_context():
            try:
                print(sequencer.run(session()), flush=True)  # noqa: T201 - as above
                heartbeats.beat(session(), "worker")
            except SQLAlchemyError:
                session.rollback()
        time.sleep(0.02)


if __name__ == "__main__":
    main()
