"""Taking, asking, deciding, noting, escalating: the states, the second editor, the clock."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from casemgr import clock
from casemgr.access import Actor, Conflict, Denied, Invalid
from casemgr.audit import Action, AuditEntry
from casemgr.db import session
from casemgr.privacy.breaches.models import Breach
from casemgr.privacy.reviews import deciding, items
from casemgr.privacy.reviews import service as reviews
from casemgr.privacy.reviews.models import ReviewItem
from casemgr.privacy.reviews.rules import ForbiddenMove, MeasureKind, ReviewState, Verdict
from tests.privacy.reviews.scene import WHY, Scene, at, version_of

SHORT = "Đã hỏi, đã rõ rồi."  # 18 characters


def test_the_usual_way(scene: Scene) -> None:
    item_id = scene.raised()
    assert scene.state(item_id) is ReviewState.NEW
    scene.assign(item_id)
    question_id = scene.ask(item_id)
    assert scene.state(item_id) is ReviewState.ASKED
    scene.answer(question_id)
    assert scene.state(item_id) is ReviewState.ANSWERED
    scene.answer(scene.ask(item_id))
    scene.decide(item_id)
    assert scene.state(item_id) is ReviewState.CLOSED
    with scene.cast.app.app_context():
        opened = items.show(scene.cast.actor("officer"), item_id)
        assert (opened.review.verdict, opened.review.verdict_reason) == (Verdict.APPROPRIATE, WHY)
        assert len(opened.questions) == 2


def test_nobody_is_asked_before_somebody_took_it_on(scene: Scene) -> None:
    item_id = scene.raised()
    with pytest.raises(ForbiddenMove):
        scene.ask(item_id)
    assert scene.state(item_id) is ReviewState.NEW


def test_a_closed_review_stays_as_it_is(scene: Scene) -> None:
    item_id = scene.raised()
    scene.assign(item_id)
    scene.decide(item_id)
    for again in (scene.decide, scene.ask, scene.escalate, scene.assign):
        with pytest.raises(ForbiddenMove):
            again(item_id)


def test_who_has_left_and_the_system_cannot_be_asked(scene: Scene) -> None:
    gone, system = scene.raised("doctor"), scene.raised(None)
    scene.leaves("doctor")
    for item_id in (gone, system):
        scene.assign(item_id)
        with pytest.raises(Invalid, match="nobody_to_ask"):
            scene.ask(item_id)
        scene.decide(item_id)


def acts(scene: Scene, item_id: UUID, words: str) -> Iterator[Callable[..., object]]:
    officer = scene.cast.actor("officer")
    yield partial(deciding.ask, officer, item_id, question=words)
    yield partial(deciding.decide, officer, item_id, verdict=Verdict.BREACH, reason=words)
    yield partial(deciding.add_measure, officer, item_id, what=MeasureKind.TALK, words=words)
    yield partial(deciding.escalate, officer, item_id, reason=words)


def test_words_must_say_something(scene: Scene) -> None:
    item_id = scene.raised()
    scene.assign(item_id)
    for words in ("", "   " * 10, SHORT):
        for act in acts(scene, item_id, words):
            with scene.cast.app.app_context():
                with pytest.raises(Invalid, match="too_short"):
                    act(version=version_of(item_id))
                session.rollback()


def test_the_second_editor_is_told(scene: Scene) -> None:
    item_id = scene.raised()
    with scene.cast.app.app_context():
        seen = version_of(item_id)
    scene.assign(item_id)
    officer = scene.cast.actor("officer")
    taking = partial(deciding.assign, officer, item_id, to_id=officer.known_id)
    every: list[Callable[..., object]] = [*acts(scene, item_id, WHY), taking]
    for act in every:
        with scene.cast.app.app_context():
            with pytest.raises(Conflict):
                act(version=seen)
            session.rollback()
    assert scene.state(item_id) is ReviewState.ASSIGNED


def test_it_is_given_only_to_those_who_may_review_it(scene: Scene) -> None:
    item_id = scene.raised("doctor")
    for name in ("doctor", "director", "worker"):
        with pytest.raises(Invalid, match="not_on_the_bench"):
            scene.assign(item_id, to=name)
    scene.assign(item_id)


def test_who_may_not_decide_is_refused(scene: Scene) -> None:
    item_id = scene.raised("doctor")
    for name in ("worker", "admin", "lead", "doctor"):
        with pytest.raises(Denied):
            scene.decide(item_id, by=name)


def test_what_is_overdue_goes_to_the_director_once(scene: Scene) -> None:
    item_id = scene.raised()
    closed = scene.raised("nurse")
    scene.assign(closed)
    scene.decide(closed)
    with scene.cast.app.app_context():
        due = session.get_one(ReviewItem, item_id).due_at
    clock_of_worker = partial(reviews.escalate_overdue, scene.system)
    with at(due - timedelta(seconds=1)), scene.cast.acting():
        assert clock_of_worker() == 0
    with at(due + timedelta(seconds=1)):
        with scene.cast.acting():
            assert clock_of_worker() == 1
        with scene.cast.acting():
            assert clock_of_worker() == 0
    assert scene.sees("director") == {item_id}
    with scene.cast.app.app_context():
        item = session.get_one(ReviewItem, item_id)
        assert (item.escalated_at, item.escalated_by) == (due + timedelta(seconds=1), None)
        assert item.state is ReviewState.NEW, "escalated beside: it stays where it was"
        told = session.query(AuditEntry).filter_by(action=Action.REVIEW_ESCALATED).all()
        assert [entry.subject_id for entry in told] == [item_id]
    scene.decide(item_id, by="director")


@pytest.mark.parametrize("verdict", list(Verdict), ids=str)
def test_a_breach_and_nothing_else_opens_one_in_the_register(
    scene: Scene, verdict: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[Actor, reviews.FoundBreach]] = []
    monkeypatch.setattr(deciding, "on_breach", [lambda *found: told.append(found)])
    case, entry = uuid4(), scene.act_of("doctor")
    item_id = scene.raised(case_id=case, entries=(entry,))
    scene.assign(item_id)
    now = clock.now()
    with at(now):
        scene.decide(item_id, verdict)
    if verdict is not Verdict.BREACH:
        assert told == []
        return
    ((actor, found),) = told
    assert actor.account_id == scene.cast.ids["officer"]
    assert (found.item_id, found.about_id) == (item_id, scene.cast.ids["doctor"])
    assert (found.found_at, found.entries) == (now, (entry,))
    assert set(found.case_ids) == {case}


def test_the_72_hours_run_from_when_the_review_was_raised(scene: Scene) -> None:
    raised = clock.now() - timedelta(hours=60)
    with at(raised):
        item_id = scene.raised()
    scene.assign(item_id)
    scene.decide(item_id, Verdict.BREACH)
    with scene.cast.app.app_context():
        (breach,) = session.scalars(select(Breach)).all()
        assert breach.source_item_id == item_id
        assert breach.detected_at == raised
        assert breach.due_at == raised + timedelta(hours=72)


def test_a_register_that_fails_keeps_the_review_open(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_told: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(deciding, "on_breach", [fail])
    item_id = scene.raised()
    scene.assign(item_id)
    with pytest.raises(ZeroDivisionError):
        scene.decide(item_id, Verdict.BREACH)
    assert scene.state(item_id) is ReviewState.ASSIGNED


def test_each_step_is_an_entry_of_the_log(scene: Scene) -> None:
    """audit.md §5. None of them names the colleague, a case or a word."""
    item_id = scene.raised(case_id=uuid4())
    scene.assign(item_id)
    scene.answer(scene.ask(item_id))
    scene.escalate(item_id)
    scene.decide(item_id)
    with scene.cast.app.app_context():
        wanted = {
            Action.REVIEW_RAISED,
            Action.REVIEW_ASSIGNED,
            Action.COLLEAGUE_ASKED,
            Action.REVIEW_ESCALATED,
            Action.REVIEW_CLOSED,
        }
        entries = session.query(AuditEntry).filter_by(subject_id=item_id).all()
        assert wanted <= {entry.action for entry in entries}
        doctor = str(scene.cast.ids["doctor"]).encode()
        assert all(entry.case_id is None and doctor not in entry.leaf for entry in entries)
