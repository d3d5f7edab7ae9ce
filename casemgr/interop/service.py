"""Witnessing the log of another hospital: it may only grow, and there is only one of it.

Whoever asks is known by the signature in what they send; nobody signs in here.
"""

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from casemgr import clock
from casemgr.access import Actor
from casemgr.audit import Action, Outcome, checkpoints, record
from casemgr.audit.outside.note import Vkey
from casemgr.audit.publishing import WITNESSED
from casemgr.audit.signing import LogKey
from casemgr.audit.verify import EMPTY_ROOT, ProofRefused, verify_consistency
from casemgr.db import session
from casemgr.db.session import PROCESS
from casemgr.interop.models import WitnessedLog
from casemgr.interop.rules import Asked, is_signed


class Verdict(Enum):
    """What the witness says, as the HTTP status of add-checkpoint."""

    COSIGNED = 200
    UNSIGNED = 403
    UNKNOWN_LOG = 404
    OTHER_SIZE = 409
    INCONSISTENT = 422
    NO_KEY = 503


class Answer(NamedTuple):
    """The verdict, and the line that goes with it."""

    verdict: Verdict
    line: str = ""


def add_checkpoint(actor: Actor, asked: Asked) -> Answer:
    """Judge a head and cosign it. What bears a true signature is on record, refused or not."""
    trusted: dict[str, list[Vkey]] = session.info[PROCESS].get(WITNESSED, {})
    keys = trusted.get(asked.head.origin)
    if keys is None:
        return Answer(Verdict.UNKNOWN_LOG)
    if not is_signed(asked.note, keys):
        return Answer(Verdict.UNSIGNED)
    key = checkpoints.log_key(session)
    if key is None:
        return Answer(Verdict.NO_KEY)
    answer = _judge(actor, asked, key)
    is_done = answer.verdict is Verdict.COSIGNED
    record(
        actor,
        Action.CHECKPOINT_COSIGNED,
        outcome=Outcome.DONE if is_done else Outcome.REFUSED,
        subject_kind=answer.verdict.name.lower(),
    )
    return answer


def watched(actor: Actor) -> Sequence[WitnessedLog]:
    """The logs that this hospital witnesses, by name."""
    query = select(WitnessedLog).where(WitnessedLog.facility_id == actor.facility_id)
    return session.scalars(query.order_by(WitnessedLog.origin)).all()


def _judge(actor: Actor, asked: Asked, key: LogKey) -> Answer:
    known = session.scalar(select(WitnessedLog).where(WitnessedLog.origin == asked.head.origin))
    size = known.size if known else 0
    if asked.old_size != size:
        return Answer(Verdict.OTHER_SIZE, f"{size}\n")
    if known is not None and asked.head.size == size:
        if asked.head.root != known.root:
            return Answer(Verdict.OTHER_SIZE, f"{size}\n")
    elif not _extends(known, asked):
        return Answer(Verdict.INCONSISTENT)
    if not _move(actor, known, asked):
        return Answer(Verdict.OTHER_SIZE, f"{_size_now(asked)}\n")
    line = key.cosign(asked.note.text, int(clock.now().timestamp()))
    return Answer(Verdict.COSIGNED, str(line))


def _extends(known: WitnessedLog | None, asked: Asked) -> bool:
    """Every log extends the empty one, and a request with a proof from there was refused before."""
    if known is None or known.size == 0:
        return asked.head.size > 0 or asked.head.root == EMPTY_ROOT
    old, new = known, asked.head
    try:
        verify_consistency(old.size, new.size, old.root, new.root, asked.proof)
    except ProofRefused:
        return False
    return True


def _move(actor: Actor, known: WitnessedLog | None, asked: Asked) -> bool:
    """Compare and swap: of two requests that were judged at once only one moves the size."""
    news = {
        "size": asked.head.size,
        "root": asked.head.root,
        "note": str(asked.note),
        "seen_at": clock.now(),
    }
    if known is not None:
        moved = session.execute(
            update(WitnessedLog)
            .where(WitnessedLog.id == known.id, WitnessedLog.size == known.size)
            .where(WitnessedLog.root == known.root)
            .values(**news)
            .returning(WitnessedLog.id)
        ).first()
        return moved is not None
    try:
        with session.begin_nested():
            session.add(
                WitnessedLog(facility_id=actor.facility_id, origin=asked.head.origin, **news)
            )
    except IntegrityError:
        return False
    return True


def _size_now(asked: Asked) -> int:
    query = select(WitnessedLog.size).where(WitnessedLog.origin == asked.head.origin)
    return session.scalar(query) or 0
