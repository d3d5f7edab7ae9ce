"""``make run``: the web server and the worker side by side, and both stopped together."""

import argparse
import ctypes
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from casemgr.crypto.errors import KeyProviderDown
from casemgr.crypto.process import keep_memory_private
from casemgr.crypto.providers.address import AddressFaulty
from casemgr.crypto.providers.asking import hand_over
from casemgr.install import CannotStart, Instance, migrate, prepare, read_settings

HOST = "127.0.0.1"  # never beyond this machine: a proxy with TLS stands in front (operations.md)
ROOT = Path(__file__).resolve().parents[1]
_READY_WITHIN = 120.0
_STOP_WITHIN = 30.0
_PDF_LIBRARIES = ("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0")
_PR_SET_PDEATHSIG = 1  # prctl(2)


@dataclass(frozen=True)
class Child:
    """One program beside us."""

    name: str
    process: subprocess.Popen[bytes]


class Supervisor:
    """Starts the programs, waits, and stops them all when one ends or somebody asks."""

    def __init__(self, environment: Mapping[str, str], inherited: Sequence[int] = ()) -> None:
        """``inherited`` are file descriptors that the programs find under the same numbers."""
        self._environment, self._inherited = dict(environment), tuple(inherited)
        self._children: list[Child] = []
        self._asked_to_stop = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)

    def start(self, name: str, *arguments: str) -> None:
        """Run ``python -m arguments`` in a group of its own, so that Ctrl-C reaches us alone."""
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            pass_fds=self._inherited,
            start_new_session=True,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - no threads run here
        )
        self._children.append(Child(name, process))

    def wait_until_answering(self, port: int) -> bool:
        """True when the server answers; False when it ended, took too long or we must stop."""
        deadline = time.monotonic() + _READY_WITHIN
        while self._all_run() and time.monotonic() < deadline:
            if _answers(port):
                return True
            time.sleep(0.2)
        return False

    def wait(self) -> None:
        """Until somebody asks to stop or a program ends by itself."""
        while self._all_run():
            time.sleep(0.2)

    def stop(self) -> int:
        """End every program. 0 when we were asked to, 1 when one had ended by itself."""
        ended = [child for child in self._children if child.process.poll() is not None]
        for child in self._children:
            child.process.terminate()
        deadline = time.monotonic() + _STOP_WITHIN
        for child in self._children:
            try:
                child.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()
        if self._asked_to_stop:
            print("casemgr has stopped.")
            return 0
        for child in ended:
            code = child.process.returncode
            print(f"The {child.name} ended by itself (code {code}); casemgr has stopped.")
        return 1

    def _all_run(self) -> bool:
        if self._asked_to_stop:
            return False
        return all(child.process.poll() is None for child in self._children)

    def _ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._asked_to_stop = True


def serve(port: int) -> int:
    """Prepare, run, stop. Returns the exit code. Raises CannotStart."""
    _require_free(port)
    instance = Instance(ROOT / "instance")
    environment = instance.environment(port)
    inherited = _ask_passphrase(environment)
    is_first = prepare(instance, environment, _say)
    _mention_pdf()
    supervisor = Supervisor(environment, inherited)
    supervisor.start("web server", "gunicorn", "--bind", f"{HOST}:{port}", "wsgi:app")
    supervisor.start("worker", "flask", "--app", "wsgi", "worker")
    if supervisor.wait_until_answering(port):
        _welcome(instance, port, is_first=is_first)
        supervisor.wait()
    return supervisor.stop()


def _ask_passphrase(environment: dict[str, str]) -> list[int]:
    """Ask where the provider needs a passphrase and no file holds it; our programs inherit it."""
    url, setting = environment.get("CASEMGR_KEY_PROVIDER", ""), "CASEMGR_KEY_PASSPHRASE_FILE"
    if not url.startswith("passphrase:") or environment.get(setting):
        return []
    try:
        handle = hand_over(url, _say)
    except (AddressFaulty, KeyProviderDown) as reason:
        raise CannotStart(f"The key file was not opened: {reason}.") from None
    environment[setting] = f"/proc/self/fd/{handle}"
    return [handle]


def _require_free(port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise CannotStart(
                f"Port {port} is in use. Stop what uses it, or choose another: make run PORT=8001"
            ) from None


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/", headers={"Host": f"localhost:{port}"})
        connection.getresponse()
    except OSError:
        return False
    finally:
        connection.close()
    return True


def _mention_pdf() -> None:
    try:
        for library in _PDF_LIBRARIES:
            ctypes.CDLL(library)
    except OSError:
        _say(
            "PDF is off (letters still print from the browser). To turn it on: "
            "apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
        )


def _welcome(instance: Instance, port: int, *, is_first: bool) -> None:
    if instance.accounts_file.exists():
        if is_first:
            _say(instance.accounts_file.read_text("utf-8"))
        _say(f"Sign-ins: {instance.accounts_file.relative_to(ROOT)}")
    _say(f"casemgr is ready: http://localhost:{port}   (Ctrl-C stops it)")


def _end_with_parent() -> None:
    """Linux ends a program whose supervisor was killed outright: no orphans."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _say(line: str) -> None:
    print(line, flush=True)


def main() -> int:
    """What ``python -m casemgr.serve`` does."""
    parser = argparse.ArgumentParser(prog="casemgr.serve", description=__doc__)
    parser.add_argument("--migrate-only", action="store_true", help="migrate and stop")
    arguments = parser.parse_args()
    keep_memory_private()
    os.umask(0o077)  # whatever is written from here on, by us or our programs, is ours alone
    port = int(os.environ.get("CASEMGR_PORT", "8000"))
    try:
        if arguments.migrate_only:
            migrate(read_settings(Instance(ROOT / "instance").present_environment()), _say)
            return 0
        return serve(port)
    except CannotStart as reason:
        print(reason, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted before it was ready. The next `make run` begins again.")
        return 130


if __name__ == "__main__":
    sys.exit(main())
