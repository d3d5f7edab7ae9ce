"""The desks of the staff: who is signed in, from which address, with which case page open."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from uuid import UUID

from casemgr.access import Actor, Role
from casemgr.accounts import service as accounts
from casemgr.cases import duty, notices
from casemgr.cases import service as cases
from casemgr.db import new_id
from casemgr.demo import staff
from casemgr.demo.scene import Hand, require
from casemgr.directory import service as directory
from casemgr.home import service as home
from casemgr.referrals import lists as referrals
from casemgr.screenings import lists as sittings

Look = Callable[[Actor], object]

# Inside the hospital one network per unit (RFC 1918). The partner comes from outside: RFC 5737
# keeps that range for examples, so that it is nobody's address.
_UNITS = {unit.code: f"10.20.{number}" for number, unit in enumerate(staff.DEPARTMENTS, start=11)}
_UNITS["TTXH-QN"] = "203.0.113"
_HOSTS = {member.username: 20 + number for number, member in enumerate(staff.STAFF)}

# What somebody of a role looks at when the day begins.
_FIRST_LOOKS: Mapping[Role, tuple[Look, ...]] = {
    Role.SCREENER: (sittings.list_mine,),
    Role.SOCIAL_WORKER: (
        lambda who: cases.list_cases(who, mine=True),
        home.my_tasks,
        notices.waiting,
        referrals.list_referrals,
    ),
    Role.SOCIAL_WORK_LEAD: (cases.list_cases, home.my_tasks, notices.waiting),
    Role.CLINICIAN: (cases.list_cases,),
    Role.PSYCHOLOGIST: (cases.list_cases,),
    Role.DIRECTOR: (notices.waiting, duty.escalated),
    Role.PLANNER: (directory.list_organisations,),
    Role.OFFICE: (directory.list_organisations,),
    Role.ADMINISTRATOR: (directory.list_organisations,),
}


@dataclass(slots=True)
class Desk:
    """One person's desk while they are signed in."""

    actor: Actor
    page: list[UUID] = field(default_factory=list)


class Desks:
    """All of them."""

    def __init__(self, facility_id: UUID, hand: Hand, rng: Random) -> None:
        self._facility_id, self._hand, self._rng = facility_id, hand, rng
        self._desks: dict[str, Desk] = {}

    def at(self, username: str) -> Desk:
        """Their desk, for one more request. Raises StoryBroken for somebody who is not there."""
        require(username in self._desks, f"{username} has not signed in")
        desk = self._desks[username]
        desk.actor = replace(desk.actor, request_id=new_id())
        return desk

    def sign_in(self, username: str, *, is_successful: bool) -> None:
        """At the sign-in page; the comparison of the password itself is left out.

        Whoever is still signed in is sent to the home page, as always.
        """
        if username in self._desks:
            home.desk(self.at(username).actor)
            return
        member = staff.BY_USERNAME[username]
        nobody = Actor(
            facility_id=self._facility_id,
            session_ref=new_id(),
            address=f"{_UNITS[member.department]}.{_HOSTS[username]}",
            request_id=new_id(),
        )
        credentials = accounts.credentials_of(nobody, username)
        account = accounts.note_sign_in(nobody, credentials, fits=is_successful)
        if account is None:
            require(not is_successful, f"{username} could not sign in")
            return
        self._desks[username] = desk = Desk(accounts.actor_of(account, nobody))
        self._hand.wait(1)
        home.desk(desk.actor)
        looks = [look for role in desk.actor.roles for look in _FIRST_LOOKS.get(role, ())]
        if looks:
            self._hand.wait(self._rng.uniform(3, 12))
            self._rng.choice(looks)(self.at(username).actor)

    def sign_out(self, username: str) -> None:
        """They leave."""
        accounts.note_sign_out(self.at(username).actor)
        self.forget(username)

    def forget(self, username: str) -> None:
        """Their session is over."""
        self._desks.pop(username, None)
