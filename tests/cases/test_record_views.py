"""Consent, team, notes, tasks and the clinical record on their pages."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from casemgr import clock
from casemgr.access import Compartment, Purpose
from casemgr.audit import Action
from casemgr.cases import recording, team
from casemgr.cases.models import ClinicalEntry, Note
from casemgr.cases.rules import CaseState
from casemgr.db import session
from tests.cases.scene import (
    COMPLAINT,
    entries,
    in_english,
    state_of,
    stated,
)
from tests.cast import Cast
from tests.client import Browser


class TestConsents:
    def test_one_press_withdraws(self, cast: Cast, minh: Browser, in_support: UUID) -> None:
        page = minh.get(f"/cases/{in_support}/consents").submit(
            purpose="f", was_given="yes", method="signed", button="Record this answer"
        )
        page = minh.get(f"/cases/{in_support}/consents")
        buttons = [b for b in page.tree.all("button") if b.visible_text == "Withdraw consent"]
        assert [b.text for b in buttons] == [
            "Withdraw consent f) Being contacted again",
            "Withdraw consent a) Opening a support record",
        ]
        page = page.submit(button=buttons[0].text)
        assert "f) Being contacted again Withdrawn" in page.main.text
        assert state_of(cast, in_support) is CaseState.IN_SUPPORT

    def test_a_referral_needs_its_recipient(self, minh: Browser, in_support: UUID) -> None:
        page = minh.get(f"/cases/{in_support}/consents").submit(
            purpose="d", was_given="yes", method="signed", button="Record this answer", status=422
        )
        assert page.errors["recipient_id"]
        assert page.values(page.form("Record this answer"))["purpose"] == ["d"]

    def test_nothing_is_chosen_beforehand(self, minh: Browser, in_support: UUID) -> None:
        page = minh.get(f"/cases/{in_support}/consents")
        sent = page.values(page.form("Record this answer"))
        assert {
            sent[name][0] if sent[name] else "" for name in ("purpose", "was_given", "method")
        } == {""}


class TestTeam:
    def test_a_colleague_joins_and_leaves(
        self, cast: Cast, minh: Browser, in_support: UUID
    ) -> None:
        stranger = cast.browser("stranger")
        page = minh.get(f"/cases/{in_support}/team")
        wrong = page.submit(
            account_id=str(cast.ids["stranger"]),
            parts=["SOCIAL"],
            button="Add to the care team",
            status=422,
        )
        assert wrong.errors["parts"]
        page = wrong.submit(parts=["CLINICAL"], button="Add to the care team")
        assert "Đặng Quốc Khải" in page
        stranger.get(f"/cases/{in_support}")
        page.submit(button="Remove Đặng Quốc Khải")
        stranger.get(f"/cases/{in_support}", status=404)

    def test_a_past_day_is_refused(self, cast: Cast, minh: Browser, in_support: UUID) -> None:
        page = minh.get(f"/cases/{in_support}/team").submit(
            {
                "account_id": str(cast.ids["stranger"]),
                "parts": ["CLINICAL"],
                "expires_at-day": "1",
                "expires_at-month": "2",
                "expires_at-year": "2020",
            },
            button="Add to the care team",
            status=422,
        )
        assert page.errors["expires_at-day"]


class TestNotes:
    def test_added_and_corrected_never_changed(
        self, cast: Cast, minh: Browser, in_support: UUID
    ) -> None:
        path = f"/cases/{in_support}/notes"
        page = minh.get(path).submit(text="Chị muốn về nhà thứ Hai", button="Keep this note")
        link = next(a for a in page.tree.all("a") if a.visible_text == "Correct")
        page = minh.get(link["href"]).submit(text="Chị muốn về nhà thứ Ba", button="Keep this note")
        assert "Chị muốn về nhà thứ Hai" in page
        assert "Chị muốn về nhà thứ Ba" in page
        assert "Corrects the note of" in page

    def test_a_blaming_word_is_pointed_out_once(
        self, cast: Cast, minh: Browser, in_support: UUID
    ) -> None:
        path = f"/cases/{in_support}/notes"
        page = minh.get(path).submit(text="Chị cố tình giấu", button="Keep this note", status=422)
        assert "cố tình" in page.main.text
        assert "Better" in page
        with cast.acting():
            assert session.scalars(select(Note)).all() == []
        assert "Chị cố tình giấu" in page.submit(button="Keep this note")

    def test_an_empty_note_is_none(self, minh: Browser, in_support: UUID) -> None:
        page = minh.get(f"/cases/{in_support}/notes").submit(
            text="  ", button="Keep this note", status=422
        )
        assert page.errors["text"]

    def test_before_consent_there_is_no_form(self, minh: Browser, taken: UUID) -> None:
        page = minh.get(f"/cases/{taken}/notes")
        assert not page.tree.all("textarea")


class TestTasks:
    def test_added_and_finished_once(self, cast: Cast, minh: Browser, in_support: UUID) -> None:
        path = f"/cases/{in_support}/tasks"
        due = {
            "due_at-day": "1",
            "due_at-month": "12",
            "due_at-year": "2026",
            "due_at-time": "9:00",
        }
        page = minh.get(path).submit(due, button="Add the task", status=422)
        assert page.errors["title"]
        listed = page.submit(title="Gọi lại", button="Add the task")
        assert "01/12/2026 09:00" in listed
        listed.submit(button="Mark as done Gọi lại")
        listed.submit(button="Mark as done Gọi lại")
        assert len(entries(cast, Action.TASK_DONE)) == 1


class TestClinicalRecord:
    def test_a_purpose_then_reading_writing_and_correcting(
        self, cast: Cast, in_support: UUID
    ) -> None:
        doctor = in_english(cast, "doctor")
        path = f"/cases/{in_support}/clinical"
        page = doctor.get(path)
        assert page.submit(button="Open", status=422).errors["purpose"]
        page = page.submit(purpose="treatment", button="Open")
        page = page.submit(complaint=COMPLAINT, button="Keep this entry")
        assert COMPLAINT in page
        link = next(a for a in page.tree.all("a") if a.visible_text == "Correct")
        page = doctor.get(link["href"]).submit(
            complaint="Đau bụng ba ngày nay", button="Keep this entry"
        )
        assert "Đau bụng ba ngày nay" in page
        assert COMPLAINT in page
        page.submit(button="Close the clinical record")
        assert COMPLAINT not in doctor.get(path)
        opened = [
            e for e in entries(cast, Action.COMPARTMENT_OPENED) if "CLINICAL" in e.compartments
        ]
        assert {e.purpose for e in opened} == {"treatment"}

    def test_the_purpose_lapses_after_ten_minutes(self, cast: Cast, in_support: UUID) -> None:
        with cast.acting():
            recording.write_clinical(
                cast.actor("doctor"), in_support, Purpose.TREATMENT, complaint=COMPLAINT
            )
        doctor = in_english(cast, "doctor")
        path = f"/cases/{in_support}/clinical"
        assert COMPLAINT in stated(doctor, path, Purpose.EMERGENCY)
        with clock.frozen(clock.now() + timedelta(minutes=9)):
            assert COMPLAINT in doctor.get(path)
        with clock.frozen(clock.now() + timedelta(minutes=11)):
            page = doctor.get(path)
        assert page.heading == "Open the clinical record"
        assert COMPLAINT not in page

    def test_an_empty_complaint_keeps_the_rest(self, cast: Cast, in_support: UUID) -> None:
        doctor = in_english(cast, "doctor")
        page = stated(doctor, f"/cases/{in_support}/clinical", Purpose.TREATMENT)
        page = page.submit(examination="Bụng mềm", button="Keep this entry", status=422)
        assert page.errors["complaint"]
        assert page.values(page.form("Keep this entry"))["examination"] == ["Bụng mềm"]
        with cast.acting():
            assert session.scalars(select(ClinicalEntry)).all() == []

    def test_a_place_without_the_compartment_does_not_open_it(
        self, cast: Cast, in_support: UUID
    ) -> None:
        with cast.acting():
            team.add_member(
                cast.actor("worker"), in_support, cast.ids["stranger"], {Compartment.IDENTITY}
            )
        cast.browser("stranger").get(f"/cases/{in_support}/clinical", status=403)


def test_what_was_typed_stays_when_the_case_came_to_rest_meanwhile(
    cast: Cast, minh: Browser, in_support: UUID
) -> None:
    page = minh.get(f"/cases/{in_support}/notes")
    with cast.acting():
        recording.close_case(cast.actor("lead"), in_support, "Đã ổn định")
    page = page.submit(text="Hẹn gặp thứ Hai", button="Keep this note", status=422)
    assert "This case is at rest" in page
    assert page.values(page.form("Keep this note"))["text"] == ["Hẹn gặp thứ Hai"]
