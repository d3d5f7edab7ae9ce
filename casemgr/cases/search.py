"""Finding a case: names and facets in memory, identifiers by blind index (design §4).

The index of names lives in each process only. It is built from the sealed values by the system
actor ``name-index`` and caught up before every answer from the table ``index_change``.
"""

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import BigInteger, String, and_, cast, event, func, or_, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, SessionTransaction
from sqlalchemy.sql.elements import ColumnElement

from casemgr.access import Actor, Compartment, Permission
from casemgr.access.actor import system_actor
from casemgr.access.opening import apart, open_many
from casemgr.audit import Action, Outcome, record
from casemgr.cases.models import Case, Identity, IndexChange, SafeContact
from casemgr.cases.reach import restricted
from casemgr.crypto import fold
from casemgr.crypto.errors import SealBroken
from casemgr.crypto.keyring import Keyring, OpenKeys
from casemgr.crypto.name_index import NameIndex
from casemgr.crypto.sealed import KEYRING, OPEN_KEYS
from casemgr.db import session
from casemgr.db.session import PROCESS

RESULTS = 50
IDLE_SECONDS = 5.0
BATCH = 2000
_UNCOMMITTED = "indexes_read_in_this_transaction"


class CaseIndex:
    """The names and facets of one facility, in this process, and how far they are caught up."""

    def __init__(self) -> None:
        self.names = NameIndex()
        self.caught_up_to: int | None = None
        self.lock = threading.Lock()  # an older reading must not overwrite a newer one

    def forget(self) -> None:
        """Empty it; the next answer builds it anew."""
        with self.lock:
            self.names.clear()
            self.caught_up_to = None


@dataclass(frozen=True, slots=True)
class Reach:
    """From which cases a search may answer: by code, by what is in IDENTITY, by what in CONTACT."""

    cases: frozenset[UUID]
    identities: frozenset[UUID]
    contacts: frozenset[UUID]


def search(actor: Actor, text: str, reach: Reach) -> list[UUID]:
    """Cases in ``reach`` whose person is called like ``text``, or has it as a unique number.

    Words in any order, with or without diacritics; or an identity, insurance or telephone number,
    or a case code. The text is neither stored nor logged; hits elsewhere are not even counted.
    """
    actor.require(Permission.CASE_SEARCH)
    found = [case_id for case_id in _by_code(actor, text) if case_id in reach.cases]
    found += _by_number(actor, text, reach)
    if reach.identities:
        index = caught_up(actor.facility_id)
        hits = index.names.search(text, within=reach.identities, limit=RESULTS)
        found += [hit.doc_id for hit in hits]
    shown = list(dict.fromkeys(found))[:RESULTS]
    record(actor, Action.CASES_SEARCHED, shown=shown, count=len(shown))
    return shown


def with_facets(actor: Actor, terms: Iterable[str]) -> set[UUID]:
    """Cases with all of these facts, such as "group:P2"; the caller intersects with the reach."""
    return caught_up(actor.facility_id).names.with_facets(terms)


def note_change(actor: Actor, case_id: UUID) -> None:
    """Say, in the transaction of the change, that this case's searchable facts changed."""
    session.add(
        IndexChange(facility_id=actor.facility_id, case_id=case_id, transaction=_this_transaction())
    )


def caught_up(facility_id: UUID) -> CaseIndex:
    """The process's index of a facility, read forward to what has been committed."""
    indexes: dict[UUID, CaseIndex] = session.info[PROCESS].setdefault("case_indexes", {})
    index = indexes.setdefault(facility_id, CaseIndex())
    session.flush()
    session.connection()  # the transaction first, then the lock: everywhere in this order
    with index.lock:
        _read_forward(index, facility_id)
    return index


def _forget_unless_committed(session: Session, transaction: SessionTransaction) -> None:
    """What was read in a transaction that failed leaves memory: its entry is gone too (I1)."""
    if transaction.parent is None:
        for index in session.info.pop(_UNCOMMITTED, ()):
            index.forget()


event.listen(Session, "after_commit", lambda session: session.info.pop(_UNCOMMITTED, None))
event.listen(Session, "after_transaction_end", _forget_unless_committed)


def _read_forward(index: CaseIndex, facility_id: UUID) -> None:
    horizon = _horizon()
    if index.caught_up_to is None:
        changed = set(session.scalars(select(Case.id).where(Case.facility_id == facility_id)))
        action = Action.NAME_INDEX_BUILT
    else:
        newer = select(IndexChange.case_id).where(
            IndexChange.facility_id == facility_id, IndexChange.transaction >= index.caught_up_to
        )
        changed = set(session.scalars(newer))
        action = Action.NAME_INDEX_UPDATED
    if changed:
        session.info.setdefault(_UNCOMMITTED, []).append(index)
        _read_into(index.names, facility_id, sorted(changed), action)
    index.caught_up_to = horizon


def catch_up_all() -> None:
    """What an idle process does every few seconds; a database that is away is tried again."""
    try:
        for facility_id in session.scalars(select(Case.facility_id).distinct()).all():
            caught_up(facility_id)
        session.commit()
    except SQLAlchemyError:
        session.rollback()


def _read_into(names: NameIndex, facility_id: UUID, case_ids: list[UUID], action: Action) -> None:
    actor = system_actor("name-index", facility_id)
    record(actor, action, count=len(case_ids))
    for start in range(0, len(case_ids), BATCH):
        batch = case_ids[start : start + BATCH]
        with apart():
            open_many(actor, batch, [Compartment.IDENTITY, Compartment.SOCIAL])
            _read_batch(actor, names, batch)


def _read_batch(actor: Actor, names: NameIndex, case_ids: list[UUID]) -> None:
    """Open columns rather than rows: nothing opened here stays in the session."""
    keys: OpenKeys = session.info[OPEN_KEYS]
    hidden = restricted(Compartment.IDENTITY)
    rows = session.execute(
        select(Case.id, Case.intake_sealed, Identity.id, Identity.identity_sealed)  # type: ignore[attr-defined]
        .outerjoin(Identity, and_(Identity.case_id == Case.id, Case.id.not_in(hidden)))
        .where(Case.id.in_(case_ids))
    )
    missing = set(case_ids)
    for case_id, intake_sealed, identity_id, identity_sealed in rows:
        missing.discard(case_id)
        try:
            intake = Case.intake.read(case_id, case_id, intake_sealed, keys)
            who = {}
            if identity_id is not None:
                who = Identity.identity.read(identity_id, case_id, identity_sealed, keys)
        except SealBroken:  # one broken seal must not take search from everybody
            names.remove(case_id)
            record(actor, Action.SEAL_BROKEN, outcome=Outcome.FAILED, case_id=case_id)
            continue
        spoken = [who.get("full_name") or "", *who.get("other_names", ())]
        names.put(case_id, [name for name in spoken if name], _facets(intake, who))
    for case_id in missing:
        names.remove(case_id)


def _facets(intake: dict[str, str], who: dict[str, str]) -> list[str]:
    facts = {
        "group": intake.get("group"),
        "source": intake.get("source"),
        "sex": who.get("sex"),
        "born": (who.get("born_on") or "")[:4],
    }
    return [f"{name}:{value}" for name, value in facts.items() if value]


def _by_code(actor: Actor, text: str) -> list[UUID]:
    code = text.strip().upper()
    query = select(Case.id).where(Case.facility_id == actor.facility_id, Case.code == code)
    return list(session.scalars(query))


def _by_number(actor: Actor, text: str, reach: Reach) -> list[UUID]:
    """Blind-index hits for an identity, insurance or telephone number."""
    found: list[UUID] = []
    if (number := fold.digits(text)) and reach.identities:
        national = _blind(actor, "case_identity.national_id", number)
        insurance = _blind(actor, "case_identity.insurance_number", number)
        query = select(Identity.case_id).where(
            Identity.facility_id == actor.facility_id,
            or_(
                Identity.national_id_index == national, Identity.insurance_number_index == insurance
            ),
        )
        found += [case_id for case_id in session.scalars(query) if case_id in reach.identities]
    if (telephone := fold.phone(text)) and reach.contacts:
        query = select(SafeContact.case_id).where(
            SafeContact.facility_id == actor.facility_id,
            SafeContact.phone_index == _blind(actor, "case_safe_contact.phone", telephone),
        )
        found += [case_id for case_id in session.scalars(query) if case_id in reach.contacts]
    return found


def _blind(actor: Actor, field: str, text: str) -> int:
    keyring: Keyring = session.info[KEYRING]
    return keyring.blind_index(actor.facility_id, field, text)


def _this_transaction() -> ColumnElement[int]:
    """The number of the running transaction; on SQLite, whose writers queue, the next one."""
    if session.get_bind().dialect.name == "postgresql":
        return cast(cast(func.pg_current_xact_id(), String), BigInteger)
    newest = select(func.coalesce(func.max(IndexChange.transaction), 0) + 1)
    return newest.scalar_subquery()


def _horizon() -> int:
    """The number below which every transaction has ended.

    Never "greater than the last one seen": a lower number can commit later.
    """
    if session.get_bind().dialect.name == "postgresql":
        snapshot = func.pg_snapshot_xmin(func.pg_current_snapshot())
        return session.scalar(select(cast(cast(snapshot, String), BigInteger))) or 0
    return session.scalar(select(func.coalesce(func.max(IndexChange.transaction), 0) + 1)) or 0
