"""Where a provider's own secret comes from: a private file, or the person at the terminal.

Never from an argument or an environment variable: both are shown to other programs.
"""

import os
import stat
import sys
import threading
from collections.abc import Callable
from getpass import getpass
from pathlib import Path

from casemgr.crypto.errors import KeyProviderDown, KeyProviderRefused
from casemgr.crypto.providers.address import read_address
from casemgr.crypto.providers.passphrase import PassphraseProvider

ATTEMPTS = 3


def asker(path: str) -> Callable[[], str]:
    """Reads the file anew at each call, since a token is replaced while we run; "" asks a person.

    Raises KeyProviderDown when neither answers.
    """
    return lambda: _from_file(Path(path)) if path else _from_terminal()


def hand_over(url: str, say: Callable[[str], None]) -> int:
    """Ask for the passphrase of ``passphrase:/path`` once, and keep it in memory for our programs.

    Returns a file descriptor without a name in any file system, to be inherited by the programs
    that we start: they read it as /proc/self/fd/<number>, as often as they are started anew.
    Raises KeyProviderRefused after three wrong passphrases, KeyProviderDown.
    """
    passphrase = _right_passphrase(read_address(url).target, say)
    handle = os.memfd_create("passphrase")
    os.fchmod(handle, 0o400)
    os.write(handle, passphrase.encode())
    return handle


def _right_passphrase(path: str, say: Callable[[str], None]) -> str:
    answers: list[str] = []
    provider = PassphraseProvider(path, lambda: answers[-1])
    for _ in range(ATTEMPTS):
        answers.append(_from_terminal())
        try:
            provider.unlock()
        except KeyProviderRefused as refused:
            say(f"{refused}.")
        else:
            return answers[-1]
    raise KeyProviderRefused(f"{ATTEMPTS} passphrases were wrong")


def _from_file(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o007:
                raise KeyProviderRefused("the file with the provider's secret is open to everybody")
            return file.read()
    except (OSError, ValueError):
        raise KeyProviderDown("the file with the provider's secret cannot be read") from None


def _from_terminal() -> str:
    """Only where a person waits for it: a thread of the web server must not stop for an answer."""
    if threading.current_thread() is threading.main_thread() and sys.stdin.isatty():
        return getpass("Passphrase of the key file: ")
    raise KeyProviderDown("nobody can be asked for the provider's secret here: give it in a file")
