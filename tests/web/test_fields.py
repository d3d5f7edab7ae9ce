import unicodedata
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from casemgr import clock
from casemgr.crypto.partial_date import PartialDate
from casemgr.web.dates import Day, Moment, PartialDay
from casemgr.web.fields import (
    Choice,
    LongText,
    Number,
    Password,
    Select,
    Several,
    Text,
    Tick,
    YesNo,
)
from casemgr.web.forms import BaseForm, VersionedForm
from casemgr.web.numbers import HealthInsurance, NationalId, Phone

pytestmark = pytest.mark.usefixtures("vietnamese")
NOON = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"


class Sheet(VersionedForm):
    name = Text("Họ và tên", required=True, most=20)
    story = LongText("Ghi chú")
    born_on = PartialDay("Ngày sinh", past=True)
    met_on = Day("Ngày gặp")
    came_at = Moment("Lúc đến", past=True)
    sex = Choice("Giới tính", {Sex.FEMALE: "Nữ", Sex.MALE: "Nam"})
    ward = Select("Khoa", {"ob": "Khoa Sản"})
    needs = Several("Nhu cầu", {"food": "Ăn uống", "safe": "Nơi ở"})
    alone = YesNo("Ở một mình?", required=True)
    told = Tick("Đã giải thích", required=True)
    age = Number("Tuổi", most=120)
    identity = NationalId("Số định danh")
    phone = Phone("Điện thoại")
    card = HealthInsurance("Thẻ BHYT")
    secret = Password("Mật khẩu")


ENOUGH = {"name": "Lả", "alone": "yes", "told": "y"}


def sheet(**typed: Any) -> Sheet:
    with clock.frozen(NOON):
        form = Sheet(formdata=MultiDict(ENOUGH | typed), meta={"csrf": False})
        form.validate()
        return form


def test_what_is_enough_is_valid_and_blanks_leave_as_none() -> None:
    form = sheet(story="  ", sex="", ward="")
    assert form.errors == {}
    assert [form.story.data, form.born_on.data, form.sex.data, form.ward.data] == [None] * 4
    assert (form.alone.data, form.told.data, form.needs.data) == (True, True, [])


def test_text_is_composed_trimmed_and_without_invisible_letters() -> None:
    decomposed = unicodedata.normalize("NFD", " Đặng  Thị\u202e Ễn\x00 ")
    assert decomposed != unicodedata.normalize("NFC", decomposed)
    assert sheet(name=decomposed).name.data == "Đặng Thị Ễn"


def test_length_counts_composed_letters() -> None:
    twenty = "Ễ" * 20
    assert sheet(name=unicodedata.normalize("NFD", twenty)).name.data == twenty
    assert list(sheet(name=twenty + "n").errors) == ["name"]


def test_long_text_keeps_its_lines_one_line_does_not() -> None:
    form = sheet(name="a\r\nb", story="một\r\n\r\nhai\r")
    assert (form.name.data, form.story.data) == ("a b", "một\n\nhai")


def test_a_password_is_composed_but_keeps_its_spaces() -> None:
    typed = unicodedata.normalize("NFD", " mật khẩu ")
    assert sheet(secret=typed).secret.data == unicodedata.normalize("NFC", " mật khẩu ")


@pytest.mark.parametrize(
    ("boxes", "known"),
    [
        (("14", "3", "2009"), PartialDate(2009, 3, 14)),
        (("", "03", "2009"), PartialDate(2009, 3)),
        (("", "", "2009"), PartialDate(2009)),
        (("１４", "３", "２００９"), PartialDate(2009, 3, 14)),  # a full-width keyboard
        (("", "", ""), None),
    ],
)
def test_as_much_of_a_date_as_is_known(boxes: tuple[str, ...], known: PartialDate | None) -> None:
    form = sheet(**dict(zip(("born_on-day", "born_on-month", "born_on-year"), boxes, strict=True)))
    assert form.errors == {}
    assert form.born_on.data == known


@pytest.mark.parametrize(
    "boxes",
    [
        ("31", "2", "2009"),
        ("14", "", "2009"),
        ("14", "3", ""),
        ("x", "3", "2009"),
        ("", "", "09"),
        ("", "", "1899"),
        ("23", "11", "2026"),  # tomorrow
        ("", "", "0"),
        ("-1", "3", "2009"),
    ],
)
def test_impossible_dates_are_refused_and_stay_in_their_boxes(boxes: tuple[str, ...]) -> None:
    form = sheet(**dict(zip(("born_on-day", "born_on-month", "born_on-year"), boxes, strict=True)))
    assert list(form.errors) == ["born_on"]
    assert form.born_on.data is None
    page = str(form.born_on())
    assert all(f'value="{text}"' in page for text in boxes if text)


def test_a_whole_date_needs_all_three_boxes() -> None:
    whole = {"met_on-day": "1", "met_on-month": "2", "met_on-year": "2026"}
    assert sheet(**whole).met_on.data == date(2026, 2, 1)
    assert list(sheet(**whole | {"met_on-day": ""}).errors) == ["met_on"]


@pytest.mark.parametrize("time", ["7:05", "07:05", "7h05", "07.05"])
def test_a_moment_is_the_hospitals_wall_clock(time: str) -> None:
    boxes = {"came_at-day": "22", "came_at-month": "11", "came_at-year": "2026"}
    form = sheet(**boxes, **{"came_at-time": time})
    assert form.came_at.data == datetime(2026, 11, 22, 0, 5, tzinfo=UTC)
    assert list(sheet(**boxes, **{"came_at-time": "13:00"}).errors) == ["came_at"]  # still to come
    assert list(sheet(**boxes, **{"came_at-time": "24:00"}).errors) == ["came_at"]


def test_choices_leave_as_their_own_values() -> None:
    form = sheet(sex="female", ward="ob", needs="safe", alone="no")
    assert form.sex.data is Sex.FEMALE
    assert (form.ward.data, form.needs.data, form.alone.data) == ("ob", ["safe"], False)
    assert 'value="female" checked' in str(form.sex())


@pytest.mark.parametrize("name", ["sex", "ward", "needs", "alone"])
def test_a_choice_that_was_not_offered_is_refused(name: str) -> None:
    form = sheet(**{name: "elsewhere"})
    assert list(form.errors) == [name]
    assert str(form[name]())  # and the page can still be shown


def test_a_yes_no_question_has_no_silent_answer() -> None:
    assert Sheet(formdata=None, meta={"csrf": False}).alone.data is None
    form = Sheet(formdata=None, data={"alone": False}, meta={"csrf": False})
    assert 'value="no" checked' in str(form.alone())


@pytest.mark.parametrize(("typed", "value"), [("0", 0), ("120", 120), ("", None)])
def test_whole_numbers(typed: str, value: int | None) -> None:
    form = sheet(age=typed)
    assert (form.errors, form.age.data) == ({}, value)


@pytest.mark.parametrize("typed", ["121", "-1", "mười", "1.5", "9" * 40])
def test_what_is_not_such_a_number_is_refused_and_kept(typed: str) -> None:
    form = sheet(age=typed)
    assert list(form.errors) == ["age"]
    assert f'value="{typed}"' in str(form.age())


def test_numbers_are_stored_in_their_compact_form_and_doubts_refuse_nothing() -> None:
    form = sheet(identity="003 199 000 123", phone="+84 50 123 4567", card="")
    assert form.errors == {}
    assert (form.identity.data, form.phone.data, form.card.data) == (
        "003199000123",
        "0501234567",
        None,
    )
    assert [warning.partition(":")[0] for warning in form.warnings] == [
        "Số định danh",
        "Điện thoại",
    ]


def test_a_wrong_number_is_refused_and_kept() -> None:
    form = sheet(identity="12345")
    assert list(form.errors) == ["identity"]
    assert 'value="12345"' in str(form.identity())


def test_every_message_of_the_summary_names_its_field_and_leads_to_it() -> None:
    form = Sheet(formdata=MultiDict({"born_on-day": "1"}), meta={"csrf": False})
    assert not form.validate()
    summary = {line["href"]: line["text"] for line in form.summary()}
    assert summary["#name"].startswith("Họ và tên: ")
    assert summary["#born_on-day"].startswith("Ngày sinh: ")
    assert summary["#alone"].startswith("Ở một mình? ")
    assert 'id="born_on-day"' in str(form.born_on())


def test_a_rules_refusal_lands_on_its_field_or_on_the_form() -> None:
    form = sheet()
    form.refuse("name", "Đã có hồ sơ")
    form.refuse("elsewhere", "Cần đồng ý trước")
    assert form.name.errors == ["Đã có hồ sơ"]
    assert form.summary() == [
        {"text": "Cần đồng ý trước"},
        {"text": "Họ và tên: Đã có hồ sơ", "href": "#name"},
    ]


@pytest.mark.parametrize(("sent", "seen"), [("7", 7), ("", 0), ("7x", 0), ("٣", 0), ("-1", 0)])
def test_a_version_that_was_tampered_with_never_matches(sent: str, seen: int) -> None:
    assert sheet(version=sent).seen_version == seen


def test_each_form_has_its_own_submission_id_and_keeps_it_when_refused() -> None:
    first, second = BaseForm(formdata=None), BaseForm(formdata=None)
    assert dict(first.hidden())["submission_id"] != dict(second.hidden())["submission_id"]
    again = BaseForm(formdata=MultiDict(first.hidden()))
    assert again.hidden() == first.hidden()


def test_what_was_typed_is_shown_escaped() -> None:
    form = sheet(name='"><script>', story="</textarea><b>")
    assert "<script>" not in str(form.name())
    assert "<b>" not in str(form.story())
