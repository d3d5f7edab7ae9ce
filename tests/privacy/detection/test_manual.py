"""docs/detection.md says what the code does."""

from flask import Flask

from tests.house.source_tree import ROOT


def test_the_manual_is_up_to_date(app: Flask) -> None:
    """Make it again with: flask --app wsgi rules > docs/detection.md"""
    printed = app.test_cli_runner().invoke(args=["rules"])
    assert printed.exit_code == 0, printed.output
    assert (ROOT / "docs" / "detection.md").read_text("utf-8") == printed.output
