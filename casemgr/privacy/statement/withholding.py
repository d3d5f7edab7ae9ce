"""What no statement tells until a day: recorded by the officer on a ground that is law (I9)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Select, select

from casemgr import clock
from casemgr.access import Actor, Compartment, Conflict, Invalid, NotFound, Permission, Purpose
from casemgr.access.opening import open_keys, open_many
from casemgr.audit import Action, record
from casemgr.cases import codes, disclosing
from casemgr.cases.models import Case
from casemgr.db import new_id, session
from casemgr.privacy.statement.models import WithheldDisclosure
from casemgr.privacy.statement.rules import FILE, Withholding, grounds_on

OVERSIGHT = frozenset({Compartment.OVERSIGHT})
LISTED = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the officer asks to keep from statements, and why."""

    ground: str
    reference: str
    starts_on: date
    ends_on: date
    sent_on: date | None = None  # what left on this day
    parts: Collection[Compartment] = ()


def withhold(actor: Actor, code: str, wanted: Wanted) -> WithheldDisclosure:
    """Keep something from statements until a day.

    Raises Invalid on ``case_code`` (unknown_code), ``ground`` (not_in_force), ``ends_on``
    (ends_early), ``sent_on`` (nothing_sent) or ``parts`` (nothing_named).
    """
    actor.require(Permission.STATEMENT_PRINT)
    found = codes.with_code(actor, code)
    if found is None:
        raise Invalid("case_code", "unknown_code")
    case = session.get_one(Case, found.id)
    records = _checked(case, wanted)
    row = WithheldDisclosure(
        id=new_id(),
        facility_id=actor.facility_id,
        case_id=case.id,
        recorded_by=actor.known_id,
        recorded_at=clock.now(),
    )
    _open(actor, row, Action.DISCLOSURE_WITHHELD)
    session.add(row)
    row.ground, row.reference = wanted.ground, wanted.reference
    row.starts_on, row.ends_on = wanted.starts_on, wanted.ends_on
    row.records = sorted(str(record) for record in records)
    row.parts = sorted(str(part) for part in wanted.parts)
    session.flush()
    return row


def _checked(case: Case, wanted: Wanted) -> set[UUID]:
    """The records of what was sent on the day that is named. Raises Invalid."""
    if wanted.ground not in {ground.name for ground in grounds_on(wanted.starts_on)}:
        raise Invalid("ground", "not_in_force")
    if wanted.ends_on < max(wanted.starts_on, clock.today()):
        raise Invalid("ends_on", "ends_early")
    if wanted.sent_on is None and not set(wanted.parts) & set(FILE):
        raise Invalid("parts", "nothing_named")
    records = {
        record
        for teller in disclosing.tellers
        for sent in teller.sent(case)
        if clock.to_local(sent.sent_at).date() == wanted.sent_on
        for record in sent.records
    }
    if wanted.sent_on is not None and not records:
        raise Invalid("sent_on", "nothing_sent")
    return records


def lift(actor: Actor, withheld_id: UUID, version: int) -> None:
    """Statements tell it again from now on. Raises NotFound, Conflict, Denied."""
    actor.require(Permission.STATEMENT_PRINT)
    row = session.get(WithheldDisclosure, withheld_id)
    if row is None or row.facility_id != actor.facility_id:
        raise NotFound(withheld_id)
    if row.version != version or row.lifted_at is not None:
        raise Conflict(withheld_id)
    record(
        actor,
        Action.WITHHOLDING_LIFTED,
        case_id=row.case_id,
        subject_kind="withheld_disclosure",
        subject_id=row.id,
    )
    row.lifted_by, row.lifted_at = actor.known_id, clock.now()
    session.flush()


def list_withheld(actor: Actor) -> list[tuple[WithheldDisclosure, str]]:
    """What is withheld and was not lifted, with the code of its case; opened, one entry."""
    actor.require(Permission.STATEMENT_PRINT)
    query = _standing(actor).order_by(WithheldDisclosure.recorded_at.desc()).limit(LISTED)
    rows = session.scalars(query).all()
    shown = {row.case_id for row in rows}
    record(
        actor,
        Action.WITHHOLDINGS_LISTED,
        compartments=OVERSIGHT,
        purpose=Purpose.OVERSIGHT,
        shown=shown,
        count=len(rows),
    )
    open_many(actor, [row.id for row in rows], OVERSIGHT)
    known = codes.codes_of(actor, shown)
    return [(row, known.get(row.case_id, "")) for row in rows]


def standing_today(actor: Actor, case_id: UUID) -> Sequence[Withholding]:
    """What counts for this case today, opened under the statement's own entry.

    Raises SealBroken: then no statement is made, rather than one that tells too much.
    """
    actor.require(Permission.STATEMENT_PRINT)
    rows = session.scalars(_standing(actor).where(WithheldDisclosure.case_id == case_id)).all()
    open_many(actor, [row.id for row in rows], OVERSIGHT)
    opened = [
        Withholding(row.starts_on, row.ends_on, tuple(row.records or ()), tuple(row.parts or ()))
        for row in rows
        if row.starts_on and row.ends_on
    ]
    return [each for each in opened if each.counts_on(clock.today())]


def _standing(actor: Actor) -> Select[WithheldDisclosure]:
    return select(WithheldDisclosure).where(
        WithheldDisclosure.facility_id == actor.facility_id,
        WithheldDisclosure.lifted_at.is_(None),
    )


def _open(actor: Actor, row: WithheldDisclosure, action: Action) -> None:
    open_keys(
        actor,
        row.id,
        OVERSIGHT,
        purpose=Purpose.OVERSIGHT,
        case_id=row.case_id,
        action=action,
    )
