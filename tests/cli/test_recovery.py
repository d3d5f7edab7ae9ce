"""flask keys split, drill, recover: on record, announced, and nothing opens with fewer than three."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select
from sqlalchemy.engine import make_url

from casemgr import create_app
from casemgr.access.epochs import Waits, what_is_outstanding
from casemgr.audit import Action, AuditEntry, Outcome
from casemgr.cli import asking, ceremony
from casemgr.cli import recovery as commands
from casemgr.crypto.recovery.key_pair import RecoveryKey
from casemgr.crypto.recovery.shares import Share, split
from casemgr.db import db, session
from casemgr.work.models import Announcement
from casemgr.work.rules import Ceremony, CeremonyState
from config import Settings
from tests.cast import Cast
from tests.house.hospital import Hospital, found
from tests.house.sealed_values import UNREADABLE, new_process, opened

SOUND = "Mảnh số {} đúng."


@pytest.fixture
def hospital(cast: Cast) -> Hospital:
    made = found(cast)
    with cast.planting():  # the one of the house is in nobody's way here
        session.query(Announcement).delete()
    return made


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """The runner of the tests is no terminal; what is typed comes from the test."""
    monkeypatch.setattr(ceremony, "require_terminal", lambda: None)


class Chosen:
    """Chance, when it falls on one share."""

    def __init__(self, number: int) -> None:
        self._number = number

    def choice(self, shares: list[Share]) -> Share:
        return shares[self._number - 1]


class Set:
    """A set whose five shares the test holds in one hand."""

    def __init__(self) -> None:
        self.key = RecoveryKey.make()
        self.shares = split(self.key)

    def typed(self, *numbers: int) -> str:
        return "".join(line(self.shares[number - 1]) for number in numbers)


def line(share: Share, *, letters: int = 8) -> str:
    return " ".join(word[:letters] for word in share.words) + "\n"


def run(app: Flask, *arguments: str, typed: str = "", fails: bool = False) -> Result:
    result = app.test_cli_runner().invoke(args=["keys", *arguments], input=typed)
    assert (result.exit_code != 0) is fails, result.output
    return result


def issue(
    app: Flask,
    monkeypatch: pytest.MonkeyPatch,
    *options: str,
    back: int = 2,
    typed: str | None = None,
) -> Set:
    """Run the ceremony with five keepers, of whom no. ``back`` reads theirs back."""
    made = Set()
    with monkeypatch.context() as patched:
        patched.setattr(RecoveryKey, "make", lambda: made.key)
        patched.setattr(commands, "split_key", lambda _key: made.shares)
        patched.setattr(asking, "secrets", Chosen(back))
        pressed = "" if "--print-to" in options else "\n" * 10
        answer = made.typed(back) if typed is None else typed
        run(app, "split", *options, typed="y\n" + pressed + answer, fails=typed is not None)
    return made


def entries(app: Flask, *actions: Action) -> list[tuple[Action, Outcome]]:
    with app.app_context():
        query = select(AuditEntry).where(AuditEntry.action.in_(actions)).order_by(AuditEntry.at)
        return [(entry.action, entry.outcome) for entry in session.scalars(query)]


def announced(app: Flask) -> list[tuple[Ceremony, CeremonyState]]:
    with app.app_context():
        query = select(Announcement).order_by(Announcement.begun_at)
        return [(row.kind, row.state) for row in session.scalars(query)]


@pytest.fixture
def moved(settings: Settings, tmp_path: Path) -> Iterator[Flask]:
    """The same hospital on a machine whose key file is lost: the settings name a new one."""
    elsewhere = tmp_path / "provider" / "root.key"
    other = create_app(replace(settings, key_provider=f"file:{elsewhere}"))
    yield other
    with other.app_context():
        engines = [*db.engines.values(), other.extensions["keyring"].store.engine]
    for engine in engines:
        engine.dispose()


@pytest.mark.usefixtures("terminal")
def test_three_shares_bring_everything_back_after_the_root_was_lost(
    app: Flask, hospital: Hospital, moved: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = opened(app)
    assert UNREADABLE not in before.values()
    made = issue(app, monkeypatch)
    result = run(moved, "recover", typed=made.typed(5, 1, 3))
    for number in (5, 1, 3):
        assert SOUND.format(number) in result.output
    assert opened(moved) == before
    assert "file:1" in run(moved, "status").output
    run(moved, "verify")
    assert announced(moved) == [
        (Ceremony.SPLIT, CeremonyState.DONE),
        (Ceremony.RECOVER, CeremonyState.DONE),
    ]
    assert entries(moved, Action.KEYS_RECOVERED) == [(Action.KEYS_RECOVERED, Outcome.DONE)]
    hospital.cast.app = moved
    page = hospital.cast.browser("worker").get(f"/cases/{hospital.ids['case']}")
    assert hospital.word("note_text") in page.text


@pytest.mark.usefixtures("terminal", "hospital")
@pytest.mark.parametrize("command", ["recover", "drill"])
def test_two_shares_do_nothing_and_that_it_was_tried_is_told(
    app: Flask, moved: Flask, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    made = issue(app, monkeypatch)
    store = app.extensions["keyring"].store
    before = store.facility_keys()
    result = run(moved, command, typed=made.typed(1, 2), fails=True)  # and nobody has a third
    assert "Aborted" in result.output
    assert store.facility_keys() == before
    assert announced(moved)[1:] == [(Ceremony(command), CeremonyState.FAILED)]
    acts = entries(moved, Action.KEYS_RECOVERED, Action.RECOVERY_DRILLED)
    assert [outcome for _, outcome in acts] == [Outcome.FAILED]


@pytest.mark.usefixtures("terminal", "hospital")
def test_a_drill_tries_every_key_and_changes_nothing(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = issue(app, monkeypatch)
    before = app.extensions["keyring"].store.facility_keys()
    result = run(app, "drill", typed=made.typed(2, 3, 4))
    assert "Diễn tập thành công: ba mảnh mở được cả 4 khóa của bệnh viện." in result.output
    assert app.extensions["keyring"].store.facility_keys() == before
    acts = entries(app, Action.RECOVERY_BEGUN, Action.RECOVERY_DRILLED)
    assert acts[-2:] == [
        (Action.RECOVERY_BEGUN, Outcome.DONE),
        (Action.RECOVERY_DRILLED, Outcome.DONE),
    ]


@pytest.mark.usefixtures("terminal", "hospital")
def test_what_is_mistyped_is_said_at_once_and_asked_again(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, foreign = issue(app, monkeypatch), Set()
    first = made.shares[0]
    wrong = replace(
        first, words=(*first.words[:20], first.words[21], first.words[20], *first.words[22:])
    )
    typed = [
        line(wrong),  # two words have changed places
        line(foreign.shares[2]),
        " ".join(first.words[:10]) + " zzzz " + " ".join(first.words[10:]) + "\n",
        " ".join(first.words[10:12]) + " - " + " ".join(first.words[11:]) + "\n",
        line(made.shares[3], letters=4),
        line(first),  # once more
        line(made.shares[4]),
    ]
    output = run(app, "drill", typed="".join(typed)).output
    told = [
        "Mảnh nhập thứ 1: có từ sai hoặc hai từ bị đổi chỗ",
        "Mảnh nhập thứ 1 (trên giấy là số 3) thuộc bộ khác",
        "Từ số 11 không có trong danh sách từ",
        SOUND.format(1),
        SOUND.format(4),
        "Mảnh nhập thứ 3 (trên giấy là số 1) đã nhập rồi",
        SOUND.format(5),
        "Diễn tập thành công",
    ]
    places = [output.index(words) for words in told]
    assert places == sorted(places)


@pytest.mark.usefixtures("terminal", "hospital")
def test_five_wrong_tries_end_the_ceremony(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    issue(app, monkeypatch)
    foreign = Set()
    result = run(app, "drill", typed=foreign.typed(1, 2, 3, 4, 5), fails=True)
    assert "thuộc bộ khác" in result.output.splitlines()[-1]
    assert announced(app)[-1] == (Ceremony.DRILL, CeremonyState.FAILED)


@pytest.mark.usefixtures("terminal", "hospital")
def test_shares_that_were_written_down_wrongly_are_not_put_in_force(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = issue(app, monkeypatch)
    issue(app, monkeypatch, back=3, typed=kept.typed(3) * 5)
    assert announced(app)[-1] == (Ceremony.SPLIT, CeremonyState.FAILED)
    run(app, "drill", typed=kept.typed(1, 2, 3))


@pytest.mark.usefixtures("terminal", "hospital")
def test_older_shares_open_nothing_after_new_ones_were_issued(
    app: Flask, moved: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    older, newer = issue(app, monkeypatch), issue(app, monkeypatch)
    for command in ("drill", "recover"):
        result = run(moved, command, typed=older.typed(1, 2, 3, 4, 5), fails=True)
        assert "thuộc bộ khác" in result.output.splitlines()[-1]
    run(moved, "recover", typed=newer.typed(1, 2, 3))


@pytest.mark.usefixtures("terminal", "hospital")
def test_shares_are_issued_anew_after_an_epoch_was_closed(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until then an erasure in that epoch is not final: old papers open an old key store."""
    made = issue(app, monkeypatch)
    run(app, "close-epoch")
    with app.app_context():
        assert Waits.SHARES in {item.what for item in what_is_outstanding(1)}
    new_process(app)
    assert "Not opened" not in run(app, "status").output
    run(app, "drill", typed=made.typed(1, 2, 3))  # the new facility key was sealed to them too
    issue(app, monkeypatch)
    with app.app_context():
        assert Waits.SHARES not in {item.what for item in what_is_outstanding(1)}
    assert entries(app, Action.SHARES_ISSUED) == [(Action.SHARES_ISSUED, Outcome.DONE)] * 2


@pytest.mark.usefixtures("terminal", "hospital")
def test_printed_pages_are_private_and_carry_one_share_each(
    app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "print"
    made = issue(app, monkeypatch, "--print-to", str(folder), "--language", "en")
    pages = sorted(folder.iterdir())
    assert len(pages) == 5
    assert folder.stat().st_mode & 0o777 == 0o700
    for share, path in zip(made.shares, pages, strict=True):
        assert path.stat().st_mode & 0o777 == 0o600
        text = path.read_text("utf-8")
        assert f"Share {share.number} of 5" in text
        assert "Bệnh viện Đa khoa Thử Nghiệm" in text
        assert "Mảnh" not in text
        for number, word in enumerate(share.words, start=1):
            assert f"<span>{number}</span>{word}</li>" in text
        others = chain.from_iterable(o.words[4:] for o in made.shares if o is not share)
        assert len({word for word in others if f"</span>{word}</li>" in text}) < 20
    result = run(app, "split", "--print-to", str(folder), typed="y\n", fails=True)
    assert "Thư mục này đã có" in result.output


@pytest.mark.usefixtures("hospital")
@pytest.mark.parametrize("command", ["split", "drill", "recover"])
def test_nothing_begins_where_input_or_output_could_be_kept(app: Flask, command: str) -> None:
    result = run(app, command, fails=True)
    assert "màn hình dòng lệnh" in result.output
    assert announced(app) == []


@pytest.mark.usefixtures("terminal", "hospital")
@pytest.mark.parametrize("command", ["drill", "recover"])
def test_without_shares_there_is_nothing_to_try(app: Flask, command: str) -> None:
    assert "Chưa có mảnh khóa dự phòng" in run(app, command, fails=True).output
    assert announced(app) == []


@pytest.mark.usefixtures("terminal", "hospital")
def test_an_error_that_nobody_foresaw_shows_its_kind_alone(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = issue(app, monkeypatch)

    def fail(*_: object) -> int:
        raise RuntimeError(made.shares[0].words)

    monkeypatch.setattr("casemgr.crypto.recovery.recovering.try_out", fail)
    result = run(app, "drill", typed=made.typed(1, 2, 3), fails=True)
    assert result.output.splitlines()[-1] == "Error: Dừng lại vì lỗi (RuntimeError)."
    assert isinstance(result.exception, SystemExit)  # no traceback
    assert result.exception.__cause__ is result.exception.__context__ is None
    assert announced(app)[-1] == (Ceremony.DRILL, CeremonyState.FAILED)


@pytest.mark.usefixtures("terminal")
def test_no_word_of_a_share_is_left_anywhere(
    app: Flask,
    hospital: Hospital,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    made = issue(app, monkeypatch)
    output = run(app, "drill", "--hidden", typed=made.typed(1, 2, 3)).output
    threes = {
        " ".join(share.words[start : start + 3]) for share in made.shares for start in range(4, 31)
    }
    assert not [words for words in threes if words in output or words in caplog.text]
    urls = [make_url(url) for url in (settings.database_url, settings.key_store_url)]
    files = [path for url in urls if url.drivername == "sqlite" for path in _files(url.database)]
    stored = b"".join(path.read_bytes() for path in files)
    assert not [words for words in threes if words.encode() in stored]
    assert not any(made.key.public.hex() in text for text in (output, caplog.text))
    assert hospital.all_words()


def _files(database: str | None) -> list[Path]:
    file = Path(database or "")
    return list(file.parent.glob(f"{file.name}*"))
