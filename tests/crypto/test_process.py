"""A program that holds keys leaves no image of its memory, and shows it to nobody."""

import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Each program as far as its first step with keys; it then tells what the kernel knows of it.
TELL = """
import ctypes, sys
print(open("/proc/self/limits").read())
print("dumpable", ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
"""
PROGRAMS = {
    "anything that builds the app": """
import casemgr
from casemgr.crypto.errors import KeyProviderRefused
from config import Settings
try:
    casemgr.create_app(Settings("test", "sqlite://", "sqlite://", "sqlite://", "x:", "", "", ""))
except KeyProviderRefused:
    pass
""",
    "the web server's master": f"""
import runpy
runpy.run_path({str(ROOT / "gunicorn.conf.py")!r})["on_starting"](None)
""",
    "make run": """
from casemgr import serve
sys.argv = ["serve"]
serve.serve = lambda port: 0
serve.main()
""",
}


def told_by(program: str) -> str:
    code = f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n{program}\n{TELL}"
    run = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, preexec_fn=_allow
    )
    return run.stdout


@pytest.mark.parametrize("name", PROGRAMS)
def test_no_core_dump_and_no_onlooker(name: str) -> None:
    told = told_by(PROGRAMS[name])
    assert re.search(r"^Max core file size +0 +0 ", told, re.MULTILINE)
    assert "dumpable 0" in told


def test_a_program_that_does_not_ask_for_it_can_be_looked_into() -> None:
    assert "dumpable 1" in told_by("")


def _allow() -> None:
    """Core dumps as far as this test run may have them: a started program inherits the limit."""
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (most, most))
