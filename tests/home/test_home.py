"""What waits for me today: each number opens the list that it counts."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from casemgr import clock
from casemgr.audit import Action, AuditEntry, record
from casemgr.cases import notices, service
from casemgr.cases.models import Case, Notice, Task
from casemgr.cases.rules import Source
from casemgr.db import new_id, session
from casemgr.work.models import WorkerLease
from tests.cast import PEOPLE, Cast
from tests.client import Browser, Page

SILENT = "phần xử lý ngầm của hệ thống đã hơn một phút chưa phản hồi"
LABELS = {
    "notices": "báo nội bộ cần xác nhận",
    "escalated": "báo nội bộ quá hạn chưa ai xác nhận",
    "untaken": "hồ sơ chưa ai nhận",
    "tasks": "việc của tôi cần làm",
    "unfinished": "lần sàng lọc của tôi chưa xong",
    "refusals": "lần bị từ chối trong 24 giờ qua",
    "searches": "lượt tìm kiếm trong 24 giờ qua",
    "announcements": "lần dùng mảnh khóa dự phòng cần xác nhận",
}


def suspicion(cast: Cast) -> UUID:
    with cast.acting():
        return service.open_suspicion(
            cast.actor("nurse"), source=Source.WARD, ward="Khoa Sản", contact_nurse_id=None
        ).id


def code_of(cast: Cast, case_id: UUID) -> str:
    with cast.acting():
        return session.get_one(Case, case_id).code


def tiles(page: Page) -> dict[str, tuple[int, str]]:
    """Label → number and address."""
    return {
        tile.having("casemgr-tile__label")[0].text: (
            int(tile.having("casemgr-tile__number")[0].text),
            tile.all("a")[0]["href"],
        )
        for tile in page.tree.having("casemgr-tile")
    }


def open_tile(browser: Browser, name: str) -> tuple[int, Page]:
    number, url = tiles(browser.get("/"))[LABELS[name]]
    return number, browser.get(url.partition("#")[0])


def rows(page: Page) -> list[str]:
    """What a list page lists: rows of its table, or cards."""
    in_table = [row.text for row in page.tree.all("tr") if row.up("tbody")]
    return in_table or [card.text for card in page.tree.having("casemgr-card")]


@pytest.mark.parametrize("name", PEOPLE)
def test_everybody_has_a_home_page_without_dead_links(cast: Cast, name: str) -> None:
    browser = cast.browser(name)
    page = browser.get("/")
    for link in page.main.all("a"):
        browser.get(link["href"].partition("#")[0])


@pytest.mark.parametrize("name", ["planner", "office", "press", "partner"])
def test_those_without_work_here_yet_are_told_so(cast: Cast, name: str) -> None:
    page = cast.browser(name).get("/")
    assert tiles(page) == {}
    assert "Hôm nay không có việc nào chờ" in page


def test_whoever_is_told_of_concerns_is_not_told_that_nothing_waits(cast: Cast) -> None:
    page = cast.browser("admin").get("/")
    assert "flask keys split" in page
    assert "Hôm nay không có việc nào chờ" not in page


@pytest.mark.usefixtures("cast")
def test_a_stranger_is_asked_to_sign_in(browser: Browser) -> None:
    assert browser.get("/").path == "/sign-in"


def test_notices_are_counted_listed_by_code_and_acknowledged(cast: Cast) -> None:
    code = code_of(cast, suspicion(cast))
    director = cast.browser("director")
    number, page = open_tile(director, "notices")
    assert number == len(rows(page)) == 1
    assert code in rows(page)[0]
    assert not [a for a in page.main.all("a") if "/cases" in a["href"]]
    page = page.submit(button=f"Xác nhận {code}")
    assert page.path == "/notices"
    assert rows(page) == []
    assert tiles(director.get("/"))[LABELS["notices"]][0] == 0
    with cast.acting():
        taken = session.query(Notice).filter(Notice.acknowledged_at.is_not(None)).one()
        assert taken.acknowledged_by == cast.ids["director"]
        assert taken.to_role == "director"


def test_a_notice_to_another_role_cannot_be_acknowledged(cast: Cast) -> None:
    suspicion(cast)
    with cast.acting():
        theirs = session.query(Notice).filter(Notice.to_role == "social_worker").one().id
    director = cast.browser("director")
    page = director.get("/notices")
    token = page.values(page.main.all("form")[0])["csrf_token"]
    director.post(f"/notices/{theirs}/acknowledge", {"csrf_token": token[0]}, status=404)
    director.post(f"/notices/{new_id()}/acknowledge", {"csrf_token": token[0]}, status=404)


def test_the_director_sees_what_nobody_acknowledged_in_time(cast: Cast) -> None:
    code = code_of(cast, suspicion(cast))
    director = cast.browser("director")
    assert LABELS["escalated"] not in tiles(director.get("/"))
    with cast.acting():
        theirs = session.query(Notice).filter(Notice.to_role == "social_worker").one()
        notices.escalate(cast.actor("director"), theirs.id)
    number, page = open_tile(director, "escalated")
    assert number == 1
    late = [row for row in rows(page) if "Nhân viên công tác xã hội" in row]
    assert len(late) == 1
    assert code in late[0]
    assert LABELS["escalated"] not in tiles(cast.browser("worker").get("/"))


def test_untaken_cases_are_counted_and_listed_until_somebody_takes_them(cast: Cast) -> None:
    first, second = suspicion(cast), suspicion(cast)
    worker = cast.browser("worker")
    number, page = open_tile(worker, "untaken")
    assert number == len(rows(page)) == 2
    with cast.acting():
        service.take_case(cast.actor("other_worker"), first)
    number, page = open_tile(worker, "untaken")
    assert number == 1
    assert code_of(cast, second) in rows(page)[0]


def test_my_tasks_are_mine_and_say_when_they_are_due(cast: Cast) -> None:
    case_id = suspicion(cast)
    with cast.acting():
        service.take_case(cast.actor("worker"), case_id)
        for owner, hours in (("worker", -1), ("worker", 5), ("other_worker", 1)):
            session.add(
                Task(
                    facility_id=cast.facility_id,
                    case_id=case_id,
                    assignee_id=cast.ids[owner],
                    due_at=clock.now() + timedelta(hours=hours),
                )
            )
    number, page = open_tile(cast.browser("worker"), "tasks")
    assert number == len(rows(page)) == 2
    assert "Quá hạn" in rows(page)[0]
    assert "Quá hạn" not in rows(page)[1]


def test_the_officers_numbers_open_the_log(cast: Cast) -> None:
    cast.browser("worker").get("/log", status=403)
    with cast.acting():
        record(cast.actor("lead"), Action.CASES_SEARCHED)
    officer = cast.browser("officer")
    for name, who in (("refusals", "Phạm Văn Minh"), ("searches", "Trần Hải Yến")):
        number, page = open_tile(officer, name)
        assert number == len(rows(page))
        assert any(who in row for row in rows(page))


def test_a_silent_worker_is_said_calmly_on_the_duty_pages(cast: Cast) -> None:
    with cast.acting():
        lease = WorkerLease(
            facility_id=cast.facility_id, name="worker", holder=new_id(), seen_at=clock.now()
        )
        session.add(lease)
    browser = cast.browser("worker")
    pages = ("/", "/notices", "/tasks")
    assert not any(SILENT in browser.get(path) for path in pages)
    with clock.frozen(clock.now() + timedelta(seconds=62)):
        assert all(SILENT in browser.get(path) for path in pages)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("nurse", "/notices"),
        ("officer", "/notices"),
        ("director", "/tasks"),
        ("admin", "/tasks"),
    ],
)
def test_lists_are_closed_to_those_without_the_duty(cast: Cast, name: str, path: str) -> None:
    cast.browser(name).get(path, status=403)


def test_looking_at_the_home_page_is_on_record(cast: Cast) -> None:
    cast.browser("press").get("/")
    with cast.acting():
        seen = session.scalars(
            select(AuditEntry.account_id).where(AuditEntry.action == Action.HOME_SHOWN)
        ).all()
    assert set(seen) == {cast.ids["press"]}
