"""What the tests of backups say again and again."""

from contextlib import suppress
from pathlib import Path
from uuid import UUID

from flask import Flask

from casemgr.access import Compartment, Purpose
from casemgr.access.key_names import named
from casemgr.access.removal import carry_out_removals, intend_removal
from casemgr.cases import service as cases
from casemgr.cases.models import Case
from casemgr.cases.rules import Source
from casemgr.crypto.errors import SealError
from casemgr.db import new_id, session
from tests.cast import Cast

WARD = "Khoa Sản"


def run(app: Flask, *arguments: object) -> tuple[int, str]:
    """A command as somebody types it: how it ended, and what it said."""
    result = app.test_cli_runner().invoke(args=[str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def done(app: Flask, *arguments: object) -> str:
    """A command that must succeed."""
    code, said = run(app, *arguments)
    assert code == 0, said
    return said


def refused(app: Flask, *arguments: object) -> str:
    """A command that must fail with one clear line."""
    code, said = run(app, *arguments)
    assert code == 1, said
    assert said.startswith("Error: "), said
    assert len(said.strip().splitlines()) == 1, said
    return said


def set_of(folder: Path, kind: str) -> Path:
    """The newest set of this kind in a folder."""
    return max(folder.glob(f"casemgr-{kind}-*.cmgb"))


def open_case(cast: Cast, ward: str = WARD) -> UUID:
    with cast.acting():
        return cases.open_suspicion(
            cast.actor("worker"), source=Source.WARD, ward=ward, contact_nurse_id=None
        ).id


def erase(cast: Cast, case_id: UUID) -> None:
    """Remove every key of a case, as an erasure does."""
    actor = cast.actor("officer")
    with cast.acting():
        ids = named(cast.facility_id, [case_id], list(Compartment))
        assert ids
        intend_removal(actor, ids, new_id(), case_id)
    with cast.acting():
        assert carry_out_removals(actor) == len(ids)


def ward_of(app: Flask, cast: Cast, case_id: UUID) -> str | None:
    """What can be read of a case on this machine: None when it does not open, or is not there."""
    with app.app_context():
        case = session.get(Case, case_id)
        if case is None:
            return None
        ward = None
        with suppress(SealError):
            cases.open_parts(cast.actor("worker"), case, {Compartment.SOCIAL}, Purpose.CASE_WORK)
            ward = case.ward
        session.rollback()
        return ward
