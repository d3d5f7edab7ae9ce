"""``flask staff facts``: what colleagues can be compared by, from a list of the personnel office."""

import csv
from collections.abc import Iterator
from pathlib import Path

import click
from flask.cli import with_appcontext

from casemgr.access import Actor, Invalid
from casemgr.access.actor import system_actor
from casemgr.accounts import service as accounts
from casemgr.db import session
from casemgr.directory.service import the_facility
from casemgr.privacy.detection import staff as facts

NAME = "staff-facts"


@click.group("staff")
def staff() -> None:
    """Facts about staff that nobody sees and the rules compare."""


@staff.command("facts")
@click.argument("table", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_appcontext
def read_facts(table: Path) -> None:
    """Record TABLE: CSV in UTF-8 with the column username and any of those that detection knows.

    Nothing is recorded unless every line can be. Remove the file afterwards.
    """
    facility = the_facility()
    if facility is None:
        raise click.ClickException("There is no facility yet.")
    actor = system_actor(NAME, facility.id, "command")
    try:
        count = sum(1 for _ in _recorded(actor, table))
    except Invalid as refused:
        session.rollback()
        raise click.ClickException(
            f"Nothing was recorded: {refused.field} ({refused.reason}). "
            f"Columns: username {' '.join(facts.FIELDS)}; days as 2026-11-25."
        ) from None
    session.commit()
    click.echo(f"Recorded facts about {count} colleagues. Remove the file now.")


def _recorded(actor: Actor, table: Path) -> Iterator[None]:
    """Each line of the table. Raises Invalid, naming the column and never what stands in it."""
    known = accounts.ids_by_username(actor)
    with table.open(encoding="utf-8-sig", newline="") as lines:
        for line in csv.DictReader(lines):
            account_id = known.get((line.pop("username", "") or "").strip().lower())
            if account_id is None:
                raise Invalid("username", "unknown_account")
            facts.record_facts(
                actor, account_id, {name: text for name, text in line.items() if text is not None}
            )
            yield
