"""What the administrator's start page says of the recovery shares, and until when."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from casemgr import clock
from casemgr.access.actor import Actor, system_actor
from casemgr.audit import Action, Outcome, record
from casemgr.crypto.errors import KeyProviderDown
from casemgr.crypto.recovery import recovering
from casemgr.crypto.recovery.key_pair import RecoveryKey
from casemgr.work import ceremonies
from casemgr.work import concerns as watching
from casemgr.work.concerns import Concern
from casemgr.work.rules import Ceremony
from tests.cast import PEOPLE, Cast

HEADING = "Việc cần làm với khóa và bản sao lưu"


def command(cast: Cast) -> Actor:
    return system_actor("keys", cast.facility_id, "command")


def hold(cast: Cast, kind: Ceremony, set_id: str, *, succeeds: bool = True) -> None:
    with cast.acting():
        begun = ceremonies.begin(command(cast), kind)
        if succeeds:
            ceremonies.end(command(cast), begun, kind, set_id)
        else:
            ceremonies.fail(command(cast), begun, kind)


def issue(cast: Cast) -> str:
    """New shares, in the key store and on record."""
    ring = cast.app.extensions["keyring"]
    made = recovering.issue(ring.store, ring.provider, cast.facility_id, RecoveryKey.make())
    hold(cast, Ceremony.SPLIT, made.set_id)
    return made.set_id


def concerns(cast: Cast, at: datetime | None = None) -> list[Concern]:
    with clock.frozen(at or clock.now()), cast.acting():
        return watching.concerns(cast.actor("admin"))


def test_until_shares_are_made_and_tried(cast: Cast) -> None:
    assert concerns(cast) == [Concern.NO_SHARES]
    set_id = issue(cast)
    assert concerns(cast) == [Concern.NO_DRILL]
    hold(cast, Ceremony.DRILL, set_id, succeeds=False)
    assert concerns(cast) == [Concern.NO_DRILL]
    hold(cast, Ceremony.DRILL, set_id)
    assert concerns(cast) == []


def test_every_quarter_again(cast: Cast) -> None:
    set_id, now = issue(cast), clock.now()
    hold(cast, Ceremony.DRILL, set_id)
    assert concerns(cast, now + timedelta(days=89)) == []
    assert concerns(cast, now + timedelta(days=91)) == [Concern.DRILL_DUE]
    with clock.frozen(now + timedelta(days=91)):
        hold(cast, Ceremony.DRILL, set_id)
    assert concerns(cast, now + timedelta(days=92)) == []


def test_new_shares_want_a_drill_of_their_own(cast: Cast) -> None:
    hold(cast, Ceremony.DRILL, issue(cast))
    assert concerns(cast) == []
    issue(cast)
    assert concerns(cast) == [Concern.NO_DRILL]


def test_after_an_epoch_was_closed_until_shares_are_issued_anew(cast: Cast) -> None:
    hold(cast, Ceremony.DRILL, issue(cast))
    with cast.acting():
        record(command(cast), Action.EPOCH_CLOSED, count=1)
    assert concerns(cast) == [Concern.EPOCH_CLOSED]
    hold(cast, Ceremony.DRILL, issue(cast))
    assert concerns(cast) == []


def test_another_set_in_the_key_store_than_was_issued(cast: Cast) -> None:
    """Killed between the two databases, or somebody put an older set back."""
    hold(cast, Ceremony.DRILL, issue(cast))
    ring = cast.app.extensions["keyring"]
    recovering.issue(ring.store, ring.provider, cast.facility_id, RecoveryKey.make())
    assert concerns(cast) == [Concern.OTHER_SET]


def test_a_key_that_the_shares_do_not_open(cast: Cast) -> None:
    hold(cast, Ceremony.DRILL, issue(cast))
    with cast.app.extensions["keyring"].store.writing() as connection:
        connection.execute(text("DELETE FROM recovery_envelope WHERE purpose = 'data'"))
    assert concerns(cast) == [Concern.NOT_ALL_SEALED]


def test_a_key_store_that_is_away_is_said(cast: Cast) -> None:
    hold(cast, Ceremony.DRILL, issue(cast))
    with cast.app.extensions["keyring"].store.writing() as connection:
        connection.execute(text("ALTER TABLE recovery_key RENAME TO away"))
    try:
        assert concerns(cast) == [Concern.KEY_STORE_AWAY]
    finally:
        with cast.app.extensions["keyring"].store.writing() as connection:
            connection.execute(text("ALTER TABLE away RENAME TO recovery_key"))


def test_a_provider_that_cannot_be_used_is_said(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process holds its keys and works on: only here and in the log does anybody hear of it."""

    def down() -> str:
        raise KeyProviderDown("Vault is sealed")

    provider = cast.app.extensions["keyring"].provider
    monkeypatch.setattr(provider._provider, "root_name", down)
    hour = timedelta(hours=1)
    assert Concern.PROVIDER_AWAY in concerns(cast, clock.now() + hour)
    monkeypatch.undo()
    assert Concern.PROVIDER_AWAY not in concerns(cast, clock.now() + 2 * hour)


def test_a_key_that_did_not_open_when_it_was_tried(cast: Cast) -> None:
    hold(cast, Ceremony.DRILL, issue(cast))
    with cast.acting():
        record(command(cast), Action.KEYS_VERIFIED, outcome=Outcome.FAILED, count=4)
    assert concerns(cast) == [Concern.KEYS_BROKEN]
    with cast.acting():
        record(command(cast), Action.KEYS_VERIFIED, count=4)
    assert concerns(cast) == []


def test_another_hospitals_entries_do_not_count(cast: Cast) -> None:
    cast.app.extensions["keyring"].found_facility(UUID(int=7))
    with cast.acting():
        other = system_actor("keys", UUID(int=7), "command")
        record(other, Action.SHARES_ISSUED, subject_kind="set:0000-0000-0000")
    assert concerns(cast) == [Concern.NO_SHARES]


@pytest.mark.parametrize("name", PEOPLE)
def test_only_the_administrator_is_told(cast: Cast, name: str) -> None:
    assert (HEADING in cast.browser(name).get("/")) is (name == "admin")


def test_the_page_says_what_to_do(cast: Cast) -> None:
    administrator = cast.browser("admin")
    assert "Chưa có mảnh khóa dự phòng." in administrator.get("/")
    set_id = issue(cast)
    assert "flask keys drill" in administrator.get("/")
    hold(cast, Ceremony.DRILL, set_id)
    assert "flask keys" not in administrator.get("/")
