"""Sittings that opened no case go after 12 months (issue 3); their counts stay."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, text

from casemgr import clock
from casemgr.access.key_names import KeyName
from casemgr.access.removal import KeyRemoval
from casemgr.audit import Action, AuditEntry
from casemgr.db import session
from casemgr.screenings import counting, suspicions
from casemgr.screenings import service as screenings
from casemgr.screenings.instruments.instrument import Age
from casemgr.screenings.models import Sitting, SittingCount
from casemgr.screenings.rules import SafetyChecks
from tests.cast import Cast
from tests.privacy.scene import later, work

TWELVE_MONTHS = timedelta(days=365)
SAFE = SafetyChecks(is_alone=True, limits_explained=True)


def sitting(cast: Cast, department: str, answers: tuple[str, ...]) -> UUID:
    nurse = cast.actor("nurse")
    with cast.acting():
        made = screenings.open_sitting(
            nurse, department=department, checks=SAFE, age=Age.exactly(30)
        )
        for number, value in enumerate(answers, start=1):
            made = screenings.record_answer(nurse, made.id, made.version, number, value)
        if len(answers) == 4:
            made = screenings.complete(nurse, made.id, made.version)
        return made.id


def left(cast: Cast) -> set[UUID]:
    with cast.app.app_context():
        return set(session.scalars(select(Sitting.id)))


def sums(cast: Cast, month: str) -> dict[str, dict[str, int]]:
    with cast.acting():
        return {
            name: dict(found) for name, found in counting.sums(cast.actor("admin"), month).items()
        }


def test_they_go_after_twelve_months_and_their_counts_stay(cast: Cast) -> None:
    month = f"{clock.today():%Y-%m}"
    for answers in (("no",) * 4, ("no",) * 4, ("declined",)):
        sitting(cast, "Khoa Sản", answers)
    sitting(cast, "Khoa Nhi", ("no",) * 4)
    led = sitting(cast, "Khoa Sản", ("yes", "no", "no", "no"))
    with cast.acting():
        version = session.get_one(Sitting, led).version
        suspicions.raise_suspicion(cast.actor("nurse"), led, version, concern=None)
    with later(TWELVE_MONTHS - timedelta(hours=1)):
        work(cast)
        assert len(left(cast)) == 5
    with later(TWELVE_MONTHS + timedelta(hours=1)):
        young = sitting(cast, "Khoa Nhi", ("no",) * 4)
        work(cast)
    assert left(cast) == {led, young}, "one that led to a case is erased with the case"
    found = sums(cast, month)
    assert {name: sum(counts.values()) for name, counts in found.items()} == {
        "Khoa Sản": 3,
        "Khoa Nhi": 1,
    }
    assert {key.rpartition("/")[2]: n for key, n in found["Khoa Sản"].items()} == {
        "negative": 2,
        "incomplete": 1,
    }
    with later(TWELVE_MONTHS * 2 + timedelta(hours=2)):
        work(cast)
    assert left(cast) == {led}
    assert sums(cast, month) == found, "another month's does not change this one's"


def test_their_keys_go_and_the_log_says_by_whom(cast: Cast) -> None:
    old = sitting(cast, "Khoa Sản", ("no",) * 4)
    store = cast.app.extensions["keyring"].store
    with cast.app.app_context():
        (key_id,) = session.scalars(select(KeyName.id).where(KeyName.owner_id == old))
    assert store.fetch([key_id])
    with later(TWELVE_MONTHS + timedelta(hours=1)):
        work(cast)
    assert not store.fetch([key_id])
    with cast.app.app_context():
        removal = session.scalars(select(KeyRemoval).where(KeyRemoval.key_id == key_id)).one()
        assert removal.confirmed_at is not None
        acts = {
            entry.action: entry.acting_as
            for entry in session.scalars(select(AuditEntry))
            if entry.action in {Action.SITTINGS_COUNTED, Action.SITTINGS_ERASED}
        }
    assert acts == {
        Action.SITTINGS_COUNTED: "statistics",
        Action.SITTINGS_ERASED: "sitting-eraser",
    }


def test_killed_in_between_none_is_counted_twice(cast: Cast) -> None:
    sitting(cast, "Khoa Sản", ("no",) * 4)
    month = f"{clock.today():%Y-%m}"
    with later(TWELVE_MONTHS + timedelta(hours=1)):
        with cast.app.app_context():
            from casemgr.access.actor import system_actor
            from casemgr.screenings.erasing import erase_old

            assert erase_old(system_actor("sitting-eraser", cast.facility_id)) == 1
            session.rollback()
        assert len(left(cast)) == 1
        work(cast)
    assert [sum(counts.values()) for counts in sums(cast, month).values()] == [1]
    with cast.app.app_context():
        assert len(session.scalars(select(SittingCount)).all()) == 1


def test_a_damaged_sum_keeps_nothing_from_being_erased(cast: Cast) -> None:
    """Whoever can write to the database cannot stop an erasure with one broken cell."""
    month = f"{clock.today():%Y-%m}"
    sitting(cast, "Khoa Sản", ("no",) * 4)
    with later(TWELVE_MONTHS + timedelta(hours=1)):
        work(cast)
    with cast.planting():
        session.execute(
            text("UPDATE screening_count SET sitting_count_sealed = :cell"),
            {"cell": b"\x01" + bytes(99)},
        )
    with later(-timedelta(minutes=1)):
        sitting(cast, "Khoa Sản", ("no",) * 4)
    with later(TWELVE_MONTHS + timedelta(hours=2)):
        work(cast)
    assert left(cast) == set()
    assert [sum(counts.values()) for counts in sums(cast, month).values()] == [1]
    with cast.app.app_context():
        broken = select(AuditEntry).where(AuditEntry.action == Action.SEAL_BROKEN)
        assert session.scalars(broken).first() is not None
