"""Which cases lists showed: rows that somebody took out are told, whatever stands in the leaves."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from sqlalchemy import delete, text

from casemgr.access.actor import system_actor
from casemgr.audit import Action, record, sequencer
from casemgr.audit.live import Flaw, Report, verify
from casemgr.audit.shown import audit_shown, ids_shown
from casemgr.db import new_id, session
from config import Settings
from tests.cast import Cast
from tests.planting import past_the_log


def listed(cast: Cast, cases: Sequence[UUID]) -> UUID:
    with cast.acting():
        who = system_actor("tests", cast.facility_id)
        return record(who, Action.CASES_LISTED, shown=cases).id


@pytest.mark.parametrize("leaf", [b"{", b"[1]", b'{"ids":7}', b'{"ids":["x"]}'])
def test_a_leaf_that_says_nonsense_shows_nothing(leaf: bytes) -> None:
    assert ids_shown(leaf) == []


@pytest.mark.parametrize("is_sequenced", [True, False], ids=["in the tree", "on its way"])
def test_a_row_that_was_taken_out_is_told_by_the_live_look(
    cast: Cast, settings: Settings, is_sequenced: bool
) -> None:
    """Else whoever was on a list could be kept from being found, and no proof would tell."""
    cases = [new_id() for _ in range(700)]
    entry_id = listed(cast, cases)
    listed(cast, cases[:2])
    with cast.app.app_context():
        if is_sequenced:
            sequencer.run(session())
        assert look(cast).faults == []
    engine = past_the_log(settings.database_url)
    with engine.begin() as root:
        if engine.dialect.name == "sqlite":
            root.execute(text("DROP TRIGGER audit_shown_delete"))
        root.execute(delete(audit_shown).where(audit_shown.c.case_id == cases[5]))
    engine.dispose()
    with cast.app.app_context():
        faults = look(cast).faults
    assert [(fault.flaw, fault.detail) for fault in faults] == [(Flaw.SHOWN, str(entry_id))]


def look(cast: Cast) -> Report:
    return verify(session(), cast.app.extensions["keyring"])
