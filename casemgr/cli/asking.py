"""Shares as they are typed: each word and each share is checked at once, and asked for again."""

import secrets
from collections.abc import Callable, Sequence
from typing import Final

import click
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from casemgr.cli.screen import apart
from casemgr.crypto.recovery.key_pair import RecoveryKey
from casemgr.crypto.recovery.shares import (
    NEEDED,
    WORDS,
    Share,
    ShareFault,
    ShareRefused,
    combine,
    read_share,
    whole_word,
)

MOST_TRIES = 5  # of one share, until the ceremony counts as failed
BACK = "-"
REFUSALS: Final[dict[ShareFault, LazyString]] = {
    ShareFault.UNKNOWN_WORD: _l("Entry no. %(given)s: word %(word)s is not in the list."),
    ShareFault.WRONG_LENGTH: _l("Entry no. %(given)s does not have 33 words."),
    ShareFault.MISCOPIED: _l(
        "Entry no. %(given)s: a word is wrong or two have changed places. Compare it word by word."
    ),
    ShareFault.OTHER_SET: _l(
        "Entry no. %(given)s (number %(number)s on its paper) belongs to another set. Look at the set id on the paper."
    ),
    ShareFault.REPEATED: _l(
        "Entry no. %(given)s (number %(number)s on its paper) was given before. Three different shares are needed."
    ),
    ShareFault.TOO_FEW: _l("%(given)s shares are not enough. Three are needed."),
    ShareFault.NOT_FITTING: _l("Each share is sound, but together they do not make the key."),
}


def prove_one(shares: Sequence[Share], public: bytes, *, hidden: bool) -> None:
    """Ask one share back, taken at random: what was written down must be what was shown."""
    asked = secrets.choice(shares)
    _until_sound(lambda: _back(public, asked, hidden=hidden))


def ask_key(public: bytes, *, hidden: bool) -> RecoveryKey:
    """Three shares, each checked as soon as it was typed. Raises ShareRefused."""
    shares: list[Share] = []
    while len(shares) < NEEDED:
        share = _until_sound(lambda: _another(public, shares, hidden=hidden))
        click.echo(_("Share %(number)s is sound.", number=share.number))
        shares.append(share)
    return combine(shares, public)


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
    return read_share(words, public, given)


def _ask_words(given: int, *, hidden: bool) -> list[str]:
    """Words as they come, any number on a line; one that is not in the list is said at once."""
    click.echo(
        _(
            "Entry no. %(given)s. Type its words with blanks between them, as many on a line as you like. Four letters of each are enough; %(back)s takes the last word back.",
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
            elif (word := whole_word(typed)) is None:
                click.echo(_("Word %(number)s is not in the list.", number=len(words) + 1))
                break
            else:
                words.append(word)
    return words


def _back(public: bytes, asked: Share, *, hidden: bool) -> Share:
    click.echo(_("To prove the writing, share %(number)s is asked back.", number=asked.number))
    typed = _typed(public, 1, hidden=hidden)
    if typed != asked:
        raise ShareRefused(ShareFault.MISCOPIED, 1, typed.number)
    return typed


def _another(public: bytes, before: Sequence[Share], *, hidden: bool) -> Share:
    given = len(before) + 1
    share = _typed(public, given, hidden=hidden)
    if share.number in {each.number for each in before}:
        raise ShareRefused(ShareFault.REPEATED, given, share.number)
    return share
