"""The worker's round that signs the head of the log: never one that contradicts what is outside.

A database that was put back or rewritten would else be signed, and the evidence of the true log be
overwritten by it.
"""

from functools import partial

from sqlalchemy import select

from casemgr.audit import checkpoints, publishing
from casemgr.audit.actions import Action, Outcome
from casemgr.audit.checkpoints import Checkpoint
from casemgr.audit.models import AuditEntry
from casemgr.audit.outside import note as notes
from casemgr.audit.outside.known import Seen
from casemgr.audit.trail import Originator, record
from casemgr.db import session


def sign_when_grown(who: Originator) -> None:
    """Each minute: sign when there are entries that no head covers yet.

    It reads in a transaction of its own, so what it signs was committed by the sequencer before.
    A tree that does not begin with every head known outside is told of once, and not signed.
    """
    reading = checkpoints.tree(session)
    if reading is None or checkpoints.log_key(session) is None:
        return
    head, last = reading.head(), checkpoints.newest(session)
    if not head.size or not (last is None or checkpoints.has_news(reading, last, head)):
        return
    contradiction = publishing.contradicted(reading)
    if contradiction is None:
        checkpoints.sign_head(session, head)
    elif not _is_told(who, last):
        count = contradiction.size - head.size
        record(who, Action.LOG_ROLLED_BACK, outcome=Outcome.FAILED, count=count)


def remember(_who: Originator) -> None:
    """After the commit: write down beside the key what was signed, and wipe a key that was replaced.

    Only a head that this tree has, and only in place of one that it extends.
    """
    key, last = checkpoints.log_key(session), checkpoints.newest(session)
    reading = checkpoints.tree(session)
    if key is None or last is None or reading is None:
        return
    newest = Seen(last.size, last.root)
    if checkpoints.begins_with(reading, newest):
        beginning = partial(checkpoints.begins_with, reading)
        checkpoints.seen_file(key).remember(newest, beginning)
    key.finish_rotation(notes.read_note(last.note))


def _is_told(who: Originator, last: Checkpoint | None) -> bool:
    """Since the newest signed head: once it is signed again, the next time is a new one."""
    told = select(AuditEntry.id).where(
        AuditEntry.action == Action.LOG_ROLLED_BACK, AuditEntry.acting_as == who.acting_as
    )
    if last is not None:
        told = told.where(AuditEntry.at > last.at)
    return session.scalars(told.limit(1)).first() is not None
