"""Consent: one row per purpose and recipient, default off, withdrawn in one step (R4, R5)."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from casemgr.access import Compartment
from casemgr.crypto.errors import SealBroken
from casemgr.crypto.sealed import SealedRecord
from casemgr.db import Model


class ConsentPurpose(StrEnum):
    """What the person agreed to; care never depends on any of them (R4 a–h)."""

    RECORD = "a"
    EXAMINATION = "b"
    PHOTOGRAPHS = "c"
    REFERRAL = "d"
    NOTIFY_AUTHORITIES = "e"
    CONTACT_AGAIN = "f"
    STATISTICS = "g"
    CONTACT_FAMILY = "h"


class ConsentMethod(StrEnum):
    """How the person agreed (R5)."""

    SIGNED = "signed"
    FINGERPRINT = "fingerprint"
    SPOKEN_WITH_WITNESS = "spoken_with_witness"
    ELECTRONIC = "electronic"


class Standing(StrEnum):
    """Where a question of consent stands today; not asked counts as no (R4)."""

    NOT_ASKED = "not_asked"
    GIVEN = "given"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Consent(Model):
    """One answer to one question of consent: yes or no, for one purpose and recipient."""

    __tablename__ = "consent"
    __key_owner__ = "case_id"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"), index=True)
    recorded_by: Mapped[UUID | None]
    recorded_at: Mapped[datetime]
    expires_on: Mapped[date | None]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[UUID | None]

    consent = SealedRecord(Compartment.SOCIAL)
    purpose = consent.choice(ConsentPurpose)
    was_given = consent.boolean()
    recipient_id = consent.uuid()  # purpose d: to which organisation
    scope = consent.strings()  # which facts; empty means those of the purpose's text
    method = consent.choice(ConsentMethod)
    witness = consent.text()
    text_version = consent.text()

    def is_live(self, today: date) -> bool:
        """Whether it allows something today. The record's compartment must be open."""
        return self.standing(today) is Standing.GIVEN

    def standing(self, today: date) -> Standing:
        """What this answer is worth today. The record's compartment must be open."""
        if not self.was_given:
            return Standing.REFUSED
        if self.withdrawn_at is not None:
            return Standing.WITHDRAWN
        is_over = self.expires_on is not None and self.expires_on < today
        return Standing.EXPIRED if is_over else Standing.GIVEN


TEXT_VERSION = "2026-11"  # the wording of the consent texts in the catalogue


def live(
    consents: Iterable[Consent],
    purpose: ConsentPurpose,
    today: date,
    recipient_id: UUID | None = None,
) -> Consent | None:
    """The newest answer to this question, if it is a live yes; otherwise None (R6).

    An older yes never counts beside a newer answer. One that cannot be read allows nothing.
    """
    newest: dict[UUID | None, Consent] = {}
    for item in sorted(consents, key=lambda item: item.recorded_at):
        with suppress(SealBroken):
            if item.purpose is purpose and recipient_id in (None, item.recipient_id):
                newest[item.recipient_id] = item
    alive = [item for item in newest.values() if item.is_live(today)]
    return max(alive, key=lambda item: item.recorded_at, default=None)


def standings(consents: Iterable[Consent], today: date) -> dict[ConsentPurpose, Standing]:
    """Where each of the eight questions stands; for referrals one live yes is enough to say so."""
    found = dict.fromkeys(ConsentPurpose, Standing.NOT_ASKED)
    for item in sorted(consents, key=lambda item: item.recorded_at):
        if item.purpose is None or (
            item.purpose is ConsentPurpose.REFERRAL
            and found[item.purpose] is Standing.GIVEN
            and not item.is_live(today)
        ):
            continue
        found[item.purpose] = item.standing(today)
    return found
