"""Both sides of C2SP tlog-witness against each other, over HTTP on this machine; every refusal."""

import base64
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from casemgr import clock
from casemgr.audit import Action, AuditEntry, Outcome, checkpoints, publishing, record
from casemgr.audit.outside.addresses import read_ways
from casemgr.audit.outside.note import read_checkpoint, read_note
from casemgr.audit.outside.way import Errand, NotSent, WitnessKnows
from casemgr.audit.outside.witness_call import Witness
from casemgr.audit.publishing import Fate, Publication
from casemgr.db import session
from casemgr.interop import rules, service, views
from casemgr.interop.models import WitnessedLog
from tests.audit.scene import Scene
from tests.interop.log_side import ORIGIN, OtherLog, ask, served

pytestmark = pytest.mark.server


@pytest.fixture
def scene(cast: object, tmp_path: Path) -> Iterator[Scene]:
    views._patience.calls.clear()
    yield from Scene.of(cast, tmp_path)


@pytest.fixture
def other(scene: Scene, tmp_path: Path) -> OtherLog:
    other = OtherLog(tmp_path)
    other.grow(5)
    scene.connect("", witnessed=str(other.key.vkey()))
    return other


@pytest.fixture
def port(scene: Scene, other: OtherLog) -> Iterator[int]:
    assert other.key.is_there()
    with served(scene.app) as port:
        yield port


def seen(scene: Scene) -> tuple[int, bytes] | None:
    with scene.app.app_context():
        row = session.scalar(select(WitnessedLog).where(WitnessedLog.origin == f"{ORIGIN}/log"))
        return (row.size, row.root) if row else None


def entries(scene: Scene) -> list[tuple[Outcome, str | None, str]]:
    with scene.app.app_context():
        query = select(AuditEntry).where(AuditEntry.action == Action.CHECKPOINT_COSIGNED)
        rows = session.scalars(query.order_by(AuditEntry.at, AuditEntry.id))
        return [(row.outcome, row.subject_kind, row.channel) for row in rows]


def witness(scene: Scene, port: int) -> Witness:
    setting = f"witness:http://localhost:{port}/witness?vkey={scene.key.witness_vkey()}"
    return Witness(read_ways(setting)[0])


def test_a_log_that_grows_is_cosigned(scene: Scene, other: OtherLog, port: int) -> None:
    status, line, kind = ask(port, other.body(0))
    assert (status, kind) == (200, "text/plain; charset=utf-8")
    dash, name, packed = line.decode().removesuffix("\n").split(" ")
    assert (dash, name) == ("—", "localhost/witness")
    raw = base64.b64decode(packed)
    at = int.from_bytes(raw[4:12], "big")
    text = read_note(other.errand(0).note).text
    public = base64.b64decode(str(scene.key.witness_vkey()).split("+", 2)[2])[1:]
    message = f"cosignature/v1\ntime {at}\n{text}".encode()
    Ed25519PublicKey.from_public_bytes(public).verify(raw[12:], message)
    assert len(raw) == 4 + 8 + 64
    assert seen(scene) == (5, other.tree.head().root)
    other.grow(8)
    assert ask(port, other.body(5))[0] == 200
    assert ask(port, other.body(13))[0] == 200, "the same head again"
    assert seen(scene) == (13, other.tree.head().root)
    assert entries(scene) == [(Outcome.DONE, "cosigned", "service")] * 3


def test_our_client_understands_our_witness(scene: Scene, other: OtherLog, port: int) -> None:
    client = witness(scene, port)
    receipt = client.send(other.errand(0)).decode()
    assert receipt.startswith("— localhost/witness ")
    other.grow(3)
    with pytest.raises(WitnessKnows) as knows:
        client.send(other.errand(0))
    assert knows.value.size == 5
    assert client.send(other.errand(5))


def test_another_size_is_a_conflict_that_tells_the_size(
    scene: Scene, other: OtherLog, port: int
) -> None:
    ask(port, other.body(0))
    other.grow(4)
    for old in (0, 3, 9):
        assert ask(port, other.body(old)) == (409, b"5\n", "text/x.tlog.size"), old
    assert seen(scene) == (5, other.tree.root_at(5))


def test_another_root_of_the_same_size_is_a_conflict(
    scene: Scene, other: OtherLog, port: int
) -> None:
    ask(port, other.body(0))
    other.tree.leaves[0] = b"rewritten"
    assert ask(port, other.body(5))[:2] == (409, b"5\n")
    with pytest.raises(NotSent, match="fork"):
        witness(scene, port).send(other.errand(5))
    assert entries(scene)[-1] == (Outcome.REFUSED, "other_size", "service")


def test_history_that_was_rewritten_is_never_cosigned(
    scene: Scene, other: OtherLog, port: int
) -> None:
    ask(port, other.body(0))
    root = other.tree.head().root
    other.tree.leaves[0] = b"rewritten"
    other.grow(4)
    assert ask(port, other.body(5))[0] == 422
    with pytest.raises(NotSent, match="proof_refused"):
        witness(scene, port).send(other.errand(5))
    assert seen(scene) == (5, root)
    assert entries(scene)[-1] == (Outcome.REFUSED, "inconsistent", "service")


def test_an_unknown_log_and_an_unknown_key(
    scene: Scene, other: OtherLog, port: int, tmp_path: Path
) -> None:
    assert ask(port, other.body(0, origin="nobody.example/log"))[0] == 404
    stranger = OtherLog(tmp_path / "stranger")
    stranger.grow(2)
    assert ask(port, stranger.body(0))[0] == 403
    forged = other.body(0).replace(b"\n5\n", b"\n4\n")
    assert ask(port, forged)[0] == 403
    assert (seen(scene), entries(scene)) == (None, []), "strangers cannot fill the log"


def test_a_signature_of_an_unknown_key_besides_does_no_harm(
    scene: Scene, other: OtherLog, port: int
) -> None:
    line = scene.key.cosign("another text\n", 1)
    assert ask(port, other.body(0) + str(line).encode())[0] == 200


def test_while_a_log_rotates_its_key_both_are_known(
    scene: Scene, other: OtherLog, port: int
) -> None:
    old = other.key.vkey()
    new = other.key.rotate()
    scene.connect("", witnessed=f"{old} {new}")
    assert ask(port, other.body(0))[0] == 200


def test_a_witness_without_a_key_says_so(scene: Scene, other: OtherLog, port: int) -> None:
    scene.key.path.unlink()
    assert ask(port, other.body(0))[0] == 503
    assert seen(scene) is None


BAD = {
    "empty": lambda body: body[:0],
    "no size": lambda body: body.replace(b"old 0", b"old"),
    "leading zero": lambda body: body.replace(b"old 0", b"old 00"),
    "larger than the head": lambda body: body.replace(b"old 0", b"old 6"),
    "proof from zero": lambda body: body.replace(b"old 0\n", b"old 0\n" + b"A" * 43 + b"=\n"),
    "short node": lambda body: body.replace(b"old 0\n", b"old 1\nAAAA\n"),
    "too long a proof": lambda body: body.replace(
        b"old 0\n", b"old 1\n" + (b"A" * 43 + b"=\n") * 64
    ),
    "no note": lambda body: body.partition(b"\n\n")[0] + b"\n\n",
    "not text": lambda body: b"\xff" + body,
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_request_is_refused(scene: Scene, other: OtherLog, port: int, name: str) -> None:
    body = BAD[name](other.body(0))
    assert ask(port, body)[0] == 400
    assert entries(scene) == []


def test_a_body_that_is_too_long_is_not_read(other: OtherLog, port: int) -> None:
    assert ask(port, other.body(0) + b"x" * rules.MOST_BODY)[0] == 413


def test_a_form_is_no_request(other: OtherLog, port: int) -> None:
    assert ask(port, other.body(0), "application/x-www-form-urlencoded")[0] == 400


def test_who_asks_too_often_waits(
    other: OtherLog, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST_CALLS", 3)
    statuses = [ask(port, other.body(0 if n == 0 else 5))[0] for n in range(5)]
    assert statuses == [200, 200, 200, 429, 429]


def test_patience_comes_back_and_is_counted_by_caller() -> None:
    now = [clock.now()]
    patience = rules.Patience(lambda: now[0])
    assert all(patience.admits("a") for _ in range(rules.MOST_CALLS))
    assert not patience.admits("a")
    assert patience.admits("b")
    now[0] += timedelta(seconds=61)
    assert patience.admits("a")


def test_of_many_callers_the_new_ones_wait_and_memory_does_not_grow() -> None:
    patience = rules.Patience(clock.now)
    admitted = [
        patience.admits(f"10.0.{n // 250}.{n % 250}") for n in range(rules.MOST_CALLERS + 9)
    ]
    assert admitted.count(True) == rules.MOST_CALLERS == len(patience.calls)


def test_of_requests_at_once_one_moves_the_log(scene: Scene, other: OtherLog, port: int) -> None:
    """Each asks for another size from the same old one: exactly one may be cosigned."""
    ask(port, other.body(0))
    other.grow(6)
    bodies = [other.body(5, size) for size in range(6, 12)]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda body: ask(port, body), bodies))
    cosigned = [n for n, (status, _, _) in zip(range(6, 12), answers, strict=True) if status == 200]
    assert sorted(status for status, _, _ in answers) == [200, 409, 409, 409, 409, 409]
    assert seen(scene) == (cosigned[0], other.tree.root_at(cosigned[0]))


def test_a_head_that_moved_since_it_was_judged_is_not_cosigned(
    scene: Scene, other: OtherLog, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between judging and moving somebody else moves it: compare and swap refuses."""
    ask(port, other.body(0))
    other.grow(2)
    real = service._extends

    def moved_meanwhile(known: WitnessedLog | None, asked: rules.Asked) -> bool:
        with Session(session.connection()) as beside:
            beside.query(WitnessedLog).update({"size": 6, "root": other.tree.root_at(6)})
            beside.flush()
        return real(known, asked)

    monkeypatch.setattr(service, "_extends", moved_meanwhile)
    with scene.app.test_client() as client:
        answer = client.post(
            "/witness/add-checkpoint",
            data=other.body(5),
            content_type="text/plain",
            base_url="http://localhost:8000",
        )
    assert (answer.status_code, answer.data) == (409, b"6\n")


def test_a_witness_that_lies_is_not_believed(other: OtherLog, port: int) -> None:
    setting = f"witness:http://localhost:{port}/witness?vkey={other.key.witness_vkey()}"
    with pytest.raises(NotSent, match="false_signature"):
        Witness(read_ways(setting)[0]).send(other.errand(0))


def test_nobody_there_is_told_as_such(scene: Scene, other: OtherLog) -> None:
    with pytest.raises(NotSent, match="no_answer"):
        witness(scene, 1).send(other.errand(0))


def test_our_own_rounds_reach_a_witness_and_notice_a_roll_back(scene: Scene, port: int) -> None:
    """The hospital witnesses itself here, so that both sides run in one process."""
    scene.connect(
        f"witness:http://localhost:{port}/witness?vkey={scene.key.witness_vkey()}",
        witnessed=str(scene.key.vkey()),
    )
    start = clock.now()
    for minutes in (0, 6, 12):
        with clock.frozen(start + timedelta(minutes=minutes)):
            scene.act()
            scene.sign()
            scene.send()
    newest_size = scene.sizes()[-1]
    with scene.app.app_context():
        rows = session.scalars(select(Publication).order_by(Publication.at)).all()
        assert [row.outcome for row in rows] == [Fate.SENT] * 3
        known = session.scalar(select(WitnessedLog.size))
        assert known == rows[-1].checkpoint_size == newest_size
    with scene.cast.acting():
        session.execute(update(WitnessedLog).values(size=10**6))
        record(scene.cast.actor("admin"), Action.JOB_FAILED)  # whatever was done, it has its entry
    with clock.frozen(start + timedelta(minutes=20)):
        scene.act()
        scene.sign()
        scene.send()
        with scene.app.app_context():
            newest = session.scalars(select(Publication).order_by(Publication.at.desc())).first()
            assert newest is not None
            assert (newest.outcome, newest.receipt) == (Fate.AHEAD, b"1000000")
            known_now = publishing.newest_known_outside()
            assert known_now is not None
            assert (known_now.size, known_now.root) == (10**6, None)


def test_a_proof_is_made_anew_when_the_witness_remembers_another_size(
    scene: Scene, port: int
) -> None:
    way = f"witness:http://localhost:{port}/witness?vkey={scene.key.witness_vkey()}"
    scene.connect(way, witnessed=str(scene.key.vkey()))
    scene.act()
    scene.sign()
    with scene.app.app_context():
        first = checkpoints.newest(session)
        assert first is not None
        errand = Errand(first.note, first.size, first.root)
    assert witness(scene, port).send(errand), "sent once without being written down here"
    scene.act()
    scene.sign()
    scene.send()
    scene.send()
    with scene.app.app_context():
        fates = session.scalars(select(Publication.outcome).order_by(Publication.at)).all()
        assert fates == [Fate.BEHIND, Fate.SENT]
        count = select(func.count()).select_from(WitnessedLog)
        assert session.scalar(count) == 1
        assert read_checkpoint(read_note(first.note).text).size == first.size
