"""Keeping a file that has arrived, and erasing the files of a part of a case."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, select

from casemgr import clock
from casemgr.access import Actor, Compartment, Denied, Invalid, Permission, Purpose
from casemgr.audit import Action, record
from casemgr.cases import search, service
from casemgr.cases.attachments import Attachment
from casemgr.cases.consenting import require_record
from casemgr.cases.models import Case
from casemgr.db import session
from casemgr.files import service as files
from casemgr.files.incoming import SealedFile
from casemgr.files.rules import kind_of

FILED_IN = (  # safe contacts are read in a hurry and stand on their own page, never in a file
    Compartment.IDENTITY,
    Compartment.SOCIAL,
    Compartment.EPISODE,
    Compartment.CLINICAL,
    Compartment.PSYCH,
    Compartment.SEXUAL_HEALTH,
    Compartment.LEGAL,
)
NAME_LETTERS = 200


def may_file_in(actor: Actor, case: Case) -> list[Compartment]:
    """The parts of this case under which this actor could keep a file."""
    parts = service.openable(actor, case)
    return [part for part in FILED_IN if part in parts]


def add_attachment(
    actor: Actor,
    case_id: UUID,
    sealed: SealedFile,
    *,
    original_name: str,
    part: Compartment,
    note: str | None = None,
) -> Attachment:
    """Keep a file that has arrived, under a part of the case.

    Raises Invalid("file", "file_empty" or "file_kind") and as ``require_record``, Denied.
    """
    actor.require(Permission.ATTACHMENT_WRITE)
    case = service.get_for_change(actor, case_id)
    require_record(case)
    if part not in FILED_IN:
        raise Denied(case_id)
    if not sealed.size:
        raise Invalid("file", "file_empty")
    kind = kind_of(sealed.glimpse, original_name)
    if kind is None:
        raise Invalid("file", "file_kind")
    may_write = actor.may(Permission.CASE_WRITE)
    service.open_parts(actor, case, {part}, Purpose.CASE_WORK if may_write else Purpose.TREATMENT)
    files.claim(actor, sealed.id)
    kept = Attachment(
        facility_id=actor.facility_id,
        case_id=case.id,
        compartment=part,
        number=_next_number(case),
        stored_file_id=sealed.id,
        added_by=actor.account_id,
        added_at=clock.now(),
        original_name=original_name[-NAME_LETTERS:],
        kind=kind,
        size=sealed.size,
        digest=sealed.digest,
        file_key=sealed.key,
        note=note,
    )
    session.add(kept)
    case.changed_at = clock.now()
    search.note_change(actor, case.id)
    record(actor, Action.ATTACHMENT_ADDED, case_id=case.id, subject_id=kept.id, compartments=[part])
    session.flush()
    return kept


def erase_files(
    actor: Actor,
    case_id: UUID,
    compartments: Collection[Compartment],
    cause_id: UUID | None = None,
) -> int:
    """Erase the files under these parts, with their rows. The caller has decided that they go.

    In the caller's transaction only the intent is written; ``files.service.remove_doomed`` takes
    them out of the store once it is committed (the worker does, within seconds), and
    ``files.service.outstanding(cause_id)`` says how many are left. Returns how many will go.
    """
    query = select(Attachment).where(
        Attachment.facility_id == actor.facility_id,
        Attachment.case_id == case_id,
        Attachment.compartment.in_([str(part) for part in compartments]),
    )
    found = session.scalars(query).all()
    if not found:
        return 0
    files.doom(actor, [item.stored_file_id for item in found], cause_id)
    for item in found:
        session.delete(item)
    record(
        actor,
        Action.ATTACHMENTS_ERASED,
        case_id=case_id,
        subject_id=cause_id,
        compartments=compartments,
        count=len(found),
    )
    session.flush()
    return len(found)


def _next_number(case: Case) -> int:
    """The case is locked: nobody else counts meanwhile."""
    highest = select(func.max(Attachment.number)).where(Attachment.case_id == case.id)
    return (session.scalar(highest) or 0) + 1
