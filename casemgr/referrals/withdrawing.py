"""Taking referrals back: by the staff, or because the person took their consent back (R5)."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select

from casemgr import clock
from casemgr.access import Actor, Compartment, Conflict, Invalid, Purpose
from casemgr.audit import Action, record
from casemgr.cases import service as cases
from casemgr.cases import tasks
from casemgr.cases.consent import Consent, ConsentPurpose
from casemgr.cases.models import Case
from casemgr.db import session
from casemgr.directory import service as directory
from casemgr.referrals import rules, service, wording
from casemgr.referrals.models import Referral
from casemgr.referrals.rules import ReferralState


def withdraw_referral(
    actor: Actor,
    case_id: UUID,
    referral_id: UUID,
    version: int | None = None,
    *,
    reason: str | None = None,
) -> Referral:
    """Take a referral back. One that was sent needs a reason, and its receiver is to be told.

    Raises rules.ForbiddenMove, Conflict, Invalid("reason", "reason_missing").
    """
    case = service.case_at_work(actor, case_id)
    referral = service.find(case, referral_id)
    if version is not None and referral.version != version:
        raise Conflict(referral_id)
    was_sent = referral.state is not ReferralState.DRAFT
    if was_sent and not (reason or "").strip():
        raise Invalid("reason", "reason_missing")
    _withdraw(actor, referral)
    referral.answer_note = reason
    session.flush()
    if was_sent:
        _have_told(actor, case, [referral.recipient_id], wording.TELL_REFERRAL_WITHDRAWN)
    return referral


def on_consent_withdrawn(actor: Actor, case_id: UUID, consent: Consent) -> None:
    """Hook of the cases room: drafts stop, and who already received something is to be told.

    A withdrawn consent to the record itself (R4a) stops every referral of the case.
    """
    if consent.purpose not in (ConsentPurpose.REFERRAL, ConsentPurpose.RECORD):
        return
    case = cases.get(actor, case_id)
    cases.open_parts(actor, case, {Compartment.SOCIAL}, Purpose.REFERRAL)
    query = select(Referral).where(
        Referral.case_id == case.id, Referral.state != ReferralState.WITHDRAWN
    )
    concerned = [each for each in session.scalars(query) if _is_concerned(each, consent)]
    for referral in concerned:
        if referral.state is ReferralState.DRAFT:
            _withdraw(actor, referral)
    received = [
        referral.known_recipient_id for referral in concerned if referral.sent_at is not None
    ]
    _have_told(actor, case, received, wording.TELL_CONSENT_WITHDRAWN)


def _is_concerned(referral: Referral, consent: Consent) -> bool:
    """Whether this referral rests on the consent; one that cannot be read may, and so it does."""
    recipient = referral.known_recipient_id
    is_same = recipient is None or recipient == consent.recipient_id
    return consent.purpose is ConsentPurpose.RECORD or is_same


def _withdraw(actor: Actor, referral: Referral) -> None:
    referral.state = rules.move(referral.state, ReferralState.WITHDRAWN)
    referral.chase_at = None
    record(actor, Action.REFERRAL_WITHDRAWN, case_id=referral.case_id, subject_id=referral.id)


def _have_told(actor: Actor, case: Case, recipients: Iterable[UUID | None], words: str) -> None:
    """One task for each receiver, due at once."""
    for name in directory.names_of(actor, recipients).values():
        title = words.format(recipient=name, code=case.code)
        tasks.put_task(actor, case, title=title, due_at=clock.now())
