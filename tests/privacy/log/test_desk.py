"""The desk of the log: filters, a colleague's day, saved views, a number, files for other systems."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DatabaseError

from casemgr import clock
from casemgr.access import Compartment, Denied, Invalid, NotFound, Purpose
from casemgr.audit import Action, AuditEntry, Outcome, record
from casemgr.audit.out.fhir_check import faults
from casemgr.audit.shown import audit_shown, rows_missing
from casemgr.cases import numbers, service
from casemgr.cases.models import CasePart
from casemgr.cases.rules import Source
from casemgr.db import new_id, session
from casemgr.privacy.log import day as days
from casemgr.privacy.log import saved_views
from casemgr.privacy.log import service as privacy
from casemgr.privacy.log.models import SavedView
from casemgr.privacy.log.query import branches, newest
from casemgr.privacy.log.rules import Filters
from tests.cast import Cast
from tests.client import Browser
from tests.house.hospital import INSURANCE, NATIONAL_ID, PHONE, Hospital

DAY = date(2026, 3, 5)
MORNING = datetime(2026, 3, 5, 1, 0, tzinfo=UTC)  # 08:00 in Hà Nội (UTC+7)


def acted(cast: Cast, name: str, action: Action, at: datetime, **more: object) -> UUID:
    with clock.frozen(at), cast.acting():
        return record(cast.actor(name), action, **more).id  # type: ignore[arg-type]


def found(cast: Cast, **asked: object) -> set[UUID]:
    with cast.acting():
        page = privacy.page_of_log(cast.actor("officer"), Filters(**asked))  # type: ignore[arg-type]
        return {line.id for line in page.lines}


def test_a_department_is_everybody_in_it_and_attempts_on_them(cast: Cast) -> None:
    at = MORNING
    nurse = acted(cast, "nurse", Action.CASE_SHOWN, at)
    doctor = acted(cast, "doctor", Action.CASE_SHOWN, at)
    other = acted(cast, "other_nurse", Action.CASE_SHOWN, at)
    with clock.frozen(at), cast.acting():
        nobody = cast.actor("nurse")
        attempt = record(
            replace(nobody, account_id=None, roles=frozenset()),
            Action.SIGN_IN_REFUSED,
            outcome=Outcome.REFUSED,
            subject_kind="account",
            subject_id=cast.ids["nurse"],
        ).id
    inside = found(cast, department="Khoa Sản", last_day=DAY)
    assert {nurse, doctor, attempt} <= inside
    assert other not in inside
    assert found(cast, department="Khoa Sản", colleague_id=cast.ids["doctor"], last_day=DAY) == {
        doctor
    }
    assert found(cast, department="Khoa không có") == set()


def test_a_part_is_found_in_every_set_that_holds_it(cast: Cast) -> None:
    alone = acted(cast, "doctor", Action.COMPARTMENT_OPENED, MORNING, compartments=["PSYCH"])
    among = acted(
        cast, "doctor", Action.COMPARTMENT_OPENED, MORNING, compartments=["IDENTITY", "PSYCH"]
    )
    acted(cast, "doctor", Action.COMPARTMENT_OPENED, MORNING, compartments=["IDENTITY"])
    assert found(cast, part=Compartment.PSYCH) == {alone, among}
    assert found(cast, part=Compartment.PSYCH, colleague_id=cast.ids["nurse"]) == set()
    assert found(cast, part=Compartment.INFORMANT) == set()
    both = {"part": Compartment.PSYCH, "actions": frozenset({Action.COMPARTMENT_OPENED})}
    assert found(cast, **both) == {alone, among}


def test_hours_narrow_the_days_at_both_ends(cast: Cast) -> None:
    made = {
        minutes: acted(cast, "doctor", Action.CASE_SHOWN, MORNING + timedelta(minutes=minutes))
        for minutes in (0, 30, 59, 60)
    }
    asked = {"first_day": DAY, "last_day": DAY, "colleague_id": cast.ids["doctor"]}
    inside = found(cast, first_time=time(8, 30), last_time=time(8, 59), **asked)
    assert inside == {made[30], made[59]}
    assert found(cast, **asked) == set(made.values())


@pytest.mark.parametrize(
    "asked",
    [
        {"outcome": Outcome.REFUSED},
        {"channel": "worker"},
        {"purpose": Purpose.EMERGENCY},
    ],
    ids=["outcome", "channel", "purpose"],
)
def test_every_partial_index_is_asked_in_its_own_words(
    cast: Cast, asked: dict[str, object]
) -> None:
    """What the partial index leaves out is never asked of it: the plan names the right one."""
    names = {
        "outcome": "ix_audit_entry_trouble",
        "channel": "ix_audit_entry_channel",
        "purpose": "ix_audit_entry_purpose",
    }
    with cast.acting():
        query = newest(branches(cast.actor("officer"), Filters(**asked)), None, 51)  # type: ignore[arg-type]
        bind = session.connection()
        if bind.dialect.name == "postgresql":
            session.execute(text("SET LOCAL enable_seqscan = off"))
            session.execute(text("SET LOCAL enable_bitmapscan = off"))
        words = str(query.compile(bind, compile_kwargs={"literal_binds": True}))
        explain = "EXPLAIN " if bind.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN "
        plan = "\n".join(
            str(row) for row in bind.exec_driver_sql(explain + words.replace("%", "%%"))
        )
    assert names[next(iter(asked))] in plan


def test_who_saw_a_case_on_a_list_stands_in_rows_that_the_leaves_ask_for(cast: Cast) -> None:
    with cast.acting():
        case = service.open_suspicion(
            cast.actor("worker"), source=Source.WARD, ward="x", contact_nurse_id=None
        )
        case_id = case.id
        service.list_cases(cast.actor("lead"), untaken=True)
    with cast.acting():
        rows = session.execute(select(audit_shown).where(audit_shown.c.case_id == case_id)).all()
        (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.id == rows[0].entry_id))
        assert (len(rows), entry.action, entry.at) == (1, Action.CASES_LISTED, rows[0].at)
        everything = session.scalars(select(AuditEntry)).all()
        assert list(rows_missing(session.connection(), everything)) == []


@pytest.mark.parametrize(
    "change", [update(audit_shown).values(case_id=new_id()), delete(audit_shown)], ids=["u", "d"]
)
def test_these_rows_are_only_ever_added(cast: Cast, change: object) -> None:
    acted(cast, "lead", Action.CASES_LISTED, MORNING, shown=[new_id()])
    with cast.app.app_context(), pytest.raises(DatabaseError, match="append-only"):
        session.execute(change)  # type: ignore[call-overload]


def test_a_day_has_hours_gaps_cases_and_a_comparison(cast: Cast, officer: Browser) -> None:
    with cast.acting():
        case = service.open_suspicion(
            cast.actor("worker"), source=Source.WARD, ward="x", contact_nurse_id=None
        )
        case_id, code = case.id, case.code
    for minutes in (0, 5, 95):
        at = MORNING + timedelta(minutes=minutes)
        acted(cast, "worker", Action.CASE_SHOWN, at, case_id=case_id)
    acted(cast, "worker", Action.ACT_REFUSED, MORNING, outcome=Outcome.REFUSED)
    for back in (1, 3):  # days on which Minh read twice, and six times
        for _ in range(2 if back == 1 else 6):
            acted(cast, "worker", Action.CASE_SHOWN, MORNING - timedelta(days=back))
    acted(cast, "other_worker", Action.CASE_SHOWN, MORNING)  # the one peer of that day
    with cast.acting():
        day = days.day_of(cast.actor("officer"), cast.ids["worker"], DAY)
    assert [(hour.hour, hour.acts, hour.refused) for hour in day.hours] == [(8, 3, 1), (9, 1, 0)]
    assert day.hours[1].steps[0].gap == timedelta(minutes=90)
    assert [(one.code, one.acts) for one in day.cases] == [(code, 3)]
    reads = next(one for one in day.comparison if one.name == "reads")
    assert (reads.own, reads.own_mean, reads.peers_median) == (3, 4, 1)
    page = officer.get("/log/day/ask").submit(
        {"colleague": str(cast.ids["worker"]), "on-day": "5", "on-month": "3", "on-year": "2026"}
    )
    assert "Phạm Văn Minh" in page.heading
    assert code in page
    assert "1 giờ 30 phút" in page
    assert page.response.request.query_string == b""
    with cast.acting():
        looked = session.scalars(
            select(AuditEntry).where(AuditEntry.action == Action.LOG_DAY_SHOWN)
        ).all()
        assert {entry.subject_id for entry in looked} == {cast.ids["worker"]}
        assert {entry.account_id for entry in looked} == {cast.ids["officer"]}


@pytest.fixture
def officer(cast: Cast) -> Browser:
    return cast.browser("officer")


def test_a_saved_view_is_sealed_and_ones_own(cast: Cast, officer: Browser) -> None:
    officer.get("/log").submit(outcome="refused", button="Lọc nhật ký")
    page = officer.get("/log/views").submit(name="Theo dõi canaryĐặng", button="Lưu bộ lọc")
    assert "Theo dõi canaryĐặng" in page
    with cast.acting():
        view = session.scalars(select(SavedView)).one()
        cell = session.execute(text("SELECT view_sealed FROM log_view")).scalar_one()
        assert b"canary" not in bytes(cell)
        view_id = view.id
    officer.get("/log").submit(button="Xem tất cả")
    page = officer.get("/log/views").submit(button="Lọc nhật ký Theo dõi canaryĐặng")
    assert page.values(page.form("Lọc nhật ký"))["outcome"] == ["refused"]
    other = replace(cast.actor("officer"), account_id=cast.ids["admin"])
    with cast.acting(), pytest.raises(NotFound):
        saved_views.use(other, view_id)
    officer.get("/log/views").submit(button="Xóa bộ lọc Theo dõi canaryĐặng")
    with cast.acting():
        assert session.scalars(select(SavedView)).all() == []


def test_a_list_that_is_not_narrowed_is_not_saved_and_the_21st_view_is_refused(cast: Cast) -> None:
    officer = cast.actor("officer")
    with cast.acting(), pytest.raises(Invalid, match="no_filter"):
        saved_views.save(officer, "x", Filters())
    with cast.acting():
        for number in range(saved_views.MOST):
            saved_views.save(officer, str(number), Filters(channel="web"))
    with cast.acting(), pytest.raises(Invalid, match="too_many"):
        saved_views.save(officer, "one more", Filters(channel="web"))


@pytest.mark.parametrize("number", [NATIONAL_ID, INSURANCE, PHONE], ids=["id", "bhyt", "phone"])
def test_a_number_answers_with_the_code_only(made: Hospital, number: str) -> None:
    page = made.cast.browser("officer").get("/log/number").submit(number=number)
    code = made.code("case")
    assert code in page
    assert number not in page.response.text
    assert not [word for word in made.all_words() if word in page.response.text]
    with made.cast.acting():
        asked = session.scalars(
            select(AuditEntry).where(AuditEntry.action == Action.NUMBER_ASKED)
        ).one()
        assert (asked.subject_kind, asked.count) == ("search:number", 1)
        compared = session.scalars(
            select(AuditEntry).where(AuditEntry.action == Action.NUMBER_COMPARED)
        ).all()
        assert {entry.acting_as for entry in compared} == {"name-index"}
        assert number.encode() not in b"".join(session.scalars(select(AuditEntry.leaf)))


def test_a_number_that_nobody_has_and_one_that_is_too_short(cast: Cast, officer: Browser) -> None:
    assert "Không có hồ sơ nào" in officer.get("/log/number").submit(number="001099999999")
    page = officer.get("/log/number").submit(number="12345", status=422)
    assert "number" in page.errors
    with cast.acting(), pytest.raises(Denied):
        numbers.codes_with(cast.actor("lead"), "001099999999")


def test_a_number_of_another_hospital_is_not_there(made: Hospital) -> None:
    with made.cast.acting():
        elsewhere = replace(made.cast.actor("officer"), facility_id=new_id())
        made.cast.app.extensions["keyring"].found_facility(elsewhere.facility_id)
        assert numbers.codes_with(elsewhere, NATIONAL_ID) == []


def test_a_restricted_part_answers_nobody(made: Hospital) -> None:
    officer = made.cast.actor("officer")
    with made.cast.acting():
        part = CasePart(
            facility_id=officer.facility_id,
            case_id=made.ids["case"],
            compartment="IDENTITY",
            restricted_at=clock.now(),
        )
        record(officer, Action.PART_RESTRICTED, case_id=made.ids["case"])
        session.add(part)
    code = made.code("case")
    with made.cast.acting():
        assert numbers.codes_with(officer, NATIONAL_ID) == []
        assert numbers.codes_with(officer, PHONE) == [code]  # that one is in CONTACT


@pytest.mark.parametrize(
    ("button", "kind"),
    [
        ("Lưu tệp CSV", "csv"),
        ("Lưu FHIR, mỗi dòng một mục", "ndjson"),
        ("Lưu thành một FHIR Bundle", "fhir"),
    ],
    ids=["csv", "ndjson", "bundle"],
)
def test_a_file_holds_no_fact_and_two_entries_vouch_for_it(
    made: Hospital, button: str, kind: str
) -> None:
    officer = made.cast.browser("officer")
    file = officer.get("/log").submit(button=button)
    body = file.response.data
    words = {*made.all_words(), PHONE, NATIONAL_ID, INSURANCE}
    assert not [word for word in words if word.encode() in body]
    assert file.response.headers["Content-Disposition"].startswith("attachment")
    with made.cast.acting():
        begun, ended = (
            session.scalars(select(AuditEntry).where(AuditEntry.action == action)).one()
            for action in (Action.LOG_EXPORTED, Action.LOG_EXPORT_ENDED)
        )
        assert begun.count == ended.count
        assert ended.subject_id == begun.id
        (told,) = json.loads(ended.leaf)["sealed"]
        number, count = begun.id.hex, begun.count
    assert told == f"log_export.{kind} {number} {hashlib.sha256(body).hexdigest()}"
    if kind == "ndjson":
        events = [json.loads(line) for line in body.splitlines()]
    elif kind == "fhir":
        events = [entry["resource"] for entry in json.loads(body)["entry"]]
    else:
        return
    assert len(events) == count
    assert [fault for event in events for fault in faults(event)] == []


def test_a_kind_of_file_that_does_not_exist_is_not_found(officer: Browser) -> None:
    page = officer.get("/log")
    form = page.form("Lưu tệp CSV")
    officer.post("/log/export/xml", page.values(form), status=404)
