"""Filling an empty installation with the demonstration hospital (design §1, issue 2).

The facility is the one row that is written here; everything else goes through the services, as
the member of staff who acts, at the moment of the story: 90 days of history that ring true.

Who consented for a minor, restricted notes of PSYCH and SEXUAL_HEALTH, and companions have no
records of their own yet: the first two are left out, companions become notes of the team.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select

from casemgr import clock
from casemgr.access import Actor, Role
from casemgr.access.actor import system_actor
from casemgr.access.key_names import sweep_unnamed
from casemgr.accounts import passwords
from casemgr.accounts import service as accounts
from casemgr.accounts.models import Account
from casemgr.audit import Action, AuditEntry, record
from casemgr.cases.models import Case
from casemgr.crypto.sealed import KEYRING
from casemgr.db import Model, new_id, session
from casemgr.demo import staff
from casemgr.demo.replay import replay
from casemgr.demo.scene import Hand
from casemgr.demo.story import DAYS, tell
from casemgr.demo.vocabulary import Recipient
from casemgr.directory import service as directory
from casemgr.directory.models import Facility
from casemgr.install import CannotStart, write_private
from casemgr.referrals.models import Referral
from casemgr.screenings.models import Sitting

Say = Callable[[str], None]

_CONSONANTS, _VOWELS = "bcdghklmnprstvx", "aeiou"
_GROUPS = 5
NAME = "demonstration"


class AlreadyFilled(CannotStart):
    """The database holds something: nobody's data is mixed with invented people."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """How much there is now."""

    staff: int
    cases: int
    sittings: int
    referrals: int
    entries: int


def load(accounts_file: Path, say: Say) -> Loaded:
    """Found the hospital, play its last ninety days, and keep one sign-in for each member of staff.

    The passwords are random; they stand in ``accounts_file`` alone, which only its owner can read.
    Raises AlreadyFilled, StoryBroken. An interrupted load is begun anew by casemgr.install.
    """
    _require_empty(accounts_file)
    today = clock.today()
    secret_of = {member.username: new_password() for member in staff.STAFF}
    say(f"Making {len(secret_of)} accounts")
    hashes = {name: passwords.hash_password(secret) for name, secret in secret_of.items()}
    with clock.told_by(Hand(clock.at_hospital(today - timedelta(days=DAYS + 1), 8)).look):
        maker = _found()
        people = _hire(maker, hashes)
        recipients = _recipients(maker)
        session.commit()
    session.remove()
    replay(tell(today), maker.facility_id, people, recipients, say)
    sweep_unnamed()
    record(maker, Action.DEMONSTRATION_LOADED, count=_count(Case))
    loaded = Loaded(*(_count(kind) for kind in (Account, Case, Sitting, Referral, AuditEntry)))
    session.commit()
    write_private(accounts_file, sign_ins(secret_of))
    say(
        f"Loaded {loaded.cases} cases, {loaded.sittings} screenings, {loaded.referrals} referrals "
        f"and {loaded.entries} entries of the audit log"
    )
    return loaded


def new_password() -> str:
    """Five groups that can be read aloud, like ``mibo-kase-…``: 63 random bits."""
    return "-".join(_syllable() + _syllable() for _ in range(_GROUPS))


def sign_ins(secret_of: dict[str, str]) -> str:
    """One line for each member of staff: role, user name, password."""
    lines = [f"{'role':<18}{'user name':<14}password"]
    lines += [
        f"{member.role:<18}{member.username:<14}{secret_of[member.username]}"
        for member in staff.STAFF
    ]
    return "\n".join(lines) + "\n"


def _syllable() -> str:
    return secrets.choice(_CONSONANTS) + secrets.choice(_VOWELS)


def _require_empty(accounts_file: Path) -> None:
    if any(session.scalar(select(kind.id).limit(1)) for kind in (Facility, Account, Case)):
        raise AlreadyFilled(
            "This database is not empty: the demonstration is only loaded into a new one."
        )
    session.rollback()
    if accounts_file.exists():
        raise AlreadyFilled(f"{accounts_file} is there already; move it away first.")


def _found() -> Actor:
    facility_id = new_id()
    session.info[KEYRING].found_facility(facility_id)
    session.add(
        Facility(
            id=facility_id,
            facility_id=facility_id,
            name=staff.FACILITY_VI,
            superior="Sở Y tế (minh họa)",
            place="Vịnh Xanh",
            letter_mark="BVĐKVX-CTXH",
            phone="0500 000 000",  # 050 is no prefix of any network (domain §5.6)
            code_prefix="VX",
        )
    )
    session.flush()
    maker = system_actor(NAME, facility_id, "command")
    record(maker, Action.FACILITY_FOUNDED, subject_kind="facility", subject_id=facility_id)
    return maker


def _hire(maker: Actor, hashes: dict[str, str]) -> dict[str, UUID]:
    return {
        member.username: accounts.create_account(
            maker,
            username=member.username,
            display_name=member.display_name,
            roles=[Role(member.role)],
            department=staff.BY_CODE[member.department].vi,
            password_hash=hashes[member.username],
        ).id
        for member in staff.STAFF
    }


def _recipients(maker: Actor) -> dict[Recipient, UUID]:
    directory.seed(maker)
    ids = {entry.slug: entry.id for entry in directory.organisations(maker)}
    return {recipient: ids[recipient.value] for recipient in Recipient}


def _count(kind: type[Model]) -> int:
    return session.scalar(select(func.count()).select_from(kind)) or 0
