"""The whole log verified in the background, at an officer's word and once a day."""

from uuid import UUID

from sqlalchemy import select

from casemgr.access import Actor
from casemgr.access.key_names import the_keyring
from casemgr.audit import Action, AuditEntry, Outcome, checkpoints, live, record
from casemgr.audit.verify import parse_key
from casemgr.db import new_id, session
from casemgr.db.snapshots import of_one_moment
from casemgr.privacy.proof.state import LastCheck
from casemgr.work.outbox import enqueue

VERIFY = "log.verify"
DAILY = "log-verifier"


def ask(actor: Actor) -> None:
    """Have the worker verify the log as soon as it can; the one who asked stands on record."""
    record(actor, Action.LOG_VERIFICATION_ASKED)
    enqueue(actor, VERIFY, new_id())


def run(actor: Actor, _ref_id: UUID | None = None) -> None:
    """Look at every entry, tile and signed head. The entry says how it ended."""
    key = checkpoints.log_key(session)
    keys = [parse_key(str(vkey)) for vkey in key.vkeys()] if key else []
    session.commit()  # on SQLite everybody who writes would wait for us
    with of_one_moment(session.get_bind().engine.url) as reading:
        report = live.verify(reading, the_keyring(), keys=keys)
    ended = Outcome.DONE if report.is_whole else Outcome.FAILED
    record(actor, Action.LOG_VERIFIED, outcome=ended, count=report.size)


def last(actor: Actor) -> LastCheck | None:
    """How the newest verification of ours ended; those of the command line tell their own reader."""
    query = (
        select(AuditEntry.at, AuditEntry.outcome)
        .where(
            AuditEntry.facility_id == actor.facility_id,
            AuditEntry.action == Action.LOG_VERIFIED,
            AuditEntry.channel == "worker",
        )
        .order_by(AuditEntry.at.desc())
        .limit(1)
    )
    row = session.execute(query).first()
    return LastCheck(row.at, row.outcome is Outcome.DONE) if row else None
