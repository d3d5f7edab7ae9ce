"""Consent, refusal and lawful grounds. Who gave it for a minor has no field of its own yet."""

from datetime import timedelta

from casemgr import clock
from casemgr.cases import consenting
from casemgr.cases.consent import ConsentMethod, ConsentPurpose
from casemgr.cases.rules import CaseState, Ground
from casemgr.demo import events as e
from casemgr.demo import vocabulary as v
from casemgr.demo.scene import Acts, Scene, require

PURPOSES = dict(zip(v.ConsentFor, ConsentPurpose, strict=True))  # both are R4 a to h in order
_GROUNDS = {
    v.Lawful.CHILD_PROTECTION: Ground.CHILD,
    v.Lawful.DANGER_TO_LIFE: Ground.DANGER_TO_LIFE,
    v.Lawful.AUTHORITY_REQUEST: Ground.AUTHORITY_REQUEST,
}


def give(scene: Scene, event: e.GaveConsent) -> None:
    """A yes, for one purpose and recipient, until a day."""
    scene.case_page()
    days = event.expires_after_days
    given = consenting.record_consent(
        scene.actor,
        scene.thread.case_id,
        purpose=PURPOSES[event.purpose],
        was_given=True,
        method=ConsentMethod(event.method.value),
        witness=event.witness,
        recipient_id=scene.recipient(event.recipient),
        expires_on=None if days is None else clock.today() + timedelta(days=days),
    )
    scene.thread.consents[event.purpose, event.recipient] = given.id


def refuse(scene: Scene, event: e.RefusedConsent) -> None:
    """A no needs neither paper nor a third person: the one who heard it is its witness."""
    scene.case_page()
    consenting.record_consent(
        scene.actor,
        scene.thread.case_id,
        purpose=PURPOSES[event.purpose],
        was_given=False,
        method=ConsentMethod.SPOKEN_WITH_WITNESS,
        witness=scene.actor.display_name,
        recipient_id=scene.recipient(event.recipient),
    )


def withdraw(scene: Scene, event: e.WithdrewConsent) -> None:
    """One step; what depends on it stops in the same transaction (R5)."""
    scene.case_page()
    consent_id = scene.thread.consents.pop((event.purpose, event.recipient))
    consenting.withdraw(scene.actor, scene.thread.case_id, consent_id)


def record_ground(scene: Scene, event: e.RecordedLawfulGround) -> None:
    """What stands in for consent (R6)."""
    scene.case_page()
    consenting.record_ground(
        scene.actor,
        scene.thread.case_id,
        ground=_GROUNDS[event.ground],
        reason=event.reason,
        person_was_told=event.is_person_told,
    )


def close_refused(scene: Scene, _event: e.RefusedSupport) -> None:
    """The no to the record closed it already; nothing more may be written about the person."""
    state = scene.case_page(anew=True).state
    require(state is CaseState.REFUSED, "the case was not closed as declined")


ACTS: Acts = {
    e.GaveConsent: give,
    e.RefusedConsent: refuse,
    e.WithdrewConsent: withdraw,
    e.RecordedLawfulGround: record_ground,
    e.RefusedSupport: close_refused,
}
