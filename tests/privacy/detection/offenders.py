"""A hospital of sixty at ordinary work for thirty days, and eighteen who do what they may not.

Everything is drawn from a seed. Names come from the demonstration's pools, in which 38 of a
hundred Kinh are Nguyễn. Each offender acts on the last day, one for each rule.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random
from uuid import UUID

from casemgr import clock
from casemgr.demo import names
from casemgr.demo.vocabulary import Ethnic, Sex
from casemgr.privacy.detection.rules.facts import (
    Care,
    CaseFacts,
    Facts,
    GlassUse,
    Member,
    Span,
)
from casemgr.privacy.detection.rules.people import Person, person
from casemgr.privacy.detection.rules.window import Access, Act

FIRST, LAST = date(2026, 2, 9), date(2026, 3, 10)
PARTS = {
    "screener": ("SOCIAL",),
    "social_worker": ("IDENTITY", "CONTACT", "SOCIAL", "EPISODE"),
    "clinician": ("IDENTITY", "CLINICAL"),
    "psychologist": ("IDENTITY", "PSYCH"),
}
STAFF = {"screener": 14, "social_worker": 14, "clinician": 24, "psychologist": 8}
CASES, EVENTS = 900, 50_000
LONG_AGO = clock.at_hospital(date(2025, 1, 1))


@dataclass
class House:
    """Who works there, on which cases, and what they did."""

    rng: Random
    staff: dict[UUID, Member] = field(default_factory=dict)
    people: dict[UUID, Person] = field(default_factory=dict)
    cases: dict[UUID, CaseFacts] = field(default_factory=dict)
    mine: dict[UUID, list[UUID]] = field(default_factory=dict)
    spans: dict[tuple[UUID, UUID], list[Span]] = field(default_factory=dict)
    named: dict[UUID, frozenset[UUID]] = field(default_factory=dict)
    glass: dict[UUID, GlassUse] = field(default_factory=dict)
    accesses: list[Access] = field(default_factory=list)
    planted: dict[str, list[UUID]] = field(default_factory=dict)  # rule: entries

    def new_id(self) -> UUID:
        """A random id from the seed."""
        return UUID(int=self.rng.getrandbits(128))

    def facts(self) -> Facts:
        """What the rules may know."""
        return Facts(
            care=Care(spans=self.spans),
            staff=self.staff,
            cases=self.cases,
            people=self.people,
            named_staff=self.named,
            glass=self.glass,
        )

    def of_role(self, role: str) -> list[UUID]:
        """Everybody with this role, in order."""
        return [one for one, member in self.staff.items() if role in member.roles]

    def act(
        self,
        who: UUID,
        act: Act,
        day: date,
        minute: float,
        on: UUID | None = None,
        **more: object,
    ) -> Access:
        """One entry, at a minute of the hospital's day."""
        member = self.staff[who]
        number = list(self.staff).index(who)
        values: dict[str, object] = {
            "id": self.new_id(),
            "at": clock.at_hospital(day) + timedelta(minutes=minute),
            "act": act,
            "account_id": who,
            "roles": member.roles,
            "case_id": on,
            "address": f"10.1.0.{number}",
            "session_ref": UUID(int=(day.toordinal() << 16) + number),
            **more,
        }
        access = Access(**values)  # type: ignore[arg-type]
        self.accesses.append(access)
        return access


def found(seed: int) -> House:
    """Staff, cases, and who cares for which."""
    house = House(Random(seed))
    for role, number in STAFF.items():
        for _ in range(number):
            who = house.new_id()
            house.staff[who] = Member(
                who, frozenset({role}), department=f"D{number % 7}", person=somebody(house.rng)
            )
            house.mine[who] = []
    for _ in range(CASES):
        case = house.new_id()
        house.people[case], house.cases[case] = somebody(house.rng), CaseFacts()
        for role in STAFF:
            who = house.rng.choice(house.of_role(role))
            house.mine[who].append(case)
            house.spans[who, case] = [Span(LONG_AGO)]
    return house


def somebody(rng: Random) -> Person:
    """Somebody with a name of this country, a number, a telephone and an address of their own."""
    sex = rng.choice(list(Sex))
    return person(
        [names.full_name(rng, Ethnic.KINH, sex)],
        national_id=f"0222{rng.randrange(10**8):08}",
        phones=[f"09{rng.randrange(10**8):08}"],
        address=f"Số {rng.randrange(1, 400)} đường {rng.choice('ABCDEFGH')} Trần Phú {rng.random()}",
    )


def work(house: House) -> None:
    """Thirty days of ordinary work: mostly on one's own cases, by day, now and then something odd."""
    days = [FIRST + timedelta(days=each) for each in range((LAST - FIRST).days + 1)]
    per_day = EVENTS // (len(days) * len(house.staff))
    for day in days:
        for who, member in house.staff.items():
            (role,) = member.roles
            start = house.rng.choice((7, 7, 8)) * 60
            house.act(who, Act.SIGN_IN, day, start)
            for step in range(per_day):
                minute = start + 1 + step * (500 / per_day) + house.rng.random() * 5
                _one_act(house, who, role, day, minute)


def _one_act(house: House, who: UUID, role: str, day: date, minute: float) -> None:
    rng = house.rng
    own, chance = rng.choice(house.mine[who]), rng.random()
    parts = frozenset(rng.sample(PARTS[role], 1))
    if chance < 0.03:
        shown = (own, *rng.sample(house.mine[who], 2))
        house.act(who, Act.SEARCH, day, minute, shown=shown)
        house.act(who, Act.READ, day, minute + 1, own, parts=parts)
    elif chance < 0.033:
        house.act(who, Act.REFUSED, day, minute, rng.choice(list(house.cases)))
    elif chance < 0.045:
        house.act(who, Act.EXPORT, day, minute, own, count=1)
    elif chance < 0.046:  # a ward's honest slip: a case that is not theirs
        house.act(who, Act.READ, day, minute, rng.choice(list(house.cases)), parts=parts)
    else:
        # most of a day's work goes to a handful of one's cases
        near = house.mine[who][(day.toordinal() * 3) % max(1, len(house.mine[who]) - 5) :][:5]
        act = rng.choice((Act.READ, Act.READ, Act.CHANGE))
        house.act(who, act, day, minute, rng.choice(near), parts=parts)


Plant = Callable[[House, UUID, UUID], list[Access]]


def plant(house: House) -> None:
    """One offender for each rule, each a colleague of their own, on a case of their own."""
    untouched = {access.case_id for access in house.accesses}
    cases = [case for case in house.cases if case in untouched]
    for number, (rule, deed) in enumerate(DEEDS.items()):
        who = house.of_role("clinician")[number]
        case = next(each for each in cases[number * 20 :] if (who, each) not in house.spans)
        house.planted[rule] = [access.id for access in deed(house, who, case)]
    house.accesses.sort(key=lambda access: access.at)


def _read(house: House, who: UUID, case: UUID, minute: float = 600) -> list[Access]:
    return [house.act(who, Act.READ, LAST, minute, case, parts=frozenset({"CLINICAL"}))]


def _as_person(house: House, who: UUID, **known: object) -> None:
    house.staff[who] = replace(house.staff[who], person=person(**known))  # type: ignore[arg-type]


def same_surname(house: House, who: UUID, case: UUID) -> list[Access]:
    _as_person(house, who, names=["Sùng Bảo Lâm"])
    house.people[case] = person(["Sùng Bảo Chi"])
    return _read(house, who, case)


def own_case(house: House, who: UUID, case: UUID) -> list[Access]:
    _as_person(house, who, names=["Vi Thị Ngân"], national_id="022300000001")
    house.people[case] = person(["Vi Thị Ngân"], national_id="022300000001")
    return _read(house, who, case)


def colleague_case(house: House, who: UUID, case: UUID) -> list[Access]:
    other = house.of_role("psychologist")[0]
    _as_person(house, other, names=["Lò Thị Ín"], national_id="022300000002")
    house.people[case] = person(["Lò Thị Ín"], national_id="022300000002")
    return _read(house, who, case)


def household(house: House, who: UUID, case: UUID) -> list[Access]:
    _as_person(house, who, names=["Cầm Bá Ngọ"], address="Số 9 ngõ 4 Lê Lợi, Cẩm Phả")
    house.people[case] = person(["Lường Thị Dua"], address="9, ngõ 4, Lê Lợi, phường Cẩm Phả")
    return _read(house, who, case)


def flagged_case(house: House, who: UUID, case: UUID) -> list[Access]:
    house.named[case] = frozenset({who})
    return _read(house, who, case)


def no_care_relation(house: House, who: UUID, case: UUID) -> list[Access]:
    return _read(house, who, case)


def after_hours(house: House, who: UUID, case: UUID) -> list[Access]:
    start = clock.at_hospital(LAST, 7)
    house.staff[who] = replace(house.staff[who], shifts=(Span(start, start + timedelta(hours=10)),))
    return _read(house, who, case, 22 * 60)


def volume(house: House, who: UUID, _case: UUID) -> list[Access]:
    strangers = [each for each in house.cases if (who, each) not in house.spans][:60]
    return [
        access
        for each, case in enumerate(strangers)
        for access in _read(house, who, case, 480 + each * 5)
    ]


def break_glass(house: House, who: UUID, case: UUID) -> list[Access]:
    used = house.act(who, Act.BREAK_GLASS, LAST, 700, case)
    house.glass[used.id] = GlassUse(reason_length=4)
    return [used]


def name_browsing(house: House, who: UUID, case: UUID) -> list[Access]:
    return [house.act(who, Act.SEARCH, LAST, 615 + each * 0.8, shown=(case,)) for each in range(12)]


def refusals(house: House, who: UUID, _case: UUID) -> list[Access]:
    cases = [each for each in house.cases if (who, each) not in house.spans][:5]
    return [house.act(who, Act.REFUSED, LAST, 640 + i * 4, case) for i, case in enumerate(cases)]


def leaver(house: House, who: UUID, _case: UUID) -> list[Access]:
    house.staff[who] = replace(house.staff[who], ends_on=LAST - timedelta(days=1))
    return _read(house, who, house.mine[who][0])


def export_spike(house: House, who: UUID, _case: UUID) -> list[Access]:
    return [
        house.act(who, Act.EXPORT, LAST, 800 + i, case, count=1)
        for i, case in enumerate(list(house.cases)[:55])
    ]


def dormant_case(house: House, who: UUID, case: UUID) -> list[Access]:
    house.cases[case] = CaseFacts(closed_at=clock.at_hospital(LAST - timedelta(days=120)))
    for pair in [pair for pair in house.spans if pair[1] == case]:
        house.spans[pair] = [Span(LONG_AGO, clock.at_hospital(LAST - timedelta(days=90)))]
    return _read(house, who, case)


def shared_account(house: House, who: UUID, _case: UUID) -> list[Access]:
    own = house.mine[who][0]
    there: Mapping[str, object] = {"address": "10.9.9.9", "session_ref": UUID(int=99)}
    return [
        house.act(who, Act.READ, LAST, 660, own),
        house.act(who, Act.READ, LAST, 662, own, **there),
        house.act(who, Act.READ, LAST, 664, own),
        house.act(who, Act.READ, LAST, 666, own, **there),
    ]


def section_mismatch(house: House, who: UUID, case: UUID) -> list[Access]:
    return [house.act(who, Act.READ, LAST, 670, case, parts=frozenset({"PSYCH"}))]


def tampering(house: House, who: UUID, case: UUID) -> list[Access]:
    return [house.act(who, Act.ALARM, LAST, 675, case, action="seal.broken")]


def curiosity(house: House, who: UUID, case: UUID) -> list[Access]:
    others = [each for each in house.of_role("screener") if (each, case) not in house.spans]
    crowd = [who, *others[:5]]
    return [_read(house, each, case, 720 + i * 9)[0] for i, each in enumerate(crowd)]


DEEDS: Mapping[str, Plant] = {
    deed.__name__: deed
    for deed in (
        same_surname, own_case, colleague_case, household, flagged_case, no_care_relation,
        after_hours, volume, break_glass, name_browsing, refusals, leaver, export_spike,
        dormant_case, shared_account, section_mismatch, tampering, curiosity,
    )
}  # fmt: skip
