"""What the team writes in a case, and how the case moves.

Companions and the tie between an adult's and a child's case have no record of their own yet: they
are notes of the team. Of the restricted records only the clinical one can be written so far.
"""

from datetime import timedelta

from casemgr import clock
from casemgr.access import Compartment, Purpose
from casemgr.cases import attaching, recording, tasks, team
from casemgr.cases import service as cases
from casemgr.cases.models import Case, Episode, Identity, SafeContact
from casemgr.cases.rules import CaseState, Group, Sex
from casemgr.crypto.partial_date import PartialDate
from casemgr.demo import events as e
from casemgr.demo import vocabulary as v
from casemgr.demo.places import Address
from casemgr.demo.scene import Acts, Scene, require
from casemgr.files import service as files

PLACES = {
    v.Place.VIETNAM: "Việt Nam",
    v.Place.CHINA: "Trung Quốc",
    v.Place.CAMBODIA: "Campuchia",
    v.Place.LAOS: "Lào",
    v.Place.MYANMAR: "Myanmar",
    v.Place.THAILAND: "Thái Lan",
    v.Place.OTHER: "Nơi khác",
}
_BY_PAPER = {
    v.Stage.IDENTIFICATION: Group.UNDER_IDENTIFICATION,
    v.Stage.CONFIRMED: Group.CONFIRMED,
    v.Stage.NOT_VICTIM: Group.NOT_A_VICTIM,
}


def record_identity(scene: Scene, event: e.RecordedIdentity) -> None:
    """Who the person is, as far as they said."""
    scene.case_page()
    person = event.person
    values = {
        "full_name": person.full_name,
        "other_names": list(person.aliases) or None,
        "born_on": person.born,
        "sex": Sex(person.sex.value),
        "ethnicity": person.ethnic.value,
        "nationality": person.nationality,
        "national_id": person.national_id,
        "insurance_number": person.bhyt,
        "address": _written(person.address) if person.address else None,
    }
    recording.record_part(scene.actor, scene.thread.case_id, Identity, None, values)


def _written(address: Address) -> str:
    old = address.as_on_old_papers
    return f"{address} (giấy tờ cũ ghi: {old})" if old else str(address)


def record_contact(scene: Scene, event: e.RecordedContact) -> None:
    """How to reach the person without harm (R10)."""
    scene.case_page()
    values = {
        "channel": event.channel,
        "phone": event.number,
        "safe_hours": f"{event.safe_from:%H:%M}–{event.safe_until:%H:%M}",
        "who_may_answer": event.may_answer,
        "code_phrase": event.code_phrase,
        "may_leave_message": event.may_leave_message,
        "may_send_text": event.may_sms,
    }
    recording.record_part(scene.actor, scene.thread.case_id, SafeContact, None, values)


def record_situation(scene: Scene, event: e.RecordedSituation) -> None:
    """What happened and to whom the law counts the person; without a group: other harm."""
    case = scene.case_page()
    values = {
        "forms_of_harm": [harm.value for harm in event.harms],
        "place": PLACES[event.place],
        "staff_view": event.story,
    }
    recording.record_part(scene.actor, case.id, Episode, None, values)
    group = Group(event.group.value) if event.group else Group.OTHER_HARM
    if group is not Group.SUSPECTED:
        scene.pause(10, 30)
        recording.record_status(scene.actor, case.id, case.version, group=group)


def record_companion(scene: Scene, event: e.RecordedCompanion) -> None:
    """Who came along: never a contact, a consent-giver or an interpreter (R11)."""
    words = [f"Người đi cùng: {event.name} ({event.relation})."]
    if event.answers_for_person:
        words.append("Trả lời thay và muốn ở lại khi hỏi chuyện.")
    if event.is_suspected_controller:
        words.append("Nghi là người kiểm soát: không hỏi, không nhờ dịch, không báo tin.")
    _note(scene, " ".join(words))


def link_story(scene: Scene, event: e.LinkedStory) -> None:
    """A child's own case beside the adult's, told by its code only (P3, R7)."""
    other = cases.get(scene.actor, scene.world.threads[event.other].case_id)
    _note(scene, f"Đi cùng người lớn ở hồ sơ {other.code}; mỗi người một hồ sơ riêng.")


def add_note(scene: Scene, event: e.AddedNote) -> None:
    """A note of the team; a person's own words stand in quotation marks (R16)."""
    _note(scene, f"“{event.text}”" if event.is_own_words else event.text)


def _note(scene: Scene, text: str) -> None:
    scene.case_page()
    recording.add_note(scene.actor, scene.thread.case_id, text)


def add_member(scene: Scene, event: e.AddedTeamMember) -> None:
    """A colleague joins, with the compartments of their work."""
    case = scene.case_page()
    parts = [Compartment(name) for name in event.compartments]
    team.add_member(scene.actor, case.id, scene.world.accounts[event.username], parts)


def open_compartments(scene: Scene, event: e.OpenedCompartment) -> None:
    """Somebody on the team reads, for a purpose that they state."""
    case, purpose = scene.case_page(), Purpose(event.purpose)
    parts = {Compartment(name) for name in event.compartments} - {Compartment.SOCIAL}
    if Compartment.CLINICAL in parts:
        recording.clinical_record(scene.actor, case, purpose)
        parts -= {Compartment.CLINICAL}
        scene.pause(3, 9)
    cases.open_parts(scene.actor, case, parts, purpose)


def write_clinical(scene: Scene, event: e.WroteClinicalNote) -> None:
    """An entry of the clinical record. Other restricted notes wait for their own room."""
    is_clinical = Compartment(event.compartment) is Compartment.CLINICAL
    scene.case_page(anew=not is_clinical)
    if is_clinical:
        recording.write_clinical(
            scene.actor, scene.thread.case_id, Purpose.TREATMENT, complaint=event.text
        )


def add_file(scene: Scene, event: e.AddedFile) -> None:
    """A file arrives as a request would bring it, and is kept."""
    case = scene.case_page()
    arriving = files.receive(files.expect(scene.actor))
    arriving.write(event.text.encode())
    attaching.add_attachment(
        scene.actor,
        case.id,
        arriving.finish(),
        original_name=event.name,
        part=Compartment(event.compartment),
    )


def add_task(scene: Scene, event: e.AddedTask) -> None:
    """Something to do by the end of that day's work."""
    case = scene.case_page()
    task = tasks.add_task(
        scene.actor,
        case.id,
        title=event.title,
        due_at=clock.at_hospital(scene.world.today + timedelta(days=event.due), 17),
        assignee_id=scene.world.accounts[event.assignee],
    )
    scene.thread.tasks[event.title] = task.id


def finish_task(scene: Scene, event: e.FinishedTask) -> None:
    """It is done."""
    case = scene.case_page()
    tasks.finish_task(scene.actor, case.id, scene.thread.tasks.pop(event.title))


def change_status(scene: Scene, event: e.ChangedStatus) -> None:
    """The workflow moves; or the group does, by an authority's paper (domain §0.7)."""
    case = scene.case_page(anew=event.to is v.Stage.CONSENTED)
    if event.to is v.Stage.CONSENTED:  # the consent itself, or the ground, admitted the case
        require(case.state is CaseState.ADMITTED, "the case was not admitted")
    elif event.to is v.Stage.IN_SUPPORT:
        recording.begin_support(scene.actor, case.id)
    elif event.to is v.Stage.TRANSFERRED:
        recording.transfer_case(scene.actor, case.id)
    else:
        _regroup(scene, case, event)


def _regroup(scene: Scene, case: Case, event: e.ChangedStatus) -> None:
    issued = scene.world.today + timedelta(
        days=event.day if event.paper_day is None else event.paper_day
    )
    recording.record_status(
        scene.actor,
        case.id,
        case.version,
        group=_BY_PAPER[event.to],
        paper_number=event.paper_number,
        paper_issuer=event.paper_issuer,
        paper_on=PartialDate(issued.year, issued.month, issued.day),
    )


def close(scene: Scene, event: e.Closed) -> None:
    """The work is done."""
    recording.close_case(scene.actor, scene.case_page().id, event.reason)


def reopen(scene: Scene, event: e.Reopened) -> None:
    """The person came back."""
    recording.reopen_case(scene.actor, scene.case_page().id, event.reason)


ACTS: Acts = {
    e.RecordedIdentity: record_identity,
    e.RecordedContact: record_contact,
    e.RecordedSituation: record_situation,
    e.RecordedCompanion: record_companion,
    e.LinkedStory: link_story,
    e.AddedNote: add_note,
    e.AddedTeamMember: add_member,
    e.OpenedCompartment: open_compartments,
    e.WroteClinicalNote: write_clinical,
    e.AddedFile: add_file,
    e.AddedTask: add_task,
    e.FinishedTask: finish_task,
    e.ChangedStatus: change_status,
    e.Closed: close,
    e.Reopened: reopen,
}
