"""Entries as RFC 5424 messages in RFC 5425 frames, read back by an independent reader."""

import re
from datetime import UTC, datetime
from uuid import UUID

import pytest

from casemgr.audit import Action, AuditEntry, Outcome
from casemgr.audit.out.syslog import framed, message

# RFC 5424 §6, written down once more from its ABNF
HEADER = re.compile(
    r"<(?P<pri>\d{1,3})>(?P<version>[1-9]\d{0,2}) (?P<at>\S+) (?P<host>[!-~]{1,255}) "
    r"(?P<app>[!-~]{1,48}) (?P<proc>[!-~]{1,128}) (?P<id>[!-~]{1,32}) (?P<rest>.*)",
    re.DOTALL,
)
ELEMENT = re.compile(
    r'\[(?P<name>[!-~]{1,32})(?P<params>(?: [!-~]{1,32}="(?:\\["\\\]]|[^"\\\]])*")*)\]'
)
PARAM = re.compile(r' ([!-~]{1,32})="((?:\\["\\\]]|[^"\\\]])*)"')


def entry(outcome: Outcome = Outcome.DONE, kind: str = "note") -> AuditEntry:
    return AuditEntry(
        facility_id=UUID(int=9),
        at=datetime(2026, 11, 22, 6, 22, 26, 123456, tzinfo=UTC),
        account_id=UUID(int=2),
        acting_as="social_worker",
        action=Action.CASE_SHOWN,
        outcome=outcome,
        case_id=UUID(int=1),
        subject_kind=kind,
        compartments="IDENTITY",
        purpose="case_work",
        channel="web",
        address="10.1.2.3",
        count=3,
        leaf_version=2,
        leaf=b"{}",
    )


def read(text: bytes) -> tuple[dict[str, str], dict[str, str]]:
    """Header and parameters of a message."""
    header = HEADER.fullmatch(text.decode())
    assert header
    element = ELEMENT.match(header["rest"])
    assert element
    found = {n: re.sub(r"\\(.)", r"\1", value) for n, value in PARAM.findall(element["params"])}
    return header.groupdict(), found


@pytest.mark.parametrize(
    ("outcome", "priority"),
    [(Outcome.DONE, 109), (Outcome.REFUSED, 108), (Outcome.FAILED, 107)],
    ids=str,
)
def test_the_header_is_rfc_5424(outcome: Outcome, priority: int) -> None:
    """Facility 13 is log audit; 13 × 8 + notice 5, warning 4, error 3."""
    header, _ = read(message(entry(outcome), "casemgr.example.vn"))
    assert int(header["pri"]) == priority
    assert header["version"] == "1"
    assert header["at"] == "2026-11-22T06:22:26.123456Z"
    assert (header["host"], header["app"]) == ("casemgr.example.vn", "casemgr")


def test_what_it_says_is_ids_and_names_of_acts() -> None:
    made = entry()
    _, found = read(message(made, "h"))
    assert found["id"] == str(made.id)
    assert (found["act"], found["out"], found["as"]) == ("case.shown", "done", "social_worker")
    assert (found["parts"], found["n"], found["addr"]) == ("IDENTITY", "3", "10.1.2.3")
    # printf '\\0{}' | sha256sum
    assert found["leaf"] == "28a3a18f6cd6406b086e9ffda1f9b8a13dbcf44b0f3f32cb9031a11fd053acf9"
    assert "subj" not in found


def test_nothing_ends_an_element_early() -> None:
    nasty = 'a"] b\\ [x y="z"'
    _, found = read(message(entry(kind=nasty), "h"))
    assert found["kind"] == nasty


def test_a_frame_begins_with_its_length_in_octets() -> None:
    text = "<109>1 … é".encode()
    length, _, rest = framed(text).partition(b" ")
    assert int(length) == len(text) == len(rest)
