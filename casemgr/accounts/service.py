"""Signing in and out, and who an account is when it acts."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, select

from casemgr import clock
from casemgr.access import Actor, NotFound, Role
from casemgr.accounts import rules
from casemgr.accounts.models import Account
from casemgr.audit import Action, AuditEntry, Outcome, record
from casemgr.db import session
from casemgr.db.session import PROCESS

DEPUTY_OFFICER = "deputy_officer"  # in what a process keeps: the username in the settings


@dataclass(frozen=True, slots=True)
class Credentials:
    """What must be compared outside the transaction."""

    account_id: UUID | None
    password_hash: str | None


@dataclass(frozen=True, slots=True)
class Colleague:
    """How an account appears to other staff."""

    id: UUID
    display_name: str
    department: str
    roles: frozenset[Role]


def credentials_of(actor: Actor, username: str) -> Credentials:
    """What to compare for a typed name; nothing for an unknown, disabled or locked one."""
    account = session.scalar(
        select(Account).where(
            Account.facility_id == actor.facility_id, Account.username == username.strip().lower()
        )
    )
    if account is None or not account.is_enabled or _is_locked(account):
        return Credentials(account.id if account else None, None)
    return Credentials(account.id, account.password_hash)


def note_sign_in(actor: Actor, credentials: Credentials, *, fits: bool) -> Account | None:
    """Count the attempt and record it. Returns the account when it may come in.

    The typed name is stored nowhere; people type passwords into that field.
    """
    account = _for_counting(credentials.account_id)
    is_open = account is not None and account.is_enabled and not _is_locked(account)
    if account is None or not is_open or not fits or credentials.password_hash is None:
        if account is not None and is_open:
            before = (
                0 if account.locked_until else account.failed_attempts
            )  # a past lock counts anew
            account.failed_attempts = before + 1
            account.locked_until = rules.locked_until(account.failed_attempts, clock.now())
        record(
            actor,
            Action.SIGN_IN_REFUSED,
            outcome=Outcome.REFUSED,
            subject_kind="account",
            subject_id=account.id if account else None,
        )
        return None
    account.failed_attempts, account.locked_until = 0, None
    record(actor_of(account, actor), Action.SIGNED_IN)
    return account


def is_demonstration(facility_id: UUID) -> bool:
    """Whether the invented hospital was ever loaded into this database."""
    query = select(AuditEntry.id).where(
        AuditEntry.facility_id == facility_id, AuditEntry.action == Action.DEMONSTRATION_LOADED
    )
    return session.scalar(query.limit(1)) is not None


def note_sign_out(actor: Actor) -> None:
    """Record that somebody signed out."""
    record(actor, Action.SIGNED_OUT)


def create_account(
    actor: Actor,
    *,
    username: str,
    display_name: str,
    roles: Iterable[Role],
    department: str,
    password_hash: str,
) -> Account:
    """Add an account. For the command line and the demonstration; the desk comes later."""
    account = Account(
        facility_id=actor.facility_id,
        username=username,
        display_name=display_name,
        role_names=" ".join(sorted(roles)),
        department=department,
        password_hash=password_hash,
    )
    session.add(account)
    record(actor, Action.ACCOUNT_CREATED, subject_kind="account", subject_id=account.id)
    return account


def actor_of(account: Account, made_by: Actor) -> Actor:
    """The actor that an account is in this request."""
    return Actor(
        facility_id=account.facility_id,
        account_id=account.id,
        roles=account.roles,
        display_name=account.display_name,
        department=account.department,
        channel=made_by.channel,
        session_ref=made_by.session_ref,
        address=made_by.address,
        request_id=made_by.request_id,
        is_deputy_officer=account.username == _deputy_name() != "",
    )


def deputy_officer(actor: Actor) -> UUID | None:
    """The account that the settings name as deputy of the privacy officer, if it can sign in."""
    return session.scalar(
        select(Account.id).where(
            Account.facility_id == actor.facility_id,
            Account.username == _deputy_name(),
            Account.is_enabled.is_(True),
        )
    )


def colleague(actor: Actor, account_id: UUID) -> Colleague:
    """Another member of staff. Raises NotFound outside the facility."""
    account = session.get(Account, account_id)
    if account is None or account.facility_id != actor.facility_id:
        raise NotFound(account_id)
    return _as_colleague(account)


def colleagues(actor: Actor, role: Role | None = None) -> list[Colleague]:
    """Enabled staff of the facility, by name; all of one role when it is given."""
    query = select(Account).where(
        Account.facility_id == actor.facility_id, Account.is_enabled.is_(True)
    )
    staff = [_as_colleague(account) for account in session.scalars(query)]
    return sorted(
        (person for person in staff if role is None or role in person.roles),
        key=lambda person: person.display_name.split()[::-1],  # Vietnamese sort: given name first
    )


def all_staff(actor: Actor) -> list[Colleague]:
    """All who have or had an account, enabled or not: for what compares them with the log."""
    query = select(Account).where(Account.facility_id == actor.facility_id)
    return [_as_colleague(account) for account in session.scalars(query.order_by(Account.id))]


def ids_by_username(actor: Actor) -> dict[str, UUID]:
    """Accounts by the name that they sign in with: for lists of the personnel office."""
    query = select(Account.username, Account.id).where(Account.facility_id == actor.facility_id)
    return {row.username: row.id for row in session.execute(query)}


def everybody(actor: Actor) -> list[tuple[UUID, str]]:
    """Id and name of all who have or had an account, by given name: the log outlives accounts."""
    rows = session.execute(
        select(Account.id, Account.display_name).where(Account.facility_id == actor.facility_id)
    )
    return sorted(
        ((row.id, row.display_name) for row in rows), key=lambda row: row[1].split()[::-1]
    )


def everybody_with_roles(actor: Actor) -> list[Colleague]:
    """All who have or had an account, with department and roles as they are today."""
    query = select(Account).where(Account.facility_id == actor.facility_id)
    return [_as_colleague(account) for account in session.scalars(query)]


def ids_in_department(actor: Actor, department: str) -> Select[UUID]:
    """The question for all who have or had an account there, as it is today."""
    return select(Account.id).where(
        Account.facility_id == actor.facility_id, Account.department == department
    )


def names_of(actor: Actor, account_ids: Iterable[UUID | None]) -> dict[UUID | None, str]:
    """Display names by account id, for lists."""
    wanted = {item for item in account_ids if item is not None}
    query = select(Account.id, Account.display_name).where(
        Account.facility_id == actor.facility_id, Account.id.in_(wanted)
    )
    return {row.id: row.display_name for row in session.execute(query)}


def _deputy_name() -> str:
    name: str = session.info[PROCESS].get(DEPUTY_OFFICER, "")
    return name


def colleagues_of(actor: Actor, account_ids: Iterable[UUID]) -> dict[UUID, Colleague]:
    """How accounts appear, by id, disabled ones too: the log outlives them."""
    query = select(Account).where(
        Account.facility_id == actor.facility_id, Account.id.in_(set(account_ids))
    )
    return {account.id: _as_colleague(account) for account in session.scalars(query)}


def _for_counting(account_id: UUID | None) -> Account | None:
    """The account as it is now, locked: parallel guesses are counted one by one."""
    if account_id is None:
        return None
    return session.get(Account, account_id, with_for_update=True, populate_existing=True)


def _is_locked(account: Account) -> bool:
    return account.locked_until is not None and account.locked_until > clock.now()


def _as_colleague(account: Account) -> Colleague:
    return Colleague(account.id, account.display_name, account.department, account.roles)
