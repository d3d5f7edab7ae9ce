"""Accesses and facts made by hand, in a small hospital of ids that can be read in a failure."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count
from uuid import UUID

from casemgr.privacy.detection.rules.every import WAYS
from casemgr.privacy.detection.rules.facts import Care, Facts, Member, Span
from casemgr.privacy.detection.rules.limits import defaults
from casemgr.privacy.detection.rules.people import Person
from casemgr.privacy.detection.rules.window import Access, Act, Window
from casemgr.privacy.detection.sentences import template
from casemgr.privacy.reviews.signals import Signal

DAY = date(2026, 3, 10)  # a Tuesday
NOON = datetime(2026, 3, 10, 5, 0, tzinfo=UTC)  # 12:00 at the hospital
LONG_AGO = NOON - timedelta(days=400)
ME, YOU = UUID(int=1), UUID(int=2)
CASE = UUID(int=1001)

_entries = count(1)


def account(number: int) -> UUID:
    """The id of a colleague."""
    return UUID(int=number)


def case(number: int) -> UUID:
    """The id of a case."""
    return UUID(int=1000 + number)


def access(
    act: Act = Act.READ,
    *,
    by: UUID = ME,
    at: datetime | int = 0,
    on: UUID | None = CASE,
    role: str = "clinician",
    **more: object,
) -> Access:
    """One access; ``at`` may be minutes after noon."""
    moment = NOON + timedelta(minutes=at) if isinstance(at, int) else at
    return Access(
        id=UUID(int=10**12 + next(_entries)),
        at=moment,
        act=act,
        account_id=by,
        roles=frozenset({role}),
        case_id=on,
        **more,  # type: ignore[arg-type]
    )


def staff(*people: Person, departments: Sequence[str] = (), **more: object) -> dict[UUID, Member]:
    """Colleagues 1, 2, … with what is known of them."""
    names = list(departments) + ["Khoa Sản"] * len(people)
    return {
        account(number): Member(
            account(number),
            roles=frozenset({"clinician"}),
            department=names[number - 1],
            person=person,
            **more,  # type: ignore[arg-type]
        )
        for number, person in enumerate(people, 1)
    }


def care(*pairs: tuple[UUID, UUID], since: datetime = LONG_AGO) -> Care:
    """Care of these accounts for these cases."""
    return Care(spans={pair: (Span(since),) for pair in pairs})


def find(
    rule: str,
    accesses: Iterable[Access],
    facts: Facts | None = None,
    *,
    since: datetime | None = None,
    **numbers: int,
) -> list[Signal]:
    """What a rule tells of a window of the whole day, with some numbers of its own."""
    ordered = sorted(accesses, key=lambda each: each.at)
    start = since or NOON - timedelta(hours=12)
    window = Window(ordered, start, start + timedelta(days=1))
    limits = {**defaults(rule), **numbers}
    told = list(WAYS[rule].find(window, facts or Facts(), limits))
    for signal in told:
        assert template(rule, dict(signal.reason)) is not None, f"no words for {signal.reason}"
        assert signal.day in {each.day for each in ordered} or rule == "break_glass"
    return told
