"""Entries of the log as accesses. Only columns are read; leaves only where lists name their cases."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select

from casemgr.access import Actor, Compartment
from casemgr.audit import Action, AuditEntry, Outcome
from casemgr.audit.shown import LISTING, ids_shown
from casemgr.db import session
from casemgr.privacy.detection.rules.window import TOUCHING, Access, Act

BATCH = 5000
_READING = (
    Action.COMPARTMENT_OPENED,
    Action.CASE_SHOWN,
    Action.SCREENING_SHOWN,
    Action.ATTACHMENTS_LISTED,
    Action.REFERRAL_SHOWN,
)
_CHANGING = (
    Action.CASE_HANDED_OVER,
    Action.CASE_TAKEN,
    Action.CASE_MOVED,
    Action.STATUS_CHANGED,
    Action.IDENTITY_RECORDED,
    Action.CONTACT_RECORDED,
    Action.SOCIAL_RECORDED,
    Action.CONSENT_GIVEN,
    Action.CONSENT_REFUSED,
    Action.CONSENT_WITHDRAWN,
    Action.GROUND_RECORDED,
    Action.NOTE_ADDED,
    Action.CLINICAL_WRITTEN,
    Action.ATTACHMENT_ADDED,
    Action.MEMBER_ADDED,
    Action.MEMBER_REMOVED,
    Action.TASK_ADDED,
    Action.TASK_DONE,
    Action.REFERRAL_PREPARED,
    Action.REFERRAL_SENT,
    Action.REFERRAL_ANSWERED,
    Action.REFERRAL_CHASED,
    Action.REFERRAL_WITHDRAWN,
)
_EXPORTING = (Action.LETTER_PRINTED, Action.ATTACHMENT_OPENED, Action.LOG_EXPORTED)
# What makes R17 speak, however it ended; a look at the log only where it found something.
ALARMS: Final = frozenset(
    {
        Action.SEAL_BROKEN,
        Action.LOG_TAG_WRONG,
        Action.LOG_LANE_GAP,
        Action.LOG_ROLLED_BACK,
        Action.CELL_ROLLED_BACK,
        Action.SHARES_SWAPPED,
    }
)
ALARMS_IF_FAILED: Final = frozenset({Action.LOG_VERIFIED})
ACTS: Final[dict[Action, Act]] = {
    **dict.fromkeys(_READING, Act.READ),
    **dict.fromkeys(_CHANGING, Act.CHANGE),
    **dict.fromkeys(_EXPORTING, Act.EXPORT),
    **dict.fromkeys((each for each in LISTING), Act.LIST),
    Action.CASES_SEARCHED: Act.SEARCH,
    Action.SIGNED_IN: Act.SIGN_IN,
    # Breaking the glass comes with a room of its own; its acts are named so.
    **{each: Act.BREAK_GLASS for each in Action if each.value.startswith("break_glass.")},
}
_TOUCHING_ACTIONS = tuple(action for action, act in ACTS.items() if act in TOUCHING)
# Under this purpose an officer opens reasons and answers, never a part of a care team.
_OVERSIGHT = frozenset({Compartment.OVERSIGHT.value})


def accesses(
    actor: Actor, since: datetime, until: datetime, only: Collection[Action] = ()
) -> list[Access]:
    """What people did, and alarms, in the order of time, of the actor's facility."""
    failed = AuditEntry.action.in_(ALARMS_IF_FAILED) & (AuditEntry.outcome == Outcome.FAILED)
    wanted = or_(AuditEntry.account_id.is_not(None), AuditEntry.action.in_(ALARMS), failed)
    more = [AuditEntry.action.in_(only)] if only else []
    return [
        _access(row, ids_shown(leaf) if leaf else ())
        for row, leaf in _rows(actor, since, until, [wanted, *more])
    ]


def touches(actor: Actor, since: datetime, until: datetime) -> list[Access]:
    """Only what read, changed or took out: for what is usual."""
    return accesses(actor, since, until, _TOUCHING_ACTIONS)


def seed_of(actor: Actor, since: datetime, until: datetime) -> bytes:
    """SHA-256 over the leaves of a day in their order: known to nobody before the day is over."""
    digest = sha256()
    query = select(AuditEntry.leaf).where(
        AuditEntry.facility_id == actor.facility_id,
        AuditEntry.at >= since,
        AuditEntry.at < until,
    )
    for leaf in session.scalars(query.order_by(AuditEntry.at, AuditEntry.id)).yield_per(BATCH):
        digest.update(sha256(leaf).digest())
    return digest.digest()


def _rows(
    actor: Actor, since: datetime, until: datetime, wanted: Sequence[ColumnElement[bool]]
) -> Iterator[tuple[Any, bytes | None]]:
    """Rows by keys, not by offsets; the leaf of those lists that named what they showed."""
    columns = (
        *(AuditEntry.id, AuditEntry.at, AuditEntry.account_id, AuditEntry.acting_as),
        *(AuditEntry.action, AuditEntry.outcome, AuditEntry.case_id, AuditEntry.compartments),
        *(AuditEntry.purpose, AuditEntry.address, AuditEntry.session_ref),
        AuditEntry.count.label("number"),
    )
    within = (AuditEntry.facility_id == actor.facility_id, AuditEntry.at < until, *wanted)
    after: ColumnElement[bool] = AuditEntry.at >= since
    while True:
        query = select(*columns).where(*within, after).order_by(AuditEntry.at, AuditEntry.id)
        rows = session.execute(query.limit(BATCH)).all()
        listing = [row.id for row in rows if row.number and row.action in LISTING]
        leaves = _leaves(listing)
        for row in rows:
            yield row, leaves.get(row.id)
        if len(rows) < BATCH:
            return
        last = rows[-1]
        after = or_(AuditEntry.at > last.at, (AuditEntry.at == last.at) & (AuditEntry.id > last.id))


def _leaves(ids: Sequence[UUID]) -> dict[UUID, bytes]:
    found: dict[UUID, bytes] = {}
    for start in range(0, len(ids), 500):
        query = select(AuditEntry.id, AuditEntry.leaf).where(
            AuditEntry.id.in_(ids[start : start + 500])
        )
        found |= {row.id: row.leaf for row in session.execute(query)}
    return found


def _access(row: Any, shown: Sequence[UUID]) -> Access:
    parts = frozenset(row.compartments.split())
    act = _act(row.action, row.outcome, parts)
    return Access(
        id=row.id,
        at=row.at,
        act=act,
        account_id=None if act is Act.ALARM else row.account_id,
        roles=frozenset(row.acting_as.split()),
        case_id=None if row.action is Action.LOG_EXPORTED else row.case_id,
        parts=parts,
        purpose=row.purpose,
        address=row.address,
        session_ref=row.session_ref,
        count=row.number or 0,
        shown=tuple(shown),
        action=row.action.value,
    )


def _act(action: Action, outcome: Outcome, parts: frozenset[str]) -> Act:
    if action in ALARMS or (action in ALARMS_IF_FAILED and outcome is Outcome.FAILED):
        return Act.ALARM
    if outcome is Outcome.REFUSED:
        return Act.REFUSED if action is Action.ACT_REFUSED else Act.OTHER
    act = ACTS.get(action, Act.OTHER)
    return Act.OTHER if act is Act.READ and parts == _OVERSIGHT else act
