"""A database that was put back to an older state is not worked with.

Somebody outside remembers a head of the log's tree: a signed checkpoint in a file or with a witness.
A tree that is smaller, or that does not begin with that head, is an older or another database: the
process says so and ends. ``sources`` are asked for what is known outside (casemgr.rooms connects).
"""

import logging
from collections.abc import Callable

from sqlalchemy.orm import Session

from casemgr.audit.actions import Action, Outcome
from casemgr.audit.sequencer import Sequencer
from casemgr.audit.tiles import Head, Tree
from casemgr.audit.trail import record
from casemgr.crypto.keyring import Keyring
from casemgr.crypto.sealed import KEYRING

NAME = "log-guard"
EXIT_CODE = 3  # gunicorn then ends, instead of starting one worker after another
sources: list[Callable[[], Head | None]] = []

log = logging.getLogger("casemgr.log")


class RolledBack(Exception):
    """The log here is older than, or another one than, what is known outside."""

    def __init__(self, known: int, here: int) -> None:
        super().__init__(
            f"the log here has {here:,} entries in its tree; outside, one of {known:,} entries is "
            "known that it does not begin with. The database was put back to an older state, or "
            "changed (docs/operations.md, The log is behind)"
        )
        self.known, self.here = known, here


def behind(session: Session, known: Head) -> bool:
    """Whether this database's tree does not begin with a head that is known outside."""
    tree = Tree(session)
    return tree.size < known.size or tree.root_at(known.size) != known.root


def newest_known() -> Head | None:
    """The largest head that any source knows of."""
    heads = [head for ask in sources if (head := ask()) is not None]
    return max(heads, key=lambda head: head.size, default=None)


def refuse_if_behind(session: Session, channel: str) -> None:
    """Raise RolledBack, with an entry in the log, where something larger is known outside.

    Without the entry too, where it cannot be written: whoever put the database back may forbid it.
    Raises SQLAlchemyError where the comparison itself cannot be made.
    """
    known = newest_known()
    if known is None or not behind(session, known):
        return
    here = Tree(session).size
    try:
        _tell(session, channel, known.size - here)
    except Exception as error:  # noqa: BLE001 - what is proven must be told, whatever fails here
        session.rollback()
        log.error("the roll-back is not on record (%s)", type(error).__name__)  # noqa: TRY400
    raise RolledBack(known.size, here)


def _tell(session: Session, channel: str, count: int) -> None:
    keyring: Keyring = session.info[KEYRING]
    for facility_id in sorted({key.facility_id for key in keyring.store.facility_keys()})[:1]:
        who = Sequencer(facility_id, acting_as=NAME, channel=channel)
        record(who, Action.LOG_ROLLED_BACK, outcome=Outcome.FAILED, count=count)
        session.commit()
