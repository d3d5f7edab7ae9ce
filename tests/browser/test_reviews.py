"""A review from the alert to the verdict in a real browser, in Vietnamese, at two widths."""

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask

from casemgr.access.actor import system_actor
from casemgr.accounts.models import Account
from casemgr.db import session
from casemgr.privacy.reviews import service as reviews
from tests.browser.person import Person
from tests.cast import PEOPLE

pytestmark = pytest.mark.browser

DOCTOR = PEOPLE["doctor"][0]
QUESTION = "Anh mở hồ sơ này lúc đó để làm gì?"
ANSWER = "Người bệnh nằm ở khoa tôi, tôi được gọi hội chẩn"
REASON = "Đã hỏi và được giải thích rõ ràng"
WIDTHS = (360, 1440)


@pytest.fixture
def alerted(app: Flask, hospital: str) -> str:
    """A hospital in which detection found something, and the month's access review began."""
    with app.app_context():
        doctor = session.query(Account).filter_by(username="doctor").one()
        system = system_actor("detection", doctor.facility_id)
        rules = ("no_relation", "after_hours", "high_volume")
        found = [reviews.Signal(rule, 50, doctor.id, date(2026, 11, 25)) for rule in rules]
        reviews.raise_signals(system, found)
        reviews.begin_month(system)
        session.commit()
    return hospital


@pytest.mark.usefixtures("alerted")
def test_from_the_alert_to_the_verdict(enter: Callable[[str], Person]) -> None:
    officer, doctor = enter("officer"), enter("doctor")
    officer.go("/reviews")
    officer.sees(DOCTOR, "Điểm 70 trên 100", "và 1 điều khác")
    _fits(officer)
    officer.press(DOCTOR)
    officer.press("Nhận việc xem xét này")
    _fits(officer)
    officer.press("Hỏi đồng nghiệp")
    officer.fill("Câu hỏi của anh/chị", QUESTION)
    _fits(officer)
    officer.press("Gửi câu hỏi")
    doctor.go("/")
    doctor.press("câu hỏi chờ tôi trả lời")
    _fits(doctor)
    doctor.press("Câu hỏi ngày")
    doctor.sees(QUESTION)
    doctor.sees_not("no_relation", "after_hours")
    doctor.fill("Câu trả lời của anh/chị", ANSWER)
    _fits(doctor)
    doctor.press("Gửi câu trả lời")
    officer.page.reload()
    officer.sees(ANSWER)
    officer.press("Kết luận")
    officer.choose("Truy cập phù hợp")
    officer.fill("Lý do", REASON)
    _fits(officer)
    officer.press("Kết thúc việc xem xét")
    officer.sees("Đã đóng", REASON)
    _fits(officer)
    for person in (officer, doctor):
        assert not person.complaints, person.complaints


@pytest.mark.usefixtures("alerted")
def test_the_access_review_fits(enter: Callable[[str], Person]) -> None:
    officer = enter("officer")
    officer.go("/access-reviews")
    _fits(officer)
    officer.press("Khoa Sản")
    officer.sees(f"{DOCTOR}: vai trò: Bác sĩ điều trị")
    _fits(officer)
    officer.go("/access-reviews/to-end")
    _fits(officer)
    assert not officer.complaints, officer.complaints


def _fits(person: Person) -> None:
    assert all(person.fits(width) for width in WIDTHS), person.path
