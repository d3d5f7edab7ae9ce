"""What the administrator is told about backups."""

from datetime import datetime, timedelta

from casemgr import clock
from casemgr.access.epochs import epoch_row
from casemgr.crypto.backup_header import SetHeader, SetKind
from casemgr.db import new_id
from casemgr.work import backups
from casemgr.work.backup_concerns import BackupConcern, backup_concerns
from tests.cast import Cast


def made(cast: Cast, kind: SetKind, at: datetime, *, is_finished: bool = True) -> None:
    expires_at = at + timedelta(days=35) if kind is SetKind.KEYS else None
    header = SetHeader(kind, new_id(), cast.facility_id, at, expires_at, "1", "sqlite")
    with cast.planting():
        row = backups.begin(cast.actor("admin"), header)
        row.size = 1000 if is_finished else None


def told(cast: Cast) -> list[BackupConcern]:
    with cast.acting():
        return backup_concerns(cast.actor("admin"))


def test_until_all_three_were_made_and_again_after_a_week(cast: Cast) -> None:
    now = clock.now()
    for kind in SetKind:
        assert told(cast) == [BackupConcern.NONE_YET]
        made(cast, kind, now, is_finished=False)
        assert told(cast) == [BackupConcern.NONE_YET], "begun is not made"
        made(cast, kind, now)
    assert told(cast) == []
    with clock.frozen(now + timedelta(days=7)):
        assert told(cast) == []
    with clock.frozen(now + timedelta(days=7, minutes=1)):
        assert told(cast) == [BackupConcern.OLD]
        made(cast, SetKind.MAIN, clock.now())
        assert told(cast) == [BackupConcern.OLD], "files and key store are as old as before"


def test_a_key_store_copied_before_the_last_close_is_no_backup(cast: Cast) -> None:
    """Its root is gone: whoever counts on it has none."""
    now = clock.now()
    for kind in SetKind:
        made(cast, kind, now)
    later = now + timedelta(hours=1)
    with clock.frozen(later):
        with cast.planting():
            row = epoch_row(cast.actor("admin"))
            row.closed_at = later
        assert told(cast) == [BackupConcern.NONE_YET]
        made(cast, SetKind.KEYS, later + timedelta(minutes=1))
        assert told(cast) == []


def test_a_copy_that_should_be_gone_is_told_of(cast: Cast) -> None:
    long_ago = clock.now() - timedelta(days=36)
    made(cast, SetKind.KEYS, long_ago)
    for kind in SetKind:
        made(cast, kind, clock.now())
    assert told(cast) == [BackupConcern.COPY_OVERDUE]
    with cast.acting():
        (copy,) = backups.overdue_copies()
        copy.removed_at = clock.now()
    assert told(cast) == []


def test_an_erasure_waits_for_the_last_copy_made_before_it(cast: Cast) -> None:
    now = clock.now().replace(microsecond=0)
    for days in (30, 10, -2):
        made(cast, SetKind.KEYS, now - timedelta(days=days))
    made(cast, SetKind.MAIN, now)
    with cast.acting():
        assert backups.last_key_store_copy_expires(now) == now + timedelta(days=25)
        before_all = now - timedelta(days=31)
        assert backups.last_key_store_copy_expires(before_all) is None


def test_a_restored_main_database_reckons_with_copies_that_it_does_not_know(cast: Cast) -> None:
    now = clock.now()
    with clock.frozen(now), cast.acting():
        backups.note_restored(cast.actor("admin"), SetKind.FILES, new_id())
        assert backups.last_key_store_copy_expires(now) is None
        backups.note_restored(cast.actor("admin"), SetKind.MAIN, new_id())
        assert backups.last_key_store_copy_expires(now) == now + timedelta(days=35)


def test_the_page_says_it(cast: Cast) -> None:
    assert "flask backup create" in cast.browser("admin").get("/")
    assert "flask backup" not in cast.browser("worker").get("/")
