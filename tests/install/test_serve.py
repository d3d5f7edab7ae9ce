"""`make run` stops everything together and leaves no orphan."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from casemgr import serve
from casemgr.crypto.providers.passphrase import PassphraseProvider
from casemgr.crypto.providers.passphrase_root import Cost
from casemgr.install import CannotStart
from casemgr.serve import ROOT, Supervisor, _require_free

PASSPHRASE = "sáu từ chẳng ai đoán ra nổi"

# The supervisor itself, with two stand-ins for the web server and the worker.
SUPERVISE = """
import os, sys
sys.path.insert(0, sys.argv[1])
from casemgr.serve import Supervisor
supervisor = Supervisor(os.environ)
supervisor.start("web server", "stand_in", "web")
supervisor.start("worker", "stand_in", "worker")
supervisor.wait()
sys.exit(supervisor.stop())
"""
STAND_IN = """
import os, sys, time
open(os.path.join(os.environ["PIDS"], sys.argv[1]), "w").write(str(os.getpid()))
time.sleep(60)
"""

pytestmark = pytest.mark.server


@pytest.fixture
def running(tmp_path: Path) -> "Iterator[tuple[subprocess.Popen[str], dict[str, int]]]":
    (tmp_path / "stand_in.py").write_text(STAND_IN)
    (tmp_path / "pids").mkdir()
    supervisor = subprocess.Popen(
        [sys.executable, "-c", SUPERVISE, str(ROOT)],
        env={**os.environ, "PYTHONPATH": str(tmp_path), "PIDS": str(tmp_path / "pids")},
        stdout=subprocess.PIPE,
        text=True,
    )
    yield supervisor, {name: _pid(tmp_path / "pids" / name) for name in ("web", "worker")}
    supervisor.kill()
    supervisor.wait()
    assert supervisor.stdout is not None
    supervisor.stdout.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_asked_to_stop_it_ends_both_and_says_so(
    running: tuple[subprocess.Popen[str], dict[str, int]], number: signal.Signals
) -> None:
    supervisor, pids = running
    supervisor.send_signal(number)
    said, _ = supervisor.communicate(timeout=30)
    assert (supervisor.returncode, said) == (0, "casemgr has stopped.\n")
    assert not any(_is_alive(pid) for pid in pids.values())


@pytest.mark.parametrize(("dies", "called"), [("web", "web server"), ("worker", "worker")])
def test_when_one_dies_the_other_is_stopped_and_the_person_told(
    running: tuple[subprocess.Popen[str], dict[str, int]], dies: str, called: str
) -> None:
    supervisor, pids = running
    os.kill(pids[dies], signal.SIGKILL)
    said, _ = supervisor.communicate(timeout=30)
    assert supervisor.returncode == 1
    assert said == f"The {called} ended by itself (code -9); casemgr has stopped.\n"
    assert not any(_is_alive(pid) for pid in pids.values())


def test_a_killed_supervisor_leaves_no_orphan(
    running: tuple[subprocess.Popen[str], dict[str, int]],
) -> None:
    supervisor, pids = running
    supervisor.kill()
    _until(lambda: not any(_is_alive(pid) for pid in pids.values()))


def test_a_port_in_use_is_said_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotStart, match=rf"^Port {port} is in use\..*PORT=8001$"):
            _require_free(port)


def test_a_passphrase_is_asked_once_and_inherited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What our programs find under the setting is the passphrase; nothing else names it."""
    path = tmp_path / "provider" / "root.key"
    PassphraseProvider(str(path), lambda: PASSPHRASE, cost=Cost(1, 64, 1)).create()
    monkeypatch.setattr("casemgr.crypto.providers.asking._from_terminal", lambda: PASSPHRASE)
    environment = {"CASEMGR_KEY_PROVIDER": f"passphrase:{path}"}
    inherited = serve._ask_passphrase(environment)
    assert Path(environment["CASEMGR_KEY_PASSPHRASE_FILE"]).read_text("utf-8") == PASSPHRASE
    (tmp_path / "stand_in.py").write_text(
        "import os, sys\n"
        "text = open(os.environ['CASEMGR_KEY_PASSPHRASE_FILE'], encoding='utf-8').read()\n"
        f"sys.exit(7 if text == {PASSPHRASE!r} else 8)\n"
    )
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # the test run keeps its own
    supervisor = Supervisor({**os.environ, **environment, "PYTHONPATH": str(tmp_path)}, inherited)
    supervisor.start("web server", "stand_in")
    supervisor.wait()
    assert supervisor._children[0].process.returncode == 7
    os.close(inherited[0])


@pytest.mark.parametrize(
    ("url", "why"),
    [("passphrase:relative", "root of the file system"), ("passphrase:/nowhere/x", "not there")],
)
def test_a_key_file_that_cannot_be_opened_is_said_in_one_line(
    monkeypatch: pytest.MonkeyPatch, url: str, why: str
) -> None:
    monkeypatch.setattr("casemgr.crypto.providers.asking._from_terminal", lambda: PASSPHRASE)
    with pytest.raises(CannotStart, match=why):
        serve._ask_passphrase({"CASEMGR_KEY_PROVIDER": url})


def test_nobody_is_asked_where_a_file_or_no_passphrase_does_it() -> None:
    environment = {"CASEMGR_KEY_PROVIDER": "passphrase:/x", "CASEMGR_KEY_PASSPHRASE_FILE": "/y"}
    assert serve._ask_passphrase(environment) == []
    assert serve._ask_passphrase({"CASEMGR_KEY_PROVIDER": "file:/x"}) == []


def _pid(file: Path) -> int:
    _until(lambda: file.exists() and bool(file.read_text()))
    return int(file.read_text())


def _until(condition: "Callable[[], bool]") -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "waited 30 s"
        time.sleep(0.05)


def _is_alive(pid: int) -> bool:
    """A zombie that only waits to be collected is not alive."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
