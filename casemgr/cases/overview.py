"""What the case page shows at once: for each reader only what their parts hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from casemgr.access import Actor, Compartment, Permission
from casemgr.accounts import service as accounts
from casemgr.cases import consenting, recording, service, tasks, team, timeline
from casemgr.cases.attachments import count_attachments
from casemgr.cases.consent import Consent
from casemgr.cases.models import (
    CareTeamMember,
    Case,
    CasePart,
    Episode,
    Identity,
    LawfulGround,
    Note,
    SafeContact,
    Task,
)
from casemgr.cases.reach import marks
from casemgr.cases.rules import AT_REST, WITHOUT_RECORD
from casemgr.cases.timeline import Moment
from casemgr.crypto.errors import SealBroken

NOTES_SHOWN = 3
MOMENTS_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Overview:
    """The case page's content; sealed values inside are read by the template, one by one."""

    case: Case
    parts: frozenset[Compartment]
    members: Sequence[CareTeamMember]
    tasks: Sequence[Task]
    notes: Sequence[Note]
    consents: Sequence[Consent]
    grounds: Sequence[LawfulGround]
    clinical_entries: int
    attachments: int
    has_identity: bool
    has_contact: bool
    has_episode: bool
    moments: Sequence[Moment]
    names: Mapping[UUID | None, str]
    may_work: bool
    may_reopen: bool
    marks: Sequence[CasePart]

    @property
    def may_take(self) -> bool:
        """Whether nobody runs the case yet."""
        return self.case.assignee_id is None and self.case.state not in AT_REST

    @property
    def has_record(self) -> bool:
        """Whether consent or a ground allows to write about the person (R4a)."""
        return self.case.state not in WITHOUT_RECORD

    @property
    def rests(self) -> bool:
        """Whether the case is closed or support was declined."""
        return self.case.state in AT_REST


def _contact_nurse(case: Case) -> UUID | None:
    try:
        return case.contact_nurse_id
    except SealBroken:
        return None  # the template says so, and tells the log


def overview(actor: Actor, case: Case, parts: frozenset[Compartment]) -> Overview:
    """Gather it for a case that show_case opened."""
    reads_social = Compartment.SOCIAL in parts
    members, moments = team.members(case), timeline.timeline(actor, case, MOMENTS_SHOWN)
    todo = tasks.tasks(case) if reads_social else ()
    notes = recording.notes(case)[:NOTES_SHOWN] if reads_social else ()
    people = timeline.people_in(moments) | {case.assignee_id}
    people |= {_contact_nurse(case) if reads_social else None}
    people |= {member.account_id for member in members}
    people |= {task.assignee_id for task in todo} | {note.author_id for note in notes}
    return Overview(
        case=case,
        parts=parts,
        members=members,
        tasks=[task for task in todo if task.done_at is None],
        notes=notes,
        consents=consenting.consents(case) if reads_social else (),
        grounds=consenting.grounds(case) if reads_social else (),
        clinical_entries=recording.count_clinical(case),
        attachments=count_attachments(case, parts),
        has_identity=recording.version_of(case, Identity) is not None,
        has_contact=recording.version_of(case, SafeContact) is not None,
        has_episode=recording.version_of(case, Episode) is not None,
        moments=moments,
        names=accounts.names_of(actor, people),
        may_work=actor.may(Permission.CASE_WRITE) and reads_social,
        may_reopen=actor.may(Permission.CASE_CLOSE)
        and Compartment.SOCIAL in service.openable_once_reopened(actor, case),
        marks=[mark for mark in marks(case) if mark.is_restricted or mark.erased_at],
    )
