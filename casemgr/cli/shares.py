"""Recovery shares at the terminal: shown one at a time, typed one at a time, left nowhere.

Words of a share are only ever on the terminal's second screen, which keeps no history and is wiped
when it is left. They come from no argument, no pipe and no file.
"""

import secrets
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import click
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from casemgr.crypto import recovery
from casemgr.crypto.recovery import (
    NEEDED,
    SHARES,
    WORDS,
    RecoveryKey,
    Share,
    ShareFault,
    ShareRefused,
)

MOST_TRIES = 5  # of one share, until the ceremony counts as failed
COLUMNS = 3
BACK = "-"
_ENTER, _LEAVE = "\x1b[?1049h\x1b[2J\x1b[H", "\x1b[2J\x1b[3J\x1b[H\x1b[?1049l"

REFUSALS: Final[dict[ShareFault, LazyString]] = {
    ShareFault.UNKNOWN_WORD: _l("Share no. %(given)s: word %(word)s is not in the list."),
    ShareFault.WRONG_LENGTH: _l("Share no. %(given)s does not have 33 words."),
    ShareFault.MISCOPIED: _l(
        "Share no. %(given)s: a word is wrong or two have changed places. Compare it word by word."
    ),
    ShareFault.OTHER_SET: _l(
        "Share no. %(given)s (number %(number)s on its paper) belongs to another set. Look at the set id on the paper."
    ),
    ShareFault.REPEATED: _l(
        "Share no. %(given)s (number %(number)s on its paper) was given before. Three different shares are needed."
    ),
    ShareFault.TOO_FEW: _l("%(given)s shares are not enough. Three are needed."),
    ShareFault.NOT_FITTING: _l("Each share is sound, but together they do not make the key."),
}


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


def prove_one(shares: Sequence[Share], public: bytes, *, hidden: bool) -> None:
    """Ask one share back, taken at random: what was written down must be what was shown."""
    asked = secrets.choice(shares)
    click.echo(_("To prove the writing, share %(number)s is asked back.", number=asked.number))
    _until_sound(lambda: _same(_typed(public, 1, hidden=hidden), asked))


def ask_key(public: bytes, *, hidden: bool) -> RecoveryKey:
    """Three shares, each checked as soon as it was typed. Raises ShareRefused."""
    shares: list[Share] = []
    for given in range(1, NEEDED + 1):
        share = _until_sound(
            lambda given=given: _another(_typed(public, given, hidden=hidden), shares)
        )
        click.echo(_("Share %(number)s is sound.", number=share.number))
        shares.append(share)
    return recovery.combine(shares, public)


def words_for(refused: ShareRefused) -> str:
    """What is wrong, by number and place; never a word of a share."""
    places = {"given": refused.given, "number": refused.number, "word": refused.word}
    return str(REFUSALS[refused.fault]) % places


def _until_sound(ask: Callable[[], Share]) -> Share:
    for tried in range(1, MOST_TRIES + 1):
        try:
            return ask()
        except ShareRefused as refused:
            if tried == MOST_TRIES:
                raise
            click.echo(words_for(refused))
    raise AssertionError


def _typed(public: bytes, given: int, *, hidden: bool) -> Share:
    with apart():
        words = _ask_words(given, hidden=hidden)
    return recovery.read_share(words, public, given)


def _ask_words(given: int, *, hidden: bool) -> list[str]:
    """Words as they come, any number on a line; one that is not in the list is said at once."""
    click.echo(
        _(
            "Share no. %(given)s. Type its words with blanks between them, as many on a line as you like. Four letters of each are enough; %(back)s takes the last word back.",
            given=given,
            back=BACK,
        )
    )
    words: list[str] = []
    while len(words) < WORDS:
        prompt = _("Words from no. %(number)s on", number=len(words) + 1)
        for typed in click.prompt(prompt, hide_input=hidden, type=str).split():
            if typed == BACK:
                del words[-1:]
            elif (word := recovery.whole_word(typed)) is None:
                click.echo(_("Word %(number)s is not in the list.", number=len(words) + 1))
                break
            else:
                words.append(word)
    return words


def _same(typed: Share, asked: Share) -> Share:
    if typed != asked:
        raise ShareRefused(ShareFault.MISCOPIED, 1, typed.number)
    return typed


def _another(share: Share, before: Sequence[Share]) -> Share:
    if share.number in {each.number for each in before}:
        raise ShareRefused(ShareFault.REPEATED, len(before) + 1, share.number)
    return share
