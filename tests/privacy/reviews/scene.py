"""A review, step by step: detection raises, Thủy (officer) asks, Sơn (doctor) answers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from casemgr import clock
from casemgr.access import Actor, Role
from casemgr.access.actor import system_actor
from casemgr.accounts import service as accounts
from casemgr.accounts.models import Account
from casemgr.audit import Action, record
from casemgr.db import session
from casemgr.db.session import PROCESS
from casemgr.privacy.reviews import deciding, items, questions
from casemgr.privacy.reviews import service as reviews
from casemgr.privacy.reviews.models import ReviewItem, ReviewQuestion, ReviewSignal
from casemgr.privacy.reviews.rules import ReviewState, Verdict
from casemgr.privacy.reviews.signals import Signal
from tests.cast import Cast

WHY = "Đã gọi điện hỏi và được giải thích rõ"
ASKED = "Anh mở hồ sơ này lúc đó để làm gì?"
ANSWERED = "Người bệnh nằm ở khoa tôi, tôi được gọi hội chẩn"
DAY = date(2026, 11, 25)


@dataclass
class Scene:
    """The cast, and what each of them does to reviews, each act a transaction of its own."""

    cast: Cast

    @property
    def system(self) -> Actor:
        """What raises signals."""
        return system_actor("detection", self.cast.facility_id)

    def act_of(self, name: str, case_id: UUID | None = None) -> UUID:
        """An entry of the log by somebody."""
        with self.cast.acting():
            return record(self.cast.actor(name), Action.CASE_SHOWN, case_id=case_id).id

    def signal(
        self, about: str | None = "doctor", rule: str = "after_hours", **more: Any
    ) -> Signal:
        """What a rule says of somebody."""
        who = self.cast.ids[about] if about else None
        return replace(Signal(rule, 50, who, DAY), **more)

    def raise_(self, *signals: Signal) -> int:
        """Detection tells."""
        with self.cast.acting():
            return reviews.raise_signals(self.system, signals)

    def raised(self, about: str | None = "doctor", **more: Any) -> UUID:
        """One review about somebody."""
        before = self.every()
        assert self.raise_(self.signal(about, **more)) == 1
        (made,) = self.every() - before
        return made

    def every(self) -> set[UUID]:
        """All reviews there are."""
        with self.cast.app.app_context():
            return set(session.scalars(select(ReviewItem.id)))

    def assign(self, item_id: UUID, by: str = "officer", to: str = "") -> None:
        """Somebody takes it."""
        with self.cast.acting():
            to_id = self.cast.ids[to or by]
            deciding.assign(self.cast.actor(by), item_id, version_of(item_id), to_id)

    def ask(self, item_id: UUID, by: str = "officer") -> UUID:
        """The officer asks."""
        with self.cast.acting():
            return deciding.ask(self.cast.actor(by), item_id, version_of(item_id), ASKED).id

    def answer(self, question_id: UUID, by: str = "doctor") -> None:
        """The colleague answers."""
        with self.cast.acting():
            version = session.get_one(ReviewQuestion, question_id).version
            questions.answer(self.cast.actor(by), question_id, version, ANSWERED)

    def decide(
        self, item_id: UUID, verdict: Verdict = Verdict.APPROPRIATE, by: str = "officer"
    ) -> None:
        """Somebody closes it."""
        with self.cast.acting():
            deciding.decide(self.cast.actor(by), item_id, version_of(item_id), verdict, WHY)

    def escalate(self, item_id: UUID, by: str = "officer") -> None:
        """The officer brings it before the director."""
        with self.cast.acting():
            deciding.escalate(self.cast.actor(by), item_id, version_of(item_id), WHY)

    def state(self, item_id: UUID) -> ReviewState:
        """Where it stands."""
        with self.cast.app.app_context():
            return session.get_one(ReviewItem, item_id).state

    def sees(self, actor: Actor | str) -> set[UUID]:
        """The reviews that exist for somebody, open and closed."""
        who = self.cast.actor(actor) if isinstance(actor, str) else actor
        with self.cast.app.app_context():
            every = [*items.list_items(who), *items.list_items(who, show=items.Show.CLOSED)]
            found = {item.review.id for item in every}
            session.rollback()
        return found

    def joins(self, name: str, *roles: Role, department: str = "") -> Actor:
        """Somebody new."""
        with self.cast.acting():
            account = accounts.create_account(
                self.system,
                username=name,
                display_name=f"Người mới {name}",
                roles=roles,
                department=department,
                password_hash="x",
            )
            self.cast.ids[name] = account.id
        return Actor(
            self.cast.facility_id, self.cast.ids[name], frozenset(roles), department=department
        )

    def leaves(self, name: str) -> None:
        """Somebody who cannot sign in any more."""
        with self.cast.acting():
            session.get_one(Account, self.cast.ids[name]).is_enabled = False
            record(self.system, Action.ACCOUNT_CREATED)

    def name_deputy(self, username: str) -> None:
        """What CASEMGR_DEPUTY_OFFICER does."""
        self.cast.app.extensions[PROCESS][accounts.DEPUTY_OFFICER] = username


def version_of(item_id: UUID) -> int:
    """The version that somebody has just read."""
    return session.get_one(ReviewItem, item_id).version


def signals_of(item_id: UUID) -> list[ReviewSignal]:
    """The signals of a review, sealed."""
    return list(session.scalars(select(ReviewSignal).where(ReviewSignal.item_id == item_id)))


@contextmanager
def excluded(cast: Cast, name: str, case_id: UUID) -> Iterator[None]:
    """Somebody is excluded from a case, as issue 5 will have it."""

    def excludes(account_id: UUID, other: UUID) -> bool:
        return account_id == cast.ids[name] and other == case_id

    reviews.exclusions.append(excludes)
    try:
        yield
    finally:
        reviews.exclusions.remove(excludes)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """The same hospital at another time."""
    with clock.frozen(moment):
        yield


def some_case() -> UUID:
    """The id of a case; reviews name cases by id and code alone."""
    return uuid4()
