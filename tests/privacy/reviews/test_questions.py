"""What the colleague sees of a question, and that nobody else answers it."""

import pytest

from casemgr.access import Conflict, Invalid, NotFound
from casemgr.crypto.errors import CompartmentClosed
from casemgr.db import session
from casemgr.privacy.reviews import items, questions
from casemgr.privacy.reviews.models import ReviewItem, ReviewQuestion
from casemgr.privacy.reviews.rules import ReviewState
from tests.cast import PEOPLE
from tests.house.hospital import Hospital
from tests.privacy.reviews.scene import ANSWERED, ASKED, Scene, excluded, signals_of

RULE = "same_surname_as_the_case"


def test_the_colleague_sees_code_and_time_of_their_own_acts_only(made: Hospital) -> None:
    scene, case, code = Scene(made.cast), made.ids["case"], made.code("case")
    mine, theirs = scene.act_of("psychologist", case), scene.act_of("worker", case)
    item_id = scene.raised("psychologist", rule=RULE, case_id=case, entries=(mine, theirs))
    scene.assign(item_id)
    question_id = scene.ask(item_id)
    page = made.cast.browser("psychologist").get(f"/questions/{question_id}")
    assert ASKED in page
    assert code in page
    assert RULE not in page
    assert PEOPLE["worker"][0] not in page
    with made.cast.app.app_context():
        found = questions.show_mine(made.cast.actor("psychologist"), question_id)
        assert [act.code for act in found.acts] == [code]


def test_a_case_from_which_the_colleague_is_excluded_is_not_named(made: Hospital) -> None:
    scene, case = Scene(made.cast), made.ids["case"]
    entry = scene.act_of("psychologist", case)
    item_id = scene.raised("psychologist", case_id=case, entries=(entry,))
    scene.assign(item_id)
    question_id = scene.ask(item_id)
    with excluded(made.cast, "psychologist", case), made.cast.app.app_context():
        found = questions.show_mine(made.cast.actor("psychologist"), question_id)
        assert (found.acts, found.can_answer) == ([], True)
        session.rollback()


def test_answering_opens_nothing_of_the_review(scene: Scene) -> None:
    item_id = scene.raised(rule=RULE)
    scene.assign(item_id)
    question_id = scene.ask(item_id)
    with scene.cast.app.app_context():
        found = questions.show_mine(scene.cast.actor("doctor"), question_id)
        assert found.question.question == ASKED
        (signal,) = signals_of(item_id)
        with pytest.raises(CompartmentClosed):
            _ = signal.rule
        with pytest.raises(CompartmentClosed):
            _ = session.get_one(ReviewItem, item_id).verdict_reason


def test_the_answer_reaches_the_officer_and_is_taken_once(scene: Scene) -> None:
    item_id = scene.raised()
    scene.assign(item_id)
    question_id = scene.ask(item_id)
    with scene.cast.app.app_context():
        version = session.get_one(ReviewQuestion, question_id).version
        assert questions.count_mine(scene.cast.actor("doctor")) == 1
    scene.answer(question_id)
    for seen in (version, version + 1):
        with scene.cast.app.app_context():
            with pytest.raises(Conflict):
                questions.answer(scene.cast.actor("doctor"), question_id, seen, "another one")
            session.rollback()
    with scene.cast.app.app_context():
        opened = items.show(scene.cast.actor("officer"), item_id)
        assert [question.answer for question in opened.questions] == [ANSWERED]
        assert questions.count_mine(scene.cast.actor("doctor")) == 0


def test_an_empty_answer_is_refused(scene: Scene) -> None:
    item_id = scene.raised()
    scene.assign(item_id)
    question_id = scene.ask(item_id)
    with scene.cast.app.app_context():
        version = session.get_one(ReviewQuestion, question_id).version
        with pytest.raises(Invalid, match="missing"):
            questions.answer(scene.cast.actor("doctor"), question_id, version, " \n ")
    assert scene.state(item_id) is ReviewState.ASKED


def test_nobody_reads_or_answers_somebody_elses_question(scene: Scene) -> None:
    item_id = scene.raised("doctor")
    scene.assign(item_id)
    question_id = scene.ask(item_id)
    for name in sorted(set(PEOPLE) - {"doctor"}):
        with scene.cast.app.app_context():
            with pytest.raises(NotFound):
                questions.show_mine(scene.cast.actor(name), question_id)
            with pytest.raises(NotFound):
                questions.answer(scene.cast.actor(name), question_id, 1, ANSWERED)
            session.rollback()


def test_a_review_that_was_closed_needs_no_answer_any_more(scene: Scene) -> None:
    item_id = scene.raised()
    scene.assign(item_id)
    question_id = scene.ask(item_id)
    scene.decide(item_id)
    with pytest.raises(Conflict):
        scene.answer(question_id)
    with scene.cast.app.app_context():
        assert not questions.show_mine(scene.cast.actor("doctor"), question_id).can_answer
