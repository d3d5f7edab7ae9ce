"""Nobody reviews their own acts, nor what they are excluded from; not even a count tells of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casemgr.access import Actor, Denied, NotFound, Role
from casemgr.access.permissions import Permission
from casemgr.db import session
from casemgr.privacy.reviews import deciding, items, measuring
from casemgr.privacy.reviews import service as reviews
from casemgr.privacy.reviews.reach import Bench
from casemgr.privacy.reviews.rules import MeasureKind, Verdict
from tests.cast import PEOPLE
from tests.privacy.reviews.scene import WHY, Scene, excluded, version_of

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
ANYBODY = [UUID(int=n) for n in range(1, 6)]
SOME = st.frozensets(st.sampled_from(ANYBODY))


@given(officers=SOME, deputy=SOME, directors=SOME, about=st.sampled_from([None, *ANYBODY]))
def test_nobody_is_on_the_bench_of_their_own_review(
    officers: frozenset[UUID],
    deputy: frozenset[UUID],
    directors: frozenset[UUID],
    about: UUID | None,
) -> None:
    bench = Bench(officers, deputy, directors)
    found = bench.handlers(about, ())
    assert about not in found | bench.deciders(about, ())
    for candidates in (officers, deputy, directors):
        if candidates - {about}:
            assert found == candidates - {about}, "the first bench that can"
            break
    else:
        assert not found


@pytest.mark.parametrize("name", sorted(PEOPLE))
def test_whatever_ones_role_a_review_about_oneself_is_not_there(scene: Scene, name: str) -> None:
    """For every role, open, escalated and closed, by every way in."""
    mine, other = scene.raised(name), scene.raised("press" if name != "press" else "office")
    actor = scene.cast.actor(name)
    if not actor.may(Permission.REVIEW_READ):
        with scene.cast.app.app_context(), pytest.raises(Denied):
            items.list_items(actor)
        return
    for item_id in (mine, other):
        by = "officer" if name != "officer" or item_id == other else "director"
        scene.assign(item_id, by)
        scene.escalate(item_id, by)
        assert mine not in scene.sees(name)
        _nothing_of(scene, actor, mine)
    assert other in scene.sees(name), "it bites: somebody else's is there"
    with scene.cast.app.app_context():
        assert items.count_open(actor) == 1
        assert measuring.measures(actor, LONG_AGO).raised == 1


def _nothing_of(scene: Scene, actor: Actor, item_id: UUID) -> None:
    acts: list[Callable[[int], object]] = [
        lambda v: deciding.assign(actor, item_id, v, actor.known_id),
        lambda v: deciding.ask(actor, item_id, v, WHY),
        lambda v: deciding.decide(actor, item_id, v, Verdict.APPROPRIATE, WHY),
        lambda v: deciding.add_measure(actor, item_id, v, MeasureKind.TALK, WHY),
        lambda v: deciding.escalate(actor, item_id, v, WHY),
        lambda _v: items.show(actor, item_id),
    ]
    for act in acts:
        with scene.cast.app.app_context():
            with pytest.raises(NotFound):
                act(version_of(item_id))
            session.rollback()


def test_the_officers_own_review_goes_to_the_director_by_default(scene: Scene) -> None:
    mine = scene.raised("officer")
    assert scene.sees("officer") == set()
    assert scene.sees("director") == {mine}
    scene.assign(mine, "director")
    scene.ask(mine, "director")


def test_a_second_officer_comes_before_the_director(scene: Scene) -> None:
    second = scene.joins("second", Role.PRIVACY_OFFICER)
    mine = scene.raised("officer")
    assert scene.sees(second) == {mine}
    assert scene.sees("director") == set()
    scene.leaves("second")
    assert scene.sees("director") == {mine}, "who cannot sign in reviews nothing"


def test_the_deputy_named_in_the_settings_comes_before_the_director(scene: Scene) -> None:
    mine, other = scene.raised("officer"), scene.raised("doctor")
    deputy = replace(scene.cast.actor("planner"), is_deputy_officer=True)
    assert scene.sees(deputy) == set()
    scene.name_deputy("planner")
    assert scene.sees(deputy) == {mine}, "only what no officer may review"
    assert scene.sees("director") == set()
    assert scene.sees("officer") == {other}


def test_the_deputys_own_review_is_the_officers(scene: Scene) -> None:
    scene.name_deputy("planner")
    mine = scene.raised("planner")
    assert scene.sees("officer") == {mine}
    assert mine not in scene.sees(replace(scene.cast.actor("planner"), is_deputy_officer=True))


def test_the_deputy_is_known_when_they_sign_in(scene: Scene) -> None:
    scene.raised("officer")
    browser = scene.cast.browser("planner")
    browser.get("/reviews", status=403)
    scene.name_deputy("planner")
    assert "Hoàng Thu Thủy" in browser.get("/reviews")
    scene.cast.browser("office").get("/reviews", status=403)


def test_what_an_excluded_officer_may_not_know_is_hidden(scene: Scene) -> None:
    case = uuid4()
    tied, other = scene.raised("doctor", case_id=case), scene.raised("nurse")
    with excluded(scene.cast, "officer", case):
        assert scene.sees("officer") == {other}
        assert scene.sees("director") == {tied}
        _nothing_of(scene, scene.cast.actor("officer"), tied)
        with scene.cast.app.app_context():
            assert items.count_open(scene.cast.actor("officer")) == 1
            tallies = reviews.verdicts_by_rule(scene.cast.actor("officer"))
            assert tallies == {"after_hours": reviews.Tally(0, 0, open=1)}
    assert scene.sees("officer") == {tied, other}, "it bites"


def test_the_director_sees_what_was_escalated_and_only_decides(scene: Scene) -> None:
    item_id = scene.raised()
    assert scene.sees("director") == set()
    scene.assign(item_id)
    scene.escalate(item_id)
    assert scene.sees("director") == {item_id}
    director = scene.cast.actor("director")
    for act in (
        lambda v: deciding.ask(director, item_id, v, WHY),
        lambda v: deciding.assign(director, item_id, v, director.known_id),
    ):
        with scene.cast.app.app_context():
            with pytest.raises(Denied):
                act(version_of(item_id))
            session.rollback()
    scene.decide(item_id, Verdict.INAPPROPRIATE, "director")
    with scene.cast.acting():
        deciding.add_measure(director, item_id, version_of(item_id), MeasureKind.TRAINING, WHY)
    with scene.cast.app.app_context():
        opened = items.show(scene.cast.actor("officer"), item_id)
        assert opened.review.verdict is Verdict.INAPPROPRIATE
        assert [m.what for m in opened.measures] == [MeasureKind.TRAINING]
