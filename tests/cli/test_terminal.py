"""The ceremony as people meet it: a real terminal, the real program, five keepers."""

import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from casemgr.crypto.recovery.shares import SHARES, WORDS
from config import Settings
from tests.house.source_tree import ROOT

WITHIN = 60.0  # seconds until a prompt: only a program that hangs takes as long
SECOND_SCREEN, FIRST_SCREEN = "\x1b[?1049h", "\x1b[?1049l"


class Terminal:
    """A program on a terminal of its own."""

    def __init__(self, handle: int) -> None:
        self._handle, self.shown = handle, ""
        self._read_up_to = 0

    def until(self, words: str) -> str:
        """What was shown since the last call, up to these words."""
        deadline = time.monotonic() + WITHIN
        while (at := self.shown.find(words, self._read_up_to)) < 0:
            assert time.monotonic() < deadline, f"never asked: {words}"
            if select.select([self._handle], [], [], 0.2)[0]:
                self.shown += self._more().replace("\r\n", "\n")
        text = self.shown[self._read_up_to : at]
        self._read_up_to = at + len(words)
        return text

    def type(self, line: str) -> None:
        """One line, and Enter."""
        for start in range(0, len(line), 200):  # a terminal takes 4,095 letters a line at most
            os.write(self._handle, line[start : start + 200].encode())
        os.write(self._handle, b"\r")

    def _more(self) -> str:
        try:
            return os.read(self._handle, 65536).decode("utf-8", "replace")
        except OSError:  # Linux says EIO when the program has ended
            return "<end>"


@contextmanager
def on_a_terminal(settings: Settings, *arguments: str) -> Iterator[Terminal]:
    """Run ``flask keys …`` there; it has ended well when the block ends."""
    ours, theirs = pty.openpty()
    environment = {
        "PATH": os.environ["PATH"],
        "TERM": "xterm",
        "CASEMGR_ENVIRONMENT": settings.environment,
        "CASEMGR_DATABASE_URL": settings.database_url,
        "CASEMGR_KEY_STORE_URL": settings.key_store_url,
        "CASEMGR_KEY_PROVIDER": settings.key_provider,
        "CASEMGR_SECRET_KEY": settings.secret_key,
        "CASEMGR_FILE_STORE": settings.file_store,
        "CASEMGR_PUBLIC_ORIGIN": settings.public_origin,
    }
    program = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", "keys", *arguments],
        cwd=ROOT,
        env=environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        yield Terminal(ours)
        assert program.wait(WITHIN) == 0
    finally:
        program.kill()
        program.wait()
        os.close(ours)


def words_on(screen: str) -> list[str]:
    numbered = dict(re.findall(r"(\d+)\. ([a-z]+)", screen))
    return [numbered[str(number)] for number in range(1, WORDS + 1)]


@pytest.mark.usefixtures("cast")
@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_five_shares_are_shown_one_at_a_time_and_three_pass_the_drill(settings: Settings) -> None:
    shares: dict[str, list[str]] = {}
    with on_a_terminal(settings, "split", "--language", "en") as terminal:
        terminal.until("Are the five keepers here?")
        terminal.type("y")
        for number in range(1, SHARES + 1):
            terminal.until(f"Share {number} of 5: only its keeper looks at the screen.")
            terminal.type("")
            terminal.until(SECOND_SCREEN)
            shares[str(number)] = words_on(terminal.until("Write down the numbered words"))
            terminal.type("")
            terminal.until(FIRST_SCREEN)
        terminal.until("To prove the writing, share ")
        asked = terminal.until(" is asked back.")
        terminal.until("Words from no. 1 on:")
        terminal.type(" ".join(shares[asked]))
        terminal.until("are in force")
        terminal.until("<end>")
    assert len({tuple(words) for words in shares.values()}) == SHARES
    on_first_screen = re.sub(r"\x1b\[\?1049h.*?\x1b\[\?1049l", "", terminal.shown, flags=re.DOTALL)
    assert not re.search(r"\d\. [a-z]{4}", on_first_screen)

    with on_a_terminal(settings, "drill", "--hidden", "--language", "en") as terminal:
        for name in ("4", "2", "5"):
            terminal.until("Words from no. 1 on:")
            terminal.type(" ".join(word[:4] for word in shares[name]))
            terminal.until(f"Share {name} is sound.")
        terminal.until("The drill succeeded")
        terminal.until("<end>")
    assert not [word for word in shares["4"][4:] if f" {word[:4]} " in terminal.shown]
