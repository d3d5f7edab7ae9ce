"""Files of a case: sealed with keys of their own, which lie in the compartment of the row.

Erasing a compartment's key therefore kills its files, whatever copies of them exist.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Select, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column

from casemgr import clock
from casemgr.access import Actor, Compartment, Denied, Invalid, NotFound, Permission, Purpose
from casemgr.audit import Action, Outcome, record
from casemgr.cases import search, service
from casemgr.cases.consenting import require_record
from casemgr.cases.models import Case
from casemgr.crypto.errors import SealBroken
from casemgr.crypto.sealed import SealedRecord
from casemgr.db import Model, session
from casemgr.files import service as files
from casemgr.files.incoming import SealedFile
from casemgr.files.rules import ENDINGS, Kind, kind_of

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


class Attachment(Model):
    """One file of a case. Never changed; what says something about it is sealed with its key."""

    __tablename__ = "attachment"
    __key_owner__ = "case_id"
    __table_args__ = (UniqueConstraint("case_id", "number"),)

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"), index=True)
    compartment: Mapped[str] = mapped_column(String(20))
    number: Mapped[int]
    stored_file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_file.id"), unique=True)
    added_by: Mapped[UUID | None]
    added_at: Mapped[datetime]

    file = SealedRecord(by_column="compartment", pad=128)
    original_name = file.text()
    kind = file.choice(Kind)
    size = file.integer()  # of the original, in bytes
    digest = file.binary()  # SHA-256 of the unaltered original
    file_key = file.binary()
    note = file.text()


@dataclass(frozen=True, slots=True, repr=False)
class OpenedFile:
    """What is needed to hand a file out once its entry is committed; it holds the key."""

    id: UUID
    case_id: UUID
    stored_file_id: UUID
    compartment: str
    key: bytes
    kind: Kind
    name: str  # neutral: the case code and a number, never what it was called (R8)


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


def attachments(actor: Actor, case: Case, purpose: Purpose) -> Sequence[Attachment]:
    """The files under the parts that this actor may open, opened and on record, newest first."""
    actor.require(Permission.ATTACHMENT_READ)
    query = _of(case, service.openable(actor, case)).order_by(Attachment.number.desc())
    found = session.scalars(query).all()
    parts = {Compartment(item.compartment) for item in found}
    shown = [item.id for item in found]
    record(actor, Action.ATTACHMENTS_LISTED, case_id=case.id, compartments=parts, shown=shown)
    if parts:
        service.open_parts(actor, case, parts, purpose)
    return found


def count_attachments(case: Case, parts: Collection[Compartment]) -> int:
    """How many files lie under these parts."""
    return session.scalar(select(func.count()).select_from(_of(case, parts).subquery())) or 0


def find_attachment(actor: Actor, case: Case, attachment_id: UUID) -> Attachment:
    """A file that this actor could open. Raises NotFound, also for one in another part."""
    actor.require(Permission.ATTACHMENT_READ)
    query = _of(case, service.openable(actor, case)).where(Attachment.id == attachment_id)
    found = session.scalar(query)
    if found is None:
        raise NotFound(attachment_id)
    return found


def open_attachment(actor: Actor, case: Case, item: Attachment, purpose: Purpose) -> OpenedFile:
    """Open a file for a stated purpose, on record. Raises SealBroken where its key is lost."""
    part = Compartment(item.compartment)
    record(
        actor,
        Action.ATTACHMENT_OPENED,
        case_id=case.id,
        subject_kind="attachment",
        subject_id=item.id,
        compartments=[part],
        purpose=purpose,
    )
    service.open_parts(actor, case, {part}, purpose)
    if item.kind is None or item.file_key is None:
        raise SealBroken
    return OpenedFile(
        id=item.id,
        case_id=case.id,
        stored_file_id=item.stored_file_id,
        compartment=item.compartment,
        key=item.file_key,
        kind=item.kind,
        name=f"{case.code}-{item.number}.{ENDINGS[item.kind]}",
    )


def note_broken(
    actor: Actor, case_id: UUID, item_id: UUID, part: str, action: Action = Action.SEAL_BROKEN
) -> None:
    """Put on record that a file is not what was sealed there, or not there."""
    record(
        actor,
        action,
        outcome=Outcome.FAILED,
        case_id=case_id,
        subject_kind="attachment",
        subject_id=item_id,
        compartments=[part],
    )


def note_failure(actor: Actor, opened: OpenedFile, error: Exception) -> None:
    """Put on record that a file did not leave whole: broken on the way, or the store is away."""
    is_broken = isinstance(error, SealBroken)
    action = Action.SEAL_BROKEN if is_broken else Action.ATTACHMENT_OPENED
    note_broken(actor, opened.case_id, opened.id, opened.compartment, action)


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


def _of(case: Case, parts: Collection[Compartment]) -> Select[Attachment]:
    return select(Attachment).where(
        Attachment.case_id == case.id,
        Attachment.compartment.in_([str(part) for part in parts]),
    )


def _next_number(case: Case) -> int:
    """The case is locked: nobody else counts meanwhile."""
    highest = select(func.max(Attachment.number)).where(Attachment.case_id == case.id)
    return (session.scalar(highest) or 0) + 1
