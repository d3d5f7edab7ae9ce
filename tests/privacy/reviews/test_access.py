"""The monthly access review: who is asked about whom, and what is left for the administrator."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from casemgr.access import Conflict, Denied, NotFound, Role
from casemgr.accounts.models import Account
from casemgr.audit import Action, record
from casemgr.db import session
from casemgr.privacy.reviews import access
from casemgr.privacy.reviews import service as reviews
from casemgr.privacy.reviews.access import Row
from casemgr.privacy.reviews.models import AccessLine, ReviewItem
from casemgr.privacy.reviews.rules import AccessAnswer, ReviewKind, ReviewState
from tests.cast import PEOPLE
from tests.house.hospital import Hospital
from tests.privacy.reviews.scene import Scene, at, excluded, version_of

TEAM, WARD = "Tổ Công tác xã hội", "Khoa Sản"
REVIEWERS = {"officer", "director", "lead"}  # theirs is a review of its own
NOVEMBER = datetime(2026, 11, 25, 3, tzinfo=UTC)
LATER_NOVEMBER = datetime(2026, 11, 30, 16, tzinfo=UTC)  # 23:00 at the hospital
DECEMBER = datetime(2026, 11, 30, 17, 30, tzinfo=UTC)  # 00:30 on the first
OVERDUE = datetime(2026, 12, 10, 3, tzinfo=UTC)  # ten working days after 25 November


def begin(scene: Scene, when: datetime = NOVEMBER) -> int:
    with at(when), scene.cast.acting():
        return reviews.begin_month(scene.system)


def reviews_of(scene: Scene, name: str) -> dict[str, UUID]:
    """Department, or the name where it is one colleague's, of what exists for somebody."""
    with scene.cast.app.app_context():
        found = access.list_reviews(scene.cast.actor(name))
        shown = {one.who or one.item.department or "": one.item.id for one in found}
        session.rollback()
    assert len(shown) == len(found)
    return shown


def rows_of(scene: Scene, name: str, item_id: UUID) -> list[Row]:
    with scene.cast.app.app_context():
        _, rows = access.show_review(scene.cast.actor(name), item_id)
        session.expunge_all()
        session.rollback()
    return rows


def answer(scene: Scene, name: str, item_id: UUID, said: AccessAnswer, only: int = 100) -> None:
    rows = rows_of(scene, name, item_id)[:only]
    with scene.cast.acting():
        chosen = {row.line.id: said for row in rows}
        access.answer(scene.cast.actor(name), item_id, version_of(item_id), chosen)


def test_it_begins_once_with_the_month(scene: Scene) -> None:
    departments = {d for name, (_, _, d) in PEOPLE.items() if name not in REVIEWERS}
    assert begin(scene) == len(departments) + len(REVIEWERS)
    assert begin(scene, LATER_NOVEMBER) == 0
    assert begin(scene, DECEMBER) > 0
    assert begin(scene, DECEMBER) == 0


def test_nobody_confirms_their_own(scene: Scene) -> None:
    begin(scene)
    everybody = {name: reviews_of(scene, name) for name in ("officer", "director", "lead")}
    for name, found in everybody.items():
        assert PEOPLE[name][0] not in found
        for item_id in found.values():
            assert PEOPLE[name][0] not in {row.who for row in rows_of(scene, name, item_id)}
    assert set(everybody["lead"]) == {TEAM}, "the lead confirms the team, and only it"
    assert set(everybody["director"]) == {PEOPLE["officer"][0]}
    assert PEOPLE["lead"][0] in everybody["officer"]
    for name in sorted(set(PEOPLE) - REVIEWERS):
        with scene.cast.app.app_context(), pytest.raises(Denied):
            access.list_reviews(scene.cast.actor(name))


def test_who_became_lead_since_confirms_no_line_of_their_own(scene: Scene) -> None:
    begin(scene)
    team = reviews_of(scene, "lead")[TEAM]
    promoted = replace(scene.cast.actor("worker"), roles=frozenset({Role.SOCIAL_WORK_LEAD}))
    with scene.cast.acting():
        _, rows = access.show_review(promoted, team)
        query = select(AccessLine).where(AccessLine.item_id == team)
        lines = {line.id: line.account_id for line in session.scalars(query)}
        own = {line for line, who in lines.items() if who == promoted.account_id}
        assert own
        assert {row.line.id for row in rows} == set(lines) - own
        access.answer(
            promoted, team, version_of(team), dict.fromkeys(lines, AccessAnswer.CONFIRMED)
        )
        session.flush()
        unanswered = query.where(AccessLine.answer.is_(None))
        assert {line.id for line in session.scalars(unanswered)} == own
    assert scene.state(team) is not ReviewState.CLOSED


def test_it_lists_roles_and_places(made: Hospital) -> None:
    scene = Scene(made.cast)
    found = reviews_of(scene, "officer")
    held = {(row.who, row.line.role, row.code) for row in rows_of(scene, "officer", found[WARD])}
    assert held == {
        (PEOPLE["nurse"][0], Role.SCREENER, ""),
        (PEOPLE["doctor"][0], Role.CLINICIAN, ""),
        (PEOPLE["doctor"][0], None, made.code("case")),
    }
    with excluded(made.cast, "officer", made.ids["case"]):
        rows = rows_of(scene, "officer", found[WARD])
        assert {row.line.role for row in rows} == {Role.SCREENER, Role.CLINICIAN}


def test_the_last_answer_closes_it(scene: Scene) -> None:
    begin(scene)
    ward = reviews_of(scene, "officer")[WARD]
    with at(NOVEMBER):
        answer(scene, "officer", ward, AccessAnswer.CONFIRMED, only=1)
        assert scene.state(ward) is ReviewState.ASSIGNED
        answer(scene, "officer", ward, AccessAnswer.CONFIRMED)
    assert scene.state(ward) is ReviewState.CLOSED
    with pytest.raises(Conflict):
        answer(scene, "officer", ward, AccessAnswer.TO_END)


def test_the_second_editor_is_told(scene: Scene) -> None:
    begin(scene)
    team = reviews_of(scene, "lead")[TEAM]
    with scene.cast.app.app_context():
        seen = version_of(team)
    answer(scene, "officer", team, AccessAnswer.CONFIRMED, only=1)
    with scene.cast.app.app_context(), pytest.raises(Conflict):
        access.answer(scene.cast.actor("lead"), team, seen, {})


def test_what_is_to_end_is_listed_until_it_has_ended(scene: Scene) -> None:
    begin(scene)
    ward = reviews_of(scene, "officer")[WARD]

    def left() -> set[tuple[str, AccessAnswer | None]]:
        with scene.cast.app.app_context():
            rows = access.list_to_end(scene.cast.actor("admin"))
            return {(row.who, row.line.answer) for row in rows}

    with at(NOVEMBER):
        answer(scene, "officer", ward, AccessAnswer.TO_END, only=1)
        marked = {(row.who, AccessAnswer.TO_END) for row in rows_of(scene, "officer", ward)[:1]}
        assert left() == marked, "what nobody answered is not late yet"
    with at(OVERDUE):
        late = left()
        assert marked < late
        assert (PEOPLE["nurse"][0], None) in late or (PEOPLE["doctor"][0], None) in late
        assert PEOPLE["admin"][0] not in {who for who, _ in late}, "never one's own"
        (name,) = [n for n, (who, _, _) in PEOPLE.items() if {(who, AccessAnswer.TO_END)} == marked]
        with scene.cast.acting():
            account = session.get_one(Account, scene.cast.ids[name])
            account.role_names = Role.OFFICE.value
            record(scene.system, Action.ACCOUNT_CREATED)
        assert left() == late - marked


def test_what_was_confirmed_later_is_not_listed(scene: Scene) -> None:
    begin(scene)
    with at(NOVEMBER):
        answer(scene, "officer", reviews_of(scene, "officer")[WARD], AccessAnswer.TO_END)
    begin(scene, DECEMBER)
    with at(DECEMBER):
        with scene.cast.app.app_context():
            both = select(ReviewItem.id).where(
                ReviewItem.department == WARD, ReviewItem.kind == ReviewKind.ACCESS
            )
            newest = session.scalars(both.order_by(ReviewItem.day.desc())).all()[0]
            admin = scene.cast.actor("admin")
            assert len(access.list_to_end(admin)) == 2, "December has not answered yet"
            session.rollback()
        answer(scene, "officer", newest, AccessAnswer.CONFIRMED)
        with scene.cast.app.app_context():
            assert access.list_to_end(admin) == []


def test_the_lead_reaches_no_other_department(scene: Scene) -> None:
    begin(scene)
    lead = scene.cast.actor("lead")
    for name, item_id in reviews_of(scene, "officer").items():
        if name != TEAM:
            with scene.cast.app.app_context(), pytest.raises(NotFound):
                access.show_review(lead, item_id)
    with scene.cast.app.app_context(), pytest.raises(NotFound):
        access.show_review(lead, uuid4())


def test_what_is_overdue_goes_to_the_director(scene: Scene) -> None:
    begin(scene)
    with at(OVERDUE):
        with scene.cast.acting():
            assert reviews.escalate_overdue(scene.system) > 0
        assert TEAM in reviews_of(scene, "director")
        assert PEOPLE["director"][0] not in reviews_of(scene, "director")
