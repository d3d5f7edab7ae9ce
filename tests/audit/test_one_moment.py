"""A verification that takes a while does not accuse a log that is written and sequenced meanwhile."""

from collections.abc import Callable

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from casemgr.access.actor import system_actor
from casemgr.audit import Action, AuditEntry, Outcome, live
from casemgr.db import session
from casemgr.db.snapshots import of_one_moment
from casemgr.privacy.proof import checking
from config import Settings
from tests.cast import Cast
from tests.house.log_forging import fill, sequence, write


def verified_in_the_background(cast: Cast) -> None:
    with cast.acting():
        checking.run(system_actor(checking.DAILY, cast.facility_id))
    with cast.app.app_context():
        query = select(AuditEntry.outcome).where(AuditEntry.action == Action.LOG_VERIFIED)
        assert session.scalars(query).all() == [Outcome.DONE]


def verified_by_command(cast: Cast) -> None:
    result = cast.app.test_cli_runner().invoke(args=["audit", "verify"])
    assert (result.exit_code, "Nothing was found." in result.output) == (0, True), result.output


@pytest.mark.parametrize("verify", [verified_in_the_background, verified_by_command])
def test_what_is_sequenced_during_the_walk_is_no_fault(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, verify: Callable[[Cast], None]
) -> None:
    fill(cast, 30)
    moments = ["at_entries", "at_the_tree", "at_pending", "at_lanes"]

    def busy(act: Callable[..., object]) -> Callable[..., object]:
        def first_others(*given: object) -> object:
            write(cast, 2)
            sequence(cast)
            write(cast)
            return act(*given)

        return first_others

    for name in moments:
        monkeypatch.setattr(live._Look, name, busy(getattr(live._Look, name)))
    verify(cast)


def test_nothing_can_be_written_in_it(settings: Settings) -> None:
    with of_one_moment(settings.database_url) as reading, pytest.raises(DatabaseError):
        reading.execute(text("DELETE FROM job"))
