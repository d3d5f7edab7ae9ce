"""Reviews for the small hospital: one about the doctor, before the director; one that is closed."""

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from casemgr import clock
from casemgr.access.actor import system_actor
from casemgr.audit import AuditEntry
from casemgr.db import session
from casemgr.privacy.reviews import deciding, questions
from casemgr.privacy.reviews import service as reviews
from casemgr.privacy.reviews.models import ReviewItem, ReviewQuestion
from casemgr.privacy.reviews.rules import MeasureKind, ReviewKind, Verdict

if TYPE_CHECKING:
    from tests.house.hospital import Hospital

SOCIAL_TEAM = "Tổ Công tác xã hội"
# What is said in a review proves what was done with the case, and outlives it (OVERSIGHT).
PLACES = frozenset(
    [
        "review_rule",
        "review_question",
        "earlier_question",
        "review_answer",
        "escalation_reason",
        "measure_words",
        "verdict_reason",
    ]
)
LONG = " as the officer wrote it down"  # twenty characters at least


def add(made: "Hospital") -> None:
    """Raise two, review both, and begin the month's access review."""
    with made.cast.acting():
        _raise(made)
    with made.cast.acting():
        _review_the_doctor(made)
    with made.cast.acting():
        _ask_the_nurse(made)
    with made.cast.acting():
        _close_the_nurses(made)


def _raise(made: "Hospital") -> None:
    system, ids = system_actor("detection", made.cast.facility_id), made.cast.ids
    found = [
        reviews.Signal(
            made.word("review_rule"), 50, ids[who], clock.today(), made.ids["case"],
            (("times", 3),), _acts_of(ids[who]),
        )
        for who in ("doctor", "nurse")
    ]  # fmt: skip
    assert reviews.raise_signals(system, found) == 2
    made.overseen.add(made.word("review_rule"))
    reviews.begin_month(system)
    session.flush()
    about = {item.about_id: item.id for item in _items(ReviewKind.ALERT)}
    made.ids |= {"review": about[ids["doctor"]], "closed_review": about[ids["nurse"]]}
    (team,) = [
        item.id
        for item in _items(ReviewKind.ACCESS)
        if item.department == SOCIAL_TEAM and item.about_id is None
    ]
    made.ids["access"] = team


def _review_the_doctor(made: "Hospital") -> None:
    officer, item_id = made.cast.actor("officer"), made.ids["review"]
    deciding.assign(officer, item_id, _version(item_id), made.cast.ids["officer"])
    made.ids["question"] = deciding.ask(
        officer, item_id, _version(item_id), _said(made, "review_question")
    ).id
    deciding.escalate(officer, item_id, _version(item_id), _said(made, "escalation_reason"))
    words = _said(made, "measure_words")
    deciding.add_measure(officer, item_id, _version(item_id), MeasureKind.TALK, words)


def _ask_the_nurse(made: "Hospital") -> None:
    officer, item_id = made.cast.actor("officer"), made.ids["closed_review"]
    deciding.assign(officer, item_id, _version(item_id), made.cast.ids["officer"])
    deciding.ask(officer, item_id, _version(item_id), _said(made, "earlier_question"))


def _close_the_nurses(made: "Hospital") -> None:
    item_id = made.ids["closed_review"]
    query = select(ReviewQuestion).where(ReviewQuestion.item_id == item_id)
    asked = session.scalars(query).one()
    nurse, officer = made.cast.actor("nurse"), made.cast.actor("officer")
    questions.answer(nurse, asked.id, asked.version, _said(made, "review_answer"))
    reason = _said(made, "verdict_reason")
    deciding.decide(officer, item_id, _version(item_id), Verdict.APPROPRIATE, reason)


def _said(made: "Hospital", place: str) -> str:
    """A canary that officer and director may read."""
    made.overseen.add(made.word(place))
    return made.word(place) + LONG


def _version(item_id: UUID) -> int:
    return session.get_one(ReviewItem, item_id).version


def _items(kind: ReviewKind) -> list[ReviewItem]:
    return list(session.scalars(select(ReviewItem).where(ReviewItem.kind == kind)))


def _acts_of(account_id: UUID) -> tuple[UUID, ...]:
    query = select(AuditEntry.id).where(AuditEntry.account_id == account_id)
    return tuple(session.scalars(query.limit(3)))
