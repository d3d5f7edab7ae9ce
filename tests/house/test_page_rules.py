"""I12, I5, I6: the rules that every page is held to bite, each on the fault that it is for."""

import pytest

from tests import markup, page_rules

SOUND = """<!DOCTYPE html><html lang="vi"><head><title>Sổ công tác</title></head><body>
<script src="/static/start.js"></script>
<main><h1>Mở ca</h1>
<div class="govuk-error-summary"><a href="#name">Hãy nhập tên</a></div>
<form method="post" action="/cases"><input type="hidden" name="csrf_token" value="t">
<label for="name">Tên</label><p id="name-error" class="govuk-error-message">Hãy nhập tên</p>
<input id="name" name="name" aria-describedby="name-error">
<fieldset><legend>Giới tính</legend><input type="radio" name="sex" id="sex" value="female">
<label for="sex">Nữ</label></fieldset>
<button>Lưu</button></form><a href="tel:111">111</a></main></body></html>"""


def test_a_sound_page_has_no_fault() -> None:
    assert page_rules.faults(markup.read(SOUND)) == []


@pytest.mark.parametrize(
    ("sound", "broken", "fault"),
    [
        ("<title>Sổ công tác", "<title>Nguyễn Thị A", "title must be"),
        ('lang="vi"', 'lang=""', "lang"),
        ("<h1>Mở ca</h1>", "", "one h1"),
        ("</h1>", "</h1><h1>Hai</h1>", "one h1"),
        ('id="sex"', 'id="name"', "used 2 times"),
        ('<label for="name">Tên</label>', "", "'name' has no label"),
        ('<label for="name">Tên</label>', '<label for="name"></label>', "'name' has no label"),
        ("<legend>Giới tính</legend>", "", "no fieldset with a legend"),
        (' aria-describedby="name-error"', "", "is linked to no field"),
        ('aria-describedby="name-error"', 'aria-describedby="x name-error"', "names 'x'"),
        ('href="#name"', 'href="#other"', "leads to '#other'"),
        ('class="govuk-error-summary"', "", "needs an error summary"),
        ('<script src="/static/start.js">', "<script>", "inline <script>"),
        ("<h1>", '<h1 style="color:red">', "has style"),
        ("<h1>", '<h1 onclick="x()">', "has onclick"),
        ('href="tel:111"', 'href="javascript:x()"', "runs a javascript"),
        ('href="tel:111"', 'href="https://example.org/"', "leads outside"),
        ('src="/static/start.js"', 'src="//example.org/start.js"', "leads outside"),
        ('name="csrf_token"', 'name="other"', "token False"),
        ('method="post"', 'method="get"', "token True"),
    ],
)
def test_each_rule_bites(sound: str, broken: str, fault: str) -> None:
    assert sound in SOUND
    found = page_rules.faults(markup.read(SOUND.replace(sound, broken)))
    assert any(fault in each for each in found), found


@pytest.mark.parametrize("html", ["<p>", "<p></div>", "</p>", '<p id="a" id="b"></p>'])
def test_markup_that_does_not_nest_is_refused(html: str) -> None:
    with pytest.raises(markup.MarkupBroken):
        markup.read(html)
