"""The terminal of a ceremony: shares are shown one at a time and are left nowhere.

Words of a share are only ever on the terminal's second screen, which keeps no history and is wiped
when it is left. They come from no argument, no pipe and no file.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click
from flask_babel import gettext as _

from casemgr.crypto.recovery.shares import SHARES, Share

COLUMNS = 3
_ENTER, _LEAVE = "\x1b[?1049h\x1b[2J\x1b[H", "\x1b[2J\x1b[3J\x1b[H\x1b[?1049l"


class NoTerminal(click.ClickException):
    """Shares are shown and typed at a terminal alone: a pipe or a file would keep them."""

    def __init__(self) -> None:
        super().__init__(_("Run this at a terminal, with neither input nor output redirected."))


def require_terminal() -> None:
    """Raise NoTerminal unless a person sits here."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise NoTerminal


@contextmanager
def apart() -> Iterator[None]:
    """The terminal's second screen: what stood there is gone when it is left."""
    click.echo(_ENTER, nl=False)
    try:
        yield
    finally:
        click.echo(_LEAVE, nl=False)


def grid(words: Sequence[str]) -> list[str]:
    """Numbered words in columns, read downwards."""
    rows = -(-len(words) // COLUMNS)
    numbered = [f"{number:>2}. {word:<10}" for number, word in enumerate(words, start=1)]
    return ["   ".join(numbered[row::rows]).rstrip() for row in range(rows)]


def show(shares: Sequence[Share], set_id: str) -> None:
    """Each share by itself, until Enter is pressed. The others look away."""
    for share in shares:
        name = _("Share %(number)s of %(all)s", number=share.number, all=SHARES)
        prompt = _("%(share)s: only its keeper looks at the screen. Press Enter.", share=name)
        click.prompt(prompt, default="", show_default=False, prompt_suffix="")
        with apart():
            click.echo(f"{name}    {_('Set')} {set_id}\n")
            click.echo("\n".join(grid(share.words)) + "\n")
            written = _("Write down the numbered words, compare them, then press Enter.")
            click.prompt(written, default="", show_default=False, prompt_suffix="")
