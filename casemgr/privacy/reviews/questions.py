"""What a colleague was asked about their own acts: seen and answered by nobody else.

Each question has a key of its own, so that answering opens nothing of the review: neither which
rule found what, nor what others said. A case from which the colleague is excluded is not named.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select

from casemgr import clock
from casemgr.access import Actor, Compartment, Conflict, Invalid, NotFound, Permission, Purpose
from casemgr.access.opening import open_keys
from casemgr.accounts import service as accounts
from casemgr.audit import Action, record
from casemgr.cases import codes
from casemgr.crypto.errors import SealBroken
from casemgr.db import session
from casemgr.privacy.reviews import rules
from casemgr.privacy.reviews.hooks import is_excluded
from casemgr.privacy.reviews.items import entries_of
from casemgr.privacy.reviews.models import ReviewItem, ReviewQuestion
from casemgr.privacy.reviews.rules import ReviewState

OVERSIGHT = frozenset({Compartment.OVERSIGHT})
LISTED = 50


@dataclass(frozen=True, slots=True)
class OwnAct:
    """As much of one's own act as the question shows."""

    at: datetime
    code: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One question as the colleague sees it."""

    question: ReviewQuestion
    asker: str
    acts: Sequence[OwnAct]
    can_answer: bool


def list_mine(actor: Actor) -> Sequence[ReviewQuestion]:
    """What the actor was asked, what waits for an answer first; sealed still."""
    actor.require(Permission.QUESTION_ANSWER)
    newest = _mine(actor).order_by(ReviewQuestion.asked_at.desc()).limit(LISTED)
    found = sorted(session.scalars(newest), key=lambda row: row.answered_at is not None)
    record(actor, Action.QUESTIONS_LISTED, count=len(found))
    return found


def count_mine(actor: Actor) -> int:
    """How many questions wait for the actor's answer, for the home page."""
    waiting = _mine(actor).where(ReviewQuestion.answered_at.is_(None)).subquery()
    return session.scalar(select(func.count()).select_from(waiting)) or 0


def show_mine(actor: Actor, question_id: UUID) -> Asked:
    """One question to the actor, opened on record. Raises NotFound for anybody else's."""
    question = _get(actor, question_id)
    _open(actor, question, Action.QUESTION_SHOWN)
    names = accounts.names_of(actor, [question.asked_by])
    item = session.get_one(ReviewItem, question.item_id)
    return Asked(
        question=question,
        asker=names.get(question.asked_by, ""),
        acts=_acts(actor, question),
        can_answer=question.answered_at is None and item.state is ReviewState.ASKED,
    )


def answer(actor: Actor, question_id: UUID, version: int, words: str) -> None:
    """Take the answer, once.

    Raises NotFound, Conflict where it was answered or the review closed meanwhile,
    Invalid("answer", "missing").
    """
    question = _get(actor, question_id)
    item = session.get_one(
        ReviewItem, question.item_id, with_for_update=True, populate_existing=True
    )
    session.refresh(question, with_for_update=True)
    if question.version != version or question.answered_at is not None:
        raise Conflict(question_id)
    if item.state is not ReviewState.ASKED:
        raise Conflict(question_id)
    if not words.strip():
        raise Invalid("answer", "missing")
    _open(actor, question, Action.QUESTION_ANSWERED)
    question.answer, question.answered_at = words.strip(), clock.now()
    item.state = rules.move(item.state, ReviewState.ANSWERED)
    session.flush()


def _acts(actor: Actor, question: ReviewQuestion) -> list[OwnAct]:
    try:
        ids = [UUID(text) for text in question.entries or []]
    except SealBroken:
        return []  # the page shows where
    entries = [entry for entry in entries_of(actor, ids) if entry.account_id == actor.account_id]
    hidden = {e.case_id for e in entries if e.case_id and is_excluded(actor.known_id, e.case_id)}
    known = codes.codes_of(actor, {entry.case_id for entry in entries if entry.case_id})
    return [
        OwnAct(entry.at, known.get(entry.case_id, "") if entry.case_id else "")
        for entry in entries
        if entry.case_id not in hidden
    ]


def _get(actor: Actor, question_id: UUID) -> ReviewQuestion:
    actor.require(Permission.QUESTION_ANSWER)
    question = session.scalar(_mine(actor).where(ReviewQuestion.id == question_id))
    if question is None:
        raise NotFound(question_id)
    return question


def _mine(actor: Actor) -> Select[ReviewQuestion]:
    return select(ReviewQuestion).where(
        ReviewQuestion.facility_id == actor.facility_id, ReviewQuestion.to_id == actor.known_id
    )


def _open(actor: Actor, question: ReviewQuestion, action: Action) -> None:
    open_keys(actor, question.id, OVERSIGHT, purpose=Purpose.OVERSIGHT, action=action)
