"""What colleagues can be compared by: recorded for detection alone, and shown to nobody.

The desk of accounts (a room of its own) will ask for it; until then the command line records it.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import select

from casemgr.access import Actor, Compartment, Denied, Invalid, Purpose
from casemgr.access.opening import open_keys
from casemgr.accounts import service as accounts
from casemgr.audit import Action
from casemgr.db import new_id, session
from casemgr.privacy.detection.models import StaffFacts

TEXTS: Final = (
    "full_name", "national_id", "insurance_number", "phone", "emergency_phone", "address",
)  # fmt: skip
DAYS: Final = ("born_on", "ends_on")
FIELDS: Final = TEXTS + DAYS


def record_facts(actor: Actor, account_id: UUID, values: Mapping[str, str]) -> StaffFacts:
    """Record what is known of one colleague; what is left out stays as it was, empty erases it.

    Raises Denied for anybody but a system actor, NotFound for somebody of another facility, Invalid(field, "unknown_field") and
    Invalid(field, "no_day") where a day is not written as 2026-11-25.
    """
    if not actor.system_name:
        raise Denied(account_id)
    colleague = accounts.colleague(actor, account_id)
    checked = {name: _checked(name, text) for name, text in values.items()}
    row = session.scalar(select(StaffFacts).where(StaffFacts.account_id == colleague.id))
    open_keys(
        actor,
        colleague.id,
        {Compartment.IDENTITY},
        purpose=Purpose.OVERSIGHT,
        action=Action.STAFF_FACTS_RECORDED,
    )
    if row is None:
        row = StaffFacts(id=new_id(), facility_id=actor.facility_id, account_id=colleague.id)
        session.add(row)
    for name, value in checked.items():
        setattr(row, name, value)
    session.flush()
    return row


def _checked(name: str, text: str) -> str | date | None:
    if name not in FIELDS:
        raise Invalid(name, "unknown_field")
    if not text.strip():
        return None
    if name in TEXTS:
        return text.strip()
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Invalid(name, "no_day") from None
