"""Statements through the services and pages: what Thủy (officer) can make, show and print."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from casemgr import clock
from casemgr.access import Actor, Compartment, Denied, Purpose
from casemgr.audit import Action, AuditEntry, Outcome, record
from casemgr.db import new_id, session
from casemgr.directory import service as directory
from casemgr.privacy.statement import service
from casemgr.privacy.statement.rules import Receiver
from casemgr.web import pdf
from tests.client import Page
from tests.house.hospital import Hospital

REASON = "Người bệnh cần tên để khiếu nại đúng người"
NOTHING = "Chưa gửi đi đâu."


def make(made: Hospital, name: str = "case", **more: object) -> Page:
    officer = made.cast.browser("officer")
    page = officer.get("/statements").follow("Lập bản kê")
    typed = {"case_code": made.code(name), "receiver": "person", "is_safe_to_hold": "yes"}
    status = int(str(more.pop("status", 200)))
    return page.submit({**typed, **more}, status=status)


def paper(made: Hospital, name: str = "case") -> str:
    """The words of a statement made now, without its moment."""
    page = make(made, name)
    text = made.cast.browser("officer").get(page.path + "/print").text
    return re.sub(r"tính đến \d\d/\d\d/\d{4} \d\d:\d\d", "tính đến", text)


def body(text: str) -> str:
    return text[text.index("BẢN KÊ") : text.index("3. Bạn có thể")]


def look(who: Actor, case_id: UUID, parts: set[Compartment], **more: object) -> None:
    record(
        who,
        Action.COMPARTMENT_OPENED,
        case_id=case_id,
        compartments=parts,
        purpose=Purpose.CASE_WORK,
        **more,  # type: ignore[arg-type]
    )


def test_it_tells_roles_departments_parts_days_and_receivers_and_no_name(made: Hospital) -> None:
    text = body(paper(made))
    assert "Nhân viên công tác xã hội – Tổ Công tác xã hội" in text
    assert "Bác sĩ" in text or "Khoa Sản" in text
    today = clock.to_local(clock.now()).strftime("%d/%m/%Y")
    assert re.search(rf"Khám và chữa bệnh: 1 lần, ngày {today}, để khám, chữa bệnh\.", text)
    with made.cast.acting():
        names = directory.names_of(made.cast.actor("officer"), [made.ids["organisation"]])
    assert f"Ngày {today}: {names[made.ids['organisation']]}." in text
    for name in ("Phạm Văn Minh", "Ngô Thanh Sơn", "Hoàng Thu Thủy"):
        assert name not in text
    assert not [word for word in made.all_words() if word in text]


def test_looks_at_the_informant_leave_the_paper_byte_for_byte(made: Hospital) -> None:
    before = paper(made)
    with made.cast.acting():
        for name in ("worker", "lead", "stranger"):
            look(made.cast.actor(name), made.ids["case"], {Compartment.INFORMANT})
    assert paper(made) == before
    with made.cast.acting():
        look(made.cast.actor("lead"), made.ids["case"], {Compartment.SOCIAL})
    assert paper(made) != before, "what is told does change it"


def test_that_the_hotline_told_us_is_not_on_the_paper(made: Hospital) -> None:
    text = body(paper(made, "untaken"))
    assert NOTHING in text
    with made.cast.acting():
        query = select(AuditEntry).where(AuditEntry.action == Action.REFERRAL_RECEIVED)
        entry = session.scalars(query).one()
        assert entry.case_id == made.ids["untaken"]
        assert entry.subject_id == made.ids["incoming"]
    before = paper(made, "untaken")
    made.cast.browser("other_worker").get(f"/referrals/incoming/{made.ids['incoming']}")
    assert paper(made, "untaken") == before, "nor who looked at what it told"


def test_what_is_withheld_is_told_from_the_day_after_the_last(made: Hospital) -> None:
    today = clock.today()
    officer = made.cast.browser("officer")
    page = officer.get("/statements/withheld").follow("Tạm chưa ghi một thông tin vào bản kê")
    last = today + timedelta(days=1)
    typed: dict[str, object] = {"case_code": made.code("case"), "ground": "investigation"}
    typed |= {"reference": "Số 12/CSĐT ngày 01/11/2026"}
    for name, day in (("starts_on", today), ("ends_on", last), ("sent_on", today)):
        typed |= {f"{name}-day": day.day, f"{name}-month": day.month, f"{name}-year": day.year}
    before = body(paper(made))
    assert NOTHING not in before
    page = page.submit(typed)
    assert "Điều 177" in page
    after = body(paper(made))
    assert NOTHING in after
    assert len(re.findall("CSĐT|bí mật|điều tra", after)) == 0
    with clock.frozen(clock.at_hospital(last + timedelta(days=1), 8)):
        assert NOTHING not in body(paper(made))


def test_not_safe_to_hold_means_screen_only(made: Hospital) -> None:
    page = make(made, is_safe_to_hold="no")
    assert "Không: chỉ đọc trên màn hình" in page
    assert "Trang in" not in page
    assert "PDF" not in page
    officer = made.cast.browser("officer")
    screen = officer.get(page.path + "/screen").response.text
    assert "letter-page--screen" in screen
    assert "data-print" not in screen
    for way in ("/print", "/statement.pdf"):
        officer.get(page.path + way, status=403)


@pytest.mark.parametrize("receiver", ["guardian", "representative"])
def test_a_conflicted_guardian_gets_none(made: Hospital, receiver: str) -> None:
    page = make(made, receiver=receiver, is_conflicted="yes", status=422)
    assert "Không cấp bản kê" in page
    with made.cast.acting():
        query = select(AuditEntry).where(AuditEntry.action == Action.STATEMENT_MADE)
        newest = session.scalars(query.order_by(AuditEntry.at.desc(), AuditEntry.id.desc())).first()
        assert newest is not None
        assert newest.outcome is Outcome.REFUSED
        assert newest.case_id == made.ids["case"]
    assert "Chọn có hoặc không" in make(made, receiver=receiver, status=422)
    assert "Ngày lập" in make(made, receiver=receiver, is_conflicted="no")


def test_a_name_stands_there_only_by_decision(made: Hospital) -> None:
    page = make(made)
    officer = made.cast.browser("officer")
    path = page.path
    doctor = str(made.cast.ids["doctor"])
    names = officer.get(path + "/names")
    assert "Ngô Thanh Sơn – Khoa Sản" in names
    names.submit({"people": [doctor], "reason": "ngắn"}, status=422)
    officer.get(path + "/names").submit({"people": [doctor], "reason": REASON})
    text = officer.get(path + "/print").text
    assert "Ngô Thanh Sơn" in text
    assert "Phạm Văn Minh" not in text
    assert REASON not in text


def test_the_officer_gains_no_key_to_the_file(made: Hospital) -> None:
    with made.cast.acting():
        officer = made.cast.actor("officer")
        answers = service.Answers(Receiver.PERSON, None, is_safe_to_hold=True)
        statement = service.make(officer, made.code("case"), answers)
        assert statement is not None
        _statement, _code, told = service.print_out(officer, statement.id)
        assert told.sent
        from casemgr.crypto.errors import CompartmentClosed
        from casemgr.referrals.models import Referral

        referral = session.get_one(Referral, made.ids["referral"])
        with pytest.raises(CompartmentClosed):
            _ = referral.urgent_needs
    with made.cast.acting(), pytest.raises(Denied):
        service.make(made.cast.actor("lead"), made.code("case"), answers)


def test_many_thousand_entries_fold_into_few_lines(made: Hospital) -> None:
    before = len(body(paper(made)))
    with made.cast.acting():
        worker = made.cast.actor("worker")
        for _ in range(5000):
            look(worker, made.ids["case"], {Compartment.LEGAL, Compartment.CONTACT})
            record(worker, Action.CASES_LISTED, shown=[new_id()], count=1)
    text = body(paper(made))
    assert "Cách liên lạc an toàn: 500" in text
    assert "Giấy tờ pháp lý" not in text, "the hospital withholds that part"
    assert len(text) < before + 400


@pytest.mark.skipif(
    pdf.obstacle() is not None, reason="no PDF here: WeasyPrint or Pango is missing"
)
def test_the_statement_as_pdf(made: Hospital) -> None:
    officer = made.cast.browser("officer")
    answer = officer.get(f"/statements/{made.ids['statement']}/statement.pdf").response
    assert answer.data.startswith(b"%PDF-")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="ban-ke.pdf"'
