"""A case of Minh's with identity, safe contact and a directory: where referral tests begin."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from casemgr.access import Actor
from casemgr.cases import consenting, recording
from casemgr.cases import service as cases
from casemgr.cases.consent import Consent, ConsentMethod, ConsentPurpose
from casemgr.cases.models import Case, Identity, SafeContact
from casemgr.cases.rules import Sex, Source
from casemgr.crypto.partial_date import PartialDate
from casemgr.db import session
from casemgr.directory import service as directory
from casemgr.directory.models import Organisation
from tests.cast import Cast

NAME, PHONE, PHRASE, NEEDS = "Vàng Thị Máy", "0501234567", "hỏi mua vải", "Cần nơi ngủ đêm nay"
HOURS, LANGUAGE, NATIONAL_ID = "sau 20 giờ", "tiếng Hmông", "098109012345"


@dataclass
class Scene:
    """What a test needs to name."""

    cast: Cast
    case_id: UUID
    code: str
    centre_id: UUID
    legal_aid_id: UUID

    @property
    def worker(self) -> Actor:
        return self.cast.actor("worker")

    def consent_to(self, recipient_id: UUID, *, expires_on: date | None = None) -> Consent:
        """The person agrees to be referred there."""
        return consenting.record_consent(
            self.worker,
            self.case_id,
            purpose=ConsentPurpose.REFERRAL,
            was_given=True,
            method=ConsentMethod.SIGNED,
            recipient_id=recipient_id,
            expires_on=expires_on,
        )


def begin(cast: Cast) -> Scene:
    """Minh's case in support, with the facts above."""
    with cast.acting():
        worker = cast.actor("worker")
        directory.seed(worker)
        case = begin_case(cast)
        identity = {
            "full_name": NAME,
            "sex": Sex.FEMALE,
            "born_on": PartialDate(2009, 3, 14),
            "languages": LANGUAGE,
            "national_id": NATIONAL_ID,
        }
        recording.record_part(worker, case.id, Identity, None, identity)
        contact = {"phone": PHONE, "safe_hours": HOURS, "code_phrase": PHRASE}
        recording.record_part(worker, case.id, SafeContact, None, contact)
        return Scene(cast, case.id, case.code, _id("ttxh-quang-ninh"), _id("tro-giup-phap-ly"))


def begin_case(cast: Cast) -> Case:
    """A case that Minh took and whose person agreed to a record."""
    worker = cast.actor("worker")
    case = cases.open_suspicion(worker, source=Source.WARD, ward="Khoa Sản", contact_nurse_id=None)
    cases.take_case(worker, case.id)
    consenting.record_consent(
        worker,
        case.id,
        purpose=ConsentPurpose.RECORD,
        was_given=True,
        method=ConsentMethod.SIGNED,
    )
    return case


def _id(slug: str) -> UUID:
    return session.scalars(select(Organisation.id).where(Organisation.slug == slug)).one()
