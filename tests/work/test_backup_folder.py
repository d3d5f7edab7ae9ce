"""Where sets are written: hidden until whole, locked while they grow, overwritten when they go."""

import os
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from casemgr.crypto.backup_header import SetKind
from casemgr.work import backup_folder
from casemgr.work.backup_folder import BackupRefused, new_file

NAME = "casemgr-main-20261124T220000Z-0000bac1.cmgb"


def test_the_name_says_which_and_when_and_nothing_else() -> None:
    made_at = datetime(2026, 11, 24, 22, tzinfo=UTC)
    backup_id = UUID("0197a000-0000-7000-8000-00000000bac1")
    assert backup_folder.name_of(SetKind.MAIN, made_at, backup_id) == NAME


def test_a_file_is_hidden_and_private_until_it_is_whole(tmp_path: Path) -> None:
    with new_file(tmp_path, NAME) as new:
        new.write(b"half")
        (hidden,) = tmp_path.iterdir()
        assert hidden.name == f".{NAME}.part"
        assert stat.S_IMODE(hidden.stat().st_mode) == 0o600
        new.sync()
        new.keep()
    assert [path.name for path in tmp_path.iterdir()] == [NAME]
    assert (tmp_path / NAME).read_bytes() == b"half"


def test_what_fails_leaves_nothing(tmp_path: Path) -> None:
    def interrupted() -> None:
        with new_file(tmp_path, NAME) as new:
            new.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"older")
    with pytest.raises(FileExistsError), new_file(tmp_path, NAME) as new:
        new.keep()
    assert (tmp_path / NAME).read_bytes() == b"older"


def test_a_link_that_lies_in_wait_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / f".{NAME}.part").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="exists"), new_file(tmp_path, NAME):
        pass
    assert not (tmp_path / "elsewhere").exists()


def test_the_dead_are_swept_and_the_living_are_not(tmp_path: Path) -> None:
    dead = tmp_path / f".{NAME.replace('main', 'keys')}.part"
    dead.write_bytes(b"half of a key store")
    (tmp_path / "notes.part").write_bytes(b"of somebody else")
    with new_file(tmp_path, NAME) as living:
        living.write(b"still growing")
        assert backup_folder.sweep(tmp_path) == [NAME.replace("main", "keys")]
        living.keep()
    assert {path.name for path in tmp_path.iterdir()} == {NAME, "notes.part"}


@pytest.mark.parametrize("link", [Path.symlink_to, Path.hardlink_to])
def test_nothing_outside_is_overwritten_through_a_link(
    tmp_path: Path, link: Callable[[Path, Path], None]
) -> None:
    """Somebody who may write to the folder must not have our own key store overwritten."""
    folder, victim = tmp_path / "backups", tmp_path / "keys.sqlite"
    folder.mkdir()
    victim.write_bytes(b"every key")
    link(folder / f".{NAME}.part", victim)
    link(folder / NAME, victim)
    assert backup_folder.sweep(folder) == []
    assert backup_folder.sets_in(folder) == []
    assert victim.read_bytes() == b"every key"


def test_a_link_is_not_destroyed_either(tmp_path: Path) -> None:
    victim = tmp_path / "keys.sqlite"
    victim.write_bytes(b"every key")
    (tmp_path / NAME).symlink_to(victim)
    with pytest.raises(OSError, match="symbolic"):
        backup_folder.destroy(tmp_path / NAME)
    assert victim.read_bytes() == b"every key"


def test_a_destroyed_file_was_overwritten_first(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_bytes(b"secret" * 500_000)
    with path.open("rb") as kept:  # as a second name of the same bytes would
        backup_folder.destroy(path)
        assert not path.exists()
        assert kept.read() == bytes(3_000_000)


@pytest.mark.parametrize("apart", [True, False])
def test_apart_means_that_one_copy_does_not_take_both(tmp_path: Path, *, apart: bool) -> None:
    database = tmp_path / "data" / "main" / "casemgr.sqlite"
    database.parent.mkdir(parents=True)
    if apart:
        for folder in (tmp_path / "backups", tmp_path / "data" / "backups"):
            backup_folder.require_apart(folder, [database])
        return
    (tmp_path / "link").symlink_to(database.parent)
    for folder in (database.parent, database.parent / "b", tmp_path, tmp_path / "link"):
        with pytest.raises(BackupRefused, match="is not apart from"):
            backup_folder.require_apart(folder, [database])


def test_sets_are_told_from_other_files(tmp_path: Path) -> None:
    for name in (NAME, f".{NAME}.part", "notes.txt"):
        (tmp_path / name).touch()
    assert [path.name for path in backup_folder.sets_in(tmp_path)] == [NAME]
    assert os.listdir(tmp_path)  # noqa: PTH208 - hidden ones too
