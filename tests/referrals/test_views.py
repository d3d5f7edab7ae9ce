"""The pages, clicked through as a person would; the words of the letter are Vietnamese always."""

import re
import shutil
import subprocess
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from casemgr import clock
from casemgr.access import Compartment
from casemgr.access.opening import open_keys
from casemgr.audit import Action, AuditEntry, Outcome
from casemgr.cases import consenting
from casemgr.cases import service as cases
from casemgr.cases.consent import Consent
from casemgr.cases.rules import Source
from casemgr.db import session
from casemgr.referrals.models import IncomingReferral, Packet, Referral
from casemgr.referrals.rules import ReferralState
from casemgr.web import pdf
from tests.client import Browser, Page
from tests.referrals.scene import NAME, NEEDS, PHONE, Scene

ASKED: dict[str, Any] = {
    "services": ["essentials", "psychological"],
    "urgent_needs": NEEDS,
    "facts": ["full_name", "sex"],
    "signer": "deputy",
}


def _prepared(scene: Scene, browser: Browser) -> Page:
    """A draft with everything chosen, on the page that shows what would go."""
    page = browser.get(f"/cases/{scene.case_id}/referrals/new")
    page = page.submit(recipient=str(scene.centre_id))
    assert page.path.endswith("/content")
    return page.submit(ASKED)


def _sent(scene: Scene, browser: Browser) -> Page:
    with scene.cast.acting():
        scene.consent_to(scene.centre_id)
    return _prepared(scene, browser).submit()


def _referral() -> Referral:
    return session.scalars(select(Referral)).one()


def _actions(scene: Scene) -> list[Action]:
    with scene.cast.acting():
        return list(
            session.scalars(select(AuditEntry.action).order_by(AuditEntry.at, AuditEntry.id))
        )


def test_without_consent_there_is_a_reason_and_no_way_to_send(scene: Scene) -> None:
    page = _prepared(scene, scene.cast.browser("worker"))
    assert NAME in page  # exactly what would go is shown
    assert "Chưa có sự đồng ý của người bệnh đối với nơi nhận này." in page
    assert page.main.having("govuk-warning-text")
    assert not page.main.all("form")
    assert page.main.all("a", where=lambda a: a["href"].startswith(f"/cases/{scene.case_id}/cons"))


def test_sending_anyway_is_refused_with_the_reason_and_on_record(scene: Scene) -> None:
    browser = scene.cast.browser("worker")
    with scene.cast.acting():
        given_id = scene.consent_to(scene.centre_id, expires_on=clock.today()).id
    page = _prepared(scene, browser)
    with scene.cast.planting():  # the page stayed open over midnight
        session.get_one(Consent, given_id).expires_on = clock.today() - timedelta(days=1)
    page = page.submit(status=422)
    assert page.tree.having("govuk-error-summary")
    with scene.cast.acting():
        assert _referral().state is ReferralState.DRAFT
        assert session.scalar(select(Packet)) is None
        refused = session.scalars(
            select(AuditEntry).where(AuditEntry.action == Action.REFERRAL_REFUSED)
        ).one()
        assert (refused.outcome, refused.case_id) == (Outcome.REFUSED, scene.case_id)


def test_a_consent_that_was_withdrawn_meanwhile_stops_the_draft(scene: Scene) -> None:
    browser = scene.cast.browser("worker")
    with scene.cast.acting():
        given_id = scene.consent_to(scene.centre_id).id
    page = _prepared(scene, browser)
    with scene.cast.acting():
        consenting.withdraw(scene.worker, scene.case_id, given_id)
    page.submit(status=409)
    with scene.cast.acting():
        assert _referral().state is ReferralState.WITHDRAWN
        assert session.scalar(select(Packet)) is None


def test_sent_printed_answered(scene: Scene) -> None:
    browser = scene.cast.browser("worker")
    page = _sent(scene, browser)
    printed = browser.get(page.path + "/letter")
    assert (NAME in printed, PHONE in printed) == (True, False)
    for answer in ("acknowledged", "accepted", "completed"):
        browser.get(page.path + "/answer").submit(answer=answer, by_whom="Chị Thu")
    with scene.cast.acting():
        assert _referral().state is ReferralState.COMPLETED
    answers = [Action.REFERRAL_ANSWERED] * 3
    wanted = [Action.REFERRAL_PREPARED] * 2 + [Action.REFERRAL_SENT, Action.LETTER_PRINTED]
    told = [action for action in _actions(scene) if action in {*wanted, *answers}]
    assert told == [*wanted, *answers]


def test_a_form_sent_twice_sends_once(scene: Scene) -> None:
    browser = scene.cast.browser("worker")
    with scene.cast.acting():
        scene.consent_to(scene.centre_id)
    page = _prepared(scene, browser)
    page.submit()
    page.submit()
    assert _actions(scene).count(Action.REFERRAL_SENT) == 1


def test_what_was_typed_stays_when_something_is_missing(scene: Scene) -> None:
    browser = scene.cast.browser("worker")
    page = browser.get(f"/cases/{scene.case_id}/referrals/new").submit(status=422)
    assert set(page.errors) == {"recipient"}
    page = page.submit(recipient=str(scene.centre_id))
    page = page.submit({**ASKED, "services": []}, status=422)
    assert set(page.errors) == {"services"}
    assert NEEDS in page


def test_a_stale_draft_is_a_conflict(scene: Scene) -> None:
    browser = scene.cast.browser("worker")
    shown = _prepared(scene, browser)
    stale = browser.get(shown.path + "/content")
    browser.get(shown.path + "/content").submit(urgent_needs="Cần áo ấm")
    stale.submit(urgent_needs="Cần thuốc", status=409)
    assert "Cần áo ấm" in browser.get(shown.path)


def test_a_decline_without_its_reason_names_the_field(scene: Scene) -> None:
    browser = scene.cast.browser("worker")
    page = _sent(scene, browser)
    page = browser.get(page.path + "/answer").submit(answer="declined", status=422)
    assert set(page.errors) == {"note"}


@pytest.mark.parametrize(
    "name", ["other_worker", "nurse", "doctor", "director", "officer", "admin"]
)
def test_nobody_else_finds_it(scene: Scene, name: str) -> None:
    path = _prepared(scene, scene.cast.browser("worker")).path
    browser = scene.cast.browser(name)
    status = 404 if name == "other_worker" else 403
    for page in (path, path + "/letter", path + "/letter.pdf", path.rpartition("/")[0]):
        assert NAME not in browser.get(page, status=status)


def test_lists_show_codes_and_recipients_only_where_opened(scene: Scene) -> None:
    browser = scene.cast.browser("worker")
    _prepared(scene, browser)
    everywhere = browser.get("/referrals").main.text
    assert scene.code in everywhere
    assert "18001769" not in everywhere
    assert "18001769" in browser.get(f"/cases/{scene.case_id}/referrals").main.text
    assert NAME not in everywhere
    for wanted, found in (("draft", True), ("waiting", False), ("due", False)):
        assert (scene.code in browser.get("/referrals", show=wanted).main.text) is found


def test_a_letter_is_printed_only_after_sending_and_under_consent(scene: Scene) -> None:
    browser = scene.cast.browser("worker")
    draft = _prepared(scene, browser)
    assert browser.get(draft.path + "/letter").path == draft.path
    assert browser.get(draft.path + "/letter.pdf").path == draft.path
    assert Action.LETTER_PRINTED not in _actions(scene)


LAYOUT = (  # NĐ 30/2020/NĐ-CP and domain §5.9, in the order of the sheet
    "SỞ Y TẾ QUẢNG NINH",
    "BỆNH VIỆN ĐA KHOA THỬ NGHIỆM",
    "Số: ……/PC-BVTN",
    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    "Độc lập - Tự do - Hạnh phúc",
    "Cẩm Phả, ngày ",
    "Lưu hành hạn chế – thông tin người bệnh",
    "PHIẾU CHUYỂN",
    "Kính gửi: Tổng đài 18001769 – Trung tâm Trợ giúp xã hội Quảng Ninh",
    "Họ và tên: " + NAME,
    "Giới tính: Nữ",
    NEEDS,
    "- Hỗ trợ nhu cầu thiết yếu;",
    "- Hỗ trợ tâm lý.",
    "Người bệnh đã đồng ý chuyển các thông tin nêu trên",
    "Phạm Văn Minh, Tổ Công tác xã hội, điện thoại 0500 000 000.",
    "./.",
    "Nơi nhận:",
    "- Như trên;",
    "- Lưu: VT, CTXH.",
    "KT. GIÁM ĐỐC",
    "PHÓ GIÁM ĐỐC",
    "PHIẾU XÁC NHẬN TIẾP NHẬN",
    "Người tiếp nhận (họ tên, chức vụ):",
)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_letter_has_its_parts_in_order_whatever_the_readers_language(
    scene: Scene, language: str
) -> None:
    browser = scene.cast.browser("worker")
    page = _sent(scene, browser)
    if language == "en":
        page.form("English")
        page.submit(button="English")
    printed = browser.get(page.path + "/letter").text
    places = [printed.find(part) for part in LAYOUT]
    assert -1 not in places, LAYOUT[places.index(-1)]
    assert places == sorted(places)


needs_pdf = pytest.mark.skipif(
    pdf.obstacle() is not None, reason="no PDF here: WeasyPrint or Pango is missing"
)


@needs_pdf
def test_the_pdf_says_the_same_and_is_named_by_the_code_alone(scene: Scene) -> None:
    browser = scene.cast.browser("worker")
    response = browser.get(_sent(scene, browser).path + "/letter.pdf").response
    assert response.mimetype == "application/pdf"
    assert response.data.startswith(b"%PDF-")
    assert response.headers["Cache-Control"] == "no-store"
    named = response.headers["Content-Disposition"]
    assert named == f'attachment; filename="phieu-{scene.code}.pdf"'
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext: apt install poppler-utils")
    told = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=response.data, capture_output=True, check=True
    ).stdout.decode()
    first, second = told.split("\f")[:2]
    folded = re.sub(r"\s+", " ", told)
    for part in LAYOUT:
        if part not in {"BỆNH VIỆN ĐA KHOA THỬ NGHIỆM", LAYOUT[6]}:  # beside another column
            assert part in folded
    assert PHONE not in folded
    assert first.split()[0] != "1"  # no number on the first page
    assert second.split()[0] == "2"


@needs_pdf
def test_without_pango_the_page_says_so(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = scene.cast.browser("worker")
    monkeypatch.setattr(pdf, "obstacle", lambda: "no_pango")
    page = _sent(scene, browser)
    assert "Pango" in page
    assert browser.get(page.path + "/letter.pdf").path == page.path


CALL: dict[str, Any] = {
    "source": "hotline_18001769",
    "sender": "Nguyễn Thị Thu, trực tổng đài",
    "sender_phone": "18001769",
    "document_number": "12/TTXH",
    "care_needed": "Cấp cứu, hỗ trợ tâm lý",
    "reason": "Gọi từ bến xe",
    "ward": "Khoa Cấp cứu",
}


def test_a_hotline_call_opens_a_suspicion(scene: Scene) -> None:
    browser = scene.cast.browser("worker")
    page = browser.get("/referrals/incoming/new").submit(CALL)
    for words in ("Nguyễn Thị Thu", "12/TTXH", "Gọi từ bến xe", "Cấp cứu, hỗ trợ tâm lý"):
        assert words in page
    with scene.cast.acting():
        incoming = session.scalars(select(IncomingReferral)).one()
        assert incoming.acknowledged_at is None
        assert incoming.case_id is not None
        case = cases.show_case(scene.worker, incoming.case_id)
        assert case.source is Source.HOTLINE_18001769
        assert case.ward == "Khoa Cấp cứu"
    page.submit()  # "I told the sender"
    with scene.cast.acting():
        assert session.scalars(select(IncomingReferral)).one().acknowledged_at is not None
    assert Action.REFERRAL_RECEIVED in _actions(scene)


def test_an_incoming_referral_has_a_key_of_its_own(scene: Scene) -> None:
    scene.cast.browser("worker").get("/referrals/incoming/new").submit(CALL)
    with scene.cast.acting():
        from casemgr.access import Purpose
        from casemgr.crypto.errors import CompartmentClosed

        incoming = session.scalars(select(IncomingReferral)).one()
        assert incoming.case_id is not None
        cases.show_case(scene.worker, incoming.case_id)  # opens the case's own SOCIAL
        with pytest.raises(CompartmentClosed):
            _ = incoming.sender
        parts = {Compartment.SOCIAL}
        open_keys(scene.worker, incoming.id, parts, purpose=Purpose.REFERRAL)
        assert incoming.sender == CALL["sender"]


def test_an_incoming_form_names_what_is_missing_and_keeps_the_rest(scene: Scene) -> None:
    browser = scene.cast.browser("worker")
    page = browser.get("/referrals/incoming/new").submit(
        {**CALL, "sender": "", "care_needed": ""}, status=422
    )
    assert set(page.errors) == {"sender", "care_needed"}
    assert "Gọi từ bến xe" in page
    with scene.cast.acting():
        assert session.scalar(select(IncomingReferral)) is None


def test_who_cannot_reach_the_case_cannot_read_what_came_in(scene: Scene) -> None:
    worker = scene.cast.browser("worker")
    page = worker.get("/referrals/incoming/new").submit(CALL)
    scene.cast.browser("nurse").get(page.path, status=403)
    with scene.cast.acting():
        cases.take_case(scene.worker, session.scalars(select(IncomingReferral.case_id)).one())  # type: ignore[arg-type]
    scene.cast.browser("other_worker").get(page.path, status=404)
    assert "Nguyễn Thị Thu" in scene.cast.browser("lead").get(page.path)
