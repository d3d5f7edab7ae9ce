"""Rules R1 to R6, R14, R16, R18: who somebody is to a case. Numbers worked out by hand."""

from dataclasses import replace
from datetime import timedelta

import pytest

from casemgr.privacy.detection import combining
from casemgr.privacy.detection.rules.facts import Care, CaseFacts, Facts, Span
from casemgr.privacy.detection.rules.people import Person, person
from casemgr.privacy.detection.rules.window import Act, Window
from tests.privacy.detection.making import (
    CASE,
    LONG_AGO,
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


def knowing(one: Person, other: Person, **more: object) -> Facts:
    return Facts(staff=staff(one), people={CASE: other}, **more)  # type: ignore[arg-type]


PHONE = "0912345678"


@pytest.mark.parametrize(
    ("mine", "theirs", "score"),
    [
        # 70 × 1: no published share makes Trịnh more frequent than the bound
        (person(["Trịnh Bảo Phúc"]), person(["Trịnh Bảo Lộc"]), 70),
        (person(["Trịnh Bảo Phúc"], phones=[PHONE]), person(["Trịnh Thị Lộc"], phones=[PHONE]), 90),
        # Nguyễn: 70 × 1.381 / 4.400 = 21.97, below 30; with a telephone 41.97
        (person(["Nguyễn Bảo Phúc"]), person(["Nguyễn Bảo Lộc"]), None),
        (person(["Nguyễn Văn A"], phones=[PHONE]), person(["Nguyễn Thị B"], phones=[PHONE]), 42),
        (person(["Trịnh Hữu Phúc"]), person(["Trịnh Hữu Lộc"]), None),
        (person(["Trịnh Bảo Phúc"]), person(["Vũ Bảo Lộc"]), None),
        (person(), person(["Trịnh Bảo Lộc"]), None),
    ],
)
def test_same_surname_needs_a_second_key(mine: Person, theirs: Person, score: int | None) -> None:
    told = find("same_surname", [access()], knowing(mine, theirs))
    assert [signal.score for signal in told] == ([] if score is None else [score])


@pytest.mark.parametrize(("least", "is_told"), [(22, True), (23, False)])
def test_same_surname_at_the_least_score(least: int, is_told: bool) -> None:
    facts = knowing(person(["Nguyễn Bảo Phúc"]), person(["Nguyễn Bảo Lộc"]))
    told = find("same_surname", [access()], facts, least=least, score=72)  # 72 × 0.314 = 22.6
    assert bool(told) is is_told


def test_no_signal_holds_a_value() -> None:
    facts = knowing(person(["Trịnh Bảo A"], phones=[PHONE]), person(["Trịnh B"], phones=[PHONE]))
    for rule in ("same_surname", "household"):
        (signal,) = find(rule, [access()], facts)
        shown = str(signal.reason).casefold()
        assert PHONE not in shown
        assert "trinh" not in shown


def test_own_case_by_number_and_by_name_even_on_the_team() -> None:
    mine = person(["Lê Thị Hoa"], national_id="022190001234")
    facts = knowing(mine, person(national_id="022190001234"), care=care((ME, CASE)))
    assert [signal.score for signal in find("own_case", [access()], facts)] == [90]
    facts = knowing(person(["Lê Thị Hoa"]), person(["LÊ THỊ HOA"]))
    assert [signal.score for signal in find("own_case", [access()], facts)] == [60]
    assert not find("own_case", [access()], knowing(mine, person(["Lê Thị Hồng"])))


@pytest.mark.parametrize(
    ("department", "score"), [("Khoa Sản", 95), ("Khoa Nhi", 80)], ids=["near", "far"]
)
def test_a_colleague_is_the_person(department: str, score: int) -> None:
    them = person(["Lê Thị Hoa"], national_id="022190001234")
    facts = Facts(
        staff=staff(person(), them, departments=["Khoa Sản", department]), people={CASE: them}
    )
    assert [signal.score for signal in find("colleague_case", [access()], facts)] == [score]
    assert not find("colleague_case", [access(by=YOU)], facts), "that is R2"
    tended = replace(facts, care=care((ME, CASE)))
    assert not find("colleague_case", [access()], tended)


def test_a_colleague_by_name_only_where_the_settings_say_so() -> None:
    facts = Facts(
        staff=staff(person(), person(["Lê Thị Hoa"])), people={CASE: person(["Lê Thị Hoa"])}
    )
    assert not find("colleague_case", [access()], facts)
    assert find("colleague_case", [access()], facts, by_name=1)


def test_household_without_care_only() -> None:
    home = person(address="Số 12 Trần Phú, Cẩm Phả")
    facts = knowing(home, home)
    (signal,) = find("household", [access()], facts)
    assert dict(signal.reason) == {"shared": "address"}
    assert not find("household", [access()], replace(facts, care=care((ME, CASE))))


def test_flagged_and_named() -> None:
    flagged = Facts(cases={CASE: CaseFacts(is_flagged=True)})
    assert [s.score for s in find("flagged_case", [access()], flagged)] == [95]
    assert not find("flagged_case", [access()], replace(flagged, care=care((ME, CASE))))
    named = Facts(named_staff={CASE: frozenset({ME})}, care=care((ME, CASE), (YOU, CASE)))
    told = find("flagged_case", [access(), access(by=YOU)], named)
    assert [(s.account_id, dict(s.reason)["why"]) for s in told] == [(ME, "named")]


@pytest.mark.parametrize(
    ("minutes_before", "told"),
    [(-1, 1), (0, 0), (1, 0)],
    ids=["a minute too late", "at that moment", "a minute before"],
)
def test_care_counts_from_its_beginning(minutes_before: int, told: int) -> None:
    begins = NOON - timedelta(minutes=minutes_before)
    facts = Facts(care=care((ME, CASE), since=begins))
    assert len(find("no_care_relation", [access()], facts)) == told


def test_care_ends() -> None:
    facts = Facts(care=Care(spans={(ME, CASE): (Span(LONG_AGO, NOON),)}))
    assert find("no_care_relation", [access(at=0)], facts)
    assert not find("no_care_relation", [access(at=-1)], facts)


@pytest.mark.parametrize(("cases", "told"), [(1, False), (2, True), (3, True)])
def test_no_care_is_summed_up_for_the_day(cases: int, told: bool) -> None:
    seen = [access(on=case(number), at=number) for number in range(cases)]
    seen += [access(on=case(0), at=40)]  # the same case again is no further one
    found = find("no_care_relation", seen, cases=2)
    assert bool(found) is told
    assert [dict(signal.reason)["cases"] for signal in found] == ([cases] if told else [])


def test_what_waits_for_the_social_work_team_needs_no_place_on_it() -> None:
    facts = Facts(cases={CASE: CaseFacts(was_taken=False)})
    assert not find("no_care_relation", [access(role="social_worker")], facts)
    assert find("no_care_relation", [access(role="clinician")], facts)
    taken = Facts(cases={CASE: CaseFacts(untaken_until=NOON)})
    assert find("no_care_relation", [access(role="social_worker", at=0)], taken)
    assert not find("no_care_relation", [access(role="social_worker", at=-1)], taken)


def test_a_leading_role_is_no_stray_but_no_care_either() -> None:
    home = person(phones=[PHONE])
    facts = Facts(staff=staff(home, leads=True), people={CASE: home})
    assert not find("no_care_relation", [access()], facts)
    assert find("household", [access()], facts)


@pytest.mark.parametrize(("days", "told"), [(89, 0), (90, 0), (91, 1)])
def test_dormant_from_the_day_after(days: int, told: int) -> None:
    facts = Facts(cases={CASE: CaseFacts(closed_at=NOON - timedelta(days=days))})
    assert len(find("dormant_case", [access()], facts)) == told


def test_dormant_with_a_task_or_for_writing() -> None:
    facts = Facts(cases={CASE: CaseFacts(closed_at=LONG_AGO)})
    assert find("dormant_case", [access()], facts)
    assert not find("dormant_case", [access(Act.CHANGE)], facts)
    task = Care(tasks={(ME, CASE): (Span(LONG_AGO),)})
    assert not find("dormant_case", [access()], replace(facts, care=task))


def test_a_part_that_nobody_of_the_role_opens() -> None:
    used = {"clinician": {"CLINICAL": frozenset(map(account, (2, 3, 4)))}}
    facts = Facts(parts_used=used)
    odd = access(parts=frozenset({"CLINICAL", "PSYCH"}))
    assert [dict(s.reason)["parts"] for s in find("section_mismatch", [odd], facts)] == ["PSYCH"]
    assert not find("section_mismatch", [access(parts=frozenset({"CLINICAL"}))], facts)
    assert not find("section_mismatch", [odd], facts, peers=4), "too few to say what is usual"
    mine = {"clinician": {**used["clinician"], "PSYCH": frozenset({ME})}}
    assert find("section_mismatch", [odd], Facts(parts_used=mine)), "own habit is no excuse"


@pytest.mark.parametrize(("people", "told"), [(4, 0), (5, 5), (6, 6)])
def test_curiosity_counts_people_without_care(people: int, told: int) -> None:
    seen = [access(by=account(number), at=number) for number in range(1, people + 1)]
    seen += [access(by=account(90)), access(by=account(91))]
    facts = Facts(care=care((account(90), CASE), (account(91), CASE)))
    found = find("curiosity", seen, facts)
    assert len(found) == told
    assert {signal.account_id for signal in found} <= {account(n) for n in range(1, 7)}


def test_curiosity_within_48_hours() -> None:
    seen = [access(by=account(number), at=-47 * 60) for number in range(1, 5)]
    assert len(find("curiosity", [*seen, access(by=account(5), at=60)], Facts())) == 5
    assert not find("curiosity", [*seen, access(by=account(5), at=61)], Facts())


def test_care_explains_only_what_is_about_care() -> None:
    home = person(["Trịnh Bảo Phúc"], phones=[PHONE])
    facts = Facts(staff=staff(home), people={CASE: home}, care=care((ME, CASE)))
    window = Window([access()], NOON - timedelta(hours=1), NOON + timedelta(hours=1))
    limits = {"own_case": {"score": 90, "by_name": 60}, "household": {"score": 75}}
    told = combining.run(window, facts, limits, limits)
    assert [signal.rule for signal in told] == ["own_case"]
