"""docs/detection.md says what the code does."""

import pytest
from flask import Flask
from flask_babel import force_locale

from casemgr.privacy.detection.catalogue import RULES, describe
from casemgr.privacy.detection.sentences import SENTENCES
from tests.house.source_tree import ROOT

NUMBERS = {"cases": 3, "usual": 1, "searches": 9, "number": 5, "days": 91, "people": 6}


def test_the_manual_is_up_to_date(app: Flask) -> None:
    """Make it again with: flask --app wsgi rules > docs/detection.md"""
    printed = app.test_cli_runner().invoke(args=["rules"])
    assert printed.exit_code == 0, printed.output
    assert (ROOT / "docs" / "detection.md").read_text("utf-8") == printed.output


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_sentence_can_be_filled_in(app: Flask, language: str) -> None:
    with app.test_request_context(), force_locale(language):
        for rule, ways in SENTENCES.items():
            for chosen in ways:
                told = describe(rule, {**NUMBERS, "parts": "PSYCH", "why": chosen})
                assert told != rule
                assert "%" not in told


def test_a_sentence_in_vietnamese(app: Flask) -> None:
    with app.test_request_context(), force_locale("vi"):
        told = RULES["volume"].sentence({"cases": 20, "usual": 5})
        assert told == "Mở 20 hồ sơ trong một ngày; thường ngày là 5."
        odd = RULES["section_mismatch"].sentence({"parts": "PSYCH CLINICAL"})
        assert odd == "Mở phần mà người cùng vai trò không mở: Hồ sơ tâm lý, Hồ sơ lâm sàng."
        assert describe("no_such_rule", {}) == "no_such_rule"
