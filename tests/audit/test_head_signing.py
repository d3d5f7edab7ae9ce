"""A log that contradicts what is known outside is not signed, and the evidence of it stays."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from casemgr.access.actor import system_actor
from casemgr.audit import Action, live
from casemgr.audit.outside.known import Seen, SeenFile
from casemgr.privacy.proof import checking
from config import Settings
from tests.audit.scene import Scene
from tests.house.log_forging import fill
from tests.planting import past_the_log

CHANGED = "Nhật ký ở đây không khớp với nhật ký đã ký."


@pytest.fixture
def scene(cast: object, tmp_path: Path) -> Iterator[Scene]:
    yield from Scene.of(cast, tmp_path)


def rewrite(scene: Scene, settings: Settings) -> Seen:
    """Whoever has the database changes an entry and takes the signed heads away. The true head."""
    scene.connect(f"file:{scene.folder / 'worm.txt'}")
    scene.act()
    scene.sign()
    scene.send()
    (true,) = seen_file(scene).read()
    engine = past_the_log(settings.database_url)
    with engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text("DROP TRIGGER audit_checkpoint_delete"))
        connection.execute(text("DELETE FROM audit_checkpoint"))
    engine.dispose()
    scene.tree.leaves[0] = b"rewritten"
    return true


def seen_file(scene: Scene) -> SeenFile:
    return SeenFile(Path(f"{scene.key.path}.seen"))


@pytest.mark.parametrize("lost", ["worm.txt", "log/log.key.seen"])
def test_a_fork_is_not_signed_and_the_true_head_stays_known(
    scene: Scene, settings: Settings, lost: str
) -> None:
    true = rewrite(scene, settings)
    (scene.folder / lost).unlink()
    for _ in range(3):
        scene.act()
        scene.sign()
    assert scene.sizes() == []
    assert scene.count(Action.LOG_ROLLED_BACK) == 1, "told once"
    assert seen_file(scene).read() in ([true], []), "the evidence is not overwritten"
    assert CHANGED in scene.cast.browser("officer").get("/proof")


def test_the_small_file_keeps_the_root_that_a_new_head_does_not_extend(tmp_path: Path) -> None:
    file = SeenFile(tmp_path / "seen")
    true, forked = Seen(5, b"t" * 32), Seen(9, b"f" * 32)
    file.remember(true)
    file.remember(forked, lambda earlier: earlier != true)
    assert file.read() == [true]
    file.remember(Seen(7))
    assert file.read() == [true, Seen(7)], "a claim says nothing of a root"
    file.remember(forked, lambda earlier: earlier == true)
    assert file.read() == [forked, Seen(7)]


@pytest.mark.parametrize(
    "known", [Seen(3, bytes(32)), Seen(10**6), Seen(10**6, bytes(32))], ids=str
)
def test_the_daily_verification_asks_what_is_known_outside(scene: Scene, known: Seen) -> None:
    fill(scene.cast, 5)
    seen_file(scene).remember(known)
    reports: list[live.Report] = []
    real = live.verify

    def verify(*given: Any, **named: Any) -> live.Report:
        reports.append(real(*given, **named))
        return reports[-1]

    with pytest.MonkeyPatch.context() as patch, scene.app.app_context():
        patch.setattr(live, "verify", verify)
        checking.run(system_actor(checking.DAILY, scene.cast.facility_id))
    expected = live.Flaw.MISFIT if known.size == 3 else live.Flaw.ROLLED_BACK
    assert reports[0].flaws == {expected}
