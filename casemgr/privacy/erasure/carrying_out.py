"""What the worker does with an approved erasure, in steps that can be killed and repeated.

1. ``begin``: one transaction in the main database. The keys are named no more, the values are empty,
   the parts are marked: from its commit on nothing opens.
2. the round ``key-remover`` empties the key store of what was intended (access.removal).
3. ``settle``: files are gone, no trace is left in SQLite's log: the erasure is *live*.
4. ``finish``: nothing is outstanding, not even in a backup of the key store: it is *final*.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select

from casemgr import clock
from casemgr.access import Actor, Purpose
from casemgr.access.closing import is_gone_still
from casemgr.access.epochs import what_is_outstanding
from casemgr.access.opening import open_keys
from casemgr.access.removal import removals_of
from casemgr.audit import Action
from casemgr.cases import erasing, part_marks
from casemgr.cases.erasing import Received
from casemgr.cases.models import Case
from casemgr.cases.retention import Keeping
from casemgr.db import session
from casemgr.db.session import truncate_log
from casemgr.files import service as files
from casemgr.privacy.erasure import rules
from casemgr.privacy.erasure.assessing import assess
from casemgr.privacy.erasure.models import Erasure, ErasurePart, ErasureRecipient
from casemgr.privacy.erasure.records import OVERSIGHT, note, parts_of
from casemgr.privacy.erasure.rules import ErasureState as State
from casemgr.work.backups import last_key_store_copy_expires


class Waits(StrEnum):
    """What stands between an erasure and its end."""

    KEYS = "keys"  # the key store was not emptied yet
    FILES = "files"
    TRACES = "traces"  # SQLite's log
    RE_WRAP = "re_wrap"
    ROOT = "root"
    SHARES = "shares"
    BACKUP = "backup"


@dataclass(frozen=True, slots=True)
class Outstanding:
    """One thing that is outstanding, and until when where that is known."""

    what: Waits
    until: datetime | None = None


def begin(actor: Actor, erasure_id: UUID) -> None:
    """Worker: the countdown is over. Everything that follows rests on this one transaction."""
    erasure = session.get(Erasure, erasure_id, with_for_update=True)
    if erasure is None or erasure.state is not State.APPROVED:
        return  # cancelled, or begun before
    case = session.get_one(Case, erasure.case_id, with_for_update=True)
    open_keys(actor, erasure.id, OVERSIGHT, purpose=Purpose.ERASURE, case_id=case.id)
    rows = parts_of(erasure)
    if not _answer_again(actor, erasure, case, rows):
        erasure.state = rules.move(erasure.state, State.CANCELLED)
        erasure.cancelled_at = clock.now()
        note(actor, Action.ERASURE_CANCELLED, erasure)
        return
    now = clock.now()
    going = frozenset(row.part for row in rows if row.keeping is None)
    note(actor, Action.ERASURE_BEGUN, erasure, count=len(going))
    for row in rows:
        if row.part not in going:
            row.restricted_at = now
            part_marks.restrict(actor, case, row.part, row.kept_until, erasure.id)
        else:
            row.erased_at = now
    erasure.state, erasure.begun_at = rules.move(erasure.state, State.UNDER_WAY), now
    session.flush()
    _keep_receivers(erasure, erasing.erase_parts(actor, case, going, erasure.id) if going else ())
    session.flush()


def settle(actor: Actor) -> None:
    """Worker, again and again: erasures of which nothing is left here are live.

    SQLite empties its log for nobody who holds a transaction: that comes before ours begins.
    """
    if not _in_state(actor, State.UNDER_WAY):
        return
    session.rollback()
    is_clean = truncate_log()
    for erasure in _in_state(actor, State.UNDER_WAY):
        if is_clean and not _still_here(erasure):
            erasure.state = rules.move(erasure.state, State.LIVE)
            erasure.live_at = clock.now()
            note(actor, Action.ERASURE_LIVE, erasure, count=len(removals_of(erasure.id)))
    session.flush()


def finish(actor: Actor) -> None:
    """Worker, every hour: erasures for which nothing is outstanding any more are final."""
    for erasure in _in_state(actor, State.LIVE):
        if not outstanding(erasure) and _roots_are_gone_still(actor, erasure):
            erasure.state = rules.move(erasure.state, State.FINAL)
            erasure.final_at = clock.now()
            note(actor, Action.ERASURE_FINAL, erasure)
    session.flush()


def _roots_are_gone_still(actor: Actor, erasure: Erasure) -> bool:
    """Providers are asked again: what one said once may have been called off since."""
    return all(is_gone_still(actor, each) for each in {r.epoch for r in removals_of(erasure.id)})


def outstanding(erasure: Erasure) -> list[Outstanding]:
    """What an erasure that was begun still waits for; empty once it is, or can be, final."""
    if erasure.state is State.FINAL or erasure.begun_at is None:
        return []
    waits = [Outstanding(what) for what in _still_here(erasure)]
    if erasure.state is State.UNDER_WAY and not waits:
        waits.append(Outstanding(Waits.TRACES))
    removals = removals_of(erasure.id)
    epochs = {removal.epoch for removal in removals}
    found = {item.what: item for epoch in sorted(epochs) for item in what_is_outstanding(epoch)}
    waits += [Outstanding(Waits(what.value), item.until) for what, item in found.items()]
    removed = [removal.removed_at for removal in removals if removal.removed_at]
    if removed and (until := last_key_store_copy_expires(max(removed))):
        waits.append(Outstanding(Waits.BACKUP, until))
    return waits


def _answer_again(actor: Actor, erasure: Erasure, case: Case, rows: Sequence[ErasurePart]) -> bool:
    """The law asks what is so now, not a week ago. False when the case was worked on since.

    Only more is kept than was approved, never less: what a second person approved as restricted
    is not erased because one person lifted a hold since.
    """
    if case.closed_at is None or erasure.decided_at is None or case.closed_at > erasure.decided_at:
        return False
    answers = assess(actor, case, [row.part for row in rows], erasure.record_kind)
    for row in rows:
        answer = answers[row.part]
        if answer is not None and answer.keeping is Keeping.AT_WORK:
            return False
        if answer is not None:
            row.keeping, row.kept_until = answer.keeping, answer.until
    return True


def _keep_receivers(erasure: Erasure, received: Sequence[Received]) -> None:
    for each in received:
        row = ErasureRecipient(facility_id=erasure.facility_id, erasure_id=erasure.id)
        session.add(row)
        row.organisation_id, row.sent_on = each.organisation_id, each.sent_on


def _still_here(erasure: Erasure) -> list[Waits]:
    waits = []
    if any(removal.confirmed_at is None for removal in removals_of(erasure.id)):
        waits.append(Waits.KEYS)
    if files.outstanding(erasure.id):
        waits.append(Waits.FILES)
    return waits


def _in_state(actor: Actor, state: State) -> Sequence[Erasure]:
    query = select(Erasure).where(Erasure.facility_id == actor.facility_id, Erasure.state == state)
    return session.scalars(query.order_by(Erasure.requested_at).with_for_update()).all()
