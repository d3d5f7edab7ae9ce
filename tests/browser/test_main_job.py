"""The main job end to end, by five people, in Vietnamese, in a real browser.

Each act asserts what its person sees and what they must not see.
"""

import re
from collections.abc import Callable

import pytest

from casemgr.screenings.instruments import get
from tests.browser.conftest import WIDTHS
from tests.browser.person import Person
from tests.browser.words import vi

pytestmark = pytest.mark.browser

NAME = "Vàng Thị Máy"
NUMBER = "098305012345"  # 098 is no province
TELEPHONE = "0501234567"  # 050 is nobody's prefix
FINDING = "Bầm tím cẳng tay hai bên, đã lành một phần"


def test_the_main_job(enter: Callable[[str], Person]) -> None:
    nurse = enter("nurse")
    code, code_name = _the_nurse_screens(nurse)
    director = enter("director")
    _the_director_acknowledges(director, code)
    worker = enter("worker")
    address = _the_social_worker_takes_it(worker, code, code_name)
    _the_social_worker_finds_it_again(worker, code)
    _the_team_is_joined_by_a_doctor(worker, address)
    doctor = enter("doctor")
    _the_doctor_writes(doctor, address, code)
    _others_learn_nothing(enter, address, code)
    _the_social_worker_refers(worker, address, code)
    officer = enter("officer")
    _the_officer_reads_the_log(officer, code)
    for person in (nurse, director, worker, doctor, officer):
        assert not person.complaints, person.complaints


def _the_nurse_screens(nurse: Person) -> tuple[str, str]:
    """Safety first, four questions, a positive result, a suspicion with code and code name."""
    nurse.go("/screenings/")
    nurse.press(vi("New screening"))
    nurse.sees(vi("Read aloud to the person"))
    nurse.answer(vi("Is the person alone with you?"), "Có")
    nurse.answer(vi("Have you explained the purpose and the limits of confidentiality?"), "Có")
    nurse.choose(vi("To the year"))
    nurse.fill(vi("Age in years"), "21")
    nurse.press(vi("Continue"))
    raft = get("raft")
    for item, answer in zip(
        raft.items, ("Không", "Có", "Không muốn trả lời", "Không"), strict=True
    ):
        assert nurse.heading == item.words.vi
        nurse.sees("Không muốn trả lời", vi("Stop here"))
        assert all(nurse.fits(width) for width in WIDTHS)
        nurse.choose(answer)
        nurse.press(vi("Continue"))
    nurse.press(vi("Finish"))
    nurse.sees("Nghi ngờ, cần đánh giá thêm")
    nurse.sees_not("là nạn nhân")
    nurse.press(vi("Open a suspicion"))
    code = re.search(r"TN-[0-9A-Z]{6}", nurse.text)
    assert code, nurse.text
    code_name = nurse.page.locator(".govuk-\\!-font-size-36").inner_text().strip()
    nurse.choose(vi("Yes, agrees to a support record"))
    nurse.choose(vi("Signed"))
    nurse.press(vi("Save the answer"))
    assert nurse.page.title() == "Sổ công tác"
    return code.group(), code_name


def _the_director_acknowledges(director: Person, code: str) -> None:
    """Sees the code and nothing else of the case."""
    director.go("/notices")
    director.sees(code)
    director.sees_not("Khoa Sản", NAME)
    director.press(vi("Acknowledge"))
    director.go("/notices")
    director.sees_not(code)


def _the_social_worker_takes_it(worker: Person, code: str, code_name: str) -> str:
    """Takes the case and writes identity, safe contact, consent for one recipient, a note."""
    worker.go("/cases/untaken")
    worker.press(code)
    worker.sees(code, code_name, "Khoa Sản")
    worker.press(vi("Take this case"))
    address = worker.path
    worker.press(vi("Begin support"))
    worker.go(f"{address}/identity/edit")
    worker.fill(vi("Full name"), NAME)
    worker.fill(vi("Identity number"), NUMBER)
    worker.press(vi("Save"))
    worker.go(address)
    worker.sees_not(NAME, NUMBER)
    worker.go(f"{address}/contact/edit")
    worker.fill(vi("Telephone number"), TELEPHONE)
    worker.fill(vi("Safe hours"), "thứ hai đến thứ sáu, 8 đến 10 giờ")
    worker.fill(vi("Code phrase"), "Em gọi về lịch thợ điện")
    worker.press(vi("Save"))
    worker.go(address)
    worker.sees_not(TELEPHONE)
    worker.go(f"{address}/notes")
    worker.fill(vi("Note"), "Người bệnh muốn ở lại khoa thêm hai ngày.")
    worker.press(vi("Keep this note"))
    worker.go(address)
    worker.sees("Người bệnh muốn ở lại khoa thêm hai ngày.")
    return address


def _the_social_worker_finds_it_again(worker: Person, code: str) -> None:
    """By name in any order and without diacritics, by number, by telephone; never in the URL."""
    for typed in ("may vang", "Thị Máy Vàng", NUMBER, "+84 50 123 4567"):
        worker.go("/cases/search")
        worker.fill(vi("Search for"), typed)
        worker.press(vi("Search"))
        worker.sees(code)
        worker.sees_not(NAME)
        assert "may" not in worker.path


def _the_team_is_joined_by_a_doctor(worker: Person, address: str) -> None:
    worker.go(f"{address}/team")
    worker.pick_containing(vi("Colleague"), "Ngô Thanh Sơn")
    worker.choose(vi("Clinical record"))
    worker.press(vi("Add to the care team"))
    worker.go(f"{address}/team")
    worker.sees("Ngô Thanh Sơn")


def _the_doctor_writes(doctor: Person, address: str, code: str) -> None:
    """States a purpose, reads, writes; sees no identity and no social notes."""
    doctor.go(address)
    doctor.sees(code)
    doctor.sees_not(NAME, "Người bệnh muốn ở lại khoa")
    doctor.go(f"{address}/clinical")
    doctor.choose(vi("To examine or treat the person"))
    doctor.press(vi("Open"))
    doctor.fill(vi("Complaint"), "Đau cẳng tay")
    doctor.fill(vi("Examination"), FINDING)
    doctor.press(vi("Keep this entry"))
    doctor.sees(FINDING)


def _others_learn_nothing(enter: Callable[[str], Person], address: str, code: str) -> None:
    """A doctor on no team, another social worker, the nurse, the officer and the director."""
    for name, statuses in {
        "stranger": {404},
        "other_worker": {404},
        "nurse": {403, 404},
        "director": {403, 404},
        "officer": {403, 404},
    }.items():
        other = enter(name)
        assert other.go(address) in statuses, name
        other.sees_not(code, NAME)
        assert other.go(f"{address}/clinical") in statuses | {403}, name
        other.sees_not(FINDING, code)


def _the_social_worker_refers(worker: Person, address: str, code: str) -> None:
    """Refused without consent for this recipient; with it: chosen facts, preview, letter, answer."""
    assert worker.go(f"{address}/clinical") == 403
    worker.sees_not(FINDING)
    worker.go(address)
    worker.sees_not(FINDING)
    _prepare(worker, address)
    worker.sees(vi("What they will see"))
    worker.sees_not(vi("Send exactly this"))
    draft = worker.path
    worker.press(vi("Record the person's consent"))
    worker.choose(vi("d) Referral to one organisation"))
    worker.answer(vi("Does the person agree?"), "Có")
    worker.pick_containing(vi("Which organisation?"), "Trung tâm Trợ giúp xã hội")
    worker.choose(vi("Signed on paper"))
    worker.press(vi("Record this answer"))
    assert worker.path == draft, "the work goes on where the consent was missing"
    worker.sees(code)
    worker.sees_not(NAME, FINDING, TELEPHONE)
    worker.press(vi("Send exactly this"))
    worker.press(vi("Print the letter"))
    worker.sees("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", code, "./.")
    worker.sees_not(NAME, FINDING, TELEPHONE)
    for answer in ("They have the letter", "They accept the person"):
        worker.go(draft)
        worker.press(vi("Record the answer"))
        worker.choose(vi(answer))
        worker.fill(vi("Who answered?"), "Cán bộ trực tổng đài")
        worker.press(vi("Save"))
    worker.go(draft)
    worker.sees(vi("Accepted"))


def _prepare(worker: Person, address: str) -> None:
    worker.go(f"{address}/referrals/new")
    worker.choose_containing("Trung tâm Trợ giúp xã hội Quảng Ninh")
    worker.press(vi("Next"))
    worker.choose(vi("Psychological support"))
    worker.choose(vi("Age band"))
    worker.choose(vi("The director"))
    worker.press(vi("See what they will see"))


def _the_officer_reads_the_log(officer: Person, code: str) -> None:
    """Who did what when and why, and not one word of the case."""
    officer.go("/log/history/ask")
    officer.fill(vi("Case code"), code)
    officer.press(vi("Show the history"))
    officer.sees(code, "Lê Thị Hoa", "Phạm Văn Minh", "Ngô Thanh Sơn", "Đặng Quốc Khải")
    officer.sees_not(NAME, NUMBER, TELEPHONE, FINDING, "Người bệnh muốn ở lại khoa", "may vang")
    officer.go("/log")
    officer.sees_not(NAME, NUMBER, TELEPHONE, FINDING, "may vang")
    with officer.page.expect_download() as saved:
        officer.press(vi("Save as CSV"))
    csv = saved.value.path().read_text("utf-8-sig")
    assert code in csv
    assert not [word for word in (NAME, NUMBER, TELEPHONE, FINDING) if word in csv]
