"""The pages of breaches, clicked through by Thủy (officer) and Bình (director)."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from casemgr import clock
from casemgr.db import session
from casemgr.privacy.breaches.models import Breach
from casemgr.web import pdf
from tests.cast import ORIGIN
from tests.client import Page
from tests.house.hospital import Hospital
from tests.house.test_permission_matrix import token_of
from tests.privacy.scene import later

WHY = "Đã hỏi người phụ trách, có căn cứ rõ"
FORM = {
    "place": "Khoa Ngoại, tầng 3",
    "consequences": "Người bệnh có thể bị lộ nơi ở",
    "measures": "Khóa tài khoản, đổi cách phân quyền",
    "contact": "Hoàng Thu Thủy, 0500 000 000",
    "plain_words": "Một nhân viên đã xem thông tin của anh/chị mà không có việc",
}
ACT = "Mở hồ sơ ngoài nhiệm vụ được giao"


def boxes(name: str, at: datetime) -> dict[str, str]:
    """A moment as somebody types it."""
    local = clock.to_local(at)
    return {
        f"{name}-day": str(local.day),
        f"{name}-month": str(local.month),
        f"{name}-year": str(local.year),
        f"{name}-time": f"{local:%H:%M}",
    }


def recorded(made: Hospital, hours_ago: int = 2, **more: str) -> Page:
    """The officer enters a breach through the form."""
    page = made.cast.browser("officer").get("/breaches").follow("Ghi nhận sự cố dữ liệu")
    typed = boxes("detected_at", clock.now() - timedelta(hours=hours_ago))
    typed |= {"kind": "unlawful_access", "found_by": "staff", "description": ACT, **more}
    return page.submit(typed)


def written(page: Page, **more: str) -> Page:
    """And completes what the notification says."""
    return page.follow("Soạn nội dung thông báo").submit(FORM | more)


def test_from_the_record_to_the_closure(made: Hospital) -> None:
    page = recorded(made)
    assert "Còn 69 giờ" in page or "Còn 70 giờ" in page
    assert "Trước khi in còn thiếu:" in page
    page = page.follow("Soạn nội dung thông báo").submit(FORM)
    now = clock.now()
    period = boxes("begins_at", now - timedelta(days=1)) | boxes("ends_at", now)
    page = page.follow("Thống kê từ nhật ký").submit(
        period | {"accounts": [str(made.cast.ids["doctor"])]}
    )
    code = made.code("case")
    assert code in page
    assert "Hồ sơ lâm sàng" in page
    assert "1 người (hồ sơ)" in page
    assert "Trước khi in còn thiếu:" not in page
    page = page.follow("Có phải thông báo cơ quan chuyên trách không?")
    page = page.submit(is_notifiable="yes", reason=WHY)
    paper = made.cast.browser("officer").get(page.path + "/form")
    for point in (*list(FORM.values())[:4], ACT, "Hồ sơ lâm sàng", "1 người (hồ sơ)", "Mẫu số 08"):
        assert point in paper, point
    assert not [word for word in made.all_words() if word in paper.text]
    page = page.follow("Ghi việc đã thông báo").submit(
        boxes("at", clock.now()) | {"reference": "12/TB-BV", "sender": "Hoàng Thu Thủy"}
    )
    assert "Xong đúng hạn" in page
    page = page.follow("Người bị ảnh hưởng").submit(telling="danger", reason=WHY)
    page = page.follow("Biện pháp khắc phục").submit(reason=WHY)
    page = page.follow("Kết thúc sự cố này").submit(reason="Phải rà soát phân quyền mỗi quý")
    assert "Đã kết thúc sự cố" in page
    assert "Phải rà soát phân quyền mỗi quý" in page


def test_the_director_agrees_or_not(made: Hospital) -> None:
    page = recorded(made).follow("Có phải thông báo cơ quan chuyên trách không?")
    page = page.submit(is_notifiable="no", reason=WHY)
    assert not page.tree.all("button", where=lambda b: "Đồng ý" in b.text)
    director = made.cast.browser("director")
    assert "sự cố dữ liệu chờ giám đốc" in director.get("/")
    shown = director.get(page.path)
    assert WHY in shown
    again = shown.follow("Phải thông báo").submit(reason="ngắn", status=422)
    assert "20" in again.errors["reason"]
    assert again.values(again.form("Yêu cầu thông báo"))["reason"] == ["ngắn"]
    decided = director.get(page.path).submit(button="Đồng ý: không thông báo")
    assert "giám đốc đã đồng ý" in decided


def test_overdue_is_said_and_the_form_says_why(made: Hospital) -> None:
    page = recorded(made, hours_ago=75)
    assert "Quá hạn 3 giờ" in page
    page = written(page)
    assert "Lý do thông báo muộn" in page
    page = written(page, lateness="Chờ xác minh với bộ phận công nghệ", data_kinds="Danh tính")
    paper = made.cast.browser("officer").get(page.path + "/form")
    assert "Lý do thông báo sau thời hạn 72 giờ" in paper
    assert "Chờ xác minh với bộ phận công nghệ" in paper


def test_while_something_is_missing_nothing_is_printed(made: Hospital) -> None:
    page = recorded(made)
    officer = made.cast.browser("officer")
    answer = officer.get(page.path + "/form")
    assert answer.path == page.path
    assert "còn thiếu nội dung luật yêu cầu" in answer


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"detected_at-year": "2031"}, "detected_at-day"),
        ({"detected_at-time": "chiều"}, "detected_at-day"),
        ({"kind": ""}, "kind"),
        ({"description": ""}, "description"),
    ],
    ids=["future", "no-time", "no-kind", "no-words"],
)
def test_bad_input_names_its_field_and_keeps_what_was_typed(
    made: Hospital, typed: dict[str, str], field: str
) -> None:
    good = boxes("detected_at", clock.now() - timedelta(hours=1))
    good |= {"kind": "loss", "found_by": "staff", "description": ACT}
    sent = good | typed
    officer = made.cast.browser("officer")
    page = officer.get("/breaches/new").submit(
        {name: value for name, value in sent.items() if value}, status=422
    )
    assert page.errors[field], page.errors
    kept = page.values(page.form("Ghi nhận sự cố"))
    for name, value in sent.items():
        if value:
            assert kept[name] == [value]


def test_two_editors_and_the_same_form_twice(made: Hospital) -> None:
    page = recorded(made)
    one = made.cast.browser("officer").get(page.path + "/content")
    other = made.cast.browser("officer").get(page.path + "/content")
    one.submit(FORM)
    again = other.submit(FORM | {"place": "Khoa Sản"}, status=409)
    assert "Khoa Sản" in str(again.values(again.form("Lưu"))["place"])
    assert FORM["place"] in made.cast.browser("officer").get(page.path)


def test_the_paper_for_the_person_only_where_it_is_safe(made: Hospital) -> None:
    officer, breach = made.cast.browser("officer"), made.ids["breach"]
    path = f"/breaches/{breach}/letters/{made.ids['case']}"
    paper = officer.get(path)
    assert "Về thông tin của anh/chị" in paper
    assert made.code("case") in paper
    persons = [word for word in made.all_words() - made.overseen if word in paper.text]
    assert not persons
    officer.get(f"/breaches/{breach}").follow("Ai có thể liên lạc an toàn").submit({"cases": []})
    officer.get(path, status=403)


@pytest.mark.skipif(
    pdf.obstacle() is not None, reason="no PDF here: WeasyPrint or Pango is missing"
)
def test_the_papers_as_pdf(made: Hospital) -> None:
    officer = made.cast.browser("officer")
    for path in (
        f"/breaches/{made.ids['breach']}/form.pdf",
        f"/monthly-reports/{made.ids['report']}.pdf",
    ):
        assert officer.get(path).response.data.startswith(b"%PDF-")


def test_the_clock_stands_on_the_dashboard_and_goes_red(made: Hospital) -> None:
    recorded(made, hours_ago=2)
    with later(timedelta(hours=80)):
        page = made.cast.browser("officer").get("/dashboard")
        assert "Quá hạn 10 giờ" in page
        assert "chưa rõ" in page, "checkpoint and verification are not known yet"


def test_a_breach_sent_twice_is_entered_once(made: Hospital) -> None:
    officer = made.cast.browser("officer")
    page = officer.get("/breaches/new")
    form = page.form("Ghi nhận sự cố")
    typed = boxes("detected_at", clock.now() - timedelta(hours=1))
    typed |= {"kind": "loss", "found_by": "outside", "description": ACT}
    data = page.values(form) | {name: [value] for name, value in typed.items()}
    data["csrf_token"] = [token_of(officer.client)]
    answers = [
        officer.client.post("/breaches", data=data, base_url=ORIGIN, buffered=True)
        for _ in range(3)
    ]
    assert [answer.status_code for answer in answers] == [303] * 3
    assert len({answer.headers["Location"] for answer in answers}) == 1
    with made.cast.app.app_context():
        assert session.scalar(select(func.count()).select_from(Breach)) == 2, (
            "and the hospital's own"
        )
