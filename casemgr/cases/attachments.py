"""Files of a case: sealed with keys of their own, which lie in the compartment of the row.

Erasing a compartment's key therefore kills its files, whatever copies of them exist.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Select, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column

from casemgr.access import Actor, Compartment, NotFound, Permission, Purpose
from casemgr.audit import Action, Outcome, record
from casemgr.cases import service
from casemgr.cases.models import Case
from casemgr.crypto.errors import SealBroken
from casemgr.crypto.sealed import SealedRecord
from casemgr.db import Model, session
from casemgr.files.rules import ENDINGS, Kind


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


def _of(case: Case, parts: Collection[Compartment]) -> Select[Attachment]:
    return select(Attachment).where(
        Attachment.case_id == case.id,
        Attachment.compartment.in_([str(part) for part in parts]),
    )
