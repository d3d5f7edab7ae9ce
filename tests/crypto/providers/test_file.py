"""The key file: private, apart from what it guards, durable, and able to hold several roots."""

import json
import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from casemgr.crypto.errors import KeyProviderDown, KeyProviderRefused, RootInUse, SealBroken
from casemgr.crypto.providers import provider_for
from casemgr.crypto.providers.file import FileProvider, create_root

SECRET, CONTEXT = bytes(range(32)), b"whose"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "provider" / "root.key"
    create_root(path)
    return path


def test_the_key_file_is_private_and_never_overwritten(path: Path) -> None:
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    with pytest.raises(KeyProviderRefused, match="exists"):
        create_root(path)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o602])
def test_a_key_file_for_others_is_refused(path: Path, mode: int) -> None:
    running = FileProvider(str(path))
    path.chmod(mode)
    with pytest.raises(KeyProviderRefused, match="alone"):
        FileProvider(str(path))
    with pytest.raises(KeyProviderDown):
        running.wrap(SECRET, CONTEXT)


def test_a_key_file_of_another_user_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: os.geteuid() + 1)
    with pytest.raises(KeyProviderRefused, match="this user alone"):
        FileProvider(str(path))


@pytest.mark.parametrize(
    "content",
    ["", "zz", "zz" * 32, "00" * 31, "00" * 33, "{}", "[1]", '{"number": 0, "key": "00"}', "\xff"],
)
def test_a_damaged_key_file_is_refused(path: Path, content: str) -> None:
    path.write_text(content)
    with pytest.raises(KeyProviderRefused, match="damaged"):
        FileProvider(str(path))


@pytest.mark.parametrize("key", ["", "00" * 31, 5, None])
def test_a_damaged_root_never_wraps(path: Path, key: object) -> None:
    path.write_text(json.dumps({"number": 1, "key": key}))
    with pytest.raises(KeyProviderRefused, match="damaged"):
        FileProvider(str(path)).wrap(SECRET, CONTEXT)


def test_a_key_file_that_is_not_there_is_down_and_comes_back(path: Path) -> None:
    """A medium that is put in later: no crash at start, and no word to anybody in the meantime."""
    wrapped = FileProvider(str(path)).wrap(SECRET, CONTEXT)
    away = path.rename(path.with_name("away"))
    provider = FileProvider(str(path))
    for act in (provider.root_name, provider.renew, lambda: provider.unwrap(wrapped, CONTEXT)):
        with pytest.raises(KeyProviderDown) as down:
            act()
        assert not isinstance(down.value, KeyProviderRefused)
    assert not path.exists(), "a lost file must never be made anew by a renewal"
    away.rename(path)
    assert provider.unwrap(wrapped, CONTEXT) == SECRET


@pytest.mark.parametrize(
    ("key_file", "other", "is_refused"),
    [
        ("data/root.key", "data/main.sqlite", True),
        ("data/keys/root.key", "data/main.sqlite", True),
        ("data/root.key", "data/main/main.sqlite", True),
        ("backups/month/root.key", "backups/", True),
        ("backups/root.key", "backups/", True),
        ("safe/root.key", "safe/backups/", True),
        ("data/provider/root.key", "data/main/main.sqlite", False),
        ("provider/root.key", "backups/", False),
        ("data2/root.key", "data/main.sqlite", False),
    ],
)
def test_a_key_file_beside_what_it_guards_is_refused(
    tmp_path: Path, key_file: str, other: str, *, is_refused: bool
) -> None:
    path = tmp_path / key_file
    create_root(path)
    if other.endswith("/"):
        (tmp_path / other).mkdir(parents=True, exist_ok=True)
    url = f"file:{path}"
    if is_refused:
        with pytest.raises(KeyProviderRefused, match="beside"):
            provider_for(url, apart_from=[tmp_path / other])
    else:
        provider_for(url, apart_from=[tmp_path / other])


def test_a_link_does_not_hide_where_the_key_file_lies(tmp_path: Path) -> None:
    create_root(tmp_path / "data" / "root.key")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "root.key").symlink_to(tmp_path / "data" / "root.key")
    with pytest.raises(KeyProviderRefused, match="beside"):
        provider_for(
            f"file:{tmp_path / 'elsewhere' / 'root.key'}",
            apart_from=[tmp_path / "data" / "main.sqlite"],
        )


def test_the_one_line_file_of_the_first_version_goes_on(path: Path) -> None:
    """Bytes made here as the first version made them: header 01, root number 1, nonce, GCM."""
    root, nonce = bytes(range(100, 132)), bytes(12)
    path.write_text(root.hex() + "\n")
    old = b"\x01\x00\x00\x00\x01" + nonce + AESGCM(root).encrypt(nonce, SECRET, CONTEXT)
    provider = FileProvider(str(path))
    assert provider.unwrap(old, CONTEXT) == SECRET
    assert provider.root_of(old) == provider.root_name() == "file:1"
    assert provider.renew() == "file:2"
    assert provider.unwrap(old, CONTEXT) == SECRET
    assert [json.loads(line)["number"] for line in path.read_text().splitlines()] == [1, 2]
    provider.destroy("file:1")
    assert root.hex() not in path.read_text()
    with pytest.raises(SealBroken):
        provider.unwrap(old, CONTEXT)


def test_a_renewal_elsewhere_is_seen(path: Path) -> None:
    """The web server holds its provider while a command renews the root."""
    web, command = FileProvider(str(path)), FileProvider(str(path))
    assert command.renew() == "file:2"
    assert web.root_name() == "file:2"
    assert web.unwrap(command.wrap(SECRET, CONTEXT), CONTEXT) == SECRET


def test_the_replaced_file_is_wiped(path: Path) -> None:
    """What the old file held is overwritten, not only unlinked: read through an open handle."""
    provider = FileProvider(str(path))
    for change in (provider.renew, lambda: provider.destroy("file:1")):
        with path.open("rb") as old:
            held = old.read()
            change()
            old.seek(0)
            assert old.read() == bytes(len(held))
    assert [entry.name for entry in path.parent.iterdir()] == ["root.key"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_change_that_fails_leaves_the_old_file(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider, before = FileProvider(str(path)), path.read_text()

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(KeyProviderDown, match="written"):
            provider.renew()
    assert path.read_text() == before
    assert provider.renew() == "file:2", "what was left over must not stand in the way"
    assert [entry.name for entry in path.parent.iterdir()] == ["root.key"]


def test_only_an_earlier_root_of_this_file_is_destroyed(path: Path) -> None:
    provider = FileProvider(str(path))
    with pytest.raises(RootInUse):
        provider.destroy("file:1")
    for name in ("vault:v1", "file:", "file:x", "1"):
        with pytest.raises(SealBroken):
            provider.destroy(name)
    assert provider.destroy("file:0").is_final, "gone already"
