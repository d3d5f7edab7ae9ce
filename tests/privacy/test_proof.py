"""The page about the log: red without a key or a way, and after a day; the sheet; who sees it."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from casemgr import clock
from casemgr.access.actor import system_actor
from casemgr.audit import Action, Outcome, checkpoints, record
from casemgr.audit.outside.known import Seen, SeenFile
from casemgr.db import session
from casemgr.privacy.proof import state
from casemgr.privacy.proof.qr import picture_of
from casemgr.privacy.proof.state import LastCheck
from casemgr.web import pdf
from tests.audit.scene import Scene
from tests.house.hospital import Hospital
from tests.house.log_forging import sequence

REWRITE = "có thể viết lại lịch sử mà không ai chứng minh được"
HOME = "Nhật ký có thể bị viết lại mà không ai chứng minh được."
OLD = "Đã hơn 24 giờ không có điểm chốt nhật ký nào được gửi ra khỏi máy này."
CUT = "Nhật ký đã bị cắt, hoặc cơ sở dữ liệu cũ đã được đưa trở lại."
CHANGED = "Nhật ký ở đây không khớp với nhật ký đã ký."

NOT_WHOLE = "Lần kiểm chứng gần nhất phát hiện nhật ký không nguyên vẹn."
WAITING = "chờ quá một phút mà chưa được đưa vào bằng chứng"
NOT_COVERED = "Các mục nhật ký mới chưa được đưa vào bằng chứng."


@pytest.fixture
def scene(cast: object, tmp_path: Path) -> Iterator[Scene]:
    yield from Scene.of(cast, tmp_path)


def test_without_key_or_way_it_says_so_in_red(scene: Scene) -> None:
    scene.key.path.unlink()
    officer = scene.cast.browser("officer")
    page = officer.get("/proof")
    alerts = page.tree.all(where=lambda e: "casemgr-flash--error" in e.classes)
    assert len(alerts) == 1
    assert alerts[0].text.count(REWRITE) == 2, "no key, and no way"
    assert "chưa thiết lập khóa ký" in alerts[0].text
    assert HOME in officer.get("/")
    assert officer.get("/").follow("Xem tình trạng nhật ký").path == "/proof"


def test_when_all_is_well_nothing_is_red_and_after_a_day_it_is(scene: Scene) -> None:
    scene.connect(f"file:{scene.folder / 'worm.txt'}")
    scene.act()
    scene.sign()
    scene.send()
    officer = scene.cast.browser("officer")
    page = officer.get("/proof")
    assert not page.tree.all(where=lambda e: "casemgr-flash--error" in e.classes)
    assert "Ổn" in page
    assert str(scene.key.vkey()) in page.text
    assert str(scene.folder / "worm.txt") in page
    assert HOME not in officer.get("/")
    scene.sign()
    with clock.frozen(clock.now() + timedelta(hours=25)):
        late = scene.cast.browser("officer")
        assert OLD in late.get("/proof")
        assert "Đã quá lâu" in late.get("/proof")
        assert HOME in late.get("/")


def test_a_quiet_day_is_not_red(scene: Scene) -> None:
    """Nothing was signed since the last head left: there is nothing to vouch for."""
    scene.connect(f"file:{scene.folder / 'worm.txt'}")
    scene.act()
    scene.sign()
    scene.send()
    sequence(scene.cast)
    with clock.frozen(clock.now() + timedelta(hours=25)), scene.app.app_context():
        assert state.current_concerns(scene.cast.actor("officer")) == []


def test_a_verification_that_found_something_is_red(scene: Scene) -> None:
    scene.connect(f"file:{scene.folder / 'worm.txt'}")
    scene.act()
    scene.sign()
    for outcome, is_red in ((Outcome.FAILED, True), (Outcome.DONE, False)):
        with scene.cast.acting():
            who = system_actor("log-verifier", scene.cast.facility_id)
            record(who, Action.LOG_VERIFIED, outcome=outcome)
        officer = scene.cast.browser("officer")
        assert (NOT_WHOLE + " Có người đã sửa hoặc xóa" in officer.get("/proof")) == is_red
        assert (NOT_WHOLE in officer.get("/")) == is_red


def test_a_sequencer_that_stands_still_is_red_after_a_minute(scene: Scene) -> None:
    sequence(scene.cast)
    scene.act()
    start = clock.now()
    for seconds, is_red in ((50, False), (70, True)):
        with clock.frozen(start + timedelta(seconds=seconds)):
            officer = scene.cast.browser("officer")
            assert (WAITING in officer.get("/proof")) == is_red
            assert (NOT_COVERED in officer.get("/")) == is_red
    with clock.frozen(start + timedelta(seconds=70)):
        sequence(scene.cast)
        assert WAITING not in scene.cast.browser("officer").get("/proof")


def test_a_failure_is_shown_in_words(scene: Scene) -> None:
    scene.connect(f"file:{scene.folder / 'none' / 'worm.txt'}")
    scene.act()
    scene.sign()
    scene.send()
    page = scene.cast.browser("officer").get("/proof")
    assert "Không ghi được vào tệp" in page
    assert "Sắp gửi lại" in page


def test_a_log_that_was_cut_is_red(scene: Scene) -> None:
    scene.connect(f"file:{scene.folder / 'worm.txt'}")
    scene.act()
    scene.sign()
    SeenFile(Path(f"{scene.key.path}.seen")).remember(Seen(10**6, bytes(32)), lambda _earlier: True)
    assert CUT in scene.cast.browser("director").get("/proof")


def test_a_log_that_was_rewritten_is_red(scene: Scene) -> None:
    scene.connect(f"file:{scene.folder / 'worm.txt'}")
    scene.act()
    scene.sign()
    scene.tree.leaves[0] = b"rewritten"
    assert CHANGED in scene.cast.browser("officer").get("/proof")


def test_every_word_of_a_failure_has_words() -> None:
    from casemgr.audit.outside.witness_call import REASONS
    from casemgr.privacy.proof.labels import CONCERNS, IN_SHORT, KINDS, TROUBLES

    source = "".join(path.read_text("utf-8") for path in Path("casemgr/audit/outside").glob("*.py"))
    said = (
        set(re.findall(r'NotSent\("(\w+)"\)', source))
        | set(REASONS.values())
        | {"refused", "busy", "no_answer", "some_refused", "ahead"}
    )
    assert said <= set(TROUBLES), "a failure that nobody could read"
    assert set(CONCERNS) == set(state.Concern)
    assert set(IN_SHORT) == set(state.Concern)
    assert len(KINDS) == 4


def test_the_sheet_shows_the_head_and_no_person(made: Hospital, tmp_path: Path) -> None:
    for scene in Scene.of(made.cast, tmp_path):
        scene.act()
        scene.sign()
        with scene.app.app_context():
            kept = checkpoints.newest(session)
            assert kept is not None
            root, size, note = kept.root.hex(), kept.size, kept.note
        officer = made.cast.browser("officer")
        sheet = officer.get("/proof").follow("In để dán sổ")
        groups = re.findall(r"\b[0-9a-f]{8}\b", sheet.text.partition("Mã gốc")[2])
        assert groups[:8] == [root[at : at + 8] for at in range(0, 64, 8)]
        assert f"Số mục đã ghi: {size}" in sheet.text
        assert "localhost/log" in sheet
        (drawn,) = [path["d"] for path in sheet.tree.all("path") if path.up("svg")]
        assert drawn == picture_of(note).path
        assert scene.count(Action.PROOF_PRINTED) == 1
        shown = [sheet.text, officer.get("/proof").text, note, (scene.folder / "log").name]
        assert not [word for word in made.all_words() for text in shown if word in text]


def test_the_picture_is_the_code_with_a_white_border() -> None:
    import segno

    rows = segno.make("x" * 40, error="m", micro=False).matrix
    picture = picture_of("x" * 40)
    dark = {(int(x) - 4, int(y) - 4) for x, y in re.findall(r"M(\d+) (\d+)h1", picture.path)}
    assert dark == {(x, y) for y, row in enumerate(rows) for x, bit in enumerate(row) if bit}
    assert picture.side == len(rows) + 8


def test_without_a_head_there_is_no_sheet(scene: Scene) -> None:
    officer = scene.cast.browser("officer")
    for path in ("/proof/sheet", "/proof/sheet.pdf"):
        assert "Chưa ký điểm chốt nhật ký nào." in officer.get(path)


@pytest.mark.skipif(
    pdf.obstacle() is not None, reason="no PDF here: WeasyPrint or Pango is missing"
)
def test_the_sheet_as_pdf(scene: Scene) -> None:
    scene.act()
    scene.sign()
    response = scene.cast.browser("officer").get("/proof/sheet.pdf").response
    assert response.data.startswith(b"%PDF-")
    assert 'filename="dau-so-' in response.headers["Content-Disposition"]


def test_verifying_is_offered_once_somebody_does_it(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = scene.cast.browser("officer")
    monkeypatch.setattr(state, "_checking", [])
    assert "Kiểm chứng ngay" not in officer.get("/proof")
    asked: list[object] = []
    checked = LastCheck(clock.now(), is_whole=False)
    state.connect_checking(lambda _actor: checked, asked.append)
    page = officer.get("/proof").submit(button="Kiểm chứng ngay")
    assert len(asked) == 1
    assert "Không nguyên vẹn" in page


@pytest.mark.parametrize("person", ["nurse", "worker", "lead", "doctor", "planner", "press"])
def test_nobody_else_sees_it(scene: Scene, person: str) -> None:
    browser = scene.cast.browser(person)
    browser.get("/proof", status=403)
    assert HOME not in browser.get("/")
