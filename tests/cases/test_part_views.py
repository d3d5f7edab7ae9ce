"""Identity, safe contact and status: opened with a reason, never overwritten."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from casemgr import clock
from casemgr.access import Purpose
from casemgr.audit import Action, Outcome
from casemgr.cases import recording, service
from casemgr.cases.models import Identity, SafeContact
from casemgr.cases.rules import CaseState, Group
from casemgr.db import session
from tests.cases.scene import (
    NAME,
    NUMBER,
    PHONE,
    entries,
    record_identity,
    state_of,
    stated,
)
from tests.cast import Cast
from tests.client import Browser


class TestIdentity:
    def test_it_opens_for_a_reason_and_closes_after_sixty_seconds(
        self, cast: Cast, minh: Browser, in_support: UUID
    ) -> None:
        record_identity(cast, in_support, national_id=NUMBER)
        path = f"/cases/{in_support}/identity"
        assert NAME not in minh.get(f"/cases/{in_support}")
        page = minh.get(path)
        assert NAME not in page
        assert page.submit(button="Open", status=422).errors["purpose"]
        page = page.submit(purpose="case_work", button="Open")
        assert NAME in page
        assert NUMBER in page
        assert [e["data-hide-after"] for e in page.tree.all() if "data-hide-after" in e] == ["60"]
        with clock.frozen(clock.now() + timedelta(seconds=61)):
            assert NAME not in minh.get(path)
        opened = [
            e for e in entries(cast, Action.COMPARTMENT_OPENED) if "IDENTITY" in e.compartments
        ]
        assert opened[-1].purpose == "case_work"

    def test_it_can_be_closed_at_once(self, cast: Cast, minh: Browser, in_support: UUID) -> None:
        record_identity(cast, in_support)
        page = stated(minh, f"/cases/{in_support}/identity", Purpose.EMERGENCY)
        page.submit(button="Close identity now")
        assert NAME not in minh.get(f"/cases/{in_support}/identity")

    def test_changing_it_asks_why_as_well(
        self, cast: Cast, minh: Browser, in_support: UUID
    ) -> None:
        record_identity(cast, in_support)
        assert NAME not in minh.get(f"/cases/{in_support}/identity/edit").text

    def test_nothing_is_required_and_doubts_only_warn(
        self, cast: Cast, minh: Browser, in_support: UUID
    ) -> None:
        path = f"/cases/{in_support}/identity/edit"
        page = minh.get(path).submit(
            {"born_on-year": "2009", "sex": "female", "national_id": "999 1 09 000001"},
            button="Save",
        )
        assert "not a known province code" in page
        assert "does not match the recorded sex" not in page
        assert "999109000001" not in page
        with cast.acting():
            case = service.get(cast.actor("worker"), in_support)
            row = recording.open_part(cast.actor("worker"), case, Identity, Purpose.CASE_WORK)
            assert row is not None
            assert (row.full_name, row.national_id) == (None, "999109000001")

    def test_a_wrong_length_names_the_field_and_keeps_the_rest(
        self, minh: Browser, in_support: UUID
    ) -> None:
        page = minh.get(f"/cases/{in_support}/identity/edit").submit(
            full_name=NAME, other_names="Máy\nMỷ", national_id="123", button="Save", status=422
        )
        assert page.errors["national_id"]
        kept = page.values(page.form("Save"))
        assert (kept["full_name"], kept["national_id"]) == ([NAME], ["123"])
        assert "Máy" in kept["other_names"][0]

    def test_two_at_once_the_second_sees_what_the_first_wrote(
        self, cast: Cast, minh: Browser, in_support: UUID
    ) -> None:
        page = minh.get(f"/cases/{in_support}/identity/edit")
        record_identity(cast, in_support)
        conflict = page.submit(full_name="Máy", button="Save", status=409)
        assert "Somebody else changed this meanwhile" in conflict
        assert "What is recorded now" in conflict
        assert NAME in conflict.main.text
        assert conflict.values(conflict.form("Save"))["full_name"] == ["Máy"]
        saved = conflict.submit(button="Save")
        assert saved.path == f"/cases/{in_support}"
        assert "Máy" in stated(minh, f"/cases/{in_support}/identity", Purpose.CASE_WORK)

    def test_minors_are_named_as_such(self, cast: Cast, minh: Browser, in_support: UUID) -> None:
        record_identity(cast, in_support)
        page = stated(minh, f"/cases/{in_support}/identity", Purpose.CASE_WORK)
        assert "Counts as a child under 16" in page


class TestSafeContact:
    def test_the_rule_comes_before_the_number(
        self, cast: Cast, minh: Browser, in_support: UUID
    ) -> None:
        minh.get(f"/cases/{in_support}/contact/edit").submit(
            channel="phone", phone=PHONE, code_phrase="hỏi mua vải", button="Save"
        )
        text = minh.get(f"/cases/{in_support}/contact").main.text
        assert text.index("hỏi mua vải") < text.index(PHONE)
        assert "May we leave a message? No" in text
        assert "May we send a text message? No" in text

    def test_a_broken_seal_hides_only_itself(
        self, cast: Cast, minh: Browser, in_support: UUID
    ) -> None:
        with cast.acting():
            worker = cast.actor("worker")
            recording.record_part(worker, in_support, SafeContact, None, {"phone": PHONE})
            table = SafeContact.__table__
            sealed = session.scalar(select(table.c.contact_sealed)) or b""
            session.execute(
                table.update().values(contact_sealed=sealed[:-1] + bytes([sealed[-1] ^ 1]))  # type: ignore[attr-defined]
            )
        page = minh.get(f"/cases/{in_support}/contact")
        assert "This part cannot be read here" in page
        assert PHONE not in page
        failed = [e for e in entries(cast, Action.SEAL_BROKEN) if e.outcome is Outcome.FAILED]
        assert [(e.case_id, e.compartments) for e in failed] == [(in_support, "CONTACT")]
        page = minh.get(f"/cases/{in_support}/contact/edit")
        assert "cannot be changed either" in page


class TestStatus:
    def test_the_paper_is_demanded_by_name(self, minh: Browser, in_support: UUID) -> None:
        page = minh.get(f"/cases/{in_support}/status").submit(
            group="P1", paper_number="12/GXN", button="Save", status=422
        )
        assert page.errors["paper_issuer"]
        assert page.values(page.form("Save"))["group"] == ["P1"]
        page = page.submit({"paper_issuer": "Sở Y tế", "paper_on-year": "2026"}, button="Save")
        assert "Victim, by the authority's paper" in page

    def test_conflict_shows_the_present_state_first(
        self, cast: Cast, minh: Browser, in_support: UUID
    ) -> None:
        page = minh.get(f"/cases/{in_support}/status")
        with cast.acting():
            lead = cast.actor("lead")
            version = service.get(lead, in_support).version
            recording.record_status(lead, in_support, version, group=Group.AT_RISK)
        conflict = page.submit(group="P2", button="Save", status=409)
        assert "What is recorded now Group Person at risk" in conflict.main.text
        assert conflict.values(conflict.form("Save"))["group"] == ["P2"]
        assert "Person undergoing identification" in conflict.submit(button="Save")

    def test_closing_and_reopening_need_a_reason(
        self, cast: Cast, minh: Browser, in_support: UUID
    ) -> None:
        page = minh.get(f"/cases/{in_support}").follow("Close the case")
        assert page.submit(button="Close the case", status=422).errors["reason"]
        page = page.submit(reason="Đã ổn định", button="Close the case")
        assert "Đã ổn định" in page
        assert state_of(cast, in_support) is CaseState.CLOSED
        again = minh.get(f"/cases/{in_support}/close").submit(
            reason="x", button="Close the case", status=422
        )
        assert "cannot go there" in again
