"""The pages of erasures and holds, clicked through by Thủy (officer) and Bình (director)."""

import re
from datetime import timedelta

import pytest

from casemgr.web import pdf
from tests.client import Page
from tests.house.hospital import Hospital
from tests.privacy.scene import COUNTDOWN, REASON, close, erase, later, work

MINUTE = timedelta(minutes=1)
ALL_PARTS = ("IDENTITY", "CONTACT", "SOCIAL", "EPISODE", "CLINICAL")


def new_request(made: Hospital, code: str, **more: object) -> Page:
    officer = made.cast.browser("officer")
    page = officer.get("/erasures").follow("Đề nghị xóa dữ liệu")
    typed = {"case_code": code, "basis": "person_asked", "record_kind": "general"}
    return page.submit({**typed, "reason": REASON, **more}, status=int(more.pop("status", 200)))  # type: ignore[call-overload]


def test_from_the_request_to_the_certificate(made: Hospital) -> None:
    close(made)
    code = made.code("case")
    page = new_request(made, code)
    assert "Chờ giám đốc quyết định" in page
    assert "Thông tư 53/2017/TT-BYT: 10 năm" in page
    assert "hồ sơ bệnh án phải lưu đủ thời hạn" in page
    path = page.path
    early = made.cast.browser("officer").get(path + "/certificate").text
    assert "Chưa xóa phần nào" in early
    assert "Không có." not in early, "nothing outstanding would say that it is finished"
    director = made.cast.browser("director")
    assert "2 đề nghị xóa dữ liệu chờ quyết định" in director.get("/")
    page = director.get(path).submit(button="Duyệt xóa")
    assert "Đã duyệt" in page
    with later(COUNTDOWN + MINUTE):
        work(made.cast)
        officer = made.cast.browser("officer")
        page = officer.get(path)
        assert "Đã xóa trên hệ thống đang chạy" in page
        assert "Phải bọc lại các khóa còn dùng" in page
        assert "đề nghị xóa dữ liệu chưa xong hẳn" in officer.get("/")
        page = page.submit(button="Đã báo")
        assert not page.tree.all("button", where=lambda b: b.text.startswith("Đã báo"))
        paper = officer.get(path + "/certificate").text
        worker = made.cast.browser("worker")
        shown = worker.get(f"/cases/{made.ids['case']}")
    assert "BIÊN BẢN" in paper
    assert f"Về việc xóa dữ liệu cá nhân của hồ sơ {code}" in paper
    assert "1/1" in paper, "the one receiver was told"
    assert paper.count("Nhật ký: ") >= 9, "each step with its entry"
    assert len(set(re.findall(r"Nhật ký: ([0-9a-f-]{36})", paper))) == paper.count("Nhật ký: ")
    words = made.all_words()
    assert not [word for word in words if word in paper]
    for name in ("Hoàng Thu Thủy", "Vũ Đức Bình", REASON):
        assert name not in paper, "nobody stands in the certificate, staff neither"
    assert "phần này bị hạn chế xử lý, không ai mở được, đến" in shown
    assert shown.text.count("đã xóa ngày") == 4
    assert not [word for word in words if word in shown.text]


def test_the_certificate_is_vietnamese_in_whatever_language(made: Hospital) -> None:
    erasure_id = erase(made)
    officer = made.cast.browser("officer")
    officer.get("/").submit(button="English")
    paper = officer.get(f"/erasures/{erasure_id}/certificate").text
    assert "đã xóa" in paper
    assert "Danh tính" in paper
    assert "Identity" not in paper


@pytest.mark.skipif(
    pdf.obstacle() is not None, reason="no PDF here: WeasyPrint or Pango is missing"
)
def test_the_certificate_as_pdf(made: Hospital) -> None:
    erasure_id = erase(made)
    officer = made.cast.browser("officer")
    response = officer.get(f"/erasures/{erasure_id}/certificate.pdf").response
    assert response.data.startswith(b"%PDF-")
    named = f'filename="bien-ban-{made.code("case")}.pdf"'
    assert named in response.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"case_code": "TN-000000"}, "case_code", "Không có hồ sơ nào mang mã này"),
        ({"reason": "ngắn"}, "reason", "20"),
        ({"parts": []}, "parts", "ít nhất một mục"),
        ({"parts": ["INFORMANT"]}, "parts", "Các phần này chưa ghi gì"),
        ({"basis": None}, "basis", "chọn một"),
    ],
)
def test_bad_input_names_its_field_and_keeps_what_was_typed(
    made: Hospital, typed: dict[str, object], field: str, words: str
) -> None:
    close(made)
    officer = made.cast.browser("officer")
    good = {"case_code": made.code("case"), "basis": "person_asked", "record_kind": "accident"}
    sent = {**good, "reason": REASON, **typed}
    page = officer.get("/erasures/new").submit(
        {name: value for name, value in sent.items() if value is not None}, status=422
    )
    assert words in page.errors[field], page.errors
    kept = page.values(page.form("Gửi đề nghị"))
    for name, value in sent.items():
        if value and name != "parts":
            assert kept[name] == [value]
    assert kept["parts"] == (typed["parts"] if "parts" in typed else kept["parts"])


def test_a_case_at_work_is_named_at_its_field(made: Hospital) -> None:
    officer = made.cast.browser("officer")
    page = officer.get("/erasures/new").submit(
        case_code=made.code("case"),
        basis="person_asked",
        record_kind="general",
        reason=REASON,
        status=422,
    )
    assert "phải đóng hồ sơ trước" in page.errors["case_code"]


def test_a_reason_that_is_too_short_stays_in_the_box(made: Hospital) -> None:
    close(made)
    page = new_request(made, made.code("case"))
    director = made.cast.browser("director")
    page = director.get(page.path).follow("Không duyệt").submit(reason="vì thế", status=422)
    assert "20" in page.errors["reason"]
    assert page.values(page.form("Không duyệt"))["reason"] == ["vì thế"]
    page = page.submit(reason="Còn thiếu văn bản của người bệnh", button="Không duyệt")
    assert "Không được duyệt" in page
    assert "Còn thiếu văn bản của người bệnh" in page


def test_the_officer_is_not_offered_to_decide(made: Hospital) -> None:
    close(made)
    page = new_request(made, made.code("case"))
    assert not page.tree.all("button", where=lambda b: "Duyệt xóa" in b.text)
    page = page.follow("Hủy đề nghị xóa này").submit(reason="Người bệnh đã đổi ý, xin giữ lại")
    assert "Đã hủy" in page


def test_holding_a_case_and_lifting_it(made: Hospital) -> None:
    officer, code = made.cast.browser("officer"), made.code("case")
    page = officer.get("/holds").follow("Giữ lại một hồ sơ")
    page = page.submit(case_code=code, reason="Sở Y tế đang thanh tra vụ việc")
    assert code in page
    assert "Sở Y tế đang thanh tra vụ việc" in page
    again = officer.get("/holds/new").submit(case_code=code, reason=REASON, status=422)
    assert "đang được giữ lại rồi" in again.errors["case_code"]
    page = page.follow(f"Thôi giữ lại: {code}")
    page = page.submit(reason="Thanh tra đã kết thúc, có kết luận")
    assert code not in page


def test_a_restriction_is_lifted_by_the_director(made: Hospital) -> None:
    close(made)
    path = new_request(made, made.code("case")).path
    made.cast.browser("director").get(path).submit(button="Duyệt xóa")
    with later(COUNTDOWN + MINUTE):
        work(made.cast)
        director = made.cast.browser("director")
        page = director.get(path).follow("Bỏ hạn chế: Hồ sơ lâm sàng")
        assert "Bỏ hạn chế phần: Hồ sơ lâm sàng" in page.heading
        page = page.submit(reason="Người bệnh nhập viện lại và đồng ý")
        assert "đã bỏ hạn chế" in page
        assert "Người bệnh nhập viện lại và đồng ý" in page
