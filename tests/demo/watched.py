"""Offenders planted into the demonstration hospital, and every rule run over its ninety days.

They are planted as entries of the log, in a transaction that is rolled back: the story itself stays
as it is told. Breaking the glass has no act yet, so it is planted at the level of accesses only
(tests/privacy/detection).
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import select

from casemgr import clock
from casemgr.access import Actor, Compartment
from casemgr.access.actor import system_actor
from casemgr.accounts.models import Account
from casemgr.audit import Action, AuditEntry, Outcome, lanes, record
from casemgr.cases.models import Case
from casemgr.db import session
from casemgr.privacy.detection import days, matching, relations
from casemgr.privacy.detection import staff as staff_facts
from casemgr.privacy.detection.rules.every import NUMBERED
from casemgr.privacy.detection.rules.limits import defaults
from casemgr.privacy.detection.rules.people import COMMON_MIDDLE, Person
from casemgr.privacy.reviews.signals import Signal

# Ninety days of history hold no case that was closed so long ago, and two doctors are no peers.
NUMBERS: Mapping[str, Mapping[str, int]] = {
    "dormant_case": {"days": 14},
    "section_mismatch": {"peers": 1},
    "curiosity": {"people": 4},
}
NOT_PLANTED = {"break_glass": "there is no such act yet"}


class Demonstration:
    """The staff and cases of the demonstration, for those who plant."""

    def __init__(self, day: date) -> None:
        self.day = day
        rows = session.scalars(select(Account)).all()
        self.facility_id = rows[0].facility_id
        self.detection = system_actor("detection", self.facility_id)
        self.staff = {row.username: row for row in rows}
        self.cases = list(session.scalars(select(Case.id).order_by(Case.opened_at)))
        self.people = matching.people_of(self.detection, self.cases)
        self.flagged: set[UUID] = set()

    def actor(self, username: str, **more: object) -> Actor:
        """Somebody of the demonstration, at their computer."""
        account = self.staff[username]
        known: dict[str, object] = {"address": "10.1.0.1", "session_ref": UUID(int=7), **more}
        return Actor(self.facility_id, account.id, account.roles, **known)  # type: ignore[arg-type]

    def act(
        self, who: str, action: Action, minute: float, case: UUID | None, **more: object
    ) -> AuditEntry:
        """One entry at a minute of the day."""
        place = {name: more.pop(name) for name in ("address", "session_ref") if name in more}
        with clock.frozen(clock.at_hospital(self.day) + timedelta(minutes=minute)):
            # One transaction holds them all: its moments would never go back.
            lanes.held(session(), self.facility_id).last_at = lanes.LONG_AGO
            return record(self.actor(who, **place), action, case_id=case, **more)  # type: ignore[arg-type]

    def know(self, who: str, **values: str) -> None:
        """Facts about a colleague, as the personnel office would record them."""
        command = system_actor("staff-facts", self.facility_id, "command")
        staff_facts.record_facts(command, self.staff[who].id, values)

    def someone(self, wanted: Callable[[Person], bool]) -> UUID:
        """A case about somebody like this."""
        return next(case for case, person in self.people.items() if wanted(person))


def _uncommon(person: Person) -> bool:
    return any(
        len(name) > 2 and name[0] != "nguyen" and set(name[1:]) - COMMON_MIDDLE
        for name in person.names[:1]
    )


def plant(demo: Demonstration) -> dict[str, list[UUID]]:
    """The entries of each offender, by the rule that must find them."""
    read = partial(demo.act, "bs.ngoai", Action.CASE_SHOWN)
    found: dict[str, list[AuditEntry]] = {}
    own = demo.someone(lambda person: bool(person.national_id))
    demo.know("tamly.an", national_id=demo.people[own].national_id)
    found["own_case"] = [demo.act("tamly.an", Action.CASE_SHOWN, 600, own)]
    found["colleague_case"] = [read(601, own)]
    home = demo.someone(lambda person: bool(person.phones))
    name = demo.someone(_uncommon)
    words = demo.people[name].names[0]
    word = next(one for one in words[1:] if one not in COMMON_MIDDLE)
    demo.know(
        "bs.ngoai",
        phone=min(demo.people[home].phones),
        full_name=f"{words[0]} {word} Khang",
    )
    found["household"], found["same_surname"] = [read(602, home)], [read(603, name)]
    demo.flagged.add(demo.cases[5])
    found["flagged_case"] = [read(604, demo.cases[5])]
    found["no_care_relation"] = [read(605, demo.cases[6])]
    found["after_hours"] = [demo.act("khth.duc", Action.CASE_SHOWN, 1400, demo.cases[7])]
    found["volume"] = [read(610 + each, case) for each, case in enumerate(demo.cases[:30])]
    found |= _habits(demo)
    return {rule: [entry.id for entry in entries] for rule, entries in found.items()}


def _habits(demo: Demonstration) -> dict[str, list[AuditEntry]]:
    act, cases = demo.act, demo.cases
    yesterday = (demo.day - timedelta(days=1)).isoformat()
    demo.know("tt.khoi", ends_on=yesterday)
    closed = select(Case.id).where(
        Case.closed_at < clock.at_hospital(demo.day - timedelta(days=15))
    )
    there = {"address": "10.9.9.9", "session_ref": UUID(int=9)}
    crowd = ("khth.duc", "tchc.yen", "tt.khoi", "quantri", "bs.ngoai")
    return {
        "name_browsing": [
            act("ctxh.nga", Action.CASES_SEARCHED, 480 + each, None) for each in range(9)
        ],
        "refusals": [
            act("tchc.yen", Action.ACT_REFUSED, 500 + each, case, outcome=Outcome.REFUSED)
            for each, case in enumerate(cases[:4])
        ],
        "leaver": [act("tt.khoi", Action.SIGNED_IN, 490, None)],
        "export_spike": [
            act("ctxh.nga", Action.LETTER_PRINTED, 700 + each, case)
            for each, case in enumerate(cases[:55])
        ],
        "dormant_case": [
            act("ctxh.truong", Action.CASE_SHOWN, 800, session.scalars(closed).first())
        ],
        "shared_account": [
            act("bs.capcuu", Action.HOME_SHOWN, 900, None),
            act("bs.capcuu", Action.HOME_SHOWN, 905, None, **there),
            act("bs.capcuu", Action.HOME_SHOWN, 910, None),
        ],
        "section_mismatch": [
            act(
                "bs.ngoai", Action.COMPARTMENT_OPENED, 920, cases[8],
                compartments=[Compartment.PSYCH],
            )
        ],
        "tampering": [act("ctxh.nga", Action.SEAL_BROKEN, 930, cases[9], outcome=Outcome.FAILED)],
        "curiosity": [act(who, Action.CASE_SHOWN, 940, cases[10]) for who in crowd],
    }  # fmt: skip


@contextmanager
def flagging(demo: Demonstration) -> Iterator[None]:
    """Another room that flags cases."""

    def hook(_actor: Actor, ids: Collection[UUID]) -> Collection[UUID]:
        return demo.flagged & set(ids)

    relations.flags.append(hook)
    try:
        yield
    finally:
        relations.flags.remove(hook)


def look(demo: Demonstration, first: date) -> list[Signal]:
    """Every rule over the days from ``first`` to the day of the offenders."""
    limits = {rule: {**defaults(rule), **NUMBERS.get(rule, {})} for rule in NUMBERED}
    with flagging(demo):
        return days.look_at(demo.detection, limits, first, demo.day)
