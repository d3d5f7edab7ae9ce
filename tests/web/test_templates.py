"""The layouts and components together, held to the rules of every page (I12)."""

from typing import Any

from flask import Flask, flash, render_template_string
from werkzeug.datastructures import MultiDict

from casemgr.web.dates import Moment, PartialDay
from casemgr.web.fields import Choice, LongText, Password, Select, Several, Text, Tick, YesNo
from casemgr.web.forms import BaseForm
from casemgr.web.pagination import Page
from tests import markup, page_rules

FORM = """{% extends "layouts/staff.html" %}
{% from "components/field.html" import field %}
{% from "components/form.html" import form_around %}
{% from "components/back.html" import back %}
{% block back %}{{ back("/") }}{% endblock %}
{% block content %}<h1>Biểu mẫu</h1>
{% call form_around(form, submit="Lưu", cancel="/") %}
{{ field(form.name) }}{{ field(form.born_on) }}{{ field(form.at) }}{{ field(form.sex) }}
{{ field(form.ward) }}{{ field(form.needs) }}{{ field(form.alone) }}{{ field(form.note) }}
{{ field(form.told) }}{{ field(form.word) }}
{% endcall %}{% endblock %}"""
LIST = """{% extends "layouts/staff.html" %}
{% from "components/table.html" import table, row %}
{% from "components/status.html" import status %}
{% from "components/sealed.html" import sealed, shown_for %}
{% from "components/facts.html" import facts %}
{% from "components/pagination.html" import pagination %}
{% from "components/empty.html" import empty %}
{% from "components/tile.html" import tile %}
{% from "components/one_button.html" import one_button %}
{% block content %}<h1>Danh sách</h1>
{% call table("Hồ sơ", ["Mã", "Tình trạng"]) %}
{% for code in page.items %}{{ row([code, status("Nghi ngờ", "waiting")]) }}{% endfor %}{% endcall %}
{{ pagination(page) }}{{ empty("Không có gì") }}{% call empty("Không có gì") %}<p>!</p>{% endcall %}
{% call shown_for(60, "/") %}{{ facts([{"key": "Tên", "value": name, "change": "/"}, {"key": "Số", "value": none}, {"key": "Khám", "value": sealed()}]) }}{% endcall %}
<ul>{{ tile(3, "việc", "/") }}</ul>{{ one_button("/", "Nhận", described=name) }}
{% endblock %}"""
PLAIN = """{% extends "layouts/plain.html" %}{% block sheet %}<h1>Trang</h1>{% endblock %}"""


class Sheet(BaseForm):
    name = Text("Họ và tên", required=True, hint="Như người bệnh nói")
    born_on = PartialDay("Ngày sinh", required=True)
    at = Moment("Lúc", required=True)
    sex = Choice("Giới tính", {"f": "Nữ", "m": "Nam"}, required=True)
    ward = Select("Khoa", {"ob": "Sản"}, required=True)
    needs = Several("Nhu cầu", {"a": "Ăn", "b": "Ở"}, required=True)
    alone = YesNo("Một mình?", required=True)
    note = LongText("Ghi chú", required=True)
    told = Tick("Đã giải thích", required=True)
    word = Password("Mật khẩu", required=True)


def show(app: Flask, template: str, **context: Any) -> markup.Element:
    app.add_url_rule("/", "here", view_func=lambda: "")
    with app.test_request_context("/"):
        flash("Đã lưu")
        if "form" in context and context["form"] is not None:
            context["form"] = context["form"]()
        page = markup.read(render_template_string(template, **context))
    assert page_rules.faults(page) == []
    return page


def refused() -> Sheet:
    form = Sheet(formdata=MultiDict({"name": ""}), meta={"csrf": False})
    form.validate()
    return form


def test_a_fresh_form(bare: Flask) -> None:
    page = show(bare, FORM, form=lambda: Sheet(formdata=None))
    form = page.all("main")[0].all("form")[0]
    assert "novalidate" in form
    assert [e["name"] for e in form.all("input") if e["type"] == "hidden"] == [
        "csrf_token",
        "submission_id",
    ]
    assert not any("required" in e for e in page.all("input", "textarea", "select"))


def test_a_refused_form_tells_every_field(bare: Flask) -> None:
    page = show(bare, FORM, form=refused)
    assert len(page.having("govuk-error-message")) == 10
    links = page.having("govuk-error-summary")[0].all("a")
    assert [a["href"] for a in links][:3] == ["#name", "#born_on-day", "#at-day"]


def test_lists_facts_and_buttons(bare: Flask) -> None:
    page = show(bare, LIST, page=Page(["CP-7Q4M2K"], number=3, total=437), name="<b>Ễn</b>")
    assert page.all("b") == []
    assert "<b>Ễn</b>" in page.all("main")[0].text
    assert [e["data-hide-after"] for e in page.all(where=lambda e: "data-hide-after" in e)] == [
        "60"
    ]


def test_every_page_is_marked_as_demonstration(bare: Flask) -> None:
    page = show(bare, PLAIN, form=lambda: BaseForm(formdata=None))
    assert len(page.having("casemgr-demo")) == 1
