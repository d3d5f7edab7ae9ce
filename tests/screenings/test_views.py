"""The pages of a screening, as a nurse and the person beside her meet them."""

from typing import Any

import pytest
from sqlalchemy import func, select

from casemgr.access import Compartment, Purpose
from casemgr.access.opening import open_keys
from casemgr.audit import Action, AuditEntry
from casemgr.cases.models import Case, Notice
from casemgr.cases.rules import CaseState
from casemgr.db import session
from casemgr.screenings.instruments.raft import RAFT
from casemgr.screenings.models import Sitting
from casemgr.screenings.rules import SittingState
from tests.cast import Cast
from tests.client import Browser, Page

SAFE: dict[str, Any] = {"is_alone": "yes", "limits_explained": "yes"}
ADULT: dict[str, Any] = {**SAFE, "age_known": "exactly", "age": "27"}
CONCERN = "Người đi cùng trả lời thay và giữ điện thoại."
UNKNOWN = "/screenings/01890000-0000-7000-8000-000000000000"


def in_english(cast: Cast, name: str) -> Browser:
    """Sign in and switch: msgids are English, so these words stand whatever the catalogue says."""
    browser = cast.browser(name)
    page = browser.get("/")
    if any(form.text == "English" for form in page.tree.all("form")):
        page.submit(button="English")
    return browser


@pytest.fixture
def nurse(cast: Cast) -> Browser:
    return in_english(cast, "nurse")


def checked(nurse: Browser, values: dict[str, Any] = ADULT, *, status: int = 200) -> Page:
    return nurse.get("/screenings/new").submit(values, button="Continue", status=status)


def answer(page: Page, *values: str) -> Page:
    for value in values:
        page = page.submit(answer=value, button="Continue")
    return page


def positive(nurse: Browser) -> Page:
    return answer(checked(nurse), "no", "yes", "declined", "no").submit(button="Finish")


def count(cast: Cast, what: type[Any]) -> int:
    with cast.acting():
        return session.scalar(select(func.count()).select_from(what)) or 0


def test_the_limits_of_confidentiality_are_read_out_before_the_first_question(
    nurse: Browser,
) -> None:
    """R2: child harm, imminent danger, court or authority."""
    page = nurse.get("/screenings/new")
    for limit in ("a child is being harmed", "life is in danger", "court or a competent"):
        assert limit in page
    assert page.values(page.form("Continue"))["department"] == ["Khoa Sản"]
    assert not page.main.having("casemgr-answers")


@pytest.mark.parametrize(
    "checks", [{**ADULT, "is_alone": "no"}, {**ADULT, "limits_explained": "no"}]
)
def test_either_check_failing_shows_no_question(
    cast: Cast, nurse: Browser, checks: dict[str, Any]
) -> None:
    """R1."""
    page = checked(nurse, checks)
    assert page.heading == "Not safe to ask yet. No question was asked."
    assert "Small talk only" in page
    again = nurse.get(f"{page.path}/questions/1")
    assert again.path == page.path
    for item in RAFT.items:
        assert item.words.en not in again.text
    with cast.acting():
        assert session.scalars(select(Sitting.state)).one() is SittingState.UNSAFE_TO_ASK


def test_an_unsafe_sitting_needs_no_age_and_is_taken_up_later(nurse: Browser) -> None:
    page = checked(nurse, {"is_alone": "no", "limits_explained": "no"})
    page = page.follow("Ask the questions").submit(ADULT, button="Continue")
    assert page.heading == RAFT.items[0].words.en


def test_every_question_can_be_declined_and_stopped(nurse: Browser) -> None:
    """R3, with quick exit on every page (R19)."""
    page = checked(nurse)
    for number, item in enumerate(RAFT.items, start=1):
        assert page.heading == item.words.en
        assert f"Question {number} of 4" in page
        form = page.form("Continue")
        offered = [f["value"] for f in form.all("input") if f["name"] == "answer"]
        assert offered == ["yes", "no", "declined"]
        stop = next(b for b in page.buttons(form) if b.text == "Stop here")
        assert (stop["name"], stop["value"]) == ("act", "stop")
        assert "formnovalidate" in stop
        assert page.tree.all("form", where=lambda e: "data-quick-exit" in e)
        page = answer(page, "declined")
    page = page.submit(button="Finish")
    assert page.heading.startswith("Incomplete")
    assert "must not be read as negative" in page


def test_going_back_keeps_the_answers(nurse: Browser) -> None:
    page = answer(checked(nurse), "yes", "no")
    first = page.follow("Previous question").follow("Previous question")
    assert first.values(first.form("Continue"))["answer"] == ["yes"]
    assert answer(first, "no").heading == RAFT.items[2].words.en


def test_stop_and_take_up_again(nurse: Browser) -> None:
    """R3: nothing answered is lost; the safety checks come anew."""
    page = answer(checked(nurse), "no").submit(button="Stop here")
    assert page.heading.startswith("Incomplete")
    listed = nurse.get("/screenings/")
    assert "Stopped" in listed
    form_page = page.follow("Go on with the questions")
    form = form_page.form("Continue")
    values = form_page.values(form)
    assert "is_alone" not in values or values["is_alone"] == []
    assert values["age"] == ["27"]
    page = form_page.submit(SAFE, button="Continue")
    assert page.heading == RAFT.items[1].words.en


def test_somebody_came_in(nurse: Browser) -> None:
    page = answer(checked(nurse), "no").submit(button="Somebody came in")
    assert page.heading == "No longer safe to go on asking"
    assert nurse.get(f"{page.path}/questions/2").path == page.path


@pytest.mark.parametrize("where", ["before", "question", "stopped"])
def test_the_person_declines(nurse: Browser, where: str) -> None:
    page = nurse.get("/screenings/new") if where == "before" else checked(nurse)
    if where == "stopped":
        page = page.submit(button="Stop here")
    page = page.submit(button="Does not wish to be asked")
    assert page.heading == "The person does not wish to answer these questions."
    assert "Medical care goes on as usual" in page
    assert "Go on with the questions" not in page


@pytest.mark.parametrize(
    ("age", "heading"),
    [
        ({"age_known": "exactly", "age": "17"}, "These questions are not for a person under 18."),
        ({"age_known": "range", "age_from": "16", "age_to": "19"}, "It is not certain"),
        ({"age_known": "unknown"}, "It is not certain"),
    ],
)
def test_a_minor_or_an_unknown_age_is_refused(
    nurse: Browser, age: dict[str, str], heading: str
) -> None:
    """Domain §3.1, R14; Art. 51 of the Law on Children (§2.5); concern still opens a suspicion."""
    page = checked(nurse, {**SAFE, **age})
    assert page.heading.startswith(heading)
    assert "Article 51" in page
    page = page.submit(concern=CONCERN, button="Open a suspicion")
    assert page.heading == "A suspicion is open"


def test_a_wrong_age_is_corrected(nurse: Browser) -> None:
    page = checked(nurse, {**SAFE, "age_known": "unknown"}).follow("Correct the age")
    assert page.submit(ADULT, button="Continue").heading == RAFT.items[0].words.en


def test_positive_leads_to_a_code_and_never_to_a_verdict(cast: Cast, nurse: Browser) -> None:
    """I10, Q3: the code only; nothing in addresses (I5)."""
    page = positive(nurse)
    assert page.heading == "A suspicion that needs further assessment. This is not a conclusion."
    assert "victim" not in page.main.text.lower()
    page = page.submit(button="Open a suspicion")
    with cast.acting():
        case = session.scalars(select(Case)).one()
        told = set(session.scalars(select(Notice.to_role)))
        assert told == {"social_work_lead", "social_worker", "director"}
        assert case.code in page
        assert case.code_name in page
        assert case.code not in page.path
        sitting = session.scalars(select(Sitting)).one()
        assert sitting.case_id == case.id


def test_negative_without_an_observation_opens_nothing(cast: Cast, nurse: Browser) -> None:
    page = answer(checked(nurse), "no", "no", "no", "no").submit(button="Finish")
    assert "rules nothing out" in page.heading
    refused = page.submit(button="Open a suspicion", status=422)
    assert "Describe what you saw or heard that worries you" in refused.errors["concern"]
    assert count(cast, Case) == 0
    assert refused.submit(concern=CONCERN, button="Open a suspicion").heading == (
        "A suspicion is open"
    )


def test_what_was_observed_is_sealed(cast: Cast, nurse: Browser) -> None:
    page = nurse.get("/screenings/concern").submit(concern=CONCERN, button="Open a suspicion")
    assert page.heading == "A suspicion is open"
    with cast.acting():
        sitting = session.scalars(select(Sitting)).one()
        raw: bytes = sitting.sitting_sealed  # type: ignore[attr-defined]
        assert CONCERN.encode() not in raw
        open_keys(cast.actor("lead"), sitting.id, {Compartment.EPISODE}, purpose=Purpose.CASE_WORK)
        assert sitting.staff_concern == CONCERN


@pytest.mark.parametrize(
    ("typed", "state"),
    [
        ({"answer": "yes", "method": "signed"}, CaseState.ADMITTED),
        (
            {"answer": "yes", "method": "spoken_with_witness", "witness": "Trần Thị Mai"},
            CaseState.ADMITTED,
        ),
        ({"answer": "no"}, CaseState.REFUSED),
        ({"answer": "later"}, CaseState.SUSPECTED),
    ],
)
def test_the_first_answer(
    cast: Cast, nurse: Browser, typed: dict[str, str], state: CaseState
) -> None:
    """R4a, R5, domain §4.0."""
    page = positive(nurse).submit(button="Open a suspicion")
    page = page.submit(typed, button="Save the answer")
    with cast.acting():
        case = session.scalars(select(Case)).one()
        assert case.state is state
        assert (case.keep_until is not None) == (state is CaseState.REFUSED)
    assert ("come back at any time" in page) == (state is CaseState.REFUSED)
    buttons = [b.text for b in page.tree.all("button")]
    assert ("Save the answer" in buttons) == (state is CaseState.SUSPECTED)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({}, "answer"),
        ({"answer": "yes"}, "method"),
        ({"answer": "yes", "method": "spoken_with_witness"}, "witness"),
    ],
)
def test_an_unfinished_first_answer_names_what_is_missing(
    cast: Cast, nurse: Browser, typed: dict[str, str], field: str
) -> None:
    page = positive(nurse).submit(button="Open a suspicion")
    refused = page.submit(typed, button="Save the answer", status=422)
    assert field in refused.errors
    with cast.acting():
        assert session.scalars(select(Case.state)).one() is CaseState.SUSPECTED


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({}, "is_alone"),
        ({**SAFE}, "age_known"),
        ({**SAFE, "age_known": "exactly"}, "age"),
        ({**SAFE, "age_known": "exactly", "age": "hai mươi"}, "age"),
        ({**SAFE, "age_known": "exactly", "age": "200"}, "age"),
        ({**SAFE, "age_known": "range", "age_from": "30"}, "age_to"),
        ({**SAFE, "age_known": "range", "age_from": "30", "age_to": "25"}, "age_to"),
        ({**ADULT, "department": ""}, "department"),
        ({**ADULT, "department": "K" * 101}, "department"),
    ],
)
def test_bad_checks_name_the_field_and_save_nothing(
    cast: Cast, nurse: Browser, typed: dict[str, str], field: str
) -> None:
    page = checked(nurse, typed, status=422)
    assert field in page.errors
    kept = page.values(page.form("Continue"))
    for name, value in typed.items():
        assert kept[name] == [value]
    assert count(cast, Sitting) == 0


def test_what_was_typed_for_another_answer_does_not_count(nurse: Browser) -> None:
    page = checked(nurse, {**SAFE, "age_known": "unknown", "age": "abc", "age_from": "9"})
    assert page.heading.startswith("It is not certain")


def test_a_question_without_an_answer_is_asked_again(nurse: Browser) -> None:
    page = checked(nurse)
    refused = page.submit(button="Continue", status=422)
    assert refused.heading == page.heading
    assert "answer" in refused.errors


def test_an_answer_that_is_not_on_the_scale(nurse: Browser) -> None:
    page = checked(nurse)
    data = page.values(page.form("Continue")) | {"answer": ["maybe"]}
    refused = nurse.open(page.path, "POST", data, status=422)
    assert "answer" in refused.errors


@pytest.mark.parametrize("typed", [{"concern": ""}, {"concern": "x" * 4001}])
def test_bad_concerns(cast: Cast, nurse: Browser, typed: dict[str, str]) -> None:
    page = nurse.get("/screenings/concern")
    refused = page.submit(typed, button="Open a suspicion", status=422)
    assert "concern" in refused.errors
    assert count(cast, Case) == 0


def test_sent_twice_acts_once(cast: Cast, nurse: Browser) -> None:
    """I8: the same form again leads to the same place."""
    page = nurse.get("/screenings/concern")
    first = page.submit(concern=CONCERN, button="Open a suspicion")
    second = page.submit(concern=CONCERN, button="Open a suspicion")
    assert first.path == second.path
    assert count(cast, Case) == 1
    question = checked(nurse)
    one, two = answer(question, "yes"), answer(question, "yes")
    assert one.path == two.path


def test_an_old_page_is_told_so(nurse: Browser) -> None:
    """I8: two windows on one sitting."""
    page = checked(nurse)
    twin = nurse.get(page.path)
    answer(page, "yes")
    assert twin.submit(answer="no", button="Continue", status=409).status == 409


PATHS = ("", "/checks", "/questions/1", "/finish", "/suspicion")


@pytest.mark.parametrize("name", ["other_nurse", "worker", "lead", "doctor"])
def test_somebody_elses_sitting_is_not_found(cast: Cast, nurse: Browser, name: str) -> None:
    page = positive(nurse).submit(button="Open a suspicion")
    base = page.path.removesuffix("/suspicion")
    someone = cast.browser(name)
    for path in PATHS:
        someone.get(base + path, status=404)
    someone.get(UNKNOWN, status=404)
    assert "Khoa Sản" not in someone.get("/screenings/").main.text


@pytest.mark.parametrize("name", ["director", "officer", "admin", "press", "partner"])
def test_other_roles_are_refused(cast: Cast, name: str) -> None:
    someone = cast.browser(name)
    for path in ("/screenings/", "/screenings/new", "/screenings/concern", UNKNOWN):
        someone.get(path, status=403)


@pytest.mark.usefixtures("cast")
def test_nobody_signed_in_is_sent_to_sign_in(browser: Browser) -> None:
    assert browser.get("/screenings/new").path == "/sign-in"


@pytest.mark.parametrize("number", ["0", "5", "99999"])
def test_a_question_that_is_not_there(nurse: Browser, number: str) -> None:
    page = checked(nurse)
    nurse.get(page.path.removesuffix("1") + number, status=404)


def test_the_team_opens_the_answers_the_nurse_does_not(cast: Cast, nurse: Browser) -> None:
    positive(nurse).submit(button="Open a suspicion")
    with cast.acting():
        sitting = session.scalars(select(Sitting)).one()
        path = f"/screenings/cases/{sitting.case_id}/{sitting.id}"
    worker = in_english(cast, "worker")
    case_page = worker.get(f"/cases/{path.split('/')[3]}")
    assert "Suspicion, needs further assessment" in case_page
    assert RAFT.items[1].words.en not in case_page
    page = worker.get(path)
    assert RAFT.items[1].words.en in page
    assert "Prefer not to answer" in page
    assert "Lê Thị Hoa" in page
    nurse.get(path, status=403)
    cast.browser("stranger").get(path, status=404)
    with cast.acting():
        query = select(AuditEntry).where(AuditEntry.account_id == cast.ids["worker"])
        last = session.scalars(query.order_by(AuditEntry.at.desc())).first()
        assert last is not None
        assert (last.action, last.compartments) == (Action.SCREENING_SHOWN, "EPISODE")
