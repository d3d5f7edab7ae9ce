"""Finding a case by a number that belongs to one person: identity, insurance, passport, telephone.

A blind index is 64 bits in a column that an attacker may write to, so a hit is only a candidate:
the value itself is opened and compared before anybody is shown.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, or_, select, update

from casemgr.access import Actor, Compartment, Invalid, Permission
from casemgr.access.actor import system_actor
from casemgr.access.key_names import the_keyring
from casemgr.access.opening import apart, open_many
from casemgr.audit import Action, Outcome, record
from casemgr.cases.codes import codes_of
from casemgr.cases.models import CasePart, Identity, SafeContact
from casemgr.cases.reach import restricted
from casemgr.crypto.errors import SealBroken
from casemgr.crypto.names import fold
from casemgr.crypto.open_keys import OpenKeys
from casemgr.crypto.sealed import OPEN_KEYS, SealedRecord
from casemgr.db import session
from casemgr.work.outbox import enqueue

REINDEX = "number.reindex"
BATCH = 1000
FEWEST_DIGITS = 6  # of anybody's number; fewer would be guessing
_OLD = "old_"


class _Number(NamedTuple):
    """One sort of number: its field, its index, how it is spelt, and how older rows spelt it."""

    field: str
    label: str
    index: Any
    normalise: Callable[[str], str]
    formerly: Callable[[str], str]


class _Part:
    """A sealed part of a case, the numbers in it, and the one statement that asks for them."""

    def __init__(
        self,
        kind: type[Identity | SafeContact],
        sealed_record: SealedRecord,
        numbers: tuple[_Number, ...],
    ) -> None:
        self.kind, self.sealed_record, self.numbers = kind, sealed_record, numbers
        self.column: Any = getattr(kind, sealed_record.column)
        # Made once: composing a statement takes longer than its answer.
        self.question = self._question("")
        self.older_question = self._question("", _OLD)

    def _question(self, *spellings: str) -> Select[Any]:
        columns = self.kind.__table__.c
        having_it: list[ColumnElement[bool]] = [
            columns[number.index.key] == bindparam(spelling + number.field)
            for number in self.numbers
            for spelling in spellings
        ]
        in_facility = columns.facility_id == bindparam("facility_id")
        sealed = columns[self.sealed_record.column].label("sealed")
        return select(columns.id, columns.case_id, sealed).where(in_facility, or_(*having_it))


_IDENTITY = _Part(
    Identity,
    Identity.identity,
    (
        _Number(
            "national_id",
            "case_identity.national_id",
            Identity.national_id_index,
            fold.identifier,
            fold.digits,
        ),
        _Number(
            "insurance_number",
            "case_identity.insurance_number",
            Identity.insurance_number_index,
            fold.insurance,
            fold.digits,
        ),
    ),
)
_CONTACT = _Part(
    SafeContact,
    SafeContact.contact,
    (_Number("phone", "case_safe_contact.phone", SafeContact.phone_index, fold.phone, fold.phone),),
)


def by_number(
    actor: Actor,
    text: str,
    identities: AbstractSet[UUID] | None,
    contacts: AbstractSet[UUID] | None,
) -> list[UUID]:
    """Cases in reach that have this number. ``None`` for a reach that holds every case.

    What lies out of reach is not even opened to compare it.
    """
    if not any(char.isdigit() for char in text):
        return []
    return [
        *_bearers(actor, text, _IDENTITY, identities),
        *_bearers(actor, text, _CONTACT, contacts),
    ]


def codes_with(actor: Actor, text: str) -> list[str]:
    """The codes of the cases that have exactly this number, for a request about one's own rights.

    The asker opens nothing and learns nothing else: the system actor ``name-index`` compares, with
    an entry of its own. The number is kept nowhere; the entry says only that one was asked for.
    What is not found here: cases of another facility, and those whose part with the number is
    restricted. Raises Invalid("number", "too_short").
    """
    actor.require(Permission.CODE_LOOK_UP)
    if len(fold.digits(text)) < FEWEST_DIGITS:
        raise Invalid("number", "too_short")
    found = sorted(set(by_number(actor, text, None, None)))
    record(actor, Action.NUMBER_ASKED, subject_kind="search:number", shown=found, count=len(found))
    return sorted(codes_of(actor, found).values())


def _bearers(
    actor: Actor, text: str, part: _Part, reach: AbstractSet[UUID] | None
) -> Iterator[UUID]:
    candidates = _candidates(actor, text, part) if reach is None or reach else []
    compartment = Compartment(part.sealed_record.compartment)
    rows = _openable(candidates, compartment) if reach is None else candidates
    rows = [row for row in rows if reach is None or row.case_id in reach]
    if not rows:
        return
    checker = system_actor("name-index", actor.facility_id)
    case_ids = [row.case_id for row in rows]
    record(checker, Action.NUMBER_COMPARED, shown=case_ids, compartments=[compartment])
    with apart():
        open_many(checker, case_ids, [compartment])
        opened = [(row.case_id, _opened(checker, part, row)) for row in rows]
    for case_id, values in opened:
        if any(_is_same(number, values, text) for number in part.numbers):
            yield case_id


def _candidates(actor: Actor, text: str, part: _Part) -> Sequence[Any]:
    """Rows with such an index; those that are not reindexed yet have the older spelling's."""
    asked: dict[str, Any] = {"facility_id": actor.facility_id}
    older: dict[str, Any] = {}
    blind = the_keyring().blind_index
    for number in part.numbers:
        now, formerly = number.normalise(text), number.formerly(text)
        asked[number.field] = blind(actor.facility_id, number.label, now) if now else None
        if formerly not in {now, ""}:
            older[_OLD + number.field] = blind(actor.facility_id, number.label, formerly)
    ask = session.connection().execute  # no rows of the ORM: a third of the time of asking
    if not older:
        return ask(part.question, asked).all()
    missing = {_OLD + number.field: None for number in part.numbers}
    return ask(part.older_question, {**asked, **missing, **older}).all()


def _openable(rows: Sequence[Any], compartment: Compartment) -> Sequence[Any]:
    """Without those on which the compartment is restricted: it opens for nobody."""
    ids = [row.case_id for row in rows]
    query = restricted(compartment).where(CasePart.case_id.in_(ids))
    hidden = set(session.scalars(query)) if rows else set()
    return [row for row in rows if row.case_id not in hidden]


def _is_same(number: _Number, values: Mapping[str, Any], text: str) -> bool:
    borne = number.normalise(values.get(number.field) or "")
    return borne == number.normalise(text) != ""


def _opened(actor: Actor, part: _Part, row: Any) -> Mapping[str, Any]:
    """What the sealed record holds; one that cannot be opened has nobody's number."""
    keys: OpenKeys = session.info[OPEN_KEYS]
    try:
        return part.sealed_record.read(row.id, row.case_id, row.sealed, keys)
    except SealBroken:
        record(actor, Action.SEAL_BROKEN, outcome=Outcome.FAILED, case_id=row.case_id)
        return {}


def reindex(actor: Actor, after: UUID) -> None:
    """Compute the indexes of a batch of identities anew, after the rules of spelling changed.

    The job's reference is the last row done, so each batch asks for the next. A row that somebody
    changed meanwhile has the new index already and is left alone.
    """
    query = select(Identity.id, Identity.case_id, _IDENTITY.column.label("sealed")).where(
        Identity.facility_id == actor.facility_id,
        Identity.id > after,
        _IDENTITY.column.is_not(None),
    )
    rows = session.execute(query.order_by(Identity.id).limit(BATCH)).all()
    if not rows:
        return
    record(actor, Action.NUMBERS_REINDEXED, count=len(rows))
    with apart():
        open_many(actor, [row.case_id for row in rows], [Compartment.IDENTITY])
        opened = [(row, _opened(actor, _IDENTITY, row)) for row in rows]
    for row, values in opened:
        if values:
            _write_indexes(actor, row, values)
    enqueue(actor, REINDEX, rows[-1].id)


def _write_indexes(actor: Actor, row: Any, values: Mapping[str, Any]) -> None:
    indexes, blind = {}, the_keyring().blind_index
    for number in _IDENTITY.numbers:
        spelt = number.normalise(values.get(number.field) or "")
        index = blind(actor.facility_id, number.label, spelt) if spelt else None
        indexes[number.index.key] = index
    session.execute(
        update(Identity)
        .where(Identity.id == row.id, _IDENTITY.column == row.sealed)
        .values(indexes)
        .execution_options(synchronize_session=False)
    )


HANDLERS = {REINDEX: reindex}
