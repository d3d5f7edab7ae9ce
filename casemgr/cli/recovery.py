"""``flask keys split | drill | recover``: ceremonies with the recovery shares, 3 of 5.

Whoever runs one sits at a terminal of the server with the keepers beside them. It is announced to
every privacy officer before the first share is shown or asked for, and again when it has ended.
"""

from pathlib import Path

import click
from flask.cli import with_appcontext
from flask_babel import gettext as _

from casemgr import clock
from casemgr.access import Actor
from casemgr.access.key_names import the_keyring
from casemgr.cli import share_pages
from casemgr.cli.asking import ask_key, prove_one
from casemgr.cli.ceremony import at_the_terminal, ceremony
from casemgr.cli.screen import show
from casemgr.crypto.recovery import key_pair, recovering, recovery_store
from casemgr.crypto.recovery.key_pair import RecoveryKey
from casemgr.crypto.recovery.recovery_sets import RecoverySet
from casemgr.crypto.recovery.shares import Share
from casemgr.crypto.recovery.shares import split as split_key
from casemgr.directory.service import the_facility
from casemgr.web.locale import DEFAULT_LANGUAGE, LANGUAGES, day
from casemgr.work.rules import Ceremony

language_option = click.option(
    "--language", type=click.Choice([*LANGUAGES]), default=DEFAULT_LANGUAGE, show_default=True
)
hidden_option = click.option("--hidden", is_flag=True, help="Do not show the words while typed.")


@click.command("split")
@language_option
@hidden_option
@click.option("--print-to", type=click.Path(path_type=Path), help="A new folder for five pages.")
@with_appcontext
def split(*, language: str, hidden: bool, print_to: Path | None) -> None:
    """Make five new recovery shares, which replace the older ones."""
    with at_the_terminal(language) as actor:
        the_keyring().refresh()  # before anybody writes 33 words for nothing
        click.echo(
            _(
                "Five new shares, of which any three open everything. Older ones open nothing new from then on."
            )
        )
        click.confirm(_("Are the five keepers here?"), abort=True)
        key = RecoveryKey.make()
        set_id = key_pair.set_id(key.public)
        with ceremony(actor, Ceremony.SPLIT, set_id):
            _hand_out(split_key(key), set_id, key.public, language, print_to, hidden=hidden)
            store, provider = the_keyring().store, the_keyring().provider
            recovering.issue(store, provider, actor.facility_id, key)
        click.echo(_("The shares of set %(name)s are in force.", name=set_id))
        click.echo(
            _(
                "Destroy the papers of older sets before witnesses, and hold a drill (flask keys drill)."
            )
        )


@click.command("drill")
@language_option
@hidden_option
@with_appcontext
def drill(*, language: str, hidden: bool) -> None:
    """Try three recovery shares; nothing is changed."""
    with at_the_terminal(language) as actor:
        found = _current(actor)
        with ceremony(actor, Ceremony.DRILL, found.set_id):
            key = ask_key(found.public, hidden=hidden)
            store, provider = the_keyring().store, the_keyring().provider
            count = recovering.try_out(store, provider, actor.facility_id, key)
        click.echo(
            _(
                "The drill succeeded: three shares open all %(count)s keys of the hospital.",
                count=count,
            )
        )


@click.command("recover")
@language_option
@hidden_option
@with_appcontext
def recover(*, language: str, hidden: bool) -> None:
    """Bring the keys back from three shares, under what CASEMGR_KEY_PROVIDER names now."""
    with at_the_terminal(language) as actor:
        found = _current(actor)
        with ceremony(actor, Ceremony.RECOVER, found.set_id):
            key = ask_key(found.public, hidden=hidden)
            store, provider = the_keyring().store, the_keyring().provider
            count = recovering.recover(store, provider, actor.facility_id, key)
            the_keyring().refresh()
        click.echo(
            _("%(count)s keys are back. Restart casemgr, then: flask keys verify", count=count)
        )
        click.echo(_("Three keepers have shown their shares: make new ones (flask keys split)."))


COMMANDS = (split, drill, recover)


def _current(actor: Actor) -> RecoverySet:
    found = recovery_store.current(the_keyring().store, actor.facility_id)
    if found is None:
        raise click.ClickException(_("No recovery shares were made yet (flask keys split)."))
    click.echo(_("The shares of set %(name)s are in force.", name=found.set_id))
    return found


def _hand_out(
    made: list[Share],
    set_id: str,
    public: bytes,
    language: str,
    print_to: Path | None,
    *,
    hidden: bool,
) -> None:
    """To five keepers, on the screen or on paper; then one of them reads theirs back."""
    if print_to is None:
        show(made, set_id)
        prove_one(made, public, hidden=hidden)
        return
    facility = the_facility()
    hospital = facility.name if facility else ""
    facts = share_pages.Facts(hospital, set_id, day(clock.today()), language)
    try:
        share_pages.write(print_to, made, facts)
    except FileExistsError:
        raise click.ClickException(_("The folder is there already: name a new one.")) from None
    click.echo(
        _(
            "Print the five pages in %(folder)s and hand them out, one to each keeper.",
            folder=print_to,
        )
    )
    try:
        prove_one(made, public, hidden=hidden)
    finally:
        click.echo(_("Now remove the pages from the disk: rm -r %(folder)s", folder=print_to))
