"""What stands between a removed key and "final": re-wrap, the old root, recovery shares (design §4)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select

from casemgr import clock
from casemgr.access import closing, destroying
from casemgr.access.actor import Actor, system_actor
from casemgr.access.closing import begin, steps
from casemgr.access.compartments import Compartment
from casemgr.access.epochs import (
    KeyEpoch,
    Outstanding,
    Waits,
    current_epoch,
    note_shares_issued,
    what_is_outstanding,
)
from casemgr.access.errors import Conflict
from casemgr.access.key_names import KeyName
from casemgr.access.opening import open_many
from casemgr.access.removal import carry_out_removals, intend_removal, removals_of
from casemgr.audit import Action, AuditEntry, Outcome, record
from casemgr.cases import service as cases
from casemgr.cases.models import Case
from casemgr.cases.rules import Source
from casemgr.crypto import making, rotation
from casemgr.crypto.errors import KeyInUse
from casemgr.crypto.key_store_schema import recovery_key
from casemgr.crypto.providers import Destruction
from casemgr.crypto.recovery import recovering
from casemgr.crypto.recovery.key_pair import RecoveryKey
from casemgr.crypto.sealed import OPEN_KEYS
from casemgr.db import new_id, session
from tests.cast import Cast
from tests.house.sealed_values import new_process


@pytest.fixture
def actor(cast: Cast) -> Actor:
    return system_actor("tests", cast.facility_id)


def close(actor: Actor) -> int:
    number = begin(actor)
    session.commit()
    for step in steps():
        for _line in step(actor, number):
            pass
        session.commit()
    return number


def waits(number: int) -> set[Waits]:
    return {item.what for item in what_is_outstanding(number)}


def test_epochs_follow_each_other(cast: Cast, actor: Actor) -> None:
    with cast.acting():
        assert current_epoch() == 1
        assert waits(1) == {Waits.RE_WRAP, Waits.ROOT}
        assert close(actor) == 1
        assert waits(1) == set()
        assert close(actor) == 2
        rows = session.scalars(select(KeyEpoch).order_by(KeyEpoch.number)).all()
        assert [row.number for row in rows] == [1, 2, 3]
        assert [row.closed_at is not None for row in rows] == [True, True, False]
        assert rows[1].opened_at == rows[0].closed_at
        assert rows[0].old_root != rows[1].old_root


def test_shares_of_an_epoch_count_until_newer_ones_are_issued(cast: Cast, actor: Actor) -> None:
    with cast.acting():
        close(actor)
        assert Waits.SHARES not in waits(1), "nobody ever issued any"
        note_shares_issued(actor, clock.now(), "0000-0000-0000")  # in epoch 2
        session.flush()
        assert Waits.SHARES not in waits(1)
        assert Waits.SHARES in waits(2)
        close(actor)
        assert waits(2) == {Waits.SHARES}
        note_shares_issued(actor, clock.now(), "0000-0000-0000")
        session.flush()
        assert waits(2) == set()


def test_shares_count_even_if_the_ceremony_was_killed_before_they_were_noted(
    cast: Cast, actor: Actor
) -> None:
    """They are in force in the key store, and on five papers."""
    keyring = cast.app.extensions["keyring"]

    def issue() -> None:
        key = RecoveryKey.make()
        recovering.issue(keyring.store, keyring.provider, cast.facility_id, key)

    with cast.acting():
        issue()
        close(actor)
        assert waits(1) == {Waits.SHARES}
        issue()
        assert waits(1) == set()


def test_a_replaced_set_that_is_current_again_is_not_sealed_to(cast: Cast) -> None:
    """Two of the old papers' keepers, and one more, would open every key made from then on."""
    keyring, sets = cast.app.extensions["keyring"], list[str]()
    for _ in range(2):
        made = recovering.issue(
            keyring.store, keyring.provider, cast.facility_id, RecoveryKey.make()
        )
        with cast.acting():
            note_shares_issued(system_actor("keys", cast.facility_id), clock.now(), made.set_id)
        sets.append(made.set_id)
    with keyring.store.writing() as connection:
        for state, of in (("retired", sets[1]), ("current", sets[0])):
            change = recovery_key.update().where(recovery_key.c.set_id == of)
            connection.execute(change.values(state=state))
    before = keyring.store.facility_keys()

    result = cast.app.test_cli_runner().invoke(args=["keys", "rotate"])

    assert result.exit_code != 0
    assert "not the one that was issued last" in result.output
    assert keyring.store.facility_keys() == before
    with cast.acting():
        alarms = select(AuditEntry).where(AuditEntry.action == Action.SHARES_SWAPPED)
        (alarm,) = session.scalars(alarms)
        assert (alarm.subject_kind, alarm.outcome) == (f"set:{sets[0]}", Outcome.FAILED)


def test_a_deletion_that_was_called_off_is_not_final(
    cast: Cast, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its day has passed, but asked again the provider names another one."""
    first, second = clock.now() + timedelta(days=7), clock.now() + timedelta(days=20)
    provider = type(cast.app.extensions["keyring"].provider)
    monkeypatch.setattr(provider, "destroy", _answers(is_final=False, final_at=first))
    with cast.acting():
        close(actor)
        with clock.frozen(first + timedelta(hours=1)):
            assert closing.is_gone_still(actor, 1)
            monkeypatch.setattr(provider, "destroy", _answers(is_final=False, final_at=second))
            assert not closing.is_gone_still(actor, 1)
            assert what_is_outstanding(1) == [Outstanding(Waits.ROOT, second)]


def test_a_closing_resumed_under_another_provider_ends_and_its_root_waits_for_a_word(
    cast: Cast, actor: Actor
) -> None:
    """Two epochs under roots of one name, which the present provider does not know."""
    for _ in range(2):
        with cast.acting():
            number = begin(actor)
            row = session.scalars(select(KeyEpoch).where(KeyEpoch.number == number)).one()
            row.old_root = "pkcs11:7"
        with cast.acting():
            close(actor)
            assert waits(number) == {Waits.ROOT}
    with cast.acting():
        assert destroying.needless(actor) == ["pkcs11:7"]
        destroying.confirm_by_hand(actor, "pkcs11:7")
        assert waits(1) == waits(2) == set()


def test_a_root_that_goes_later_is_outstanding_until_then(
    cast: Cast, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cloud's key store waits at least a week before it lets a key go."""
    later = clock.now() + timedelta(days=7)
    provider = type(cast.app.extensions["keyring"].provider)
    monkeypatch.setattr(provider, "destroy", _answers(is_final=False, final_at=later))
    with cast.acting():
        close(actor)
        assert what_is_outstanding(1) == [Outstanding(Waits.ROOT, later)]
        with clock.frozen(later):
            assert what_is_outstanding(1) == []


def test_a_root_that_somebody_must_destroy_stays_outstanding(
    cast: Cast, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = type(cast.app.extensions["keyring"].provider)
    with monkeypatch.context() as patch, cast.acting():
        patch.setattr(provider, "destroy", _answers(is_final=False, final_at=None))
        close(actor)
        assert what_is_outstanding(1) == [Outstanding(Waits.ROOT)]
    result = cast.app.test_cli_runner().invoke(args=["keys", "destroy"])
    (name,) = result.output.split()
    cast.app.test_cli_runner().invoke(args=["keys", "destroy", name, "--yes"])
    with cast.acting():
        assert what_is_outstanding(1) == []


def test_two_runs_at_once_close_one_epoch(cast: Cast, actor: Actor) -> None:
    with cast.acting():
        assert (begin(actor), begin(actor)) == (1, 1)
        session.commit()
        first = steps()
        for step in first:
            list(step(actor, 1))
            session.commit()
        with pytest.raises(Conflict):
            list(first[0](actor, 1))
        session.rollback()
        assert current_epoch() == 2


def test_a_restored_main_database_that_lags_behind_loses_nothing(cast: Cast, actor: Actor) -> None:
    """It knows nothing of the epoch that the key store reached; its next close must not end the root
    under which that epoch's facility key still lies."""
    case_id, ids = _case(cast)
    with cast.acting():
        close(actor)
    with cast.planting():
        session.execute(delete(KeyEpoch))  # as the backup of the night before has it
    with cast.acting():
        close(actor)
        assert waits(1) == set()
    new_process(cast.app)
    with cast.acting():
        assert len(cast.app.extensions["keyring"].open(cast.facility_id, ids)) == len(ids)
        live = cast.app.extensions["keyring"].store.facility_keys()
        assert {key.purpose for key in live} == {"data", "index", "tag", "backup"}
        assert len(live) == 4, "no older facility key for data is left"
        assert case_id


def test_a_rotation_in_the_midst_of_a_close_leaves_it_closable(cast: Cast, actor: Actor) -> None:
    """A rotation that was announced before may make a facility key after the close made its own."""
    _, ids = _case(cast)
    keyring = cast.app.extensions["keyring"]
    with cast.acting():
        number = begin(actor)
        session.commit()
        for step in steps()[:2]:
            list(step(actor, number))
        session.commit()
        rotation.renew_data_key(keyring, actor.facility_id, number)
        with pytest.raises(KeyInUse):
            _go_on(actor, number)
        session.rollback()
    with cast.acting():
        assert close(actor) == 1
        assert waits(1) == set()
        assert len(keyring.open(cast.facility_id, ids)) == len(ids)


def test_the_old_root_stays_while_a_facility_key_lies_under_it(
    cast: Cast, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else changed the key at the same moment, and it was not moved."""
    monkeypatch.setattr(rotation, "move_to_present_root", lambda *_: None)
    with cast.acting():
        with pytest.raises(KeyInUse):
            close(actor)
        session.rollback()
        assert current_epoch() == 1
        provider = cast.app.extensions["keyring"].provider
        for key in cast.app.extensions["keyring"].store.facility_keys():
            making.open_facility_key(provider, key)


def test_a_removal_counts_for_the_epoch_that_wrapped_the_key_last(cast: Cast, actor: Actor) -> None:
    """Decided before the close, carried out after the re-wrap: only the next close makes it noise."""
    case_id, ids = _case(cast)
    cause = new_id()
    with cast.acting():
        intend_removal(actor, ids, cause)
    with cast.acting():
        assert {row.epoch for row in removals_of(cause)} == {1}
        close(actor)
        assert carry_out_removals(actor) == len(ids)
        assert {row.epoch for row in removals_of(cause)} == {2}
        assert carry_out_removals(actor) == 0
        assert case_id


def test_nothing_opens_from_the_intent_on(cast: Cast, actor: Actor) -> None:
    case_id, ids = _case(cast)
    with cast.acting():
        open_many(actor, [case_id], [Compartment.SOCIAL])
        keys = session.info[OPEN_KEYS]
        assert keys.has_key(case_id, Compartment.SOCIAL)
        intend_removal(actor, ids, new_id())
        assert not keys.has_key(case_id, Compartment.SOCIAL), "not even in the same request"
        open_many(actor, [case_id], [Compartment.SOCIAL])
        assert not keys.has_key(case_id, Compartment.SOCIAL)
        assert intend_removal(actor, ids, new_id()) == [], "twice is once"


def test_a_generation_is_never_used_twice(cast: Cast, actor: Actor) -> None:
    """What is written after an erasure lies under a key that no old copy can stand in for."""
    case_id, ids = _case(cast)
    with cast.acting():
        intend_removal(actor, ids, new_id())
    with cast.acting():
        case = session.get_one(Case, case_id)
        open_many(actor, [case_id], [Compartment.SOCIAL])
        case.intake_sealed = None  # type: ignore[attr-defined]
        session.flush()
        case.ward = "Khoa Nhi"
        record(actor, Action.SOCIAL_RECORDED, case_id=case_id)
        session.flush()
        name = session.scalars(select(KeyName).where(KeyName.owner_id == case_id)).one()
        assert name.generation == 2


def _go_on(actor: Actor, number: int) -> None:
    for step in steps()[2:]:
        list(step(actor, number))


def _case(cast: Cast) -> tuple[Any, list[Any]]:
    with cast.acting():
        case = cases.open_suspicion(
            cast.actor("worker"), source=Source.WARD, ward="Khoa Sản", contact_nurse_id=None
        )
        session.flush()
        ids = list(session.scalars(select(KeyName.id).where(KeyName.owner_id == case.id)))
        return case.id, ids


def _answers(*, is_final: bool, final_at: datetime | None) -> Callable[..., Destruction]:
    def destroy(_provider: object, name: str) -> Destruction:
        return Destruction(name, is_final=is_final, final_at=final_at, advice="Wait.")

    return destroy
