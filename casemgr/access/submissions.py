"""A form sent twice acts once (I8): each form carries an id, and the first answer is kept."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import String, func, select
from sqlalchemy.orm import Mapped, mapped_column

from casemgr import clock
from casemgr.access.actor import Actor
from casemgr.db import Model, session


class Submission(Model):
    """One accepted form: its id, who sent it, and where the browser was sent afterwards."""

    __tablename__ = "submission"

    account_id: Mapped[UUID | None]
    endpoint: Mapped[str] = mapped_column(String(80))
    location: Mapped[str] = mapped_column(String(300))  # a path of ours: random ids only
    accepted_at: Mapped[datetime]


def answer_to(actor: Actor, endpoint: str, submission_id: UUID) -> str | None:
    """Where the same form of the same person led before, or None if it is new.

    A twin that is still being handled is waited for: on SQLite every request waits for the one
    before it, on PostgreSQL a lock on the id is held until the transaction ends.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(submission_id.int >> 65)))
    return session.scalar(
        select(Submission.location).where(
            Submission.id == submission_id,
            Submission.account_id == actor.account_id,
            Submission.endpoint == endpoint,
        )
    )


def keep_answer(actor: Actor, endpoint: str, submission_id: UUID, location: str) -> None:
    """Remember the answer in the transaction of the act; a twin that races fails on the id."""
    session.add(
        Submission(
            id=submission_id,
            facility_id=actor.facility_id,
            account_id=actor.account_id,
            endpoint=endpoint,
            location=location,
            accepted_at=clock.now(),
        )
    )
