"""Many people at once, without the ways of a whole case: what searching needs to find them."""

from itertools import product
from typing import Any
from uuid import UUID

from casemgr import clock
from casemgr.access import Compartment
from casemgr.access.actor import system_actor
from casemgr.access.key_names import KeyName, the_keyring
from casemgr.access.opening import apart, open_many
from casemgr.audit import Action, record
from casemgr.cases.changes import note_change
from casemgr.cases.models import Case, Identity
from casemgr.cases.rules import CaseState, Group, Source, new_code
from casemgr.crypto.key_store import WrappedKey
from casemgr.crypto.making import make_data_key
from casemgr.crypto.sealed import OPEN_KEYS
from casemgr.db import new_id, session
from tests.cast import Cast

PARTS = (Compartment.IDENTITY, Compartment.SOCIAL)


def add_people(cast: Cast, people: list[dict[str, Any]]) -> list[UUID]:
    """One case for each, with these facts of identity; committed."""
    with cast.acting():
        maker = system_actor("tests", cast.facility_id, "command")
        ids = [new_id() for _ in people]
        record(maker, Action.CASE_OPENED, count=len(ids))
        with apart():
            open_many(maker, ids, PARTS)
            _make_keys(cast, ids)
            for number, case_id in enumerate(ids):
                session.add(
                    Case(
                        id=case_id,
                        facility_id=cast.facility_id,
                        code=new_code("TN"),
                        code_name=f"Tên {case_id}"[-40:],
                        state=CaseState.ADMITTED,
                        opened_at=clock.now(),
                        changed_at=clock.now(),
                        source=Source.WARD,
                        group=Group.SUSPECTED if number % 2 else Group.AT_RISK,
                    )
                )
            session.flush()
            for case_id, facts in zip(ids, people, strict=True):
                session.add(Identity(facility_id=cast.facility_id, case_id=case_id, **facts))
                note_change(maker, case_id)
            session.flush()
        session.commit()
    return ids


def _make_keys(cast: Cast, ids: list[UUID]) -> None:
    """All keys with one commit of the key store: one for each would be most of the time."""
    ring, opened = the_keyring(), session.info[OPEN_KEYS]
    number = ring.active_number(cast.facility_id, "data")
    cipher = ring.facility_cipher(cast.facility_id, "data", number)
    pending = []
    for owner_id, part in product(ids, PARTS):
        place = WrappedKey(new_id(), cast.facility_id, owner_id, part, 1, number, b"", b"")
        wrapped, key = make_data_key(cipher, place)
        pending.append(wrapped)
        opened.add(key)
        session.add(
            KeyName(
                id=key.id,
                facility_id=cast.facility_id,
                owner_id=owner_id,
                compartment=part,
                generation=1,
            )
        )
    ring.store.add_pending(pending)


def rename(cast: Cast, case_id: UUID, full_name: str) -> None:
    """Change the name, as an edit would."""
    with cast.acting():
        maker = system_actor("tests", cast.facility_id, "command")
        record(maker, Action.IDENTITY_RECORDED, case_id=case_id)
        with apart():
            open_many(maker, [case_id], [Compartment.IDENTITY])
            row = session.query(Identity).filter_by(case_id=case_id).one()
            row.full_name = full_name
            session.flush()
        note_change(maker, case_id)
