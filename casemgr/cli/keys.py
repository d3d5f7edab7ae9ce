"""flask keys: what guards the records, from the terminal. Each act leaves its entry."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import click
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from casemgr.access import (
    Actor,
    Conflict,
    NotFound,
    closing,
    destroying,
    epochs,
    rotating,
    verifying,
)
from casemgr.access.actor import system_actor
from casemgr.access.key_names import the_keyring
from casemgr.access.key_state import state_of_keys
from casemgr.cases.models import Case
from casemgr.cli import key_lines
from casemgr.crypto.errors import KeyProviderDown, SealError, SetReplaced
from casemgr.crypto.recovery import recovery_store
from casemgr.db import session
from casemgr.directory.service import the_facility
from casemgr.work import rekeying

NAME = "keys"


keys = AppGroup(NAME, help="See, rotate, verify and destroy the keys that guard the records.")


@contextmanager
def acting() -> Iterator[Actor]:
    """The system actor of a command; whatever goes wrong is one clear line and a failure."""
    try:
        facility = the_facility()
        if facility is None:
            raise click.ClickException("No hospital was founded yet.")
        actor = system_actor(NAME, facility.id, "command")
        with _alarm(actor):
            yield actor
        session.commit()
    except KeyProviderDown as reason:
        raise click.ClickException(f"The key provider does not answer: {reason}") from None
    except closing.KeysUnreadable as reason:
        session.commit()  # what was done so far, and the entry that says how it ended
        raise click.ClickException(f"{reason}.") from None
    except (SealError, destroying.StillNeeded) as reason:
        line = str(reason)  # names of keys keep their letters: only the first one is raised
        raise click.ClickException(f"{line[:1].upper()}{line[1:]}.") from None
    except Conflict:
        raise click.ClickException("Another run has closed this epoch meanwhile.") from None
    except NotFound:
        raise click.ClickException("There is no such case, or it has no keys.") from None
    except SQLAlchemyError as reason:
        line = f"A database does not answer ({type(reason).__name__}); run it again."
        raise click.ClickException(line) from None
    finally:
        session.remove()


@contextmanager
def _alarm(actor: Actor) -> Iterator[None]:
    """What was refused because of a replaced set of shares is on record, although it failed."""
    try:
        yield
    except SetReplaced as replaced:
        session.rollback()
        epochs.note_replaced_set(actor, replaced.set_id)
        session.commit()
        raise


@keys.command("status")
def status() -> None:
    """Facility keys, epochs, data keys by state, and what is outstanding."""
    with acting() as actor:
        for line in key_lines.of_state(state_of_keys(actor)):
            click.echo(line)
        for line in key_lines.of_shares(actor.facility_id):
            click.echo(line)


@keys.command("rotate")
def rotate() -> None:
    """A new facility key; every data key wrapped anew, online. Run again to go on."""
    with acting() as actor:
        epoch = rotating.announce(actor)
        session.commit()
        for line in rotating.rotate(actor, epoch):
            click.echo(line)


@keys.command("rekey")
@click.argument("case")
def rekey(case: str) -> None:
    """New keys for one CASE (its code, or the id of any owner of keys), from now on."""
    with acting() as actor:
        owner_id, case_id = _owner(actor, case)
        parts = rekeying.rekey(actor, owner_id, case_id)
        session.commit()
        click.echo(f"New keys for {', '.join(parts)}. The worker seals the old values anew.")


@keys.command("close-epoch")
@click.option("--give-up-unreadable", is_flag=True, help="Let data keys go that do not open.")
def close_epoch(*, give_up_unreadable: bool) -> None:
    """A new root, everything wrapped anew, the old root destroyed. Run again to go on."""
    with acting() as actor:
        number = closing.begin(actor)
        session.commit()
        for step in closing.steps(give_up=give_up_unreadable):
            for line in step(actor, number):
                click.echo(line)
            session.commit()
        click.echo("Make a backup of the key store now: earlier ones can no longer be opened.")
        if recovery_store.current(the_keyring().store, actor.facility_id):
            click.echo("Issue new recovery shares (flask keys split) and destroy the old papers.")


@keys.command("verify")
def verify() -> None:
    """Try every key: each facility key, and a data key under each."""
    with acting() as actor:
        verdict = verifying.verify(actor)
        session.commit()
        for line in key_lines.of_verdict(verdict):
            click.echo(line)
        for line in key_lines.of_shares(actor.facility_id):
            click.echo(line)
        if not verdict.is_sound:
            raise click.ClickException("Not every key opens.")


@keys.command("destroy")
@click.argument("name", required=False)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--by-hand", is_flag=True, help="It was destroyed where casemgr cannot ask.")
def destroy(name: str | None, *, yes: bool, by_hand: bool) -> None:
    """Destroy an old key that nothing needs, by its NAME; without one, list them."""
    with acting() as actor:
        if name is None:
            for line in destroying.needless(actor) or ["Nothing can be destroyed."]:
                click.echo(line)
            return
        destroying.require_needless(actor, name)
        if by_hand:
            _confirm_by_hand(actor, name, yes=yes)
            return
        if not yes:
            click.confirm(f"Destroy {name} for good?", abort=True)
        destroying.announce(actor, name)
        session.commit()
        click.echo(destroying.destroy(actor, name))


def _confirm_by_hand(actor: Actor, name: str, *, yes: bool) -> None:
    if not yes:
        click.confirm(f"Is {name} destroyed at its provider, and every copy on paper?", abort=True)
    destroying.confirm_by_hand(actor, name)
    click.echo(f"{name} counts as destroyed.")


def _owner(actor: Actor, case: str) -> tuple[UUID, UUID | None]:
    query = select(Case.id).where(Case.facility_id == actor.facility_id)
    found = session.scalar(query.where(Case.code == case.strip().upper()))
    if found is not None:
        return found, found
    try:
        owner_id = UUID(case)
    except ValueError:
        raise NotFound(case) from None
    return owner_id, session.scalar(query.where(Case.id == owner_id))
