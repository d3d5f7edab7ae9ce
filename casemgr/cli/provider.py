"""``flask create-root``: the one act on the key provider that comes before everything else."""

import click
from flask import current_app
from flask.cli import with_appcontext

from casemgr.crypto.errors import KeyProviderDown


@click.command("create-root")
@with_appcontext
def create_root() -> None:
    """Make the first root of the key provider that the settings name. Never replaces one."""
    try:
        name = current_app.extensions["keyring"].provider.create()
    except KeyProviderDown as reason:
        raise click.ClickException(str(reason)) from None
    click.echo(
        f"Made {name}. Without it nothing can be read: see docs/operations.md, Key providers."
    )
