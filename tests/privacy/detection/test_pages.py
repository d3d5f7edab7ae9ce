"""The officer's pages of the rules, clicked through by Thủy."""

import pytest

from tests.house.hospital import Hospital
from tests.privacy.detection.conftest import Desk, Tally

REASON = "Tổ Công tác xã hội trực cả buổi tối"


def test_the_list_shows_how_each_rule_stands(made: Hospital, reviews: Desk) -> None:
    reviews.verdicts = {"household": Tally(confirmed=1, explained=2, open=5)}
    page = made.cast.browser("officer").get("/detection")
    rows = [row.text for row in page.tree.all("tr") if "R4" in row.text]
    assert len(rows) == 1
    assert "33 %" in rows[0], "one of three decided"
    assert "Cùng một nhà" in rows[0]
    assert "chưa quyết định lần nào" in page
    assert "Hiện chưa có nơi nhận tín hiệu" not in page


def test_a_rule_is_explained_changed_and_tried(made: Hospital) -> None:
    officer = made.cast.browser("officer")
    page = officer.get("/detection").follow("Ngoài giờ làm việc")
    assert "Mở hồ sơ ngoài lịch trực" in page
    assert "lúc nào cũng có người trực" in page, "what it does not see"
    page = page.follow("Sửa hoặc bật, tắt")
    wrong = page.submit(button="Lưu", closes="25", reason=REASON, status=422)
    assert "24" in wrong, "the bound is said"
    page = officer.get("/detection/after_hours/setting")
    page = page.submit(button="Lưu", closes="21", reason=REASON)
    assert "Đã lưu" in page
    assert REASON in page
    page = page.follow("Chạy thử").submit(button="Bắt đầu chạy thử", closes="22")
    assert "Đang chạy" in page


def test_switching_on_untried_is_refused_in_words(made: Hospital) -> None:
    officer = made.cast.browser("officer")
    edit = "/detection/leaver/setting"
    officer.get(edit).submit(button="Lưu", is_on="no", reason=REASON)
    page = officer.get(edit).submit(button="Lưu", is_on="yes", reason=REASON, status=422)
    assert "Hãy chạy thử với các con số này trước" in page


@pytest.mark.parametrize("place", ["", "/setting", "/trial"])
def test_an_unknown_rule_is_not_there(made: Hospital, place: str) -> None:
    made.cast.browser("officer").get(f"/detection/no_such_rule{place}", status=404)
