"""A provider in trouble: told once a minute, not asked again at once after a slow failure."""

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from casemgr import clock
from casemgr.crypto.errors import KeyProviderDown, SealBroken
from casemgr.crypto.providers import watched
from casemgr.crypto.providers.file import FileProvider, create_root
from casemgr.crypto.providers.watched import Watched
from tests.crypto.providers.conftest import CONTEXT, SECRET

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    create_root(tmp_path / "root.key")
    return tmp_path / "root.key"


def test_it_passes_everything_on(path: Path) -> None:
    provider = Watched(FileProvider(str(path)))
    wrapped = provider.wrap(SECRET, CONTEXT)
    assert provider.unwrap(wrapped, CONTEXT) == SECRET
    assert provider.root_of(wrapped) == provider.root_name() == "file:1"
    assert provider.renew() == "file:2"
    assert provider.destroy("file:1").is_final
    with pytest.raises(SealBroken):
        provider.unwrap(wrapped, CONTEXT)
    assert provider.trouble() is None
    assert repr(provider) == "Watched(FileProvider())"


def test_trouble_is_found_by_itself_and_ends_by_itself(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The process holds its keys and asks nobody: once a minute it looks all the same."""
    provider = Watched(FileProvider(str(path)))
    with clock.frozen(START):
        assert provider.trouble() is None
    away = path.rename(path.with_name("away"))
    with clock.frozen(START + timedelta(seconds=30)):
        assert provider.trouble() is None, "looked at half a minute ago"
    with clock.frozen(START + timedelta(seconds=61)):
        assert provider.trouble() == "the key file is not there"
    away.rename(path)
    with clock.frozen(START + timedelta(seconds=122)):
        assert provider.trouble() is None
    assert caplog.messages == [
        "key provider: the key file is not there; keys that are in memory still work"
    ]


def test_the_log_hears_of_it_once_a_minute(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="casemgr")
    provider = Watched(FileProvider(str(path)))
    path.unlink()
    for second in range(0, 180, 10):
        with clock.frozen(START + timedelta(seconds=second)), pytest.raises(KeyProviderDown):
            provider.wrap(SECRET, CONTEXT)
    assert len(caplog.messages) == 3


def test_a_clock_put_back_does_not_silence_it(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    provider = Watched(FileProvider(str(path)))
    path.unlink()
    for moment in (START, START - timedelta(days=1)):
        with clock.frozen(moment):
            assert provider.trouble() == "the key file is not there"
    assert len(caplog.messages) == 2


def test_after_a_slow_failure_others_do_not_queue(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eight threads that wait 5 s each, one after another, would be an outage of 40 s."""
    now, calls = [0.0], [0]
    file = FileProvider(str(path))
    wrapped = file.wrap(SECRET, CONTEXT)
    real = file.unwrap

    def slow(_wrapped: bytes, _context: bytes) -> bytes:
        calls[0] += 1
        now[0] += 5.0
        raise KeyProviderDown("Vault does not answer")

    monkeypatch.setattr(watched, "monotonic", lambda: now[0])
    monkeypatch.setattr(file, "unwrap", slow)
    provider = Watched(file)
    for _ in range(8):
        with pytest.raises(KeyProviderDown, match="Vault does not answer"):
            provider.unwrap(wrapped, CONTEXT)
    assert calls == [1]
    monkeypatch.setattr(file, "unwrap", real)
    now[0] += watched.PAUSE
    assert provider.unwrap(wrapped, CONTEXT) == SECRET


def test_after_a_quick_failure_it_is_asked_at_once(path: Path) -> None:
    provider = Watched(FileProvider(str(path)))
    wrapped = provider.wrap(SECRET, CONTEXT)
    away = path.rename(path.with_name("away"))
    with pytest.raises(KeyProviderDown):
        provider.unwrap(wrapped, CONTEXT)
    away.rename(path)
    assert provider.unwrap(wrapped, CONTEXT) == SECRET
