"""Around a ceremony: a person at a terminal, in their language; announced before it begins."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import click
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy.exc import SQLAlchemyError

from casemgr.access import Actor
from casemgr.cli.asking import words_for
from casemgr.cli.keys import acting
from casemgr.cli.screen import require_terminal
from casemgr.crypto.errors import KeyProviderDown, SealBroken, SealError
from casemgr.crypto.recovery.shares import ShareRefused
from casemgr.db import session
from casemgr.work import ceremonies
from casemgr.work.backup_folder import BackupRefused
from casemgr.work.rules import Ceremony

FAILURES: Final[dict[type[SealError], LazyString]] = {
    KeyProviderDown: _l("What guards the keys (CASEMGR_KEY_PROVIDER) does not answer."),
    SealBroken: _l("A key cannot be opened with these shares: its envelope is missing or altered."),
}

# Their words are ours and quote nothing.
EXPECTED = (click.ClickException, click.Abort, SealError, SQLAlchemyError, BackupRefused)


@contextmanager
def at_the_terminal(language: str) -> Iterator[Actor]:
    """A person at a terminal, and words in their language for whatever goes wrong."""
    with force_locale(language):
        require_terminal()
        with acting() as actor:
            try:
                yield actor
            except ShareRefused as refused:
                raise click.ClickException(words_for(refused)) from None
            except tuple(FAILURES) as failed:
                words = next(FAILURES[kind] for kind in FAILURES if isinstance(failed, kind))
                raise click.ClickException(str(words)) from None


@contextmanager
def ceremony(actor: Actor, kind: Ceremony, set_id: str) -> Iterator[None]:
    """Announced and on record before it begins, and how it ended, whatever happens inside."""
    begun = ceremonies.begin(actor, kind)
    session.commit()
    try:
        yield
    except BaseException as error:  # Ctrl-C too
        session.rollback()
        ceremonies.fail(actor, begun, kind)
        session.commit()
        if isinstance(error, Exception) and not isinstance(error, EXPECTED):
            # its frames hold what was typed: nothing but its kind leaves this place
            words = _("Stopped by an error (%(kind)s).", kind=type(error).__name__)
            raise click.ClickException(words) from None
        raise
    ceremonies.end(actor, begun, kind, set_id)
    session.commit()
