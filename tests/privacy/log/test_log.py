"""The privacy officer reads who did what, and never what a case says."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from casemgr import clock
from casemgr.access import Compartment, Denied, Purpose
from casemgr.audit import Action, AuditEntry, Outcome, record
from casemgr.cases import codes, service
from casemgr.cases.rules import Source
from casemgr.db import new_id, session
from casemgr.privacy.log import desk, exporting
from casemgr.privacy.log import service as privacy
from casemgr.privacy.log.rules import Filters
from tests.cast import ORIGIN, Cast
from tests.client import Browser, Page

GUESS = "đoán mò một lần"
WARD = "Khoa Sản bí mật"
REASON_ROWS = 120


@pytest.fixture
def case_id(cast: Cast) -> UUID:
    """A case that Minh runs; Tâm, on no team of it, was refused; Yến saw it on a list."""
    with cast.acting():
        case = service.open_suspicion(
            cast.actor("worker"), source=Source.WARD, ward=WARD, contact_nurse_id=None
        )
        opened = case.id
        service.list_cases(cast.actor("lead"), untaken=True)
    with cast.acting():
        case = service.take_case(cast.actor("worker"), opened)
        service.open_parts(cast.actor("worker"), case, {Compartment.SOCIAL}, Purpose.CASE_WORK)
        record(
            cast.actor("other_worker"),
            Action.ACT_REFUSED,
            outcome=Outcome.REFUSED,
            case_id=opened,
            subject_kind="cases.show",
        )
    return opened


@pytest.fixture
def failed_sign_in(cast: Cast) -> None:
    """Somebody tried Minh's name with a password that is not his."""
    Browser(cast.app.test_client(), ORIGIN).get("/sign-in").submit(
        username="worker", password=GUESS, status=422
    )


@pytest.fixture
def officer(cast: Cast) -> Browser:
    return cast.browser("officer")


def code_of(cast: Cast, case_id: UUID) -> str:
    with cast.acting():
        return codes.codes_of(cast.actor("officer"), [case_id])[case_id]


def narrow(page: Page, **typed: object) -> Page:
    return page.submit(typed, button="Lọc nhật ký")


def shown(page: Page) -> list[str]:
    """The single entries of a page: those that were folded stand behind a summary."""
    rows = [row for row in page.tree.all("tr") if row.up("tbody")]
    found: list[str] = []
    for row in rows:
        folded = row.all("li")
        found += [line.text for line in folded] if folded else [row.text]
    return found


def entries(page: Page) -> list[str]:
    return [row.text for row in page.tree.all("tr") if row.up("tbody")]


def newest(cast: Cast, action: Action) -> AuditEntry:
    with cast.acting():
        query = select(AuditEntry).where(AuditEntry.action == action)
        entry = session.scalars(query.order_by(AuditEntry.at.desc(), AuditEntry.id.desc())).first()
        assert entry is not None
        session.expunge(entry)
        return entry


def saved(page: Page) -> list[list[str]]:
    text = page.response.data.decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:])))


def test_the_log_tells_who_what_which_case_and_why(
    cast: Cast, case_id: UUID, officer: Browser
) -> None:
    page = officer.get("/log")
    told = [line for line in entries(page) if "Phạm Văn Minh" in line and "Mở phần hồ sơ" in line]
    assert len(told) == 1
    for part in (code_of(cast, case_id), "Nhân viên công tác xã hội", "Công tác hồ sơ"):
        assert part in told[0]


def test_no_content_and_no_way_into_a_case(case_id: UUID, officer: Browser) -> None:
    page = officer.get("/log")
    assert WARD not in page.response.text
    assert str(case_id) not in page.response.text
    assert not [a["href"] for a in page.tree.all("a") if "/cases" in a["href"]]


def test_reading_the_log_is_an_entry(cast: Cast, officer: Browser) -> None:
    officer.get("/log")
    entry = newest(cast, Action.LOG_SHOWN)
    assert entry.account_id == cast.ids["officer"]
    assert entry.count is not None
    assert entry.count > 0


def test_filters_stay_out_of_the_address_and_hold_on_the_next_page(
    cast: Cast, case_id: UUID, officer: Browser
) -> None:
    with cast.acting():
        for _ in range(REASON_ROWS):
            record(cast.actor("doctor"), Action.CASE_SHOWN, case_id=case_id)
        record(cast.actor("lead"), Action.CASE_SHOWN, case_id=case_id)
    page = narrow(
        officer.get("/log"), colleague=str(cast.ids["doctor"]), case_code=code_of(cast, case_id)
    )
    assert page.path == "/log"
    assert page.response.request.query_string == b""
    assert f"{REASON_ROWS}" in page
    seen = len(shown(page))
    for number in (2, 3):
        page = officer.get("/log", page=str(number))
        assert all("Ngô Thanh Sơn" in line for line in entries(page))
        seen += len(shown(page))
    assert seen == REASON_ROWS
    officer.get("/log", page="4", status=404)
    page = officer.get("/log").submit(button="Xem tất cả")
    assert any("Hoàng Thu Thủy" in line for line in entries(page))


def test_paging_is_not_moved_by_the_entries_that_reading_adds(
    cast: Cast, case_id: UUID, officer: Browser
) -> None:
    with cast.acting():
        for number in range(REASON_ROWS):
            record(cast.actor("doctor"), Action.CASE_SHOWN, case_id=case_id, count=1000 + number)
    seen = shown(officer.get("/log"))
    for page in ("2", "3"):
        officer.get("/log/recent/refusals")  # adds entries on top
        seen += shown(officer.get("/log", page=page))
    told = [line.partition("1.")[2][:3] for line in seen if "1." in line and "Xem hồ sơ" in line]
    assert told == [f"{number:03}" for number in reversed(range(REASON_ROWS))]


@pytest.mark.usefixtures("case_id", "failed_sign_in")
@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"outcome": "refused"}, "Bị từ chối"),
        ({"action": "session.refused"}, "Đăng nhập không thành công"),
        ({"action": "session.opened"}, "Đăng nhập"),
        ({"action": "case.taken"}, "Nhận hồ sơ"),
        ({"purpose": "case_work"}, "Công tác hồ sơ"),
        ({"channel": "command"}, "dòng lệnh"),
    ],
)
def test_every_kind_of_act_can_be_found(
    officer: Browser, typed: dict[str, str], words: str
) -> None:
    found = entries(narrow(officer.get("/log"), **typed))
    assert found
    assert all(words in line for line in found)


@pytest.mark.usefixtures("failed_sign_in")
def test_attempts_to_sign_in_as_somebody_stand_under_their_name(
    cast: Cast, officer: Browser
) -> None:
    found = entries(narrow(officer.get("/log"), colleague=str(cast.ids["worker"])))
    assert any("Đăng nhập không thành công" in line and "Phạm Văn Minh" in line for line in found)
    assert not any(GUESS in line for line in found)


def test_days_are_the_hospitals(cast: Cast, officer: Browser) -> None:
    """23:30 UTC on 5 March is 06:30 on 6 March in Hà Nội (UTC+7)."""
    with clock.frozen(datetime(2026, 3, 5, 23, 30, tzinfo=UTC)), cast.acting():
        record(cast.actor("doctor"), Action.CASE_SHOWN)

    def on(day: str) -> list[str]:
        page = narrow(
            officer.get("/log"),
            **{
                f"{end}-{part}": value
                for end in ("first_day", "last_day")
                for part, value in (("day", day), ("month", "3"), ("year", "2026"))
            },
        )
        return entries(page)

    assert on("5") == []
    assert len(on("6")) == 1
    assert "06:30:00" in on("6")[0]


def test_a_period_that_ends_before_it_begins_is_refused_in_words(officer: Browser) -> None:
    page = officer.get("/log").submit(
        {
            "first_day-day": "6",
            "first_day-month": "3",
            "first_day-year": "2026",
            "last_day-day": "5",
            "last_day-month": "3",
            "last_day-year": "2026",
        },
        button="Lọc nhật ký",
        status=422,
    )
    assert page.tree.having("govuk-error-summary")


def test_one_cases_history_has_acts_and_lists_and_nothing_else(
    cast: Cast, case_id: UUID, officer: Browser
) -> None:
    with cast.acting():
        other = service.open_suspicion(
            cast.actor("worker"), source=Source.SELF, ward=WARD, contact_nurse_id=None
        ).code
    code = code_of(cast, case_id)
    page = officer.get("/log/history/ask").submit(case_code=f" {code.lower()} ")
    assert page.path == "/log/history"
    assert code in page.heading
    assert other not in page.text
    for name in ("Phạm Văn Minh", "Đỗ Thị Tâm", "Trần Hải Yến"):
        assert name in page, name  # acted, was refused, saw it on a list
    assert newest(cast, Action.LOG_SHOWN).case_id == case_id


def test_the_summary_counts_each_persons_acts(cast: Cast, case_id: UUID) -> None:
    with cast.acting():
        visitors, _ = privacy.history_of_case(cast.actor("officer"), case_id)
    by_name = {visitor.who: visitor for visitor in visitors}
    refused = by_name["Đỗ Thị Tâm"]
    assert (refused.acts, refused.refused, refused.compartments) == (1, 1, ())
    assert by_name["Trần Hải Yến"].acts == 1
    assert "SOCIAL" in by_name["Phạm Văn Minh"].compartments


def test_an_unknown_code_is_named_and_kept(officer: Browser) -> None:
    page = officer.get("/log/history/ask").submit(case_code="TN-ZZZZZZ", status=422)
    assert set(page.errors) == {"case_code"}
    assert page.values(page.form())["case_code"] == ["TN-ZZZZZZ"]
    page = officer.get("/log").submit(case_code="TN-ZZZZZZ", button="Lọc nhật ký", status=422)
    assert "case_code" in page.errors


def test_a_list_entry_tells_the_codes_that_it_showed(
    cast: Cast, case_id: UUID, officer: Browser
) -> None:
    page = narrow(officer.get("/log"), action="case.listed")
    (line,) = entries(page)
    assert "Trần Hải Yến" in line
    assert code_of(cast, case_id) in line


def test_the_export_is_on_record_with_its_count_and_safe_to_open(
    cast: Cast, case_id: UUID, officer: Browser
) -> None:
    page = narrow(officer.get("/log"), case_code=code_of(cast, case_id))
    on_page = len(shown(page))
    file = page.submit(button="Lưu tệp CSV")
    assert file.response.mimetype == "text/csv"
    disposition = file.response.headers["Content-Disposition"]
    assert disposition.startswith("attachment")
    assert code_of(cast, case_id) not in disposition
    assert file.response.headers["Cache-Control"] == "no-store"
    heads, *lines = saved(file)
    assert all(len(line) == len(heads) for line in lines)
    assert newest(cast, Action.LOG_EXPORTED).count == len(lines)
    # what the page showed, and the reading of that page, which is an entry on this case too
    assert len(lines) == on_page + 1
    assert WARD not in file.response.text
    assert str(case_id) not in file.response.text
    assert any("Phạm Văn Minh" in line for line in lines)


@pytest.mark.usefixtures("case_id")
def test_the_export_is_on_record_before_its_first_byte(cast: Cast) -> None:
    officer = cast.browser("officer")
    page = officer.get("/log")
    form = page.form("Lưu tệp CSV")
    response = officer.client.post(
        form["action"],
        data=page.values(form),
        base_url=ORIGIN,
        headers={"Origin": ORIGIN},
        buffered=False,
    )
    with cast.app.app_context():
        done = session.scalar(select(func.count()).where(AuditEntry.action == Action.LOG_EXPORTED))
    assert done == 1
    response.close()


def test_an_export_in_batches_has_every_line_once(
    cast: Cast, case_id: UUID, officer: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "EXPORT_BATCH", 7)
    with clock.frozen(clock.now()), cast.acting():  # many entries of one and the same moment
        for _ in range(30):
            record(cast.actor("doctor"), Action.CASE_SHOWN, case_id=case_id)
    _, *lines = saved(officer.get("/log").submit(button="Lưu tệp CSV"))
    numbers = [line[-1] for line in lines]
    assert len(numbers) == len(set(numbers)) == newest(cast, Action.LOG_EXPORTED).count
    assert sum("case.shown" in line for line in lines) == 30


@pytest.mark.parametrize(
    "name", ["worker", "lead", "doctor", "director", "nurse", "admin", "planner", "partner"]
)
def test_nobody_else_reads_the_log(cast: Cast, name: str) -> None:
    browser = cast.browser(name)
    for path in ("/log", "/log/history", "/log/recent/refusals"):
        browser.get(path, status=403)
    assert newest(cast, Action.ACT_REFUSED).account_id == cast.ids[name]


def test_the_officer_reads_no_case(cast: Cast, case_id: UUID) -> None:
    with cast.acting(), pytest.raises(Denied):
        service.get(cast.actor("officer"), case_id)


def test_another_hospitals_entries_do_not_exist_here(cast: Cast) -> None:
    with cast.acting():
        other = new_id()
        cast.app.extensions["keyring"].found_facility(other)
        record(replace(cast.actor("doctor"), facility_id=other), Action.CASE_SHOWN)
        page = privacy.page_of_log(
            cast.actor("officer"), Filters(actions=frozenset({Action.CASE_SHOWN}))
        )
    assert page.total == 0


def test_the_last_24_hours_are_24_hours(cast: Cast) -> None:
    for hours in (1, 23, 25):
        with clock.frozen(clock.now() - timedelta(hours=hours)), cast.acting():
            record(cast.actor("worker"), Action.CASES_SEARCHED)
    with cast.acting():
        assert privacy.count_recent(cast.actor("officer"), "searches") == 2


def test_a_kind_of_acts_that_does_not_exist_is_not_found(officer: Browser) -> None:
    officer.get("/log/recent/everything", status=404)


def test_beyond_the_limit_the_page_says_so(
    cast: Cast, case_id: UUID, officer: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(privacy, "COUNT_LIMIT", 100)
    monkeypatch.setattr(desk, "COUNT_LIMIT", 100)
    with cast.acting():
        for _ in range(REASON_ROWS):
            record(cast.actor("doctor"), Action.CASE_SHOWN, case_id=case_id)
    assert "hơn 100" in officer.get("/log")
    assert len(shown(officer.get("/log", page="2"))) == 50
    assert "hơn 100" in officer.get("/log", page="3")
