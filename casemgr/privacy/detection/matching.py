"""Facts about people, opened in memory by the system actor ``detection``, compared and forgotten.

Its entry names the cases that were opened, never what matched. Nothing of it is stored: not as a
hash beside a row either (design §4).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, select

from casemgr.access import Actor, Compartment
from casemgr.access.actor import system_actor
from casemgr.access.opening import apart, open_many
from casemgr.audit import Action, Outcome, record
from casemgr.cases.models import Episode, Identity, SafeContact
from casemgr.cases.reach import restricted
from casemgr.crypto.errors import SealBroken
from casemgr.crypto.partial_date import PartialDate
from casemgr.crypto.sealed import OPEN_KEYS, SealedRecord
from casemgr.db import session
from casemgr.privacy.detection.models import StaffFacts
from casemgr.privacy.detection.rules.people import Person, names_in, person

NAME: Final = "detection"
BATCH: Final = 500
_TELLING: Final = ("place", "own_words", "staff_view", "who_may_answer")


def people_of(actor: Actor, case_ids: Collection[UUID]) -> dict[UUID, Person]:
    """Who the cases are about, as far as it can be compared; one entry with their ids."""
    found: dict[UUID, Person] = {}
    parts = [Compartment.IDENTITY, Compartment.CONTACT]
    for batch in _batches(actor, case_ids, parts):
        with apart():
            open_many(_detection(actor), batch, parts)
            who = dict(_opened(actor, Identity, Identity.identity, batch))
            contact = dict(_opened(actor, SafeContact, SafeContact.contact, batch))
        for case_id in batch:
            found[case_id] = _person(who.get(case_id, {}), contact.get(case_id, {}))
    return found


def staff_named(
    actor: Actor, case_ids: Collection[UUID], staff: Mapping[UUID, Person]
) -> dict[UUID, frozenset[UUID]]:
    """Which colleagues are named by their whole name where the case tells what happened."""
    found: dict[UUID, frozenset[UUID]] = {}
    parts = [Compartment.EPISODE, Compartment.CONTACT]
    for batch in _batches(actor, case_ids, parts):
        with apart():
            open_many(_detection(actor), batch, parts)
            told = list(_opened(actor, Episode, Episode.episode, batch))
            told += list(_opened(actor, SafeContact, SafeContact.contact, batch))
        for case_id, values in told:
            text = " . ".join(str(values.get(field) or "") for field in _TELLING)
            named = {one for one, who in staff.items() if names_in(text, who.names)}
            if named:
                found[case_id] = found.get(case_id, frozenset()) | named
    return found


def staff_facts(actor: Actor) -> dict[UUID, Mapping[str, Any]]:
    """What is known of colleagues beside their account; one entry."""
    query = select(StaffFacts.account_id).where(StaffFacts.facility_id == actor.facility_id)
    ids = list(session.scalars(query))
    if not ids:
        return {}
    record(
        _detection(actor),
        Action.STAFF_COMPARED,
        count=len(ids),
        compartments=[Compartment.IDENTITY],
    )
    found: dict[UUID, Mapping[str, Any]] = {}
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        with apart():
            open_many(_detection(actor), batch, [Compartment.IDENTITY])
            found |= dict(_opened(actor, StaffFacts, StaffFacts.facts, batch))
    return found


def _batches(
    actor: Actor, case_ids: Iterable[UUID], parts: Collection[Compartment]
) -> Iterator[list[UUID]]:
    """The cases that may be opened, each batch with its entry; what is restricted stays closed."""
    ids = sorted(case_ids)
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        hidden: set[UUID] = set()
        for part in parts:
            hidden |= set(session.scalars(_among(restricted(part), batch)))
        kept = [case_id for case_id in batch if case_id not in hidden]
        if kept:
            record(_detection(actor), Action.PEOPLE_COMPARED, shown=kept, compartments=parts)
            yield kept


def _among(query: Select[UUID], case_ids: list[UUID]) -> Select[UUID]:
    (column,) = query.selected_columns
    return query.where(column.in_(case_ids))


def _opened(
    actor: Actor, kind: Any, sealed: SealedRecord, owners: list[UUID]
) -> Iterator[tuple[UUID, Mapping[str, Any]]]:
    """Columns rather than rows: nothing opened here stays in the session."""
    owner, column = getattr(kind, kind.__key_owner__), getattr(kind, sealed.column)
    rows = session.execute(
        select(kind.id, owner.label("owner"), column.label("sealed")).where(owner.in_(owners))
    )
    for row in rows.all():
        try:
            yield row.owner, sealed.read(row.id, row.owner, row.sealed, session.info[OPEN_KEYS])
        except SealBroken:
            on_case = None if kind is StaffFacts else row.owner
            record(_detection(actor), Action.SEAL_BROKEN, outcome=Outcome.FAILED, case_id=on_case)


def _person(who: Mapping[str, Any], contact: Mapping[str, Any]) -> Person:
    return person(
        [who.get("full_name"), *who.get("other_names", ())],
        national_id=who.get("national_id"),
        insurance=who.get("insurance_number"),
        phones=[contact.get("phone")],
        address=who.get("address"),
        born_on=day_of(who.get("born_on")),
    )


def day_of(written: str | None) -> date | None:
    """A day as sealed records write it; None where only the month or the year is known."""
    known = PartialDate.parse(written) if written else None
    return known.latest() if known is not None and known.day is not None else None


def _detection(actor: Actor) -> Actor:
    return system_actor(NAME, actor.facility_id)
