"""Referring out: preparing, looking at what would go, sending, and what came back (R6, R22)."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar, cast
from uuid import UUID

from sqlalchemy import select

from casemgr import clock
from casemgr.access import (
    Actor,
    Compartment,
    Conflict,
    Denied,
    Invalid,
    NotFound,
    Permission,
    Purpose,
)
from casemgr.access.opening import open_keys
from casemgr.audit import Action, Outcome, record
from casemgr.cases import consenting
from casemgr.cases import service as cases
from casemgr.cases.consent import Consent, ConsentPurpose
from casemgr.cases.models import Case, Identity, SafeContact
from casemgr.cases.rules import AT_REST, WITHOUT_RECORD
from casemgr.crypto.errors import SealBroken
from casemgr.db import session
from casemgr.directory import service as directory
from casemgr.directory.models import Organisation
from casemgr.directory.rules import REACHED_BY_CALL_ONLY, Service
from casemgr.referrals import facts as known
from casemgr.referrals import packet as packets
from casemgr.referrals import rules
from casemgr.referrals.facts import FactKey
from casemgr.referrals.models import Packet, Referral
from casemgr.referrals.packet import Content
from casemgr.referrals.rules import ReferralState, Signer

Part = TypeVar("Part", Identity, SafeContact)
SOCIAL = Compartment.SOCIAL


@dataclass(frozen=True, slots=True)
class Shown:
    """A referral with its case, opened: what it says, and why it could not be sent now."""

    case: Case
    referral: Referral
    recipient: str | None  # None when that cannot be read
    content: Content | None  # None when this actor may not, or nobody can, open every fact in it
    obstacle: str | None  # a reason of the room, or None when it may leave the hospital


def addressees(actor: Actor) -> Sequence[Organisation]:
    """The organisations that a letter can be addressed to today."""
    return [
        item for item in directory.organisations(actor) if item.sort not in REACHED_BY_CALL_ONLY
    ]


def case_at_work(actor: Actor, case_id: UUID) -> Case:
    """The case, if the actor works on it and it may have referrals. SOCIAL is opened.

    Raises NotFound, Denied, or Invalid("", …): nobody took it, no consent to a record, at rest.
    """
    actor.require(Permission.REFERRAL_WRITE)
    case = cases.get_for_change(actor, case_id)
    if case.assignee_id is None:
        raise Invalid("", "not_taken")
    if case.state in WITHOUT_RECORD:
        raise Invalid("", "no_record_yet")
    if case.state in AT_REST:
        raise Invalid("", "case_at_rest")
    cases.open_parts(actor, case, {SOCIAL}, Purpose.REFERRAL)
    return case


def openable_facts(actor: Actor, case: Case) -> list[FactKey]:
    """The facts that this actor could open and so let go along."""
    parts = cases.openable(actor, case)
    return [key for key, fact in known.FACTS.items() if fact.compartment in parts]


def services_of(actor: Actor, referral: Referral) -> list[Service]:
    """What the recipient of a draft offers. Raises NotFound when it left the directory."""
    return directory.organisation(actor, _recipient_of(referral)).offered


def prepare(
    actor: Actor,
    case_id: UUID,
    *,
    recipient_id: UUID,
    services: Iterable[Service] = (),
    urgent_needs: str | None = None,
    facts: Iterable[str] = known.MINIMAL,
    signer: Signer = Signer.DIRECTOR,
) -> Referral:
    """Begin a referral to one organisation. Raises NotFound, Denied, Invalid."""
    case = case_at_work(actor, case_id)
    if recipient_id not in {item.id for item in addressees(actor)}:
        raise Invalid("recipient", "unknown_recipient")
    referral = Referral(
        facility_id=actor.facility_id,
        case_id=case.id,
        state=ReferralState.DRAFT,
        prepared_by=actor.account_id,
        prepared_at=clock.now(),
        recipient_id=recipient_id,
    )
    session.add(referral)
    _fill(actor, case, referral, services, urgent_needs, facts, signer)
    record(actor, Action.REFERRAL_PREPARED, case_id=case.id, subject_id=referral.id)
    session.flush()
    return referral


def change_draft(
    actor: Actor,
    case_id: UUID,
    referral_id: UUID,
    version: int,
    *,
    services: Iterable[Service],
    urgent_needs: str | None,
    facts: Iterable[str],
    signer: Signer,
) -> Referral:
    """Change what a draft asks and what goes along. Raises Conflict, Invalid once it is sent."""
    case = case_at_work(actor, case_id)
    referral = _for_change(case, referral_id, version)
    if referral.state is not ReferralState.DRAFT:
        raise Invalid("", "already_sent")
    _fill(actor, case, referral, services, urgent_needs, facts, signer)
    record(actor, Action.REFERRAL_PREPARED, case_id=case.id, subject_id=referral.id)
    session.flush()
    return referral


def _fill(
    actor: Actor,
    case: Case,
    referral: Referral,
    services: Iterable[Service],
    urgent_needs: str | None,
    facts: Iterable[str],
    signer: Signer,
) -> None:
    wanted, chosen = list(services), known.in_order(facts)
    recipient = directory.organisation(actor, _recipient_of(referral))
    if not set(wanted) <= set(recipient.offered):
        raise Invalid("services", "not_offered")
    if not set(chosen) <= set(openable_facts(actor, case)):
        raise Denied(case.id)
    referral.services = [service.value for service in wanted]
    referral.facts = [key.value for key in chosen]
    referral.urgent_needs, referral.signer = urgent_needs, signer


def send(
    actor: Actor,
    case_id: UUID,
    referral_id: UUID,
    version: int | None = None,
    seen: str | None = None,
) -> Referral:
    """Send: freeze what was looked at, under the live consent for this very recipient.

    ``seen`` is the digest of the preview. Raises Invalid with the obstacle (R6), "changed" when
    the case changed since the preview, Conflict, and rules.ForbiddenMove.
    """
    case = case_at_work(actor, case_id)
    referral = _for_change(case, referral_id, version)
    state = rules.move(referral.state, ReferralState.SENT)
    consent = _consent(case, referral)
    if obstacle := _obstacle(actor, referral, consent):
        raise Invalid("", obstacle)
    try:
        content = _compose(actor, case, referral, consent)
    except SealBroken:
        raise Invalid("", "unreadable") from None
    if seen is not None and seen != packets.digest(content):
        raise Invalid("", "changed")
    frozen = Packet(facility_id=actor.facility_id, referral_id=referral.id, frozen_at=clock.now())
    open_keys(actor, frozen.id, {SOCIAL}, purpose=Purpose.REFERRAL, case_id=case.id)
    session.add(frozen)
    frozen.content = content
    now = clock.now()
    referral.state, referral.sent_at, referral.chase_at = state, now, rules.next_chase(now, now)
    referral.consent_id = consent.id if consent else None
    record(actor, Action.REFERRAL_SENT, case_id=case.id, subject_id=referral.id)
    session.flush()
    return referral


def note_refusal(actor: Actor, case_id: UUID, referral_id: UUID) -> None:
    """Record that a referral was not sent; which rule refused it is a fact and stays unsaid."""
    record(
        actor,
        Action.REFERRAL_REFUSED,
        outcome=Outcome.REFUSED,
        case_id=case_id,
        subject_id=referral_id,
    )


def record_answer(
    actor: Actor,
    case_id: UUID,
    referral_id: UUID,
    version: int | None = None,
    *,
    answer: ReferralState,
    by_whom: str | None = None,
    note: str | None = None,
) -> Referral:
    """Record what the receiver said. Raises rules.ForbiddenMove, Invalid without a reason."""
    case = case_at_work(actor, case_id)
    referral = _for_change(case, referral_id, version)
    if answer not in rules.answers_from(referral.state):
        raise rules.ForbiddenMove(f"{referral.state} -> {answer}")
    if answer is ReferralState.DECLINED and not (note or "").strip():
        raise Invalid("note", "reason_missing")
    referral.state = rules.move(referral.state, answer)
    referral.answered_at, referral.answered_by_whom = clock.now(), by_whom
    referral.answer_note = note
    if referral.state not in rules.AWAITING:
        referral.chase_at = None
    record(
        actor,
        Action.REFERRAL_ANSWERED,
        case_id=case.id,
        subject_id=referral.id,
        subject_kind=f"state:{referral.state.value}",
    )
    session.flush()
    return referral


def note_chase(
    actor: Actor, case_id: UUID, referral_id: UUID, version: int | None = None
) -> Referral:
    """Record that the receiver was asked again; the next time is 7 days after sending (R22)."""
    case = case_at_work(actor, case_id)
    referral = _for_change(case, referral_id, version)
    if referral.state not in rules.AWAITING or referral.sent_at is None:
        raise Invalid("", "nothing_to_chase")
    referral.chase_at = rules.next_chase(
        referral.sent_at, max(clock.now(), referral.chase_at or clock.now())
    )
    record(actor, Action.REFERRAL_CHASED, case_id=case.id, subject_id=referral.id)
    session.flush()
    return referral


def show(actor: Actor, case_id: UUID, referral_id: UUID) -> Shown:
    """One referral, opened: what would go while it is a draft, what went once it was sent."""
    actor.require(Permission.REFERRAL_READ)
    case = cases.get(actor, case_id)
    cases.open_parts(actor, case, {SOCIAL}, Purpose.REFERRAL)
    referral = find(case, referral_id)
    record(actor, Action.REFERRAL_SHOWN, case_id=case.id, subject_id=referral.id)
    recipient = directory.names_of(actor, [referral.known_recipient_id])
    content: Content | None = None
    obstacle: str | None = "unreadable"
    with suppress(SealBroken):
        consent = _consent(case, referral)
        content = _content(actor, case, referral, consent)
        obstacle = _obstacle(actor, referral, consent)
    return Shown(
        case=case,
        referral=referral,
        recipient=recipient.get(referral.known_recipient_id),
        content=content,
        obstacle=obstacle,
    )


def print_letter(actor: Actor, case_id: UUID, referral_id: UUID, *, as_pdf: bool) -> Content:
    """The frozen packet, to be printed; on record. Raises Invalid with the obstacle (R6)."""
    actor.require(Permission.REFERRAL_WRITE)
    shown = show(actor, case_id, referral_id)
    if shown.referral.sent_at is None:
        raise Invalid("", "not_sent")
    if shown.referral.state in (ReferralState.WITHDRAWN, ReferralState.DECLINED):
        raise Invalid("", "forbidden_move")
    if shown.obstacle:
        raise Invalid("", shown.obstacle)
    if shown.content is None:
        raise Denied(case_id)
    record(
        actor,
        Action.LETTER_PRINTED,
        case_id=case_id,
        subject_id=referral_id,
        subject_kind="letter:pdf" if as_pdf else "letter:page",
    )
    return shown.content


def find(case: Case, referral_id: UUID) -> Referral:
    """A referral of this very case. Raises NotFound for any other."""
    referral = session.get(Referral, referral_id)
    if referral is None or referral.case_id != case.id:
        raise NotFound(referral_id)
    return referral


def _for_change(case: Case, referral_id: UUID, version: int | None) -> Referral:
    referral = find(case, referral_id)
    if version is not None and referral.version != version:
        raise Conflict(referral_id)
    return referral


def _recipient_of(referral: Referral) -> UUID:
    if referral.recipient_id is None:
        raise NotFound(referral.id)
    return referral.recipient_id


def _consent(case: Case, referral: Referral) -> Consent | None:
    return consenting.live_for(case, ConsentPurpose.REFERRAL, _recipient_of(referral))


def _obstacle(actor: Actor, referral: Referral, consent: Consent | None) -> str | None:
    """Why this must not leave the hospital now, or None (R6)."""
    if consent is None:
        return "no_consent"
    if consent.scope and not set(referral.facts or ()) <= set(consent.scope):
        return "outside_scope"
    is_draft = referral.state is ReferralState.DRAFT
    if is_draft and not referral.services:
        return "nothing_asked"
    if is_draft and referral.recipient_id not in {item.id for item in addressees(actor)}:
        return "recipient_gone"
    return None


def _content(
    actor: Actor, case: Case, referral: Referral, consent: Consent | None
) -> Content | None:
    chosen = known.in_order(referral.facts or ())
    if not set(chosen) <= set(openable_facts(actor, case)):
        return None
    frozen = session.scalar(select(Packet).where(Packet.referral_id == referral.id))
    if frozen is None:
        return _compose(actor, case, referral, consent)
    open_keys(actor, frozen.id, {SOCIAL}, purpose=Purpose.REFERRAL, case_id=case.id)
    return cast(Content, frozen.content)


def _compose(actor: Actor, case: Case, referral: Referral, consent: Consent | None) -> Content:
    """What the receiver would see now; opens exactly the compartments of the chosen facts."""
    chosen = known.in_order(referral.facts or ())
    parts = known.compartments(chosen) - {SOCIAL}
    if parts:
        cases.open_parts(actor, case, parts, Purpose.REFERRAL)
    subject = known.Subject(
        case=case,
        identity=_part(Identity, case) if Compartment.IDENTITY in parts else None,
        contact=_part(SafeContact, case) if Compartment.CONTACT in parts else None,
        today=clock.today(),
    )
    facility = directory.the_facility()
    if facility is None:
        raise NotFound(actor.facility_id)
    names = directory.names_of(actor, [referral.recipient_id])
    asked = packets.Request(
        recipient=names.get(referral.recipient_id, ""),
        services=[Service(code) for code in referral.services or ()],
        urgent_needs=referral.urgent_needs,
        facts=chosen,
        signer=referral.signer or Signer.DIRECTOR,
    )
    return packets.compose(actor, facility, asked, subject, consent)


def _part(kind: type[Part], case: Case) -> Part | None:
    return session.scalar(select(kind).where(kind.case_id == case.id))
