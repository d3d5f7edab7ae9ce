"""Heads of the log: signed after the commit, kept for ever, no more often than there is news."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from casemgr import clock, rooms
from casemgr.access.actor import system_actor
from casemgr.audit import Action, checkpoints, publishing, record
from casemgr.audit.append_only import REFUSAL
from casemgr.audit.outside.known import Seen, SeenFile
from casemgr.audit.outside.note import read_note
from casemgr.audit.publishing import Sender
from casemgr.audit.signing import LogKey
from casemgr.db import session
from casemgr.work.worker import Worker
from tests.audit.made_up_log import SlowHead
from tests.audit.reading import signers
from tests.audit.scene import Scene


@pytest.fixture
def scene(cast: object, tmp_path: Path) -> Iterator[Scene]:
    yield from Scene.of(cast, tmp_path)


def test_a_head_is_signed_when_there_are_entries(scene: Scene) -> None:
    scene.act()
    scene.sign()
    with scene.app.app_context():
        kept = checkpoints.newest(session)
        assert kept is not None
        assert (kept.size, kept.root) == (scene.tree.head().size, scene.tree.head().root)
        assert signers(kept.note, [str(scene.key.vkey())]) == [str(scene.key.vkey())]
        assert kept.note.splitlines()[0] == "localhost/log"
    scene.sign()
    assert scene.sizes() == [kept.size], "nothing new, nothing signed"
    scene.act()
    scene.sign()
    assert scene.sizes() == [kept.size, kept.size + 1]


def test_signing_again_after_a_crash_gives_the_same_note(scene: Scene) -> None:
    scene.act()
    notes = []
    for _ in range(2):
        with scene.app.app_context():
            head = checkpoints.tree(session).head()  # type: ignore[union-attr]
            notes.append(checkpoints.sign_head(session, head).note)
            session.rollback()  # the process died before the commit
    assert notes[0] == notes[1]


def test_a_rewritten_log_is_never_signed(scene: Scene) -> None:
    scene.act()
    scene.sign()
    with scene.app.app_context():
        size = scene.sizes()[0]
        with pytest.raises(checkpoints.Forked):
            checkpoints.sign_head(session, SlowHead(size, bytes(32)))


def test_without_a_key_nothing_is_signed(scene: Scene) -> None:
    scene.key.path.unlink()
    scene.act()
    scene.sign()
    assert scene.sizes() == []
    with scene.app.app_context(), pytest.raises(checkpoints.NoLogKey):
        checkpoints.sign_head(session, SlowHead(1, bytes(32)))


def test_a_hospital_at_rest_does_not_sign_for_its_own_sending(scene: Scene) -> None:
    scene.act()
    scene.sign()
    with scene.cast.acting():
        record(system_actor("checkpoint-sender", scene.cast.facility_id), Action.CHECKPOINT_SENT)
    scene.sign()
    assert len(scene.sizes()) == 1
    with clock.frozen(clock.now() + timedelta(hours=1)):
        scene.sign()
    assert len(scene.sizes()) == 2


def test_after_a_rotation_the_next_head_bears_both_keys(scene: Scene) -> None:
    scene.act()
    scene.sign()
    old, new = scene.key.vkey(), scene.key.rotate()
    scene.act()
    scene.sign()
    scene.act()
    scene.sign()
    with scene.app.app_context():
        notes = [kept.note for kept in checkpoints.all_checkpoints(session)]
    keys = [str(old), str(new)]
    assert [set(signers(note, keys)) for note in notes] == [{keys[0]}, set(keys), {keys[1]}]
    assert '"key"' not in scene.key.path.read_text().splitlines()[0], "the old seed is wiped"


@pytest.mark.parametrize("table", ["audit_checkpoint", "audit_publication"])
@pytest.mark.parametrize(
    "act", ["UPDATE {} SET at = at", "DELETE FROM {}"], ids=["update", "delete"]
)
def test_neither_table_can_be_changed(scene: Scene, table: str, act: str) -> None:
    scene.connect(f"file:{scene.folder / 'worm.txt'}")
    scene.act()
    scene.sign()
    scene.send()
    with scene.app.app_context(), pytest.raises(DatabaseError, match=REFUSAL):
        session.execute(text(act.format(table)))


def test_postgresql_refuses_to_empty_them(scene: Scene) -> None:
    with scene.app.app_context():
        if session.get_bind().dialect.name == "sqlite":
            return  # it has no TRUNCATE
        with pytest.raises(DatabaseError, match=REFUSAL):
            session.execute(text("TRUNCATE audit_checkpoint"))


def test_a_file_takes_every_head_and_each_sending_is_on_record(scene: Scene) -> None:
    scene.connect(f"file:{scene.folder / 'worm.txt'}")
    for _ in range(2):
        scene.act()
        scene.sign()
        scene.send()
        scene.send()
    written = (scene.folder / "worm.txt").read_text()
    with scene.app.app_context():
        notes = [kept.note for kept in checkpoints.all_checkpoints(session)]
        assert [written.count(note) for note in notes] == [1, 1]
    assert scene.count(Action.CHECKPOINT_SENT) == 2


def test_what_cannot_be_sent_is_tried_again_later_and_later(scene: Scene) -> None:
    scene.connect(f"file:{scene.folder / 'not-there' / 'worm.txt'}")
    scene.act()
    scene.sign()
    start, tried = clock.now(), []
    for seconds in range(0, 600, 10):
        with clock.frozen(start + timedelta(seconds=seconds)):
            before = scene.count(Action.CHECKPOINT_SENT)
            scene.send()
            if scene.count(Action.CHECKPOINT_SENT) > before:
                tried.append(seconds)
    assert tried == [0, 30, 90, 210, 450]
    (scene.folder / "not-there").mkdir()
    with clock.frozen(start + timedelta(hours=1)):
        scene.send()
    assert (scene.folder / "not-there" / "worm.txt").read_text().count("localhost/log\n") == 1


def test_a_database_that_went_back_is_known_from_outside(scene: Scene) -> None:
    scene.act()
    scene.sign()
    with scene.app.app_context():
        head = scene.tree.head()
        assert publishing.newest_known_outside() == Seen(head.size, head.root)
        seen = SeenFile(Path(f"{scene.key.path}.seen"))
        seen.remember(Seen(head.size))
        assert publishing.newest_known_outside() == Seen(head.size, head.root), "nothing new"
        seen.remember(Seen(10**6))
        assert publishing.newest_known_outside() == Seen(10**6), "a witness's claim counts"


def test_the_file_outside_speaks_when_the_small_file_is_lost(scene: Scene) -> None:
    worm = scene.folder / "worm.txt"
    scene.connect(f"file:{worm}")
    scene.act()
    scene.sign()
    scene.send()
    head = scene.tree.head()
    Path(f"{scene.key.path}.seen").unlink()
    stranger = LogKey(f"file:{scene.folder / 'other' / 'log.key'}", "localhost")
    stranger.create()
    forged = stranger.sign("localhost/log\n9999\n" + "A" * 43 + "=\n", before=None)
    with worm.open("a") as file:
        file.write(f"# now\n{forged}# half a no")
    with scene.app.app_context():
        kept = checkpoints.newest(session)
        assert kept is not None
        assert publishing.newest_known_outside() == Seen(kept.size, kept.root)
        assert kept.size <= head.size


def test_the_worker_does_it_all(scene: Scene) -> None:
    scene.connect(f"file:{scene.folder / 'worm.txt'}")
    scene.act()
    with scene.app.app_context():
        Worker(scene.cast.facility_id, rooms.HANDLERS, rooms.periodic_rounds()).work_once()
        kept = checkpoints.newest(session)
        assert kept is not None
        assert read_note(kept.note).text in (scene.folder / "worm.txt").read_text()
        assert SeenFile(Path(f"{scene.key.path}.seen")).read() == [Seen(kept.size, kept.root)]


def test_nothing_is_planned_before_anything_was_signed(scene: Scene) -> None:
    scene.connect(f"file:{scene.folder / 'worm.txt'}")
    with scene.app.app_context():
        sender = Sender()
        sender.plan(system_actor("checkpoint-sender", scene.cast.facility_id))
        sender.send(system_actor("checkpoint-sender", scene.cast.facility_id))
    assert not (scene.folder / "worm.txt").exists()
