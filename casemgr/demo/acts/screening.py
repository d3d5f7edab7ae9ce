"""Sittings and suspicions: what the wards do, and what comes in from outside."""

from casemgr import clock
from casemgr.cases import notices
from casemgr.cases import service as cases
from casemgr.cases.rules import Source
from casemgr.demo import events as e
from casemgr.demo import phrases, staff
from casemgr.demo.scene import Acts, Scene, require
from casemgr.referrals import incoming
from casemgr.screenings import service, suspicions
from casemgr.screenings.instruments.instrument import Age
from casemgr.screenings.models import Sitting
from casemgr.screenings.rules import Ground, SafetyChecks, SittingState


def sit(scene: Scene, event: e.SatScreening) -> None:
    """Safety checks, then one question after the other until the sitting ended."""
    sitting = _begin(scene, event)
    if sitting.state is SittingState.ASKING:
        sitting = _ask(scene, event, sitting)
    scene.pause(2, 8)
    require(sitting.outcome == event.outcome, "the sitting came to another outcome")
    service.look(scene.actor, sitting.id)
    scene.thread.sitting_id = sitting.id


def _begin(scene: Scene, event: e.SatScreening) -> Sitting:
    """A new sitting, or the one that was not safe before."""
    checks = SafetyChecks(event.is_alone, event.limits_explained)
    ward, age = staff.BY_CODE[event.department].vi, Age.exactly(event.age)
    if scene.thread.sitting_id is None:
        return service.open_sitting(scene.actor, department=ward, checks=checks, age=age)
    earlier = service.look(scene.actor, scene.thread.sitting_id)
    scene.pause(3, 9)
    return service.check_again(
        scene.actor, earlier.id, earlier.version, department=ward, checks=checks, age=age
    )


def _ask(scene: Scene, event: e.SatScreening, sitting: Sitting) -> Sitting:
    keys = [item.key for item in service.instrument_of(sitting).items]
    for key, value in event.answers:
        scene.pause(6, 15)
        number = keys.index(key) + 1
        service.record_answer(scene.actor, sitting.id, sitting.version, number, value)
    scene.pause(4, 10)
    end = {
        SittingState.COMPLETED: service.complete,
        SittingState.STOPPED: service.stop,
        SittingState.REFUSED: service.decline,
    }[SittingState(event.ended)]
    return end(scene.actor, sitting.id, sitting.version)


def open_suspicion(scene: Scene, event: e.OpenedSuspicion) -> None:
    """From the sitting, or from observed signs alone; the record is asked about later (R4a)."""
    if scene.thread.sitting_id is None:
        require(event.ground == Ground.STAFF_CONCERN, "no sitting, so concern is the ground")
        ward = staff.BY_CODE[event.department].vi
        sitting = suspicions.raise_by_concern(scene.actor, department=ward, concern=event.observed)
    else:
        found = service.mine(scene.actor, scene.thread.sitting_id)
        sitting = suspicions.raise_suspicion(
            scene.actor, found.id, found.version, concern=event.observed
        )
    scene.thread.sitting_id, scene.thread.opened_case = sitting.id, sitting.case_id
    scene.pause(1, 4)
    suspicions.show(scene.actor, sitting.id)
    scene.pause(5, 20)
    suspicions.postpone_answer(scene.actor, sitting.id)


def receive(scene: Scene, event: e.ReceivedReferralIn) -> None:
    """A call, or a document with a number, from somebody outside (E2–E4)."""
    called = event.called_at
    day = clock.today()
    received = incoming.receive(
        scene.actor,
        source=Source(event.source.value),
        sender=event.sender,
        ward=staff.BY_CODE[event.department].vi,
        care_needed=phrases.CARE_NEEDED,
        reason=event.reason,
        called_at=clock.at_hospital(day, called.hour, called.minute) if called else None,
        document_number=event.document_number,
    )
    scene.thread.incoming_id, scene.thread.opened_case = received.id, received.case_id


def acknowledge(scene: Scene, _event: e.Acknowledged) -> None:
    """Look at the notices, and confirm the one about this case (Q3)."""
    waiting = notices.waiting(scene.actor)
    mine = [notice for notice, case in waiting if case.id == scene.thread.case_id]
    require(mine, "no notice waits for this role")
    for notice in mine:
        scene.pause(2, 8)
        notices.acknowledge(scene.actor, notice.id)


def take(scene: Scene, _event: e.TookCase) -> None:
    """Look at what nobody took, take it, and tell the sender that it arrived."""
    cases.list_cases(scene.actor, untaken=True)
    scene.pause(3, 12)
    cases.take_case(scene.actor, scene.thread.case_id)
    if scene.thread.incoming_id is not None:
        scene.pause(3, 12)
        incoming.show(scene.actor, scene.thread.incoming_id)
        scene.pause(5, 20)
        incoming.acknowledge(scene.actor, scene.thread.incoming_id)


ACTS: Acts = {
    e.SatScreening: sit,
    e.OpenedSuspicion: open_suspicion,
    e.ReceivedReferralIn: receive,
    e.Acknowledged: acknowledge,
    e.TookCase: take,
}
