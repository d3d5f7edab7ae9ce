"""Verifying an export of the log against a loop that only reads and hashes it.

The twin reads every line, hashes it, and hashes its way up to the root: nothing can verify with
less. Ours besides compares each entry with its hash, checks every signed head and, unless it is told
to be fast, looks at the number, the time and the id of every entry, in a second process meanwhile.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import sleep

from bench.measuring import Race, Result, Runner, race
from casemgr.audit.outsider.examining import WHOLE, examine
from casemgr.audit.outsider.single_file import single_file
from casemgr.audit.verify import parse_key
from tests.audit.exports import Signer, leaves, write

BAR = 1.25  # of the twin's time: 0.8 of its speed, for the same work: hashes and signed heads
# Numbers, times and ids are more than the twin looks at. With a second processor that has nothing
# else to do this takes hardly longer; a busy machine does one after the other.
BAR_OF_ALL = 2.75
MOST_MEMORY = 200  # MB, both processes together
QUICK, FULL = 200_000, 1_000_000


@dataclass(frozen=True)
class Memory:
    """The largest resident memory of the program and its helper."""

    entries: int
    megabytes: float
    told: str

    @property
    def is_met(self) -> bool:
        """Whether it stays below what was promised, and found nothing wrong."""
        return self.megabytes <= MOST_MEMORY and self.told.startswith("TOÀN VẸN")

    def table(self) -> str:
        """One line."""
        verdict = "met" if self.is_met else "MISSED"
        return (
            f"verify {self.entries:,} entries, memory of both processes: {self.megabytes:.0f} MB"
            f"   bar: <= {MOST_MEMORY} MB: {verdict}"
        )


def run(full: bool) -> list[Result]:
    """The race and the memory."""
    count = FULL if full else QUICK
    with tempfile.TemporaryDirectory() as name:
        signer, entries = Signer(), leaves(count)
        older = [signer.checkpoint(entries, size) for size in range(count // 8, count, count // 8)]
        folder = write(Path(name) / "export", entries, signer.checkpoint(entries), older)
        del entries
        return [_race(folder, signer.vkey, count), _memory(folder, signer.vkey, count)]


def _race(folder: Path, vkey: str, count: int) -> Race:
    keys = [parse_key(vkey)]

    def ours(*, fast: bool, processes: int) -> Callable[[], None]:
        def act() -> None:
            assert examine(folder, keys, fast=fast, processes=processes).code == WHOLE

        return act

    runners = [
        Runner("only read and hashed", lambda: minimal(folder / "entries.ndjson")),
        Runner("casemgr, everything", ours(fast=False, processes=2), BAR_OF_ALL),
        Runner("casemgr --fast", ours(fast=True, processes=1), BAR),
        Runner("everything in one process", ours(fast=False, processes=1)),
    ]
    return race(f"verify an export of {count:,} entries", runners, times=1)


def minimal(entries: Path) -> bytes:
    """The root of the tree, and nothing else."""
    sha256, stack, size = hashlib.sha256, list[bytes](), 0
    with entries.open("rb") as file:
        for line in file:
            node, merged = sha256(b"\0" + line[:-1]).digest(), size
            while merged & 1:
                node = sha256(b"\1" + stack.pop() + node).digest()
                merged >>= 1
            stack.append(node)
            size += 1
    node = stack.pop()
    while stack:
        node = sha256(b"\1" + stack.pop() + node).digest()
    return node


def _memory(folder: Path, vkey: str, count: int) -> Memory:
    """As an outsider runs it."""
    program = folder / "verify.py"
    program.write_text(single_file(), "utf-8")
    command = [sys.executable, "-I", str(program), str(folder), vkey]
    peaks: dict[int, int] = {}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own program
        while process.poll() is None:
            for pid in [process.pid, *_children(process.pid)]:
                peaks[pid] = max(peaks.get(pid, 0), _resident(pid))
            sleep(0.02)
        told = process.stdout.read() if process.stdout else ""
    return Memory(count, sum(peaks.values()) / 1024, told)


def _children(pid: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _resident(pid: int) -> int:
    """Kilobytes, at their peak; 0 for a process that has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


if __name__ == "__main__":
    print(f"{os.cpu_count()} processors", end="\n\n")
    for each in run("--full" in sys.argv):
        print(each.table(), end="\n\n", flush=True)
