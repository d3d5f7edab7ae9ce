"""The child of test_upload_kill: keeps files in a case until it is killed.

Started with the settings in its environment, and facility, account and case as arguments; says a
line after every commit, which the parent may rely on.
"""

import sys
from itertools import count
from uuid import UUID

from casemgr import create_app
from casemgr.access import Actor, Compartment, Role
from casemgr.cases import attaching
from casemgr.db import session
from casemgr.files import service as files
from config import load

BODY = b"%PDF-1.7\n" + bytes(300_000)


def main() -> None:
    """Go on for ever, as requests do: the name is committed, then the file comes, then the act."""
    facility_id, account_id, case_id = map(UUID, sys.argv[1:])
    worker = Actor(facility_id, account_id, frozenset({Role.SOCIAL_WORKER}), channel="command")
    app = create_app(load())
    for _turn in count():
        with app.app_context():
            name = files.expect(worker)
            session.commit()
            arriving = files.receive(name)
            for start in range(0, len(BODY), 10_000):
                arriving.write(BODY[start : start + 10_000])
            kept = attaching.add_attachment(
                worker, case_id, arriving.finish(), original_name="x.pdf", part=Compartment.LEGAL
            )
            kept_id = kept.id
            session.commit()
        print(kept_id, flush=True)  # noqa: T201 - this is how the parent knows


if __name__ == "__main__":
    main()
