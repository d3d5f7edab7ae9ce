"""The lists, search, and taking a case."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from casemgr import clock
from casemgr.access import Purpose
from casemgr.audit import Action
from casemgr.cases import notices, recording, service
from casemgr.cases.models import Case
from casemgr.cases.rules import CaseState, Group, Sex, Source
from casemgr.crypto.partial_date import PartialDate
from casemgr.db import session
from tests.cases.scene import (
    COMPLAINT,
    NAME,
    UNKNOWN,
    entries,
    in_english,
    record_identity,
    state_of,
)
from tests.cast import Cast
from tests.client import Browser


class TestWhoMayComeIn:
    """Permission, then relation to the case (design §4)."""

    @pytest.mark.parametrize("name", ["nurse", "director", "officer", "planner", "admin", "press"])
    def test_roles_without_cases_are_refused(self, cast: Cast, in_support: UUID, name: str) -> None:
        browser = cast.browser(name)
        for path in ("/cases/", f"/cases/{in_support}", f"/cases/{in_support}/notes"):
            browser.get(path, status=403)

    @pytest.mark.parametrize("name", ["stranger", "other_worker"])
    def test_for_whoever_is_not_on_the_team_the_case_does_not_exist(
        self, cast: Cast, in_support: UUID, name: str
    ) -> None:
        browser = cast.browser(name)
        for tail in ("", "/identity", "/contact", "/consents", "/notes", "/timeline"):
            browser.get(f"/cases/{in_support}{tail}", status=404)
        with cast.acting():
            code = session.get_one(Case, in_support).code
        assert code not in browser.get("/cases/")
        if name == "stranger":
            browser.get(f"/cases/{in_support}/clinical", status=404)

    def test_the_social_worker_sees_that_a_clinical_record_exists_not_what_it_says(
        self, cast: Cast, minh: Browser, in_support: UUID
    ) -> None:
        with cast.acting():
            recording.write_clinical(
                cast.actor("doctor"), in_support, Purpose.TREATMENT, complaint=COMPLAINT
            )
        page = minh.get(f"/cases/{in_support}")
        assert "A restricted clinical record exists. Entries: 1." in page
        assert COMPLAINT not in page
        minh.get(f"/cases/{in_support}/clinical", status=403)

    def test_the_doctor_sees_no_social_part(self, cast: Cast, in_support: UUID) -> None:
        doctor = in_english(cast, "doctor")
        page = doctor.get(f"/cases/{in_support}")
        assert "Khoa Sản" not in page.main.text
        assert "Suspected case" not in page
        for tail in ("/contact", "/episode", "/consents", "/notes", "/tasks", "/identity"):
            doctor.get(f"/cases/{in_support}{tail}", status=403)
        for tail in ("/team", "/status", "/close", "/ground", "/identity/edit"):
            doctor.get(f"/cases/{in_support}{tail}", status=403)

    def test_unknown_and_foreign_ids_are_not_found(
        self, cast: Cast, minh: Browser, in_support: UUID
    ) -> None:
        worker = cast.actor("worker")
        with cast.acting():
            other = service.open_suspicion(
                worker, source=Source.SELF, ward="", contact_nurse_id=None
            ).id
            note = recording.add_note(worker, in_support, "Ghi chú").id
            service.take_case(worker, other)
        for tail in ("", "/identity", "/notes", "/timeline", f"/notes/{note}"):
            minh.get(f"/cases/{UNKNOWN}{tail}", status=404)
        minh.get(f"/cases/{other}/notes/{note}", status=404)
        page = minh.get(f"/cases/{in_support}/notes/{UNKNOWN}", status=404)
        assert NAME not in page


class TestTheLists:
    def test_only_public_columns(self, cast: Cast, minh: Browser, in_support: UUID) -> None:
        record_identity(cast, in_support)
        page = minh.get("/cases/")
        heads = [cell.text for cell in page.tree.all("th") if cell["scope"] == "col"]
        assert heads == ["Code", "Code name", "State", "Who runs it", "Last change"]
        row = page.tree.all("tbody")[0].text
        assert "Phạm Văn Minh" in row
        assert NAME not in row
        assert "P4" not in row

    def test_filters_stand_in_the_session_and_not_in_the_address(
        self, cast: Cast, minh: Browser, in_support: UUID
    ) -> None:
        page = minh.get("/cases/").submit(button="Filter", group=Group.CONFIRMED.value)
        assert page.path == "/cases/"
        assert not page.response.request.query_string
        assert "No case fits this filter" in page
        page = page.submit(button="Filter", group=Group.SUSPECTED.value)
        assert page.tree.all("tbody")
        page = page.submit(button="Filter", group="", state=CaseState.CLOSED.value)
        assert "No case fits this filter" in page

    def test_a_doctor_gets_no_filter_by_group(self, cast: Cast, in_support: UUID) -> None:
        page = in_english(cast, "doctor").get("/cases/")
        assert "group" not in page.values(page.form("Filter"))

    def test_mine_and_untaken(self, cast: Cast, minh: Browser, in_support: UUID) -> None:
        with cast.acting():
            nobodys = service.open_suspicion(
                cast.actor("nurse"),
                source=Source.WARD,
                ward="Khoa Nhi",
                contact_nurse_id=None,
            ).code
            mine = session.get_one(Case, in_support).code
        assert mine in minh.get("/cases/mine")
        assert nobodys not in minh.get("/cases/mine")
        assert nobodys in minh.get("/cases/untaken")
        assert mine not in minh.get("/cases/untaken")

    def test_a_page_number_that_is_none_is_not_found(self, minh: Browser) -> None:
        minh.get("/cases/", page="0", status=404)
        minh.get("/cases/", page="x", status=404)


class TestSearch:
    def test_the_text_stays_in_the_field_and_nowhere_else(
        self, cast: Cast, minh: Browser, in_support: UUID
    ) -> None:
        record_identity(cast, in_support)
        with cast.acting():
            code = session.get_one(Case, in_support).code
        page = minh.get("/cases/search").submit(text="vang may", button="Search")
        assert code in page
        assert NAME not in page
        assert page.values(page.form("Search"))["text"] == ["vang may"]
        assert not page.response.request.query_string
        assert "vang may" not in page.text
        entry = entries(cast, Action.CASES_SEARCHED)[-1]
        assert b"vang" not in entry.leaf
        assert entry.count == 1

    def test_nothing_typed_names_the_field(self, minh: Browser) -> None:
        page = minh.get("/cases/search").submit(text=" ", button="Search", status=422)
        assert page.errors["text"]

    def test_facts_beside_the_name_and_without_one(
        self, cast: Cast, minh: Browser, in_support: UUID
    ) -> None:
        born_on = PartialDate(1991, 2, 14)
        record_identity(cast, in_support, born_on=born_on, sex=Sex.FEMALE, address="Cẩm Thạch")
        with cast.acting():
            code = session.get_one(Case, in_support).code
        page = minh.get("/cases/search")
        for asked in (
            {"text": "vang", "born_on-year": "1991"},
            {"text": "", "born_on-year": "1991", "born_on-month": "2", "sex": "female"},
            {"text": "", "place": "cam thach", "sex": "female"},
        ):
            assert code in page.submit(asked, button="Search"), asked
        assert code not in page.submit(text="vang", sex="male", button="Search")
        page = page.submit(text="", sex="female", button="Search", status=422)
        assert "at least two" in page.errors["text"]
        assert [tag for tag in page.tree.all("details") if "open" in tag]

    def test_a_mistyped_name_stands_under_a_heading_of_its_own(
        self, cast: Cast, minh: Browser, in_support: UUID
    ) -> None:
        record_identity(cast, in_support)
        page = minh.get("/cases/search").submit(text="vnag may", button="Search")
        assert "Found: 0" in page
        assert "If one word was mistyped: 1" in page

    def test_others_find_nothing(self, cast: Cast, in_support: UUID) -> None:
        record_identity(cast, in_support)
        page = in_english(cast, "other_worker").get("/cases/search")
        assert "Nothing was found" in page.submit(text="Máy", button="Search")


class TestTakingACase:
    def test_the_first_steps(self, cast: Cast, minh: Browser, suspicion: UUID) -> None:
        page = minh.get(f"/cases/{suspicion}")
        assert "Khoa Sản" in page
        assert "Lê Thị Hoa" in page
        assert "Nobody runs it yet" in page
        assert "Identity" not in page
        page = page.submit(button="Take this case")
        assert page.path == f"/cases/{suspicion}"
        assert "Consent first" in page
        page = page.follow("Record the person's answer")
        page = page.submit(was_given="yes", method="signed", button="Record this answer")
        assert state_of(cast, suspicion) is CaseState.ADMITTED
        page = page.submit(button="Begin support")
        assert state_of(cast, suspicion) is CaseState.IN_SUPPORT
        assert "Suspected case" in page
        with cast.acting():
            assert notices.count_waiting(cast.actor("other_worker")) == 0

    def test_two_cannot_take_one(self, cast: Cast, minh: Browser, suspicion: UUID) -> None:
        page = minh.get(f"/cases/{suspicion}")
        with cast.acting():
            service.take_case(cast.actor("other_worker"), suspicion)
        page.submit(button="Take this case", status=404)

    def test_sent_twice_acts_once(self, cast: Cast, minh: Browser, suspicion: UUID) -> None:
        page = minh.get(f"/cases/{suspicion}")
        page.submit(button="Take this case")
        assert page.submit(button="Take this case").path == f"/cases/{suspicion}"
        assert len(entries(cast, Action.CASE_TAKEN)) == 1

    def test_a_no_says_until_when_it_is_kept(self, cast: Cast, minh: Browser, taken: UUID) -> None:
        with clock.frozen(datetime(2026, 11, 22, 3, tzinfo=UTC)):
            page = cast.browser("worker").get(f"/cases/{taken}/refusal")
            assert "22/11/2027" in page
        page = minh.get(f"/cases/{taken}/refusal")
        missing = page.submit(status=422, button="Record that support is declined")
        assert missing.errors["method"]
        page = page.submit(
            method="spoken_with_witness",
            witness="Lê Thị Hoa, điều dưỡng",
            button="Record that support is declined",
        )
        assert state_of(cast, taken) is CaseState.REFUSED
        assert "may come back at any time" in page
        page = page.follow("Reopen the case").submit(reason="Quay lại", button="Reopen the case")
        assert "Consent first" in page

    def test_a_ground_too_short_keeps_what_was_typed(self, minh: Browser, taken: UUID) -> None:
        page = minh.get(f"/cases/{taken}/ground").submit(
            ground="child", reason="Trẻ 14 tuổi", person_was_told="no", status=422
        )
        assert "20" in page.errors["reason"]
        assert page.values(page.form("Record the ground"))["reason"] == ["Trẻ 14 tuổi"]
