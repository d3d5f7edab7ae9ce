"""Setting a rule and trying it: bounds, reasons, two editors, a dry run before it is switched on."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from casemgr import clock
from casemgr.access import Conflict, Denied, Invalid, NotFound
from casemgr.access.actor import system_actor
from casemgr.audit import Action, AuditEntry, record
from casemgr.db import session
from casemgr.privacy.detection import settings, trials
from casemgr.privacy.detection.bars import bars_of
from casemgr.privacy.detection.catalogue import RULES
from casemgr.privacy.detection.labels import NUMBERS
from casemgr.privacy.detection.models import DetectionSetting, DetectionTrial
from casemgr.privacy.detection.numbers import read_numbers, written
from casemgr.privacy.detection.rules.every import NUMBERED, WAYS
from casemgr.privacy.detection.rules.limits import LIMITS, defaults, within
from casemgr.privacy.detection.sentences import SENTENCES
from tests.cast import Cast
from tests.house.hospital import Hospital

REASON = "Quá nhiều tín hiệu mỗi ngày"
RULE = "no_care_relation"


def set_rule(cast: Cast, version: int = 0, *, by: str = "officer", **more: object) -> None:
    values: dict[str, object] = {"is_on": True, "numbers": {"score": 50, "cases": 2}}
    with cast.acting():
        settings.set_rule(
            cast.actor(by),
            RULE,
            version,
            **{**values, "reason": REASON, **more},  # type: ignore[arg-type]
        )


def state(cast: Cast) -> settings.State:
    with cast.acting():
        return settings.states(cast.actor("officer"))[RULE]


def try_out(cast: Cast, rule: str = RULE, **numbers: int) -> DetectionTrial:
    """Ask for a dry run and let the worker do all of it."""
    with cast.acting():
        asked = settings.try_rule(cast.actor("officer"), rule, {**defaults(rule), **numbers}).id
    for _ in range(14):
        with cast.acting():
            trials.step(system_actor("detection.trial", cast.facility_id), asked)
    with cast.acting():
        trial = session.get_one(DetectionTrial, asked)
        session.expunge(trial)
    return trial


def test_eighteen_rules_and_the_sample_are_named_explained_and_dated() -> None:
    assert [WAYS[name].number for name in NUMBERED] == list(range(1, 19))
    assert set(RULES) == set(LIMITS) == set(NUMBERS) == set(SENTENCES) == set(WAYS)
    for name, rule in RULES.items():
        assert [limit.name for limit in rule.limits] == list(NUMBERS[name])
        assert within(name, defaults(name)) is None
        assert all(limit.since.year >= 2026 and limit.source for limit in rule.limits)


def test_numbers_are_written_one_way() -> None:
    assert written({"score": 50, "cases": 1}) == "cases=1 score=50"
    assert read_numbers("cases=1 score=50") == {"score": 50, "cases": 1}
    assert max(len(written(defaults(name))) for name in WAYS) < 150  # the column holds 200


def test_what_the_officer_sets_counts_with_the_reason_sealed(cast: Cast) -> None:
    assert dict(state(cast).numbers) == {"score": 50, "cases": 1}
    set_rule(cast)
    now = state(cast)
    assert (dict(now.numbers), now.version) == ({"score": 50, "cases": 2}, 1)
    with cast.acting():
        _, rows = settings.show_rule(cast.actor("officer"), RULE)
        assert [row.reason for row in rows] == [REASON]
        assert REASON.encode() not in (rows[0].setting_sealed or b"")  # type: ignore[attr-defined]
        acts = [Action.DETECTION_SET, Action.DETECTION_SHOWN]
        wanted = select(AuditEntry).where(AuditEntry.action.in_(acts))
        entries = session.scalars(wanted.order_by(AuditEntry.at)).all()
        assert [entry.action for entry in entries] == acts
        assert not [entry for entry in entries if REASON in entry.leaf.decode()]


@pytest.mark.parametrize(
    ("numbers", "wrong"),
    [
        ({"score": 0, "cases": 1}, "score"),
        ({"score": 101, "cases": 1}, "score"),
        ({"score": 50, "cases": 51}, "cases"),
        ({"score": 50}, "cases"),
    ],
)
def test_numbers_stay_in_their_bounds(cast: Cast, numbers: dict[str, int], wrong: str) -> None:
    with pytest.raises(Invalid) as refused:
        set_rule(cast, numbers=numbers)
    assert (refused.value.field, refused.value.reason) == (wrong, "out_of_bounds")


def test_what_is_refused(cast: Cast) -> None:
    with pytest.raises(Invalid, match="too_short"):
        set_rule(cast, reason="quá nhiều")
    with pytest.raises(Invalid, match="nothing_changed"):
        set_rule(cast, numbers=defaults(RULE))
    for name in ("director", "admin", "lead"):
        with pytest.raises(Denied):
            set_rule(cast, by=name)
    with pytest.raises(NotFound), cast.acting():
        settings.show_rule(cast.actor("officer"), "no_such_rule")


def test_two_officers_do_not_overwrite_each_other(cast: Cast) -> None:
    set_rule(cast)
    with pytest.raises(Conflict):
        set_rule(cast, version=0, numbers={"score": 60, "cases": 3})


def test_switched_on_only_after_a_dry_run_with_the_same_numbers(cast: Cast) -> None:
    set_rule(cast, is_on=False, numbers=defaults(RULE))
    with pytest.raises(Invalid, match="dry_run_first"):
        set_rule(cast, version=1)
    assert try_out(cast, cases=3).done_at is not None
    with pytest.raises(Invalid, match="dry_run_first"):
        set_rule(cast, version=1)
    try_out(cast, cases=2)
    with clock.frozen(clock.now() + timedelta(days=31)), pytest.raises(Invalid, match="dry_run"):
        set_rule(cast, version=1)
    set_rule(cast, version=1)
    assert state(cast).is_on


def test_a_dry_run_counts_week_by_week_and_names_nobody(made: Hospital) -> None:
    cast = made.cast
    for days in (1, 1, 9, 88):
        with clock.frozen(clock.now() - timedelta(days=days)), cast.acting():
            record(cast.actor("stranger"), Action.CASE_SHOWN, case_id=made.ids["case"])
    with clock.frozen(clock.now() - timedelta(days=9)), cast.acting():
        record(cast.actor("other_nurse"), Action.CASE_SHOWN, case_id=made.ids["case"])
    trial = try_out(cast)
    weeks = trials.weeks_of(trial)
    assert len(weeks) == 13, "90 days begin a thirteenth week"
    assert weeks[0].begins == trial.first_day
    assert (trial.last_day - trial.first_day).days == 89
    counted = {place: (week.signals, week.people) for place, week in enumerate(weeks)}
    # 90 days end yesterday: day -1 is the 90th, of the thirteenth week; -9 the 82nd, of the twelfth
    assert {place: count for place, count in counted.items() if count != (0, 0)} == {
        0: (1, 1),
        11: (2, 2),
        12: (1, 1),
    }
    for word in made.all_words():
        assert word not in trial.weeks
    with cast.acting():
        assert not session.scalars(
            select(DetectionSetting).where(DetectionSetting.rule == RULE)
        ).all()


def test_bars_are_as_high_as_their_count() -> None:
    bars = bars_of([0, 5, 10])
    assert [bar.height for bar in bars] == [2, 60, 120]
    assert [bar.y + bar.height for bar in bars] == [120, 120, 120]
    assert bars_of([]) == []
    assert [bar.height for bar in bars_of([0, 0])] == [2, 2]
