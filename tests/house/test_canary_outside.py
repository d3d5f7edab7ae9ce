"""I5, I6: nothing but origin, size and root leaves with a head, whatever the hospital holds."""

from pathlib import Path

import pytest

from casemgr.audit import checkpoints
from casemgr.audit.outside.mail import Mail
from casemgr.audit.outside.way import Errand
from casemgr.audit.outside.witness_call import request_body
from casemgr.audit.publishing import WAYS
from casemgr.db import session
from tests.audit.scene import Scene
from tests.house.hospital import Hospital

HEX_OF_32 = 64


@pytest.fixture
def leaving(hospital: Hospital, tmp_path: Path) -> dict[str, bytes]:
    """What each way carries, from a hospital with a canary in every sensitive field."""
    for scene in Scene.of(hospital.cast, tmp_path):
        worm = tmp_path / "worm.txt"
        scene.connect(
            f"file:{worm} mailto:officer@benhvien.example",
            "smtp://localhost:1?from=so@benhvien.example",
        )
        scene.sign()
        with scene.app.app_context():
            kept = checkpoints.newest(session)
            assert kept is not None
            errand = Errand(kept.note, kept.size, kept.root, 3, (kept.root,))
        file, mail = scene.app.extensions["process"][WAYS]
        assert isinstance(mail, Mail)
        file.send(errand)
        seen = Path(f"{scene.key.path}.seen")
        return {
            "note": kept.note.encode(),
            "file": worm.read_bytes(),
            "witness": request_body(errand),
            "mail": bytes(mail.message(errand)),
            "seen": seen.read_bytes(),
        }
    raise AssertionError


def test_no_canary_leaves(hospital: Hospital, leaving: dict[str, bytes]) -> None:
    words = hospital.all_words()
    assert len(words) > 10, "the hospital holds something"
    found = [(w, way) for w in words for way, sent in leaving.items() if w.encode() in sent]
    assert not found


def test_a_head_has_three_lines_and_a_signature(leaving: dict[str, bytes]) -> None:
    text, signature = leaving["note"].decode().split("\n\n")
    origin, size, root = text.split("\n")
    assert origin == "localhost/log"
    assert size.isdecimal()
    assert len(root) == 44
    assert signature.count("\n") == 1
