"""A database that was put back is recognised by a head that is known outside."""

import hashlib
import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy import update as change
from sqlalchemy.exc import OperationalError

from casemgr.access.actor import system_actor
from casemgr.audit import Action, AuditEntry, Outcome, record, rollback, sequencer
from casemgr.audit.models import STATE
from casemgr.audit.tiles import Head, Tree
from casemgr.cli import keep_index_current
from casemgr.crypto.errors import KeyProviderDown
from casemgr.db import session
from tests.cast import Cast


@pytest.fixture(autouse=True)
def no_sources() -> Iterator[None]:
    kept = list(rollback.sources)
    rollback.sources.clear()
    yield
    rollback.sources[:] = kept


def grow(cast: Cast, count: int) -> Head:
    with cast.acting():
        for _ in range(count):
            record(system_actor("tests", cast.facility_id), Action.HOME_SHOWN)
    with cast.app.app_context():
        sequencer.run(session())
        return Tree(session()).head()


def is_behind(cast: Cast, head: Head) -> bool:
    with cast.app.app_context():
        return rollback.behind(session(), head)


def test_a_tree_that_grew_is_not_behind(cast: Cast) -> None:
    older = grow(cast, 3)
    assert not is_behind(cast, older)
    newer = grow(cast, 300)
    assert not is_behind(cast, older)
    assert not is_behind(cast, newer)


def test_a_smaller_tree_is_behind(cast: Cast) -> None:
    head = grow(cast, 3)
    assert is_behind(cast, Head(head.size + 1, head.root))


def test_another_tree_of_the_same_size_is_behind(cast: Cast) -> None:
    head = grow(cast, 3)
    assert is_behind(cast, Head(head.size - 1, hashlib.sha256(b"another").digest()))


def test_an_older_backup_is_refused_on_record(cast: Cast) -> None:
    """Everything that the tree knew goes back by some entries, as a restored backup does."""
    with cast.app.app_context():
        older = session.execute(select(STATE)).one()._asdict()
    known = grow(cast, 4)
    rollback.sources.extend([lambda: None, lambda: known, lambda: Head(0, b"")])
    with cast.app.app_context():
        rollback.refuse_if_behind(session(), "web")  # nothing was put back yet
        session.execute(change(STATE).values(older))
        session.commit()
        with pytest.raises(rollback.RolledBack) as caught:
            rollback.refuse_if_behind(session(), "web")
        assert (caught.value.known, caught.value.here) == (known.size, older["size"])
        query = select(AuditEntry).where(AuditEntry.action == Action.LOG_ROLLED_BACK)
        entry = session.scalars(query).one()
        assert (entry.outcome, entry.count) == (Outcome.FAILED, known.size - older["size"])


def test_neither_program_starts_on_it(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    head = grow(cast, 1)
    rollback.sources.append(lambda: Head(head.size + 10, head.root))
    with cast.app.app_context():
        result = cast.app.test_cli_runner().invoke(args=["worker"])
    assert result.exit_code == rollback.EXIT_CODE
    with pytest.raises(SystemExit) as ended:
        keep_index_current(cast.app, threading.Event())
    assert ended.value.code == rollback.EXIT_CODE
    assert "put back to an older state" in capsys.readouterr().err


@pytest.mark.parametrize("failure", [OperationalError("", None, Exception()), KeyProviderDown("x")])
def test_a_roll_back_is_told_even_if_it_cannot_be_recorded(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    def refuse(*_given: object, **_named: object) -> None:
        raise failure

    head = grow(cast, 1)
    rollback.sources.append(lambda: Head(head.size + 10, head.root))
    monkeypatch.setattr(rollback, "record", refuse)
    with cast.app.app_context():
        with pytest.raises(rollback.RolledBack):
            rollback.refuse_if_behind(session(), "web")
        result = cast.app.test_cli_runner().invoke(args=["worker"])
    assert result.exit_code == rollback.EXIT_CODE


class FewWaits:
    """Tells to stop at the last of so many waits."""

    def __init__(self, count: int) -> None:
        self.left = count

    def wait(self, _timeout: float) -> bool:
        self.left -= 1
        return self.left <= 0


def test_what_cannot_be_compared_is_compared_again_before_anybody_works(cast: Cast) -> None:
    """Twice the database is away; then it answers, and is too old."""
    head = grow(cast, 1)
    asked: list[int] = []

    def answers_at_the_third(known: Head = Head(head.size + 10, head.root)) -> Head:
        asked.append(1)
        if len(asked) < 3:
            raise OperationalError("", None, Exception())
        return known

    rollback.sources.append(answers_at_the_third)
    with pytest.raises(SystemExit) as ended:
        keep_index_current(cast.app, threading.Event(), FewWaits(9))
    assert (ended.value.code, len(asked)) == (rollback.EXIT_CODE, 3)


def test_while_it_cannot_be_compared_a_stop_is_obeyed(cast: Cast) -> None:
    def is_away() -> Head:
        raise OperationalError("", None, Exception())

    rollback.sources.append(is_away)
    waits = FewWaits(2)
    with pytest.raises(SystemExit) as ended:
        keep_index_current(cast.app, threading.Event(), waits)
    assert (ended.value.code, waits.left) == (0, 0)
