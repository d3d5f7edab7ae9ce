"""Key epochs: what was removed from the key store is gone for good once its epoch is closed.

Old versions of a row linger in a database's heap, log and backups, and with them the wrapped bytes
of a removed key. Closing an epoch makes a new provider root and a new facility key for data, wraps
every surviving data key anew, and destroys the old facility key and the old root: every older copy
is then noise (encryption.md §6). The steps stand in casemgr.access.closing.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import String, func, select
from sqlalchemy.orm import Mapped, mapped_column

from casemgr import clock
from casemgr.access.actor import Actor
from casemgr.access.key_names import the_keyring
from casemgr.audit import Action, AuditEntry, Outcome, record
from casemgr.crypto.recovery import recovery_store
from casemgr.db import Model, session

_SET = "set:"


class KeyEpoch(Model):
    """One epoch of the key store. ``old_root`` without ``closed_at``: it is being closed."""

    __tablename__ = "key_epoch"

    number: Mapped[int] = mapped_column(unique=True)
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]  # survivors re-wrapped, the old facility key destroyed
    old_root: Mapped[str | None] = mapped_column(String(200))
    root_destroyed_at: Mapped[datetime | None]  # the provider destroyed it, or set a date
    root_final_at: Mapped[datetime | None]  # when nobody can bring it back any more
    shares_issued_at: Mapped[datetime | None]  # the last time recovery shares were made in it


class Waits(StrEnum):
    """What an erasure still waits for before it is final."""

    RE_WRAP = "re_wrap"  # the epoch of the removed keys is not closed
    ROOT = "root"  # the provider's old root still exists
    SHARES = "shares"  # recovery shares of that epoch could open an older copy


@dataclass(frozen=True, slots=True)
class Outstanding:
    """One thing that is outstanding, and until when where that is known."""

    what: Waits
    until: datetime | None = None


def current_epoch() -> int:
    """The number of the open epoch; the first one is 1."""
    newest = select(func.max(KeyEpoch.number)).where(KeyEpoch.closed_at.is_(None))
    return session.scalar(newest) or 1


def epoch_row(actor: Actor) -> KeyEpoch:
    """The row of the open epoch, locked; the first epoch gets its row on first need."""
    number = current_epoch()
    row = session.scalar(select(KeyEpoch).where(KeyEpoch.number == number).with_for_update())
    if row is None:
        row = KeyEpoch(facility_id=actor.facility_id, number=number, opened_at=clock.now())
        session.add(row)
        session.flush()
    return row


def epoch_of_facility_keys(facility_id: UUID) -> dict[int, int]:
    """The epoch of each facility key for data, by number, destroyed ones included."""
    return the_keyring().store.epochs_of(facility_id, "data")


def note_shares_issued(actor: Actor, at: datetime, set_id: str) -> None:
    """Recovery shares of a set were made: those of closed epochs are thereby replaced."""
    epoch_row(actor).shares_issued_at = at
    record(actor, Action.SHARES_ISSUED, subject_kind=f"{_SET}{set_id}")


def newest_set(facility_id: UUID) -> str | None:
    """The set of recovery shares that was issued last, as the log has it; None before the first.

    Leaves no transaction open that was not: a rotation must hold nobody up while it wraps keys.
    """
    query = select(AuditEntry.subject_kind).where(
        AuditEntry.facility_id == facility_id,
        AuditEntry.action == Action.SHARES_ISSUED,
        AuditEntry.outcome == Outcome.DONE,
    )
    was_idle = not session().in_transaction()
    named = session.scalar(query.order_by(AuditEntry.at.desc()).limit(1))
    if was_idle:
        session.rollback()
    return named.removeprefix(_SET) if named else None


def note_replaced_set(actor: Actor, set_id: str) -> None:
    """The alarm: a set that was replaced is the current one of the key store again."""
    record(actor, Action.SHARES_SWAPPED, outcome=Outcome.FAILED, subject_kind=f"{_SET}{set_id}")


def what_is_outstanding(removed_in_epoch: int) -> list[Outstanding]:
    """What still stands between keys removed in this epoch and "final" (design §4).

    Backups of the old key store are asked for separately: casemgr.work.backups knows them.
    """
    row = session.scalar(select(KeyEpoch).where(KeyEpoch.number == removed_in_epoch))
    waits = []
    if row is None or row.closed_at is None:
        waits.append(Outstanding(Waits.RE_WRAP))
    if row is None or row.root_final_at is None or row.root_final_at > clock.now():
        waits.append(Outstanding(Waits.ROOT, row.root_final_at if row else None))
    if _shares_reach(removed_in_epoch) or (row is not None and _set_of_then_is_current(row)):
        waits.append(Outstanding(Waits.SHARES))
    return waits


def _shares_reach(number: int) -> bool:
    """Whether shares were made in this epoch or before, and none after it."""
    issued = select(func.max(KeyEpoch.number)).where(KeyEpoch.shares_issued_at.is_not(None))
    newest = session.scalar(issued)
    return newest is not None and newest <= number


def _set_of_then_is_current(row: KeyEpoch) -> bool:
    """Whether the key store's own recovery set is of this epoch or before.

    The set comes into force there before it is noted here: killed in between, or with an older main
    database restored since, this one knows of no shares while five papers exist.
    """
    found = recovery_store.current(the_keyring().store, row.facility_id)
    return found is not None and (row.closed_at is None or found.made_at <= row.closed_at)
