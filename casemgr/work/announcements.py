"""Telling every privacy officer that recovery shares were used; each acknowledges for themselves.

An announcement is written before the shares are asked for, and says later how it ended: whoever
stops the program half-way has been announced already. Fixed words, no facts, no names.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select

from casemgr import clock
from casemgr.access import Actor, NotFound, Permission
from casemgr.audit import Action, record
from casemgr.db import session
from casemgr.work.models import Acknowledgement, Announcement
from casemgr.work.rules import Ceremony, CeremonyState, move

MOST_LISTED = 100


@dataclass(frozen=True, slots=True)
class Told:
    """One announcement as one officer sees it; ``acknowledged_at`` is theirs alone."""

    id: UUID
    kind: Ceremony
    state: CeremonyState
    begun_at: datetime
    ended_at: datetime | None
    acknowledged_at: datetime | None


def announce(actor: Actor, kind: Ceremony) -> Announcement:
    """Say that a ceremony begins; the caller commits before it goes on."""
    announcement = Announcement(
        facility_id=actor.facility_id,
        kind=kind,
        state=CeremonyState.BEGUN,
        begun_at=clock.now(),
    )
    session.add(announcement)
    return announcement


def settle(announcement_id: UUID, *, succeeded: bool) -> None:
    """Say how it ended. Raises ForbiddenMove when that was said before.

    Who acknowledged while it ran is asked again: they know the beginning only.
    """
    row = session.get_one(Announcement, announcement_id, with_for_update=True)
    wanted = CeremonyState.DONE if succeeded else CeremonyState.FAILED
    row.state, row.ended_at = move(row.state, wanted), clock.now()


def count_waiting(actor: Actor) -> int:
    """How many announcements this officer has not acknowledged yet."""
    waiting = _with_theirs(actor).where(Acknowledgement.id.is_(None)).subquery()
    return session.scalar(select(func.count()).select_from(waiting)) or 0


def listed(actor: Actor) -> Sequence[Told]:
    """The announcements, newest first, as this officer sees them; the list is on record."""
    actor.require(Permission.ANNOUNCEMENT_ACKNOWLEDGE)
    newest = _with_theirs(actor).order_by(Announcement.begun_at.desc()).limit(MOST_LISTED)
    found = [
        Told(row.id, row.kind, row.state, row.begun_at, row.ended_at, acknowledged_at)
        for row, acknowledged_at in session.execute(newest)
    ]
    record(actor, Action.ANNOUNCEMENTS_LISTED, count=len(found))
    return found


def acknowledge(actor: Actor, announcement_id: UUID) -> None:
    """Take note of one, for oneself. Raises NotFound for another facility's."""
    actor.require(Permission.ANNOUNCEMENT_ACKNOWLEDGE)
    announcement = session.get(Announcement, announcement_id, with_for_update=True)
    if announcement is None or announcement.facility_id != actor.facility_id:
        raise NotFound(announcement_id)
    mine = session.scalar(
        select(Acknowledgement).where(
            Acknowledgement.announcement_id == announcement.id,
            Acknowledgement.account_id == actor.known_id,
        )
    )
    if mine is None:
        mine = Acknowledgement(
            facility_id=actor.facility_id,
            announcement_id=announcement.id,
            account_id=actor.known_id,
        )
        session.add(mine)
    mine.acknowledged_at = clock.now()
    record(
        actor,
        Action.ANNOUNCEMENT_ACKNOWLEDGED,
        subject_kind="announcement",
        subject_id=announcement.id,
    )


def _with_theirs(actor: Actor) -> Select[Announcement, datetime]:
    """Announcements beside when this officer acknowledged them, after their end if they ended."""
    is_theirs = and_(
        Acknowledgement.announcement_id == Announcement.id,
        Acknowledgement.account_id == actor.known_id,
        or_(
            Announcement.ended_at.is_(None),
            Acknowledgement.acknowledged_at >= Announcement.ended_at,
        ),
    )
    return (
        select(Announcement, Acknowledgement.acknowledged_at)
        .outerjoin(Acknowledgement, is_theirs)
        .where(Announcement.facility_id == actor.facility_id)
    )
