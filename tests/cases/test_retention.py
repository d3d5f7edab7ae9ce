"""How long a part is kept: the numbers of the law (domain §2.4, TT 53/2017/TT-BYT), by hand."""

from datetime import date

import pytest

from casemgr.access import Compartment
from casemgr.cases.retention import ERASABLE, Facts, Keeping, Kept, RecordKind, kept, longest
from casemgr.cases.rules import CaseState

CLOSED_ON, TODAY = date(2026, 11, 20), date(2026, 12, 1)
P = Compartment


def facts(kind: RecordKind = RecordKind.GENERAL, **more: object) -> Facts:
    given = {"state": CaseState.CLOSED, "rests_since": CLOSED_ON, "keep_until": None, **more}
    return Facts(record_kind=kind, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("part", "kind", "until"),
    [
        (P.CLINICAL, RecordKind.GENERAL, date(2036, 11, 20)),  # 10 years
        (P.CLINICAL, RecordKind.ACCIDENT, date(2041, 11, 20)),  # 15 years
        (P.CLINICAL, RecordKind.MENTAL_OR_DEATH, date(2046, 11, 20)),  # 20 years
        (P.SEXUAL_HEALTH, RecordKind.GENERAL, date(2036, 11, 20)),
        (P.PSYCH, RecordKind.GENERAL, date(2046, 11, 20)),  # a mental illness, whatever the rest
    ],
)
def test_medical_records_are_kept_as_long_as_the_law_says(
    part: Compartment, kind: RecordKind, until: date
) -> None:
    assert kept(part, facts(kind), TODAY) == Kept(Keeping.CLINICAL_RECORD, until)
    before = until.replace(day=until.day - 1)
    assert kept(part, facts(kind), before) is not None
    assert kept(part, facts(kind), until) is None, "the term is over"


@pytest.mark.parametrize("part", [P.IDENTITY, P.CONTACT, P.SOCIAL, P.EPISODE, P.INFORMANT])
def test_what_no_law_keeps_may_go_as_soon_as_the_case_rests(part: Compartment) -> None:
    assert kept(part, facts(), TODAY) is None
    assert kept(part, facts(), CLOSED_ON) is None


@pytest.mark.parametrize("state", [s for s in CaseState if s not in {"closed", "refused"}])
@pytest.mark.parametrize("part", [P.IDENTITY, P.CLINICAL])
def test_nothing_is_taken_from_a_case_at_work(state: CaseState, part: Compartment) -> None:
    found = kept(part, facts(state=state, rests_since=None), TODAY)
    assert found == Kept(Keeping.AT_WORK, None)


def test_a_refusal_is_kept_for_its_short_time_and_only_where_it_stands() -> None:
    refused = facts(state=CaseState.REFUSED, keep_until=date(2027, 11, 20))
    assert kept(P.SOCIAL, refused, TODAY) == Kept(Keeping.REFUSAL, date(2027, 11, 20))
    assert kept(P.IDENTITY, refused, TODAY) is None
    assert kept(P.SOCIAL, refused, date(2027, 11, 20)) is None


def test_papers_of_proceedings_keep_what_happened_until_somebody_says_it_is_over() -> None:
    running = facts(has_legal_papers=True)
    for part in (P.LEGAL, P.EPISODE):
        assert kept(part, running, date(2099, 1, 1)) == Kept(Keeping.PROCEEDINGS, None)
    assert kept(P.CONTACT, running, TODAY) is None


def test_the_longest_reason_counts() -> None:
    short, long = Kept(Keeping.REFUSAL, TODAY), Kept(Keeping.CLINICAL_RECORD, CLOSED_ON)
    assert longest([short, long]) == short
    assert longest([short, Kept(Keeping.LEGAL_HOLD, None), long]) == Kept(Keeping.LEGAL_HOLD, None)
    assert longest([]) is None


def test_a_term_that_began_on_a_leap_day_ends_on_a_real_day() -> None:
    leap = facts(rests_since=date(2028, 2, 29))
    assert kept(P.CLINICAL, leap, date(2038, 2, 28)) == Kept(
        Keeping.CLINICAL_RECORD, date(2038, 3, 1)
    )


def test_the_proof_of_what_was_done_cannot_be_asked_away() -> None:
    assert Compartment.OVERSIGHT not in ERASABLE
    assert len(ERASABLE) == len(Compartment) - 1
