"""The index of names and facets of each facility, in each process, caught up before every answer.

In memory up to a setting of people, packed and sealed in the main database above it. Either is made
from the sealed values by the system actor ``name-index`` and read forward from ``index_change``.
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, TypeAlias, TypeVar
from uuid import UUID

from sqlalchemy import and_, event, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, SessionTransaction

from casemgr.access import Actor, Compartment
from casemgr.access.actor import system_actor
from casemgr.access.opening import apart, open_many
from casemgr.audit import Action, Outcome, record
from casemgr.cases import packed
from casemgr.cases.changes import changed, horizon
from casemgr.cases.facets import facets_of
from casemgr.cases.models import Case, Identity, IndexChange
from casemgr.cases.reach import restricted
from casemgr.crypto.errors import SealBroken
from casemgr.crypto.names.name_index import NameIndex
from casemgr.crypto.names.packed_index import PackedIndex
from casemgr.crypto.open_keys import OpenKeys
from casemgr.crypto.sealed import OPEN_KEYS
from casemgr.db import session
from casemgr.db.session import PROCESS

IDLE_SECONDS = 5.0
BATCH = 2000
_UNCOMMITTED = "indexes_read_in_this_transaction"

Names: TypeAlias = NameIndex | PackedIndex
T = TypeVar("T")


class Taking(Protocol):
    """What names can be read into."""

    def put(self, doc_id: UUID, name_strings: Iterable[str], facets: Iterable[str] = ()) -> None:
        """Set the names and facets of a case."""

    def remove(self, doc_id: UUID) -> None:
        """Take a case out."""


class CaseIndex:
    """The names and facets of one facility, in this process, and how far they are caught up."""

    def __init__(self) -> None:
        self.lock = threading.Lock()  # an older reading must not overwrite a newer one
        self.names: Names = NameIndex()
        self.epoch_id: UUID | None = None
        self.caught_up_to: int | None = None

    def forget(self) -> None:
        """Empty it; the next answer builds it anew."""
        with self.lock:
            self.follow(None, NameIndex())

    def follow(self, epoch_id: UUID | None, names: Names) -> None:
        """Answer from another epoch, or from memory alone. The caller holds the lock."""
        self.names.clear()
        self.names, self.epoch_id, self.caught_up_to = names, epoch_id, None


def answer(facility_id: UUID, ask: Callable[[Names], T]) -> T:
    """Ask the index of a facility, caught up to what is committed.

    A packed index that is not as it was sealed is given up: the answer comes from memory, which is
    read from the sealed records, and the worker packs a new one. Nobody is silently left out.
    """
    index = _index_of(facility_id)
    try:
        return ask(caught_up(facility_id).names)
    except SealBroken:
        packed.give_up(facility_id, index.epoch_id)
        index.forget()
        return ask(caught_up(facility_id).names)


def with_facets(actor: Actor, terms: Iterable[str]) -> set[UUID]:
    """Cases with all of these facts, such as "group:P2"; the caller intersects with the reach."""
    asked = tuple(terms)
    return answer(actor.facility_id, lambda names: names.with_facets(asked))


def caught_up(facility_id: UUID) -> CaseIndex:
    """The process's index of a facility, read forward to what has been committed."""
    index = _index_of(facility_id)
    session.flush()
    session.connection()  # the transaction first, then the lock: everywhere in this order
    with index.lock:
        _follow_epoch(index, facility_id)
        _read_forward(index, facility_id)
    return index


def catch_up_all() -> None:
    """What an idle process does every few seconds; a database that is away is tried again."""
    try:
        for facility_id in session.scalars(select(Case.facility_id).distinct()).all():
            answer(facility_id, len)
        session.commit()
    except SQLAlchemyError:
        session.rollback()


def _index_of(facility_id: UUID) -> CaseIndex:
    indexes: dict[UUID, CaseIndex] = session.info[PROCESS].setdefault("case_indexes", {})
    return indexes.setdefault(facility_id, CaseIndex())


def _forget_unless_committed(session: Session, transaction: SessionTransaction) -> None:
    """What was read in a transaction that failed leaves memory: its entry is gone too (I1)."""
    if transaction.parent is None:
        for index in session.info.pop(_UNCOMMITTED, ()):
            index.forget()


event.listen(Session, "after_commit", lambda session: session.info.pop(_UNCOMMITTED, None))
event.listen(Session, "after_transaction_end", _forget_unless_committed)


def _follow_epoch(index: CaseIndex, facility_id: UUID) -> None:
    """Change to the epoch that the worker switched to, or back to memory when there is none."""
    current = packed.current(facility_id)
    if current == index.epoch_id:
        return
    _note_uncommitted(index)
    names = packed.open_epoch(facility_id, current) if current else None
    if names is None:
        index.follow(None, NameIndex())
    else:
        index.follow(current, names)


def _read_forward(index: CaseIndex, facility_id: UUID) -> None:
    reached = horizon()
    action = Action.NAME_INDEX_UPDATED
    if index.caught_up_to is not None:
        affected = changed(facility_id, IndexChange.transaction >= index.caught_up_to)
    elif index.epoch_id is not None:
        affected = changed(facility_id, packed.changed_since(index.epoch_id))
    else:
        affected = set(session.scalars(select(Case.id).where(Case.facility_id == facility_id)))
        action = Action.NAME_INDEX_BUILT
    if affected:
        _note_uncommitted(index)
        actor = system_actor("name-index", facility_id)
        record(actor, action, count=len(affected))
        read_into(actor, index.names, sorted(affected))
    index.caught_up_to = reached


def _note_uncommitted(index: CaseIndex) -> None:
    session.info.setdefault(_UNCOMMITTED, []).append(index)


def read_into(actor: Actor, names: Taking, case_ids: list[UUID]) -> None:
    """Read the names and facets of these cases; the caller has recorded the entry (I1)."""
    for start in range(0, len(case_ids), BATCH):
        batch = case_ids[start : start + BATCH]
        with apart():
            open_many(actor, batch, [Compartment.IDENTITY, Compartment.SOCIAL])
            _read_batch(actor, names, batch)


def _read_batch(actor: Actor, names: Taking, case_ids: list[UUID]) -> None:
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
            who: Mapping[str, Any] = {}
            if identity_id is not None:
                who = Identity.identity.read(identity_id, case_id, identity_sealed, keys)
        except SealBroken:  # one broken seal must not take search from everybody
            names.remove(case_id)
            record(actor, Action.SEAL_BROKEN, outcome=Outcome.FAILED, case_id=case_id)
            continue
        spoken = [who.get("full_name") or "", *who.get("other_names", ())]
        names.put(case_id, [name for name in spoken if name], facets_of(intake, who))
    for case_id in missing:
        names.remove(case_id)
