"""The case and its sealed parts. Public columns are few (design §4); the rest is sealed."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from casemgr.access import Compartment
from casemgr.cases.rules import CaseState, Ground, Group, Sex, Source
from casemgr.crypto.names import fold
from casemgr.crypto.sealed import SealedRecord
from casemgr.db import Model, Versioned, enum_type


class Case(Model, Versioned):
    """One person's case. Until consent or a lawful ground it holds ward and contact nurse only."""

    __tablename__ = "case"
    __outlives_its_values__ = True  # an erased case keeps its code and its times
    __table_args__ = (
        UniqueConstraint("facility_id", "code"),
        UniqueConstraint("facility_id", "code_name"),
    )

    code: Mapped[str] = mapped_column(String(12))
    code_name: Mapped[str] = mapped_column(String(40))
    state: Mapped[CaseState] = mapped_column(enum_type(CaseState))
    assignee_id: Mapped[UUID | None] = mapped_column(index=True)
    opened_at: Mapped[datetime]
    changed_at: Mapped[datetime] = mapped_column(index=True)
    closed_at: Mapped[datetime | None]
    keep_until: Mapped[date | None]  # when retention ends, once the case is at rest

    intake = SealedRecord(Compartment.SOCIAL)
    source = intake.choice(Source)
    ward = intake.text()
    contact_nurse_id = intake.uuid()
    group = intake.choice(Group)
    paper_number = intake.text()
    paper_issuer = intake.text()
    paper_on = intake.partial_date()
    closing_reason = intake.text()


class Identity(Model, Versioned):
    """Who the person is. Nothing here is ever required (P13)."""

    __tablename__ = "case_identity"
    __key_owner__ = "case_id"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"), unique=True)

    identity = SealedRecord(Compartment.IDENTITY)
    full_name = identity.text()
    other_names = identity.strings()
    born_on = identity.partial_date()
    sex = identity.choice(Sex)
    ethnicity = identity.text()
    nationality = identity.text()
    languages = identity.text()
    national_id = identity.text()
    insurance_number = identity.text()
    address = identity.text()
    national_id_index = identity.blind_index("national_id", fold.identifier)
    insurance_number_index = identity.blind_index("insurance_number", fold.insurance)


class SafeContact(Model, Versioned):
    """Where and how the person may be reached without danger (R10)."""

    __tablename__ = "case_safe_contact"
    __key_owner__ = "case_id"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"), unique=True)

    contact = SealedRecord(Compartment.CONTACT)
    phone = contact.text()
    channel = contact.text()
    safe_hours = contact.text()
    who_may_answer = contact.text()
    code_phrase = contact.text()
    may_leave_message = contact.boolean()
    may_send_text = contact.boolean()
    phone_index = contact.blind_index("phone", fold.phone)


class Episode(Model, Versioned):
    """What happened, as far as the person offered it: no police questions (R17)."""

    __tablename__ = "case_episode"
    __key_owner__ = "case_id"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"), unique=True)

    episode = SealedRecord(Compartment.EPISODE, pad=256)
    forms_of_harm = episode.strings()  # codes of table B3
    place = episode.text()
    own_words = episode.text()  # verbatim (R16)
    staff_view = episode.text()


class CareTeamMember(Model):
    """Who may open which compartments of a case, from when and until when.

    Nobody has two places that have not ended: what one person may open stands in one row.
    """

    __tablename__ = "care_team_member"
    __table_args__ = (
        Index(
            "uq_care_team_member_place",
            "case_id",
            "account_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(index=True)
    compartments: Mapped[str] = mapped_column(String(200))
    added_by: Mapped[UUID | None]
    added_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    @property
    def parts(self) -> frozenset[Compartment]:
        """The compartments as members of the enumeration."""
        return frozenset(Compartment(name) for name in self.compartments.split())


class LawfulGround(Model):
    """Why a record is kept although nobody consented (R6)."""

    __tablename__ = "lawful_ground"
    __key_owner__ = "case_id"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"), index=True)
    recorded_by: Mapped[UUID | None]
    recorded_at: Mapped[datetime]

    ground_record = SealedRecord(Compartment.SOCIAL, pad=256)
    ground = ground_record.choice(Ground)
    reason = ground_record.text()
    person_was_told = ground_record.boolean()


class Note(Model):
    """One note of the social work team. Never changed; a correction names what it corrects."""

    __tablename__ = "case_note"
    __key_owner__ = "case_id"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"), index=True)
    author_id: Mapped[UUID | None]
    written_at: Mapped[datetime]
    corrects_id: Mapped[UUID | None]

    note = SealedRecord(Compartment.SOCIAL, pad=256)
    text = note.text()


class ClinicalEntry(Model):
    """One entry of the restricted clinical record. Never changed, only corrected."""

    __tablename__ = "clinical_entry"
    __key_owner__ = "case_id"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"), index=True)
    author_id: Mapped[UUID | None]
    written_at: Mapped[datetime]
    corrects_id: Mapped[UUID | None]

    entry = SealedRecord(Compartment.CLINICAL, pad=256)
    complaint = entry.text()
    examination = entry.text()
    treatment = entry.text()


class Task(Model, Versioned):
    """Something to do for a case, by somebody, until some time."""

    __tablename__ = "case_task"
    __key_owner__ = "case_id"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"), index=True)
    assignee_id: Mapped[UUID | None] = mapped_column(index=True)
    due_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[UUID | None]

    task = SealedRecord(Compartment.SOCIAL)
    title = task.text()


class Notice(Model):
    """An internal notice of a suspicion: the code only, to one role, with acknowledgement (Q3)."""

    __tablename__ = "case_notice"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"), index=True)
    to_role: Mapped[str] = mapped_column(String(30), index=True)
    sent_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[UUID | None]
    escalated_at: Mapped[datetime | None]


class CasePart(Model, Versioned):
    """What became of one compartment beside the ordinary: restricted, erased, or both in turn.

    Restricted, it opens for nobody until that is lifted (cases/reach.py). Erased, nothing of it
    is left; it opens again, empty, once the case was reopened.
    """

    __tablename__ = "case_part"
    __table_args__ = (UniqueConstraint("case_id", "compartment"),)

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"))
    compartment: Mapped[str] = mapped_column(String(20))
    restricted_at: Mapped[datetime | None]
    restricted_until: Mapped[date | None]  # the last day of what keeps it; None: until an event
    erased_at: Mapped[datetime | None]
    reopened_at: Mapped[datetime | None]

    @property
    def is_restricted(self) -> bool:
        """Whether nobody may open it, although it is there."""
        return self.restricted_at is not None

    @property
    def is_erased(self) -> bool:
        """Whether it was erased, and the case not reopened since."""
        if self.erased_at is None:
            return False
        return self.reopened_at is None or self.reopened_at < self.erased_at


class IndexChange(Model):
    """That the searchable facts of a case changed; every process catches up from here."""

    __tablename__ = "index_change"

    case_id: Mapped[UUID]
    transaction: Mapped[int] = mapped_column(BigInteger, index=True)
