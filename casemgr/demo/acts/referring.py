"""Referrals out: prepared, looked at, sent, printed, answered, withdrawn; and the one refused."""

from casemgr.access import Compartment, Invalid, Purpose
from casemgr.access.gate import all_or_nothing
from casemgr.cases import service as cases
from casemgr.cases import tasks
from casemgr.demo import events as e
from casemgr.demo.scene import Acts, Scene, StoryBroken, require
from casemgr.referrals import packet, service, withdrawing
from casemgr.referrals.rules import ReferralState


def prepare(scene: Scene, event: e.PreparedReferral) -> None:
    """A draft for one recipient."""
    case = scene.case_page()
    referral = service.prepare(
        scene.actor,
        case.id,
        recipient_id=scene.world.recipients[event.recipient],
        services=event.services,
        facts=event.facts,
        urgent_needs=event.urgent_needs,
    )
    scene.thread.referrals[event.recipient] = referral.id
    scene.pause(2, 6)
    service.show(scene.actor, case.id, referral.id)


def send(scene: Scene, event: e.SentReferral) -> None:
    """Exactly what was looked at."""
    case, referral_id = scene.case_page(), scene.thread.referrals[event.recipient]
    shown = service.show(scene.actor, case.id, referral_id)
    if shown.content is None or shown.obstacle:
        raise StoryBroken(f"the referral cannot be sent: {shown.obstacle}")
    scene.pause(8, 25)
    service.send(scene.actor, case.id, referral_id, seen=packet.digest(shown.content))


def be_refused(scene: Scene, event: e.ReferralRefused) -> None:
    """Without a live consent for this recipient nothing leaves (R6)."""
    case, referral_id = scene.case_page(), scene.thread.referrals[event.recipient]
    try:
        with all_or_nothing():
            service.send(scene.actor, case.id, referral_id)
    except Invalid as refused:
        require(refused.reason == "no_consent", "refused for another reason")
        service.note_refusal(scene.actor, case.id, referral_id)
    else:
        raise StoryBroken("a referral without consent was sent")


def print_letter(scene: Scene, event: e.PrintedLetter) -> None:
    """On paper, for the signature."""
    case = scene.case_page()
    service.print_letter(
        scene.actor, case.id, scene.thread.referrals[event.recipient], as_pdf=False
    )


def record_answer(scene: Scene, event: e.ReferralAnswered) -> None:
    """What the receiver said by telephone."""
    case = scene.case_page()
    service.record_answer(
        scene.actor,
        case.id,
        scene.thread.referrals[event.recipient],
        answer=ReferralState(event.state.value),
        by_whom="Cán bộ tiếp nhận",
        note=event.text,
    )


def chase(scene: Scene, event: e.ChasedReferral) -> None:
    """Ask the receiver again."""
    case = scene.case_page()
    service.note_chase(scene.actor, case.id, scene.thread.referrals[event.recipient])


def withdraw(scene: Scene, event: e.WithdrewReferral) -> None:
    """Take it back, and tell the receiver at once: the tasks that follow are done."""
    case = scene.case_page()
    withdrawing.withdraw_referral(
        scene.actor, case.id, scene.thread.referrals[event.recipient], reason=event.reason
    )
    scene.pause(40, 90)
    cases.open_parts(scene.actor, case, {Compartment.SOCIAL}, Purpose.CASE_WORK)
    planned = set(scene.thread.tasks.values())
    for task in tasks.tasks(case):
        if task.done_at is None and task.id not in planned:
            tasks.finish_task(scene.actor, case.id, task.id)


ACTS: Acts = {
    e.PreparedReferral: prepare,
    e.SentReferral: send,
    e.ReferralRefused: be_refused,
    e.PrintedLetter: print_letter,
    e.ReferralAnswered: record_answer,
    e.ChasedReferral: chase,
    e.WithdrewReferral: withdraw,
}
