"""A hospital whose log is signed: acts, the worker's rounds, and a slow tree in place of the real one."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

from casemgr.access.actor import system_actor
from casemgr.audit import Action, AuditEntry, checkpoints, head_signing, publishing, record
from casemgr.audit.outside.addresses import read_witnessed
from casemgr.audit.outside.ways import endpoints, ways_of
from casemgr.audit.publishing import Sender
from casemgr.audit.signing import LogKey
from casemgr.db import session
from tests.audit.made_up_log import SlowTree
from tests.cast import Cast


@dataclass
class Scene:
    """The log key lies in ``folder``; ``connect`` says by which ways heads leave."""

    cast: Cast
    folder: Path
    tree: SlowTree

    @classmethod
    def of(cls, cast: object, folder: Path) -> Iterator["Scene"]:
        """Connected for one test, and taken apart after it."""
        assert isinstance(cast, Cast)
        scene = cls(cast, folder, SlowTree())
        before = list(checkpoints._open_tree)
        checkpoints.connect_tree(scene.tree.of_the_log)
        scene.connect("")
        scene.key.create()
        yield scene
        checkpoints._open_tree[:] = before

    @property
    def app(self) -> Flask:
        return self.cast.app

    @property
    def key(self) -> LogKey:
        key = self.app.extensions["process"][checkpoints.LOG_KEY]
        assert isinstance(key, LogKey)
        return key

    def connect(self, ways: str, smtp: str = "", witnessed: str = "") -> None:
        """What create_app does with these settings."""
        found = ways_of(ways, smtp)
        self.app.extensions["process"] |= publishing.configured(
            f"file:{self.folder / 'log' / 'log.key'}",
            "localhost",
            found,
            endpoints(found, smtp),
            read_witnessed(witnessed),
            (),
        )

    def act(self) -> None:
        """Somebody does something."""
        with self.cast.acting():
            record(self.cast.actor("worker"), Action.HOME_SHOWN)

    def sign(self) -> None:
        """One round of the log signer."""
        who = system_actor("log-signer", self.cast.facility_id)
        with self.cast.acting():
            head_signing.sign_when_grown(who)
        with self.cast.acting():
            head_signing.remember(who)

    def send(self) -> None:
        """One round of the sender."""
        who, sender = system_actor("checkpoint-sender", self.cast.facility_id), Sender()
        with self.cast.acting():
            sender.plan(who)
        with self.cast.acting():
            sender.send(who)

    def sizes(self) -> list[int]:
        """Of every signed head."""
        with self.app.app_context():
            return [kept.size for kept in checkpoints.all_checkpoints(session)]

    def count(self, action: Action) -> int:
        """Entries of this act."""
        with self.app.app_context():
            query = select(func.count()).where(AuditEntry.action == action)
            return session.scalar(query) or 0
