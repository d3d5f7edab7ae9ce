"""The officer's page about the log, and the sheet that is signed by hand. Each look is on record."""

from dataclasses import dataclass

from casemgr import clock
from casemgr.access import Actor, NotFound, Permission
from casemgr.audit import Action, checkpoints, record
from casemgr.audit.outside.note import read_checkpoint, read_note
from casemgr.db import session
from casemgr.directory.models import Facility
from casemgr.directory.service import the_facility
from casemgr.privacy.proof import state
from casemgr.privacy.proof.qr import Picture, picture_of
from casemgr.privacy.proof.state import Concern, State
from casemgr.web.locale import moment, official_day

_IN_A_GROUP = 8


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything variable of the printed page."""

    facility: Facility
    mark: str
    dated: str
    origin: str
    size: int
    groups: list[str]  # the root, eight groups of eight hexadecimal digits
    signed_at: str
    vkey: str
    picture: Picture


def show(actor: Actor) -> State:
    """The state of the log. Raises Denied."""
    actor.require(Permission.PROOF_READ)
    record(actor, Action.PROOF_SHOWN)
    return state.state_of(actor)


def concerns(actor: Actor) -> list[Concern]:
    """What the home page must say. Empty for whoever may not see it, and when all is well."""
    return state.current_concerns(actor) if actor.may(Permission.PROOF_READ) else []


def verify_now(actor: Actor) -> None:
    """Have the log verified. Raises Denied."""
    actor.require(Permission.PROOF_READ)
    state.verify_now(actor)


def sheet(actor: Actor) -> Sheet:
    """The newest head to print. Raises Denied, NotFound when there is none."""
    actor.require(Permission.PROOF_READ)
    newest, key, facility = (
        checkpoints.newest(session),
        checkpoints.log_key(session),
        the_facility(),
    )
    if newest is None or facility is None:
        raise NotFound(actor.facility_id)
    record(actor, Action.PROOF_PRINTED, subject_kind="audit_checkpoint", subject_id=newest.id)
    root = newest.root.hex()
    return Sheet(
        facility=facility,
        mark="BB-" + facility.letter_mark.partition("-")[0],
        dated=f"{facility.place}, {official_day(clock.today())}",
        origin=read_checkpoint(read_note(newest.note).text).origin,
        size=newest.size,
        groups=[root[at : at + _IN_A_GROUP] for at in range(0, len(root), _IN_A_GROUP)],
        signed_at=moment(newest.at),
        vkey=str(key.vkey()) if key else "",
        picture=picture_of(newest.note),
    )
