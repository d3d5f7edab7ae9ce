"""The private folder: modes, secrets, and an interrupted first start."""

import stat
from pathlib import Path

import pytest

from casemgr.install import CannotStart, Instance, prepare, read_settings


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_folder_and_files_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    instance = Instance(tmp_path / "instance")
    instance.environment(8000)
    instance.begin()
    assert _mode(instance.folder) == 0o700
    assert _mode(instance.data) == 0o700
    assert _mode(instance.settings_file) == 0o600
    assert _mode(instance.key_file) == 0o600
    assert _mode(instance.key_file.parent) == 0o700


def test_settings_are_made_once_with_secrets_of_their_own(tmp_path: Path) -> None:
    first, second = Instance(tmp_path / "a"), Instance(tmp_path / "b")
    made = first.environment(8000)
    assert first.environment(8000)["CASEMGR_SECRET_KEY"] == made["CASEMGR_SECRET_KEY"]
    assert second.environment(8000)["CASEMGR_SECRET_KEY"] != made["CASEMGR_SECRET_KEY"]
    assert len(made["CASEMGR_SECRET_KEY"]) >= 64  # 48 random bytes


def test_the_environment_goes_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CASEMGR_ENVIRONMENT", "production")
    assert Instance(tmp_path / "a").environment(8000)["CASEMGR_ENVIRONMENT"] == "production"


def test_our_own_address_follows_the_port_and_a_real_one_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance = Instance(tmp_path / "a")
    assert instance.environment(8001)["CASEMGR_PUBLIC_ORIGIN"] == "http://localhost:8001"
    monkeypatch.setenv("CASEMGR_PUBLIC_ORIGIN", "https://so.benhvien.example")
    assert instance.environment(8001)["CASEMGR_PUBLIC_ORIGIN"] == "https://so.benhvien.example"


def test_half_made_data_is_thrown_away_and_complete_data_never(tmp_path: Path) -> None:
    instance = Instance(tmp_path / "a")
    instance.environment(8000)
    instance.begin()
    (instance.data / "half.sqlite").write_text("half")
    assert not instance.is_complete
    instance.begin()
    assert not (instance.data / "half.sqlite").exists()
    instance.unfinished.unlink()
    assert instance.is_complete


def test_a_moved_folder_is_named_before_anything_is_made(tmp_path: Path) -> None:
    old = Instance(tmp_path / "old")
    environment = old.environment(8000)
    old.begin()
    old.unfinished.unlink()
    old.folder.rename(tmp_path / "new")
    with pytest.raises(CannotStart, match=r"root\.key is missing"):
        prepare(Instance(tmp_path / "new"), environment, lambda _line: None)
    assert not old.folder.exists()


@pytest.mark.parametrize(
    ("mode", "folder", "why"),
    [(0o644, "provider", "chmod 600"), (0o600, "main", "beside the databases")],
)
def test_a_key_file_that_must_not_be_used_is_said_in_one_line(
    tmp_path: Path, mode: int, folder: str, why: str
) -> None:
    instance = Instance(tmp_path / "a")
    environment = instance.environment(8000)
    instance.begin()
    key_file = instance.key_file.rename(instance.data / folder / "root.key")
    key_file.chmod(mode)
    with pytest.raises(CannotStart, match=rf"^The key provider cannot be used: .*{why}.*\.$"):
        read_settings(environment | {"CASEMGR_KEY_PROVIDER": f"file:{key_file}"})


def test_the_log_key_is_made_once_apart_from_the_databases(tmp_path: Path) -> None:
    instance = Instance(tmp_path / "a")
    environment = instance.environment(8000) | {"CASEMGR_ENVIRONMENT": "test"}
    prepare(instance, environment, lambda _line: None)
    assert _mode(instance.log_key_file) == 0o600
    made = instance.log_key_file.read_bytes()
    prepare(instance, environment, lambda _line: None)
    assert instance.log_key_file.read_bytes() == made
    instance.log_key_file.chmod(0o644)
    with pytest.raises(CannotStart, match="key of the log"):
        prepare(instance, environment, lambda _line: None)


def test_an_older_folder_gets_a_log_key_and_one_of_the_administrator_is_left_alone(
    tmp_path: Path,
) -> None:
    instance = Instance(tmp_path / "a")
    environment = instance.environment(8000) | {"CASEMGR_ENVIRONMENT": "test"}
    text = instance.settings_file.read_text()
    kept = [line for line in text.splitlines() if not line.startswith("CASEMGR_LOG_KEY")]
    instance.settings_file.write_text("\n".join(kept))
    assert instance.environment(8000)["CASEMGR_LOG_KEY"] == environment["CASEMGR_LOG_KEY"]
    theirs = tmp_path / "usb" / "log.key"
    prepare(instance, environment | {"CASEMGR_LOG_KEY": f"file:{theirs}"}, lambda _line: None)
    assert not theirs.exists(), "they make it: flask audit key create"
