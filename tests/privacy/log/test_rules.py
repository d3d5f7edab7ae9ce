"""The log's lines as CSV, and filters that survive a stay in the session."""

from datetime import date, time
from uuid import UUID

import pytest

from casemgr.access import Compartment, Purpose
from casemgr.audit import Action, Outcome
from casemgr.audit.shown import ids_shown
from casemgr.privacy.log.rules import Filters, read_filters
from casemgr.privacy.log.spreadsheet import csv_line

A_CASE = UUID("018f0000-0000-7000-8000-000000000001")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_begins_a_formula(start: str) -> None:
    cell = csv_line([start + 'HYPERLINK("x")']).strip("\r\n").strip('"')
    assert cell[0] == "'"


def test_a_record_follows_rfc_4180() -> None:
    assert csv_line(["a", 'say "b"', "c,d", "e\nf", ""]) == 'a,"say ""b""","c,d","e\nf",\r\n'


def test_filters_come_back_as_they_were_kept() -> None:
    asked = Filters(
        colleague_id=A_CASE,
        case_id=A_CASE,
        actions=frozenset({Action.CASE_SHOWN, Action.CASES_SEARCHED}),
        outcome=Outcome.REFUSED,
        channel="web",
        department="Khoa Sản",
        purpose=Purpose.TREATMENT,
        part=Compartment.PSYCH,
        first_time=time(0, 0),
        last_time=time(16, 30),
        first_day=date(2026, 11, 1),
        last_day=date(2026, 11, 22),
    )
    assert read_filters(asked.kept()) == asked
    assert Filters().kept() == {}


def test_ids_of_a_list_are_read_out_of_the_leaf() -> None:
    assert ids_shown(b'{"ids":["018f0000-0000-7000-8000-000000000001"],"v":1}') == [A_CASE]
    assert ids_shown(b'{"v":1}') == []
