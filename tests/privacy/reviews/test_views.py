"""The pages of reviews, as officer, director, lead and colleague use them."""

from uuid import uuid4

import pytest
from sqlalchemy import func, select

from casemgr.db import session
from casemgr.privacy.reviews import labels
from casemgr.privacy.reviews import service as reviews
from casemgr.privacy.reviews.models import AccessLine, ReviewMeasure
from casemgr.privacy.reviews.rules import AccessAnswer
from tests.cast import ORIGIN, PEOPLE
from tests.house.hospital import Hospital
from tests.house.test_permission_matrix import token_of
from tests.privacy.reviews.scene import ANSWERED, ASKED, WHY, Scene, version_of

DOCTOR, TEAM = PEOPLE["doctor"][0], PEOPLE["lead"][2]


def test_from_the_alert_to_the_verdict(scene: Scene) -> None:
    scene.raised(rule="no_relation")
    officer, doctor = scene.cast.browser("officer"), scene.cast.browser("doctor")
    queue = officer.get("/").follow("Việc cần xem xét")
    assert "no_relation" in queue
    assert "Điểm 50 trên 100" in queue
    one = officer.get(next(a["href"] for a in queue.tree.all("a") if a.text.startswith(DOCTOR)))
    assert one.heading == DOCTOR
    one = one.submit(button="Nhận việc xem xét này")
    assert "Anh/chị đã nhận việc xem xét này." in one
    one = one.follow("Hỏi đồng nghiệp").submit(question=ASKED)
    assert "Đã hỏi đồng nghiệp" in one

    home = doctor.get("/")
    assert "câu hỏi chờ tôi trả lời" in home
    asked = doctor.get("/questions")
    asked = doctor.get(next(a["href"] for a in asked.main.all("a") if "Câu hỏi ngày" in a.text))
    assert ASKED in asked
    assert "no_relation" not in asked
    answered = asked.submit(answer=ANSWERED)
    assert "Cảm ơn anh/chị" in answered
    assert "câu hỏi chờ tôi trả lời" not in doctor.get("/")

    one = officer.get(one.path)
    assert ANSWERED in one
    one = one.follow("Kết luận").submit(verdict="appropriate", reason=WHY)
    assert "Truy cập phù hợp" in one
    assert "Kết luận" not in [a.text for a in one.main.all("a")]
    assert "Không có việc nào cần xem xét ở đây." in officer.get("/reviews")
    assert DOCTOR in officer.get("/reviews", show="closed")


def test_a_short_reason_comes_back_with_what_was_typed(scene: Scene) -> None:
    item_id = scene.raised()
    scene.assign(item_id)
    page = scene.cast.browser("officer").get(f"/reviews/{item_id}/decide")
    again = page.submit(verdict="training", reason="quá ngắn", status=422)
    assert again.errors["reason"] == "Lỗi: Viết ít nhất 20 ký tự"
    assert "quá ngắn" in again


def test_the_second_editor_sees_a_page(scene: Scene) -> None:
    item_id = scene.raised()
    scene.assign(item_id)
    page = scene.cast.browser("officer").get(f"/reviews/{item_id}/decide")
    scene.ask(item_id)
    again = page.submit(verdict="training", reason=WHY, status=409)
    assert "Người khác vừa thay đổi" in again
    assert WHY in again
    again.submit()
    assert "Đã đóng" in scene.cast.browser("officer").get(f"/reviews/{item_id}")


def test_a_form_sent_twice_acts_once(scene: Scene) -> None:
    item_id = scene.raised()
    scene.assign(item_id)
    client = scene.cast.browser("officer").client
    with scene.cast.app.app_context():
        version = version_of(item_id)
    sent = {"csrf_token": token_of(client), "version": version, "what": "talk", "words": WHY}
    for submission in (first := uuid4(), first, uuid4()):
        response = client.post(
            f"/reviews/{item_id}/measure",
            data={**sent, "submission_id": str(submission)},
            base_url=ORIGIN,
            buffered=True,
        )
        assert response.status_code == 303
    with scene.cast.app.app_context():
        assert session.scalar(select(func.count()).select_from(ReviewMeasure)) == 2


def test_the_officers_own_review_is_on_no_page_of_theirs(scene: Scene) -> None:
    mine = scene.raised("officer", rule="no_relation")
    officer = scene.cast.browser("officer")
    assert "việc xem xét chưa kết thúc" not in officer.get("/")
    for show in ("open", "mine", "unassigned", "overdue", "escalated", "closed"):
        page = officer.get("/reviews", show=show)
        assert "Không có việc nào cần xem xét ở đây." in page
    officer.get(f"/reviews/{mine}", status=404)
    director = scene.cast.browser("director")
    assert "việc xem xét chưa kết thúc" in director.get("/")
    assert PEOPLE["officer"][0] in director.get("/reviews")


def test_the_director_sees_what_was_brought_before_them(scene: Scene) -> None:
    item_id = scene.raised()
    scene.assign(item_id)
    director = scene.cast.browser("director")
    director.get(f"/reviews/{item_id}", status=404)
    officer = scene.cast.browser("officer").get(f"/reviews/{item_id}")
    officer.follow("Trình Ban Giám đốc").submit(reason=WHY)
    one = director.get(f"/reviews/{item_id}")
    assert WHY in one
    assert {a.text for a in one.main.all("a") if a["role"] == "button"} == {
        "Kết luận",
        "Ghi biện pháp xử lý",
    }
    one = one.follow("Ghi biện pháp xử lý").submit(what="training", words=WHY)
    one.follow("Kết luận").submit(verdict="inappropriate", reason=WHY)
    assert "Truy cập không phù hợp" in director.get(f"/reviews/{item_id}")


def test_a_rule_speaks_in_the_words_of_the_room_that_knows_it(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(labels, "describers", [lambda rule, of: f"{rule}: {of['times']} lần"])
    scene.raised(reason=(("times", 7),))
    assert "after_hours: 7 lần" in scene.cast.browser("officer").get("/reviews")


def test_the_entries_stand_on_the_page_by_code_and_no_link_leads_into_a_case(
    made: Hospital,
) -> None:
    page = made.cast.browser("officer").get(f"/reviews/{made.ids['review']}")
    assert made.code("case") in page
    assert not [a for a in page.tree.all("a") if a["href"].startswith("/cases")]
    assert "Các dòng nhật ký liên quan" in page


@pytest.mark.parametrize("query", ["kind=nothing", "show=nothing", "kind="])
def test_an_unknown_queue_is_not_there(scene: Scene, query: str) -> None:
    scene.cast.browser("officer").get(f"/reviews?{query}", status=404)


def test_the_lead_confirms_the_team(scene: Scene) -> None:
    with scene.cast.acting():
        reviews.begin_month(scene.system)
    lead = scene.cast.browser("lead")
    assert "đợt rà soát quyền truy cập chưa xong" in lead.get("/")
    (link,) = lead.get("/access-reviews").main.all("a", where=lambda a: TEAM in a.text)
    page = lead.get(link["href"])
    names = sorted({f["name"] for f in page.main.all("input") if f["type"] == "radio"})
    assert len(names) == 2, "two social workers, one role each, and not the lead"
    page = page.submit({names[0]: "confirmed"})
    page = page.submit({names[1]: "to_end"})
    assert "Thu hồi" in page
    assert not page.main.all("input", where=lambda e: e["type"] == "radio")
    with scene.cast.app.app_context():
        said = {line.answer for line in session.scalars(select(AccessLine)) if line.answer}
        assert said == set(AccessAnswer)
    admin = scene.cast.browser("admin")
    assert "vai trò và chỗ trong nhóm cần thu hồi" in admin.get("/")
    listed = admin.get("/access-reviews/to-end")
    assert ("Phạm Văn Minh" in listed) != ("Đỗ Thị Tâm" in listed)
