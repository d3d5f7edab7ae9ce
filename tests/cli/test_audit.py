"""flask audit: what an officer types, on record, and what an outsider makes of it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import (
    Engine,
    MetaData,
    create_engine,
    delete,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from casemgr import clock
from casemgr.access.actor import system_actor
from casemgr.audit import Action, AuditEntry, expiring, live, record
from casemgr.audit.outsider.aligning import Kind
from casemgr.audit.outsider.examining import WHOLE, examine
from casemgr.audit.rolled_back import find_rolled_back
from casemgr.audit.tiles import Tree
from casemgr.audit.verify import parse_key
from casemgr.crypto.keyring import Keyring
from casemgr.db import session
from config import Settings
from tests.audit.exports import Signer
from tests.cast import Cast
from tests.house.hospital import found
from tests.house.log_forging import Log, fill, sequence
from tests.planting import past_the_guards, past_the_log

YEAR = 365
TABLE = "CREATE TABLE audit_checkpoint (size BIGINT PRIMARY KEY, at TIMESTAMP, note TEXT)"


def run(app: Flask, *arguments: str, code: int = 0) -> Result:
    result = app.test_cli_runner().invoke(args=["audit", *arguments])
    assert result.exit_code == code, result.output
    return result


def acts(app: Flask, action: Action) -> list[AuditEntry]:
    with app.app_context():
        return list(session.scalars(select(AuditEntry).where(AuditEntry.action == action)))


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    engine = past_the_log(settings.database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def plain(settings: Settings) -> Iterator[Engine]:
    engine = create_engine(settings.database_url, poolclass=NullPool)
    yield engine
    engine.dispose()


@pytest.fixture
def log(cast: Cast, plain: Engine) -> Log:
    fill(cast, 600)
    return Log(cast, plain)


@pytest.fixture
def signed(log: Log, engine: Engine) -> Iterator[str]:
    """A signed head over what is there now, as the branch of signed heads keeps it."""
    with engine.begin() as connection:
        is_ours = not inspect(connection).has_table("audit_checkpoint")
        if is_ours:
            connection.execute(text(TABLE))
    sign(engine, len(log.leaves), log.note())
    yield log.signer.vkey
    if is_ours:
        with engine.begin() as connection:
            connection.execute(text("DROP TABLE audit_checkpoint"))


def sign(engine: Engine, size: int, note: str) -> None:
    metadata = MetaData()
    metadata.reflect(engine, only=["audit_checkpoint"])
    table = metadata.tables["audit_checkpoint"]
    at = clock.now() if engine.dialect.name == "postgresql" else clock.now().replace(tzinfo=None)
    row: dict[str, object] = {"id": uuid4().hex, "facility_id": uuid4().hex, "root": b"\0" * 32}
    row |= {"size": size, "at": at, "note": note}
    with engine.begin() as connection:
        connection.execute(table.insert().values({c.name: row[c.name] for c in table.columns}))


def test_verify_says_how_far_it_can_tell(cast: Cast, log: Log) -> None:
    told = run(cast.app, "verify").output
    assert f"{len(log.leaves)} entries in the tree, 1 on their way." in told
    assert "Nothing was found. No signed head covers it" in told
    (entry,) = acts(cast.app, Action.LOG_VERIFIED)
    assert (entry.channel, entry.acting_as) == ("command", "audit")


def test_verify_names_what_is_wrong(cast: Cast, log: Log, engine: Engine) -> None:
    entry_id = log.leaves[77][0]
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(text("DROP TRIGGER audit_entry_update"))
        values = {"id": entry_id.hex if engine.dialect.name == "sqlite" else entry_id}
        connection.execute(text("UPDATE audit_entry SET purpose = 'x' WHERE id = :id"), values)
    told = run(cast.app, "verify", code=1).output
    assert "column: entry 77 purpose" in told
    assert "TAMPERED" in told


def test_verify_with_a_head_from_outside(cast: Cast, log: Log, signed: str, tmp_path: Path) -> None:
    outside = tmp_path / "head"
    outside.write_text(log.note(300), "utf-8")
    told = run(cast.app, "verify", str(outside), "--key", signed).output
    assert f"Whole up to the signed head of {len(log.leaves)}." in told
    outside.write_text(Signer(name=log.signer.name).checkpoint([b"x"] * 300), "utf-8")
    told = run(cast.app, "verify", str(outside), "--key", signed, code=1).output
    assert "unsigned" in told


def test_an_export_is_verified_by_a_bare_python(
    cast: Cast, log: Log, signed: str, tmp_path: Path
) -> None:
    """Isolated, in an empty folder, with everything of casemgr out of reach: -I, and no path."""
    folder = tmp_path / "export"
    told = run(cast.app, "export", str(folder)).output
    assert told.startswith(f"{len(log.leaves)} entries in ")
    assert {path.name for path in folder.iterdir()} == {
        *("entries.ndjson", "hashes.bin", "checkpoint", "older", "verify.py", "README.txt")
    }
    blocked = tmp_path / "blocked.py"
    blocked.write_text(
        "import runpy, sys\n"
        "sys.modules['casemgr'] = None\n"
        "sys.argv = sys.argv[1:]\n"
        "runpy.run_path(sys.argv[0], run_name='__main__')\n"
        "assert not [name for name in sys.modules if name.startswith(('casemgr.', 'sqlalchemy', 'flask'))]\n",
        "utf-8",
    )
    command = [sys.executable, "-I", str(folder / "verify.py"), str(folder), signed]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (WHOLE, "")
    assert done.stdout.startswith(f"TOÀN VẸN đến mốc xác nhận {len(log.leaves)}")
    assert f"WHOLE up to checkpoint {len(log.leaves)} of" in done.stdout
    command[2:3] = [str(blocked), command[2]]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (WHOLE, "")
    (entry,) = acts(cast.app, Action.LOG_EXPORTED)
    assert entry.count == len(log.leaves)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        pytest.param(["{folder}", "no key"], 3, id="no key"),
        pytest.param(["nowhere", "{key}"], 3, id="no export"),
        pytest.param(["{folder}"], 3, id="too few"),
        pytest.param(["{folder}", "{stranger}"], 1, id="another key"),
        pytest.param(["{folder}", "{key}", "--fast"], 0, id="fast"),
    ],
)
def test_its_exit_codes(
    cast: Cast, signed: str, tmp_path: Path, arguments: list[str], code: int
) -> None:
    folder, stranger = tmp_path / "export", Signer().vkey
    run(cast.app, "export", str(folder))
    given = [each.format(folder=folder, key=signed, stranger=stranger) for each in arguments]
    command = [sys.executable, "-I", str(folder / "verify.py"), *given]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr


def test_one_entry_is_proven_by_one_file(cast: Cast, log: Log, signed: str, tmp_path: Path) -> None:
    entry_id, leaf = log.leaves[345]
    told = run(cast.app, "proof", str(entry_id)).output
    proof, program = tmp_path / "one.tlog-proof", tmp_path / "verify.py"
    program.write_text(run(cast.app, "verifier").output, "utf-8")
    command = [sys.executable, "-I", str(program), str(proof), signed]
    for text_, code in ((told, 0), (told.replace("index 345", "index 344"), 1)):
        proof.write_text(text_, "utf-8")
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stdout
        assert (leaf.decode() in done.stdout) == (code == 0)
    (entry,) = acts(cast.app, Action.LOG_PROVEN)
    assert entry.subject_id == entry_id


def test_no_proof_without_a_signed_head(cast: Cast, log: Log) -> None:
    told = run(cast.app, "proof", str(log.leaves[3][0]), code=1).output
    assert "no such entry under a signed head" in told


def test_a_folder_that_holds_something_is_left_alone(cast: Cast, tmp_path: Path) -> None:
    (tmp_path / "something").write_text("x")
    assert "is not empty" in run(cast.app, "export", str(tmp_path), code=1).output


# ------------------------------------------------------------------------------------------ keeping
@contextmanager
def eleven_years_on() -> Iterator[None]:
    """Everything that was written before is older than what is kept."""
    with clock.frozen(clock.now() + timedelta(days=11 * YEAR)):
        yield


def expire(cast: Cast, folder: Path, key: str) -> str:
    with eleven_years_on():
        told = run(cast.app, "expire", str(folder), "--yes", "--key", key).output
        sequence(cast)
    return told


def verdict(cast: Cast, plain: Engine) -> live.Report:
    keyring: Keyring = cast.app.extensions["keyring"]
    with Session(plain) as reading:
        return live.verify(reading, keyring)


def test_old_months_go_and_the_tree_stays(
    cast: Cast, log: Log, signed: str, tmp_path: Path, plain: Engine
) -> None:
    before = log.leaves
    told = expire(cast, tmp_path / "old", signed)
    count = len(before) // 256 * 256
    assert f"{count} entries dropped" in told
    with plain.connect() as connection:
        left = connection.scalar(select(AuditEntry.id).where(AuditEntry.id == before[count - 1][0]))
        assert left is None
        assert connection.scalar(select(AuditEntry.id).where(AuditEntry.id == before[count][0]))
    (entry,) = acts(cast.app, Action.LOG_EXPIRED)
    assert entry.count == count
    report = verdict(cast, plain)
    assert (report.faults, report.dropped, report.pending) == ([], count, 0)
    with cast.app.app_context():
        assert list(find_rolled_back(session())) == []
    assert "Nothing can be dropped" in expire(cast, tmp_path / "x", signed)
    guarded(plain)


def test_an_export_afterwards_is_whole_and_says_what_is_gone(
    cast: Cast, log: Log, signed: str, engine: Engine, tmp_path: Path
) -> None:
    note, count = log.note(), len(log.leaves) // 256 * 256
    expire(cast, tmp_path / "old", signed)
    with engine.connect() as connection:
        size = connection.scalar(text("SELECT size FROM audit_state"))
    whole = [*(leaf for _, leaf in log.leaves), *later_leaves(cast, len(log.leaves))]
    assert len(whole) == size
    sign(engine, len(whole), log.signer.checkpoint(whole))
    folder = tmp_path / "new"
    run(cast.app, "export", str(folder))
    outside = tmp_path / "outside"
    outside.write_text(note, "utf-8")
    report = examine(folder, [parse_key(signed)], [outside], processes=1)
    assert (report.findings, report.code) == ([], WHOLE)
    assert (report.dropped, report.size) == (count, size)
    old = examine(tmp_path / "old", [parse_key(signed)], [outside], processes=1)
    assert (old.code, old.dropped) == (WHOLE, 0)
    lines = (folder / "entries.ndjson").read_bytes().splitlines(keepends=True)
    (folder / "entries.ndjson").write_bytes(b"".join(lines[10:]))
    (hole,) = examine(folder, [parse_key(signed)], processes=1).findings
    assert (hole.index, hole.kind, hole.other) == (count, Kind.REMOVED, count + 9)


def later_leaves(cast: Cast, start: int) -> list[bytes]:
    with cast.app.app_context():
        tree = Tree(session())
        query = select(AuditEntry.id, AuditEntry.leaf)
        by_id = {row.id: row.leaf for row in session.execute(query)}
        return [by_id[each] for each in tree.entry_ids(start, tree.size)]


def guarded(plain: Engine) -> None:
    """The guard against removal is back."""
    with pytest.raises(Exception, match="append-only"), plain.begin() as connection:
        connection.execute(text("DELETE FROM audit_entry"))


@pytest.mark.usefixtures("log")
def test_what_is_young_stays(cast: Cast, signed: str, tmp_path: Path) -> None:
    told = run(cast.app, "expire", str(tmp_path / "x"), "--yes", "--key", signed).output
    assert "Nothing can be dropped" in told
    assert acts(cast.app, Action.LOG_EXPIRED) == []


def test_a_legal_hold_keeps_the_entries_of_its_case_and_all_after(
    cast: Cast, plain: Engine
) -> None:
    hospital = found(cast)
    fill(cast, 600)
    log = Log(cast, plain)
    held = hospital.ids["case"]
    at = next(n for n, (_, leaf) in enumerate(log.leaves) if json.loads(leaf)["case"] == str(held))
    with Session(plain) as reading, eleven_years_on():
        free = expiring.expirable(reading, clock.today(), len(log.leaves), set())
        kept = expiring.expirable(reading, clock.today(), len(log.leaves), {held})
    assert (free, kept) == (len(log.leaves) // 256 * 256, at // 256 * 256)
    assert kept < free


@pytest.mark.usefixtures("log")
def test_a_run_that_was_stopped_goes_on(cast: Cast, plain: Engine) -> None:
    """On record, but not removed yet; the second time there is nothing left to do."""
    announce(cast)
    assert removed(cast, plain) == 0, "not in the tree yet"
    sequence(cast)
    assert removed(cast, plain, later=False) == 0, "too young, whatever was announced"
    assert (removed(cast, plain), removed(cast, plain)) == (256, 0)
    guarded(plain)


def test_what_was_left_is_removed_after_a_word_alone(
    cast: Cast, log: Log, signed: str, engine: Engine, tmp_path: Path
) -> None:
    before = [leaf for _, leaf in log.leaves]
    announce(cast)
    sequence(cast)
    whole = [*before, *later_leaves(cast, len(before))]
    sign(engine, len(whole), log.signer.checkpoint(whole))
    with eleven_years_on():
        run(cast.app, "expire", str(tmp_path / "no"), "--key", signed, code=1)  # nobody says yes
    told = expire(cast, tmp_path / "yes", signed)
    assert "512 entries dropped" in told, "those that were announced earlier among them"


def test_a_hold_that_came_later_keeps_what_was_announced(
    cast: Cast, log: Log, plain: Engine
) -> None:
    announce(cast)
    sequence(cast)
    case_ids = [json.loads(leaf)["case"] for _, leaf in log.leaves]
    held = next(each for each in case_ids[:256] if each)
    assert removed(cast, plain, held=UUID(held)) == 0
    assert verdict(cast, plain).faults == []


@pytest.mark.parametrize("tag", [None, bytes(32)], ids=["no tag", "a wrong tag"])
def test_nobody_else_can_say_that_entries_were_dropped(
    cast: Cast, log: Log, plain: Engine, tag: bytes | None
) -> None:
    """A row of the application's role, sequenced as everything is; then the oldest ones are cut."""
    with cast.acting():
        who = system_actor("tests", cast.facility_id)
        record(who, Action.HOME_SHOWN)
        entry_id = record(who, Action.LOG_EXPIRED, subject_kind="audit_entry", count=256).id
    oldest = [each for each, _ in log.leaves[:256]]
    with past_the_guards(plain) as root:
        root.execute(update(AuditEntry).where(AuditEntry.id == entry_id).values(tag=tag))
    sequence(cast)
    assert removed(cast, plain) == 0
    with past_the_guards(plain) as root:
        root.execute(delete(AuditEntry).where(AuditEntry.id.in_(oldest)))
    report = verdict(cast, plain)
    assert report.dropped == 0
    gone = [fault.index for fault in report.faults if fault.flaw is live.Flaw.REMOVED]
    assert gone == list(range(256))


def announce(cast: Cast) -> None:
    with cast.acting():
        expiring.announce(system_actor("tests", cast.facility_id), 256)


def removed(cast: Cast, plain: Engine, *, later: bool = True, held: UUID | None = None) -> int:
    gone, today = 0, clock.today() + timedelta(days=11 * YEAR if later else 0)
    keyring: Keyring = cast.app.extensions["keyring"]
    with plain.connect() as owner:
        for count in expiring.remove(owner, keyring, today, {held} - {None}):
            owner.commit()
            gone += count
    return gone


def test_the_term_is_dated_data() -> None:
    assert expiring.term_of(datetime(2030, 1, 1, tzinfo=UTC).date()).years == 10
    day = datetime(2037, 3, 31, tzinfo=UTC).date()
    assert expiring.kept_since(day) == datetime(2027, 3, 1, tzinfo=UTC)
