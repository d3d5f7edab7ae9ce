"""A rights request from the desk to the answer: Thủy keeps it, Minh prepares, nobody else knows."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from casemgr import clock
from casemgr.access import Invalid
from casemgr.audit import Action, AuditEntry
from casemgr.db import session
from casemgr.privacy.rights import requests
from casemgr.privacy.rights.models import RightsRequest
from casemgr.privacy.rights.rules import Asker, Right
from tests.privacy.scene import later, work

if TYPE_CHECKING:
    from tests.cast import Cast
    from tests.client import Page
    from tests.house.hospital import Hospital

REASON = "Người bệnh đã được nghe giải thích"
TYPED = {
    "right": "copy",
    "asker": "person",
    "checked": "Xuất trình căn cước tại bàn",
    "wording": "Cho tôi xin bản sao phần hỗ trợ",
    "reply_to": "Hẹn gặp riêng tại phòng tư vấn",
    "others_hold_it": "no",
}


def day_of(back: int = 0) -> dict[str, str]:
    day = clock.today() - timedelta(days=back)
    parts = (("day", day.day), ("month", day.month), ("year", day.year))
    return {f"received_on-{name}": str(value) for name, value in parts}


def received(made: "Hospital", **more: str) -> "Page":
    officer = made.cast.browser("officer")
    page = officer.get("/rights/new")
    return page.submit({**TYPED, **day_of(), "case_code": made.code("case"), **more})


def test_from_receipt_to_the_end(made: "Hospital") -> None:
    page = received(made)
    assert "Đã tiếp nhận" in page
    page = page.submit(button="Đã xác nhận với người bệnh")
    page = page.submit({"steps-parts": ["EPISODE", "CONTACT"]}, button="Gửi đề nghị")
    assert page.text.count("đang chờ") >= 2
    worker = made.cast.browser("worker")
    assert "phần hồ sơ cần chuẩn bị" in worker.get("/")
    tasks = worker.get("/rights/steps")
    for word in TYPED.values():
        assert word not in tasks.text, "those who prepare learn the part, not what was asked"
    answered = made.cast.browser("officer").get(page.path)
    answered = answered.submit(
        {"answer-answered": "granted", "answer-reason": REASON}, button="Ghi câu trả lời này"
    )
    refused = answered.submit({"close-effect": ""}, button="Kết thúc yêu cầu", status=422)
    assert refused.errors
    for part in ("Sự việc đã xảy ra", "Liên lạc an toàn"):
        tasks = worker.get("/rights/steps")
        (button,) = (b.text for b in tasks.tree.all("button") if part in b.text)
        tasks.submit(button=button)
    done = made.cast.browser("officer").get(page.path).submit(button="Kết thúc yêu cầu")
    assert "Đã đóng" in done
    with made.cast.app.app_context():
        acts = set(session.scalars(select(AuditEntry.action)))
    assert {Action.RIGHTS_RECEIVED, Action.RIGHTS_ANSWERED, Action.RIGHTS_STEP_DONE} <= acts


def test_a_term_is_extended_once_and_with_a_reason(made: "Hospital") -> None:
    page = received(made)
    short = page.submit({"extend-reason": "ngắn"}, button="Gia hạn một lần", status=422)
    assert "20" in short.errors["extend-reason"]
    page = short.submit({"extend-reason": REASON}, button="Gia hạn một lần")
    assert "Lý do gia hạn" in page
    assert not page.tree.all("button", where=lambda b: "Gia hạn" in b.text)


def test_a_term_that_is_over_is_not_extended(cast: "Cast") -> None:
    """On its last day still; the day after, nobody makes what is late be in time."""
    officer = cast.actor("officer")
    with cast.acting():
        request = requests.receive(
            officer,
            right=Right.COPY,
            asker=Asker.PERSON,
            received_on=clock.today(),
            wording="",
            checked="",
            reply_to="",
            others_hold_it=False,
        )
        request_id, due = request.id, request.due_on
    for day, is_late in ((due + timedelta(days=1), True), (due, False)):
        with clock.frozen(clock.at_hospital(day)), cast.app.app_context():
            version = session.get_one(RightsRequest, request_id).version
            if is_late:
                with pytest.raises(Invalid, match="too_late"):
                    requests.extend(officer, request_id, version, REASON)
            else:
                requests.extend(officer, request_id, version, REASON)
                assert session.get_one(RightsRequest, request_id).due_on > due
            session.rollback()


def test_nothing_is_granted_about_no_case(made: "Hospital") -> None:
    page = received(made, case_code="").submit(button="Đã xác nhận với người bệnh")
    page = page.submit(
        {"answer-answered": "granted", "answer-reason": REASON},
        button="Ghi câu trả lời này",
        status=422,
    )
    assert "hồ sơ nào" in page.errors["answer-answered"]
    page = page.submit(
        {"answer-answered": "refused", "answer-reason": REASON}, button="Ghi câu trả lời này"
    )
    assert "Từ chối" in page


def test_bad_input_keeps_what_was_typed(made: "Hospital") -> None:
    officer = made.cast.browser("officer")
    page = officer.get("/rights/new").submit(
        {**TYPED, **day_of(-3), "case_code": "TN-000000"}, status=422
    )
    assert "chưa tới" in page.errors["received_on-day"]
    kept = page.values(page.form("Ghi nhận"))
    for name, value in TYPED.items():
        assert kept[name] == [value]


def test_what_is_late_is_told_once_a_day(made: "Hospital") -> None:
    received(made)
    told = select(AuditEntry).where(AuditEntry.action == Action.RIGHTS_LATE)
    work(made.cast)
    with made.cast.app.app_context():
        assert session.scalars(told).all() == []
        requests = session.scalars(select(RightsRequest)).all()
    with later(timedelta(days=40)):
        work(made.cast)
        with made.cast.app.app_context():
            assert len(session.scalars(told).all()) == len(requests)
        assert "Quá hạn" in made.cast.browser("officer").get("/rights")


@pytest.mark.parametrize("who", ["other_worker", "doctor"])
def test_a_part_is_prepared_by_those_who_may_open_it(made: "Hospital", who: str) -> None:
    tasks = made.cast.browser(who).get("/rights/steps")
    assert made.code("case") not in tasks.text
