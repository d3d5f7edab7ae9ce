"""Writing in a case: identity, safe contact, status, notes, the clinical record, closing.

Every function opens exactly the compartment that it writes, refuses while there is no consent or
ground (R4a), and leaves its own entry.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from casemgr import clock
from casemgr.access import (
    Actor,
    Compartment,
    Conflict,
    Denied,
    Invalid,
    NotFound,
    Permission,
    Purpose,
)
from casemgr.audit import Action, record
from casemgr.cases import rules, search, service
from casemgr.cases.consenting import require_record
from casemgr.cases.models import Case, ClinicalEntry, Episode, Identity, Note, SafeContact
from casemgr.cases.rules import CaseState, Group
from casemgr.crypto.at_once import open_all
from casemgr.crypto.partial_date import PartialDate
from casemgr.db import session

Part = TypeVar("Part", bound=Identity | SafeContact | Episode)
Entry = TypeVar("Entry", Note, ClinicalEntry)
_COMPARTMENT = {
    Identity: Compartment.IDENTITY,
    SafeContact: Compartment.CONTACT,
    Episode: Compartment.EPISODE,
}
_ACTION = {
    Identity: Action.IDENTITY_RECORDED,
    SafeContact: Action.CONTACT_RECORDED,
    Episode: Action.SOCIAL_RECORDED,
}


def open_part(actor: Actor, case: Case, kind: type[Part], purpose: Purpose) -> Part | None:
    """One part of a case, opened and on record; None where nothing was written yet."""
    service.open_parts(actor, case, {_COMPARTMENT[kind]}, purpose)
    return session.scalar(select(kind).where(kind.case_id == case.id))


def version_of(case: Case, kind: type[Part]) -> int | None:
    """The version of a part without opening it; None where nothing was written yet."""
    return session.scalar(select(kind.version).where(kind.case_id == case.id))


def record_part(
    actor: Actor, case_id: UUID, kind: type[Part], version: int | None, values: Mapping[str, Any]
) -> Part:
    """Write a part of the case. ``version`` is the one that the form was filled on, or None.

    Raises Conflict when somebody wrote meanwhile, Invalid while there may be no record.
    """
    actor.require(Permission.CASE_WRITE)
    case = service.get(actor, case_id)
    require_record(case)
    part = open_part(actor, case, kind, Purpose.CASE_WORK)
    if (part.version if part else None) != version:
        raise Conflict(case_id)
    if part is None:
        part = kind(facility_id=actor.facility_id, case_id=case.id)
        session.add(part)
    for name, value in values.items():
        setattr(part, name, value)
    _touch(actor, case)
    record(actor, _ACTION[kind], case_id=case.id, compartments=[_COMPARTMENT[kind]])
    _flush(case)
    return part


def record_status(
    actor: Actor,
    case_id: UUID,
    version: int,
    *,
    group: Group,
    paper_number: str | None = None,
    paper_issuer: str | None = None,
    paper_on: PartialDate | None = None,
) -> Case:
    """Change the group. P1 and "not a victim" need the authority's paper (I10, domain §0.7).

    Raises Invalid("paper_number", "paper_missing") with the first part that is missing,
    Invalid("group", "forbidden_move"), or Conflict.
    """
    actor.require(Permission.CASE_WRITE)
    case = service.get_for_change(actor, case_id, version)
    require_record(case)
    service.open_parts(actor, case, {Compartment.SOCIAL}, Purpose.CASE_WORK)
    paper = {"paper_number": paper_number, "paper_issuer": paper_issuer, "paper_on": paper_on}
    missing = [name for name, value in paper.items() if not value]
    has_paper = not missing
    if group in rules.NEEDS_PAPER and missing:
        raise Invalid(missing[0], "paper_missing")
    if group is not case.group:
        try:
            case.group = rules.regroup(case.group or Group.SUSPECTED, group, has_paper=has_paper)
        except rules.ForbiddenMove:
            raise Invalid("group", "forbidden_move") from None
    if has_paper:
        case.paper_number, case.paper_issuer, case.paper_on = paper_number, paper_issuer, paper_on
    _touch(actor, case)
    record(actor, Action.STATUS_CHANGED, case_id=case.id)
    _flush(case)
    return case


def add_note(actor: Actor, case_id: UUID, text: str, corrects_id: UUID | None = None) -> Note:
    """Add a note; it is never changed, a correction points at it. Raises Invalid, NotFound."""
    actor.require(Permission.NOTE_WRITE)
    case = service.get_for_change(actor, case_id)
    require_record(case)
    service.open_parts(actor, case, {Compartment.SOCIAL}, Purpose.CASE_WORK)
    if corrects_id is not None and _of_case(Note, corrects_id, case) is None:
        raise NotFound(corrects_id)
    note = Note(
        facility_id=actor.facility_id,
        case_id=case.id,
        author_id=actor.account_id,
        written_at=clock.now(),
        corrects_id=corrects_id,
        text=text,
    )
    session.add(note)
    _touch(actor, case)
    record(actor, Action.NOTE_ADDED, case_id=case.id, subject_id=note.id)
    _flush(case)
    return note


def notes(case: Case) -> Sequence[Note]:
    """The notes, newest first. SOCIAL must be open."""
    query = select(Note).where(Note.case_id == case.id)
    return session.scalars(query.order_by(Note.written_at.desc(), Note.id.desc())).all()


def write_clinical(
    actor: Actor,
    case_id: UUID,
    purpose: Purpose,
    *,
    complaint: str,
    examination: str | None = None,
    treatment: str | None = None,
    corrects_id: UUID | None = None,
) -> ClinicalEntry:
    """Add an entry to the restricted clinical record, for a stated purpose."""
    actor.require(Permission.RESTRICTED_WRITE)
    case = service.get_for_change(actor, case_id)
    require_record(case)
    service.open_parts(actor, case, {Compartment.CLINICAL}, purpose)
    if corrects_id is not None and _of_case(ClinicalEntry, corrects_id, case) is None:
        raise NotFound(corrects_id)
    entry = ClinicalEntry(
        facility_id=actor.facility_id,
        case_id=case.id,
        author_id=actor.account_id,
        written_at=clock.now(),
        corrects_id=corrects_id,
        complaint=complaint,
        examination=examination,
        treatment=treatment,
    )
    session.add(entry)
    _touch(actor, case)
    record(actor, Action.CLINICAL_WRITTEN, case_id=case.id, subject_id=entry.id)
    _flush(case)
    return entry


def clinical_record(actor: Actor, case: Case, purpose: Purpose) -> Sequence[ClinicalEntry]:
    """Open the restricted clinical record for a stated purpose, newest first. Raises Denied."""
    actor.require(Permission.RESTRICTED_READ)
    service.open_parts(actor, case, {Compartment.CLINICAL}, purpose)
    query = select(ClinicalEntry).where(ClinicalEntry.case_id == case.id)
    entries = session.scalars(query.order_by(ClinicalEntry.written_at.desc())).all()
    open_all(ClinicalEntry.entry, entries)
    return entries


def only(entries: Sequence[Entry], entry_id: UUID) -> list[Entry]:
    """The one entry that is about to be corrected. Raises NotFound for another case's."""
    found = [entry for entry in entries if entry.id == entry_id]
    if not found:
        raise NotFound(entry_id)
    return found


def count_clinical(case: Case) -> int:
    """That a clinical record exists, and how long it is; never what it says."""
    query = select(func.count()).select_from(ClinicalEntry)
    return session.scalar(query.where(ClinicalEntry.case_id == case.id)) or 0


def begin_support(actor: Actor, case_id: UUID) -> Case:
    """Case work begins on an admitted case. Raises Invalid("state", "forbidden_move")."""
    return _moved(actor, case_id, CaseState.IN_SUPPORT)


def transfer_case(actor: Actor, case_id: UUID) -> Case:
    """The person was transferred or reintegrated; follow-up may go on."""
    return _moved(actor, case_id, CaseState.TRANSFERRED)


def close_case(actor: Actor, case_id: UUID, reason: str) -> Case:
    """Close with a reason, sealed. Raises Invalid("reason", "missing")."""
    actor.require(Permission.CASE_CLOSE)
    if not reason.strip():
        raise Invalid("reason", "missing")
    case = _moved(actor, case_id, CaseState.CLOSED)
    service.open_parts(actor, case, {Compartment.SOCIAL}, Purpose.CASE_WORK)
    case.closing_reason = reason.strip()
    session.flush()
    return case


def reopen_case(actor: Actor, case_id: UUID, reason: str) -> Case:
    """Open a case at rest again, at any time, with a reason kept as a note (R34)."""
    actor.require(Permission.CASE_CLOSE)
    if not reason.strip():
        raise Invalid("reason", "missing")
    case = _moved(actor, case_id, CaseState.REPORTED)
    service.open_parts(actor, case, {Compartment.SOCIAL}, Purpose.CASE_WORK)
    case.closing_reason = None
    session.add(
        Note(
            facility_id=actor.facility_id,
            case_id=case.id,
            author_id=actor.account_id,
            written_at=clock.now(),
            text=reason.strip(),
        )
    )
    session.flush()
    return case


def _moved(actor: Actor, case_id: UUID, wanted: CaseState) -> Case:
    actor.require(Permission.CASE_WRITE)
    case = service.get_for_change(actor, case_id)
    is_reopening = wanted is CaseState.REPORTED
    look = service.openable_once_reopened if is_reopening else service.openable
    if Compartment.SOCIAL not in look(actor, case):
        raise Denied(case_id)
    if case.assignee_id is None and wanted in (CaseState.IN_SUPPORT, CaseState.TRANSFERRED):
        raise Invalid("state", "not_taken")
    try:
        service.move_case(actor, case, wanted)
    except rules.ForbiddenMove:
        raise Invalid("state", "forbidden_move") from None
    session.flush()
    return case


def _of_case(kind: type[Note | ClinicalEntry], entry_id: UUID, case: Case) -> object | None:
    return session.scalar(select(kind.id).where(kind.id == entry_id, kind.case_id == case.id))


def _flush(case: Case) -> None:
    """Two people at the very same moment: the second is told (I8)."""
    try:
        session.flush()
    except (IntegrityError, StaleDataError):
        raise Conflict(case.id) from None


def _touch(actor: Actor, case: Case) -> None:
    case.changed_at = clock.now()
    search.note_change(actor, case.id)
