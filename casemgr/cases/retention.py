"""How long the law has a part of a case kept: dated data with their source, and pure functions.

Erasing is the rule once a case is at rest; what stands here are the exceptions (domain §2.4). A
part that must be kept is restricted instead, with the reason told (Luật 91/2025/QH15).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from casemgr.access import Compartment
from casemgr.cases.rules import AT_REST, CaseState


class Keeping(StrEnum):
    """Why a part is not erased now."""

    AT_WORK = "at_work"  # somebody runs the case: nothing is taken away under their hands
    CLINICAL_RECORD = "clinical_record"
    SOCIAL_RECORD = "social_record"
    REFUSAL = "refusal"
    PROCEEDINGS = "proceedings"
    RELEASE = "release"  # an open release of records to an authority
    LEGAL_HOLD = "legal_hold"


class RecordKind(StrEnum):
    """What the law calls the medical record; the planning office knows, the case does not say."""

    GENERAL = "general"
    ACCIDENT = "accident"  # tai nạn lao động, tai nạn sinh hoạt
    MENTAL_OR_DEATH = "mental_or_death"  # bệnh tâm thần, tử vong
    SOCIAL_WORK = "social_work"


@dataclass(frozen=True, slots=True)
class Term:
    """How many years one kind of record is kept after the case came to rest, since which day."""

    kind: RecordKind
    years: int
    since: date
    source: str


_TT53 = "Thông tư 53/2017/TT-BYT"
TERMS = (  # adopted 2026-11; a new term is a new line with a later day, never a changed one
    Term(RecordKind.GENERAL, 10, date(2026, 11, 1), _TT53),
    Term(RecordKind.ACCIDENT, 15, date(2026, 11, 1), _TT53),
    Term(RecordKind.MENTAL_OR_DEATH, 20, date(2026, 11, 1), _TT53),
    # No law was found that has the social work record kept: the right to erasure goes first.
    Term(RecordKind.SOCIAL_WORK, 0, date(2026, 11, 1), "Luật 91/2025/QH15"),
)
CLINICAL = frozenset({Compartment.CLINICAL, Compartment.SEXUAL_HEALTH})
# Where proceedings may run, their papers and what happened are evidence.
EVIDENCE = frozenset({Compartment.LEGAL, Compartment.EPISODE})
# What can be asked to be erased; OVERSIGHT is the proof of what was done with the rest.
ERASABLE = tuple(part for part in Compartment if part is not Compartment.OVERSIGHT)


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the answer depends on; nothing of it is sealed but what the officer was told."""

    state: CaseState
    rests_since: date | None
    keep_until: date | None  # of a refusal
    record_kind: RecordKind = RecordKind.GENERAL
    has_legal_papers: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """Why something is kept, and the last day of it; None where only an event ends it."""

    keeping: Keeping
    until: date | None


def kept(part: Compartment, facts: Facts, today: date) -> Kept | None:
    """What keeps this part today, the longest reason first; None when it may be erased."""
    if facts.state not in AT_REST or facts.rests_since is None:
        return Kept(Keeping.AT_WORK, None)
    return longest(reason for reason in _reasons(part, facts, today) if _lasts(reason, today))


def longest(reasons: Iterable[Kept]) -> Kept | None:
    """The reason that lasts longest; one without an end outlasts every day."""
    return max(reasons, key=lambda reason: reason.until or date.max, default=None)


def last_day(kind: RecordKind, rests_since: date, today: date) -> date:
    """The last day on which a record of this kind is kept, by the term that is valid today."""
    term = term_of(kind, today)
    try:
        return rests_since.replace(year=rests_since.year + term.years)
    except ValueError:  # from a leap day
        return date(rests_since.year + term.years, 3, 1)


def term_of(kind: RecordKind, today: date) -> Term:
    """The newest term for this kind that has begun; before the first one, the first."""
    terms = [term for term in TERMS if term.kind is kind]
    begun = [term for term in terms if term.since <= today] or terms[:1]
    return max(begun, key=lambda term: term.since)


def _reasons(part: Compartment, facts: Facts, today: date) -> Iterable[Kept]:
    since = facts.rests_since
    assert since is not None  # noqa: S101 - kept() asked
    if part in CLINICAL:
        yield Kept(Keeping.CLINICAL_RECORD, last_day(facts.record_kind, since, today))
    if part is Compartment.PSYCH:
        until = last_day(RecordKind.MENTAL_OR_DEATH, since, today)
        yield Kept(Keeping.CLINICAL_RECORD, until)
    if part is Compartment.SOCIAL:
        yield Kept(Keeping.SOCIAL_RECORD, last_day(RecordKind.SOCIAL_WORK, since, today))
        if facts.keep_until is not None:
            yield Kept(Keeping.REFUSAL, facts.keep_until)
    if part in EVIDENCE and facts.has_legal_papers:
        yield Kept(Keeping.PROCEEDINGS, None)


def _lasts(reason: Kept, today: date) -> bool:
    return reason.until is None or reason.until > today
