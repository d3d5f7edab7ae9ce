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

from casemgr.install import CannotStart
from casemgr.serve import ROOT, _require_free

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
