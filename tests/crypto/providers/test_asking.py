"""The provider's own secret: from a file or a person, never an argument or the environment."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from casemgr.crypto.errors import KeyProviderDown, KeyProviderRefused
from casemgr.crypto.providers import asking
from casemgr.crypto.providers.asking import asker, hand_over
from casemgr.crypto.providers.passphrase import PassphraseProvider
from tests.crypto.providers.conftest import CHEAP, PASSPHRASE

# A program that we start, as the web server is started: it reads what it inherited, twice.
PROGRAM = """
import os, sys
sys.path.insert(0, sys.argv[1])
from casemgr.crypto.process import keep_memory_private
from casemgr.crypto.providers.asking import asker
keep_memory_private()
ask = asker(os.environ["CASEMGR_KEY_PASSPHRASE_FILE"])
first = ask()
if os.fork() == 0:  # a worker of the server
    os._exit(0 if ask() == first else 1)
_, status = os.wait()
assert status == 0
sys.stdout.buffer.write(first.encode())
"""


class Terminal:
    """A person who types these lines."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
        self.left = list(lines)
        monkeypatch.setattr(asking, "getpass", lambda _prompt: self.left.pop(0))
        monkeypatch.setattr(sys, "stdin", self)

    def isatty(self) -> bool:
        return True


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "provider" / "root.key"
    PassphraseProvider(str(path), lambda: PASSPHRASE, cost=CHEAP).create()
    return path


def secret_file(tmp_path: Path, mode: int = 0o600) -> Path:
    path = tmp_path / "credential"
    path.write_text(PASSPHRASE + "\n", encoding="utf-8")
    path.chmod(mode)
    return path


def test_a_file_is_read_anew_each_time(tmp_path: Path) -> None:
    path = secret_file(tmp_path)
    ask = asker(str(path))
    assert ask().strip() == PASSPHRASE
    path.write_text("another")
    assert ask() == "another"


@pytest.mark.parametrize("mode", [0o400, 0o440, 0o640])
def test_a_credential_of_the_service_manager_is_read(tmp_path: Path, mode: int) -> None:
    assert asker(str(secret_file(tmp_path, mode)))()


@pytest.mark.parametrize("mode", [0o644, 0o602, 0o604])
def test_a_secret_that_everybody_reads_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(KeyProviderRefused, match="open to everybody"):
        asker(str(secret_file(tmp_path, mode)))()


def test_a_secret_file_that_is_missing_or_no_text_is_down(tmp_path: Path) -> None:
    with pytest.raises(KeyProviderDown, match="cannot be read"):
        asker(str(tmp_path / "missing"))()
    path = secret_file(tmp_path)
    path.write_bytes(b"\xff\xfe\xfd")
    with pytest.raises(KeyProviderDown, match="cannot be read"):
        asker(str(path))()


def test_a_person_is_asked_where_one_sits(monkeypatch: pytest.MonkeyPatch) -> None:
    Terminal(monkeypatch, "typed")
    assert asker("")() == "typed"


def test_nobody_is_asked_without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "getpass", _never)
    monkeypatch.setattr(sys, "stdin", open(os.devnull))  # noqa: PTH123, SIM115
    with pytest.raises(KeyProviderDown, match="nobody can be asked"):
        asker("")()
    sys.stdin.close()


def test_a_request_never_stops_for_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server started by hand has a terminal; its threads must not wait there for a person."""
    Terminal(monkeypatch, "typed")
    seen: list[str] = []

    def request() -> None:
        try:
            asker("")()
        except KeyProviderDown as down:
            seen.append(str(down))

    thread = threading.Thread(target=request)
    thread.start()
    thread.join()
    assert "nobody can be asked" in seen[0]


def test_a_passphrase_is_handed_over_without_leaving_a_trace(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Terminal(monkeypatch, "wrong passphrase", PASSPHRASE)
    said: list[str] = []
    handle = hand_over(f"passphrase:{path}", said.append)
    assert said == ["the passphrase does not open the key file."]
    link = Path(f"/proc/self/fd/{handle}").readlink()
    assert str(link).startswith("/memfd:"), "it lies in a file system"
    environment = {"CASEMGR_KEY_PASSPHRASE_FILE": f"/proc/self/fd/{handle}"}
    arguments = [sys.executable, "-c", PROGRAM, str(Path(asking.__file__).parents[3])]
    done = subprocess.run(
        arguments, env=environment, pass_fds=[handle], check=True, capture_output=True
    )
    assert done.stdout.decode() == PASSPHRASE
    os.close(handle)
    assert PASSPHRASE not in "".join([*arguments, *environment.values(), *said])


def test_three_wrong_passphrases_end_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    person = Terminal(monkeypatch, "a", "b", "c", PASSPHRASE)
    with pytest.raises(KeyProviderRefused, match="3 passphrases"):
        hand_over(f"passphrase:{path}", lambda _line: None)
    assert person.left == [PASSPHRASE]


def _never(_prompt: str) -> str:
    raise AssertionError("somebody was asked")
