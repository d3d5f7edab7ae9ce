"""Rules R7 to R13, R15, R17 and the sample: how somebody works. Numbers worked out by hand."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from casemgr.privacy.detection.combining import combine, combined_score
from casemgr.privacy.detection.rules.facts import (
    Baseline,
    Care,
    CaseFacts,
    Facts,
    GlassUse,
    Member,
    Span,
)
from casemgr.privacy.detection.rules.usual import baselines
from casemgr.privacy.detection.rules.window import Access, Act
from casemgr.privacy.reviews.signals import Signal
from tests.privacy.detection.making import (
    CASE,
    DAY,
    ME,
    NOON,
    YOU,
    access,
    account,
    care,
    case,
    find,
    staff,
)


def at(hour: int, minute: int = 0) -> datetime:
    """The hospital's clock on DAY."""
    return datetime(2026, 3, 10, hour, minute, tzinfo=UTC) - timedelta(hours=7)


def many(number: int, act: Act = Act.READ) -> list[Access]:
    """One access to each of so many cases, a minute apart."""
    return [access(act, on=case(each), at=each) for each in range(number)]


@pytest.mark.parametrize(
    ("moment", "role", "told"),
    [
        (at(5, 59), "social_worker", 1),
        (at(6, 0), "social_worker", 0),  # 7:00 less an hour of grace
        (at(17, 59), "social_worker", 0),
        (at(18, 0), "social_worker", 1),
        (at(3, 0), "clinician", 0),  # on call, and no roster says who is
    ],
)
def test_after_hours_of_the_house(moment: datetime, role: str, told: int) -> None:
    assert len(find("after_hours", [access(at=moment, role=role)])) == told
    assert not find("after_hours", [access(at=moment, role=role)], Facts(care=care((ME, CASE))))


def test_after_hours_in_numbers_even_with_care() -> None:
    late = [access(at=at(20, each), on=case(each), role="planner") for each in range(10)]
    facts = Facts(care=care(*((ME, case(each)) for each in range(10))))
    assert not find("after_hours", late[:9], facts)
    assert find("after_hours", late, facts)


@pytest.mark.parametrize(
    ("moment", "told"), [(at(20, 59), 1), (at(21, 0), 0), (at(23, 0), 0)], ids=str
)
def test_after_hours_by_the_roster(moment: datetime, told: int) -> None:
    shift = (Span(at(22), at(22) + timedelta(hours=8)),)
    facts = Facts(staff=staff(*[Member(ME).person], shifts=shift))
    assert len(find("after_hours", [access(at=moment)], facts)) == told


HISTORY = (2, 4, 4, 4, 5, 5, 7, 9)  # mean 5, deviation 2: more than 13 is unusual


@pytest.mark.parametrize(
    ("cases", "usual", "least", "told"),
    [
        (14, HISTORY, 14, 1),
        (13, HISTORY, 10, 0),
        (14, HISTORY, 15, 0),
        (15, HISTORY, 15, 1),
        (15, (), 15, 1),  # no history: the least number alone
        (14, (), 15, 0),
    ],
)
def test_volume_over_the_own_baseline(
    cases: int, usual: Sequence[int], least: int, told: int
) -> None:
    facts = Facts(baselines={ME: Baseline(usual)} if usual else {})
    assert len(find("volume", many(cases), facts, least=least)) == told


@pytest.mark.parametrize(("cases", "told"), [(15, 0), (16, 1)])
def test_volume_over_three_times_the_peers(cases: int, told: int) -> None:
    people = staff(*[Member(ME).person] * 4)
    peers = {account(2): Baseline((4, 4)), account(3): Baseline((5,)), account(4): Baseline((6,))}
    assert len(find("volume", many(cases), Facts(staff=people, baselines=peers))) == told


def test_baseline_leaves_idle_days_and_old_ones_out() -> None:
    seen = [access(on=case(each), at=NOON - timedelta(days=1)) for each in range(4)]
    seen += [access(on=case(each), at=NOON - timedelta(days=3)) for each in range(6)]
    seen += [access(on=case(each), at=NOON - timedelta(days=31)) for each in range(50)]
    seen += [access(Act.EXPORT, on=case(each), at=NOON - timedelta(days=60)) for each in range(7)]
    usual = baselines(seen, DAY)[ME]
    assert sorted(usual.cases) == [4, 6]
    assert (usual.mean, usual.deviation) == (5, 1)
    assert usual.exports == 7


def glass(use: GlassUse, *, followed: bool = True) -> list[tuple[int, str]]:
    used = access(Act.BREAK_GLASS, at=NOON - timedelta(hours=20))
    spans = {(ME, CASE): (Span(used.at + timedelta(hours=23)),)} if followed else {}
    facts = Facts(glass={used.id: use}, care=Care(spans=spans))
    told = find("break_glass", [used], facts, since=NOON)
    return [(signal.score, str(dict(signal.reason)["why"])) for signal in told]


@pytest.mark.parametrize(
    ("use", "followed", "told"),
    [
        (GlassUse(15, 2), True, (60, "use")),
        (GlassUse(14, 2), True, (85, "short")),
        (GlassUse(15, 3), True, (85, "copied")),
        (GlassUse(15, 2), False, (85, "nothing_followed")),
    ],
)
def test_break_glass_a_day_later(use: GlassUse, followed: bool, told: tuple[int, str]) -> None:
    assert glass(use, followed=followed) == [told]


def test_break_glass_is_told_at_once_without_blame() -> None:
    told = find("break_glass", [access(Act.BREAK_GLASS)])
    assert [(signal.score, dict(signal.reason)["why"]) for signal in told] == [(60, "use")]


@pytest.mark.parametrize(
    ("searches", "opened", "told"),
    [(7, 0, 0), (8, 0, 1), (8, 1, 1), (8, 2, 0), (10, 2, 0), (11, 2, 1)],  # 20 % of 8: 1.6
)
def test_browsing_names(searches: int, opened: int, told: int) -> None:
    seen = [
        access(Act.SEARCH, on=None, shown=(case(each),), at=NOON + timedelta(seconds=50 * each))
        for each in range(searches)
    ]
    seen += [
        access(on=case(each), at=NOON + timedelta(seconds=50 * each + 20)) for each in range(opened)
    ]
    assert len(find("name_browsing", seen)) == told


def test_browsing_over_a_longer_time_is_work() -> None:
    slow = [access(Act.SEARCH, on=None, at=2 * each) for each in range(8)]  # 14 minutes
    assert not find("name_browsing", slow)
    assert not find("name_browsing", [access(Act.SEARCH, on=None, at=0)] * 1)


@pytest.mark.parametrize(("times", "told"), [(4, 0), (5, 1)])
def test_refused_within_an_hour(times: int, told: int) -> None:
    seen = [access(Act.REFUSED, on=None, at=14 * each) for each in range(times)]  # 56 minutes
    assert len(find("refusals", seen)) == told
    assert not find("refusals", [access(Act.REFUSED, on=None, at=15 * each) for each in range(5)])


@pytest.mark.parametrize(("cases", "told"), [(2, 0), (3, 1)])
def test_refused_at_several_cases(cases: int, told: int) -> None:
    seen = [access(Act.REFUSED, on=case(each), at=100 * each) for each in range(cases)]
    assert len(find("refusals", seen)) == told


@pytest.mark.parametrize(
    ("minutes", "address", "by", "told"),
    [
        (15, "10.0.0.7", YOU, 1),
        (16, "10.0.0.7", YOU, 0),
        (5, "10.0.0.8", YOU, 0),
        (5, "10.0.0.7", ME, 0),
    ],
)
def test_let_in_by_another(minutes: int, address: str, by: UUID, told: int) -> None:
    seen = [access(Act.REFUSED, address="10.0.0.7")]
    seen += [access(by=by, address=address, at=minutes)]
    found = find("refusals", seen)
    assert [signal.account_id for signal in found] == [ME] * told


@pytest.mark.parametrize(
    ("member", "told"),
    [
        (Member(ME, ends_on=DAY), 0),
        (Member(ME, ends_on=DAY - timedelta(days=1)), 1),
        (Member(ME, disabled_at=NOON - timedelta(minutes=15)), 0),
        (Member(ME, disabled_at=NOON - timedelta(minutes=16)), 1),
        (Member(ME, leave=(Span(NOON - timedelta(days=1), NOON),)), 0),
        (Member(ME, leave=(Span(NOON, NOON + timedelta(days=1)),)), 1),
        (Member(ME), 0),
    ],
)
def test_leaver(member: Member, told: int) -> None:
    facts = Facts(staff={ME: member}, care=care((ME, CASE)))
    assert len(find("leaver", [access()], facts)) == told
    assert len(find("leaver", [access(Act.SIGN_IN, on=None)], facts)) == told


@pytest.mark.parametrize(
    ("cases", "usual", "member", "why"),
    [
        (50, 20, Member(ME), None),
        (51, 20, Member(ME), "many"),
        (6, 2, Member(ME), None),
        (7, 2, Member(ME), "unusual"),
        (4, 0, Member(ME), None),  # no history: five and more
        (5, 0, Member(ME), "unusual"),
        (1, 9, Member(ME, ends_on=DAY + timedelta(days=14)), "leaving"),
        (1, 9, Member(ME, ends_on=DAY + timedelta(days=15)), None),
    ],
)
def test_export_spike(cases: int, usual: int, member: Member, why: str | None) -> None:
    facts = Facts(staff={ME: member}, baselines={ME: Baseline(exports=usual)})
    found = find("export_spike", many(cases, Act.EXPORT), facts)
    assert [dict(signal.reason)["why"] for signal in found] == ([why] if why else [])


def test_export_to_a_new_place() -> None:
    sent = access(Act.EXPORT, destination="elsewhere")
    usual = {ME: Baseline(exports=5, destinations=frozenset({"elsewhere"}))}
    assert find("export_spike", [sent], Facts(baselines={ME: Baseline(exports=5)}))
    assert not find("export_spike", [sent], Facts(baselines=usual))


def places(*minutes_and_places: tuple[int, int]) -> list[Access]:
    return [
        access(at=minute, session_ref=UUID(int=place), address=f"10.0.{place}.7")
        for minute, place in minutes_and_places
    ]


def test_one_account_in_two_places() -> None:
    assert not find("shared_account", places((0, 1), (10, 2)))
    assert find("shared_account", places((0, 1), (10, 2), (40, 1)))
    assert not find("shared_account", places((0, 1), (10, 2), (41, 1)))
    one_desk = [replace(each, address="10.0.0.7") for each in places((0, 1), (10, 2), (20, 1))]
    assert not find("shared_account", one_desk)


def test_tampering_once_a_kind_and_case() -> None:
    alarm = [access(Act.ALARM, action="seal.broken", at=minute) for minute in range(3)]
    other = [access(Act.ALARM, action="seal.broken", on=case(9))]
    assert [signal.score for signal in find("tampering", alarm + other)] == [100, 100]
    assert not find("tampering", [access()])


def test_sample_is_drawn_by_the_seed_among_what_nobody_told_of() -> None:
    seen = many(1000)
    facts = Facts(seed=b"one day")
    drawn = find("sample", seen, facts)
    assert 2 <= len(drawn) <= 22, "1 % of 1000: 10, within four deviations of 3.1"
    assert drawn == find("sample", seen, facts)
    assert drawn != find("sample", seen, Facts(seed=b"another day"))
    told_of = frozenset(drawn[0].entries)
    assert len(find("sample", seen, replace(facts, flagged=told_of))) == len(drawn) - 1
    assert len(find("sample", seen, facts, per_thousand=0)) == 0


def _signal(rule: str, score: int, on: int = 1) -> Signal:
    return Signal(rule, score, ME, date(2026, 3, 10), case(on))


def test_scores_combine_as_the_highest_and_ten_for_each_further_rule() -> None:
    assert combined_score([]) == 0
    assert combined_score([_signal("volume", 60)]) == 60
    assert combined_score([_signal("volume", 60), _signal("volume", 40)]) == 60
    assert combined_score([_signal("volume", 60), _signal("household", 75)]) == 85
    assert combined_score([_signal("leaver", 100), _signal("household", 75)]) == 100
    found = combine([_signal("volume", 60), _signal("household", 75), _signal("leaver", 95, on=2)])
    assert [(each.case_id, each.score) for each in found] == [(case(2), 95), (case(1), 85)]


def test_nobody_is_told_of_by_an_empty_window() -> None:
    facts = Facts(cases={CASE: CaseFacts(closed_at=NOON - timedelta(days=900))})
    for rule in ("volume", "curiosity", "name_browsing", "refusals", "shared_account"):
        assert not find(rule, [], facts)
