"""Entries as FHIR R4 AuditEvent: HL7's schema, fhir.resources, and our own check agree."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from fhir.resources.R4B.auditevent import AuditEvent
from fhir.resources.R4B.bundle import Bundle
from jsonschema import Draft6Validator

from casemgr.audit import Action, AuditEntry, Outcome
from casemgr.audit.out import fhir, fhir_codes
from casemgr.audit.out.fhir_check import faults

ORIGIN = "https://casemgr.example.vn"
CASE, WHO, RID = UUID(int=1), UUID(int=2), UUID(int=3)
SCHEMA = json.loads(
    (Path(__file__).parents[2] / "vectors" / "fhir_r4_audit_event.schema.json").read_text("utf-8")
)


def entry(action: Action, outcome: Outcome = Outcome.DONE, **more: Any) -> AuditEntry:
    values: dict[str, Any] = {
        "facility_id": UUID(int=9),
        "at": datetime(2026, 11, 22, 6, 22, 26, 123456, tzinfo=UTC),
        "account_id": WHO,
        "acting_as": "social_worker",
        "case_id": CASE,
        "compartments": "IDENTITY SOCIAL",
        "purpose": "case_work",
        "channel": "web",
        "session_ref": UUID(int=4),
        "address": "10.1.2.3",
        "request_id": RID,
        "leaf_version": 2,
        "leaf": b"{}",
    }
    return AuditEntry(action=action, outcome=outcome, **{**values, **more})


def event(action: Action, outcome: Outcome = Outcome.DONE, **more: Any) -> dict[str, Any]:
    return fhir.audit_event(entry(action, outcome, **more), ORIGIN)


SYSTEM = {"account_id": None, "acting_as": "name-index", "channel": "worker", "session_ref": None}
SYSTEM |= {
    "address": None,
    "request_id": None,
    "case_id": None,
    "compartments": "",
    "purpose": None,
}


@pytest.mark.parametrize("outcome", Outcome, ids=lambda outcome: outcome.value)
@pytest.mark.parametrize("action", Action, ids=lambda action: action.value)
def test_every_act_is_sound_to_all_three(action: Action, outcome: Outcome) -> None:
    for more in ({}, SYSTEM):
        made = json.loads(fhir.written(event(action, outcome, **more)))
        assert faults(made) == []
        AuditEvent.model_validate(made)
        Draft6Validator(SCHEMA).validate(made)


def test_a_read_says_what_audit_md_says() -> None:
    """The example of audit.md §6, member by member; its ids are ours."""
    made = event(Action.CASE_SHOWN)
    assert made["meta"]["profile"] == [
        "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PatientRead"
    ]
    assert made["type"]["code"] == "rest"
    assert made["subtype"][0] == {
        "system": "http://hl7.org/fhir/restful-interaction",
        "code": "read",
    }
    assert (made["action"], made["outcome"]) == ("R", "0")
    assert made["recorded"] == "2026-11-22T06:22:26.123Z"
    assert made["purposeOfEvent"][0]["coding"][0]["code"] == "TREAT"
    kinds = [agent["type"]["coding"][0]["code"] for agent in made["agent"]]
    assert kinds == ["110153", "110152", "IRCP"]
    assert made["agent"][1]["network"] == {"address": "10.1.2.3", "type": "2"}
    assert made["agent"][2]["requestor"] is True
    assert "network" not in made["agent"][2]
    assert made["source"]["type"][0]["code"] == "4"
    patient, case, request = made["entity"]
    assert patient["what"] == {"reference": f"Patient/{CASE}"}
    assert (patient["type"]["code"], patient["role"]["code"]) == ("1", "1")
    assert (case["type"]["code"], case["role"]["code"]) == ("2", "4")
    assert case["securityLabel"][0]["code"] == "V"
    assert [part["valueString"] for part in case["detail"]] == ["IDENTITY", "SOCIAL"]
    assert request["type"]["code"] == "XrequestId"


@pytest.mark.parametrize(
    ("action", "outcome", "kind", "code"),
    [
        (Action.ACT_REFUSED, Outcome.REFUSED, "110113/110132", "8"),
        (Action.SIGNED_IN, Outcome.DONE, "110114/110122", "0"),
        (Action.SIGN_IN_REFUSED, Outcome.REFUSED, "110114/110122", "8"),
        (Action.SIGNED_OUT, Outcome.DONE, "110114/110123", "0"),
        (Action.MEMBER_ADDED, Outcome.DONE, "110113/110136", "0"),
        (Action.LETTER_PRINTED, Outcome.DONE, "110106/disclose", "0"),
        (Action.REFERRAL_RECEIVED, Outcome.DONE, "110107/receive", "0"),
        (Action.LOG_SHOWN, Outcome.DONE, "110101/read", "0"),
        (Action.CASES_SEARCHED, Outcome.DONE, "rest/search", "0"),
        (Action.NOTE_ADDED, Outcome.DONE, "rest/create", "0"),
        (Action.CASE_MOVED, Outcome.DONE, "rest/update", "0"),
        (Action.PART_ERASED, Outcome.DONE, "rest/delete", "0"),
        (Action.JOB_FAILED, Outcome.FAILED, "rest/update", "4"),
        (Action.SEAL_BROKEN, Outcome.FAILED, "110113/110131", "12"),
    ],
    ids=str,
)
def test_types_are_those_of_the_table(
    action: Action, outcome: Outcome, kind: str, code: str
) -> None:
    made = event(action, outcome)
    assert f"{made['type']['code']}/{made['subtype'][0]['code']}" == kind
    assert made["outcome"] == code


def test_a_refused_act_claims_no_profile() -> None:
    assert "meta" not in event(Action.CASE_SHOWN, Outcome.REFUSED)
    assert "meta" not in event(Action.CASE_SHOWN, case_id=None)


Spoil = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda e: e.update(action="X"), "action"),
        (lambda e: e.update(outcome="9"), "outcome"),
        (lambda e: e.update(agent=[]), "agent: at least one"),
        (lambda e: e["agent"].pop(), "exactly one asks"),
    ],
    ids=["action X", "outcome 9", "no agents", "nobody asks"],
)
def test_our_check_refuses_what_the_library_accepts(spoil: Spoil, told: str) -> None:
    """The limits of fhir.resources that audit.md §6 found; the first half keeps them honest."""
    made = event(Action.CASE_SHOWN)
    spoil(made)
    AuditEvent.model_validate(made)
    assert any(told in fault for fault in faults(made))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda e: e.pop("source"),
        lambda e: e.update(recorded="yesterday"),
        lambda e: e.update(name="Nguyễn Thị Canary"),
        lambda e: e["entity"].pop(0),
        lambda e: e["agent"][2].update(network={"address": "10.1.2.3", "type": "2"}),
        lambda e: e["type"].pop("system"),
        lambda e: e.update(entity=[]),
    ],
    ids=["source", "instant", "stranger", "patient", "network", "system", "entities"],
)
def test_our_check_refuses_other_faults(spoil: Spoil) -> None:
    made = event(Action.CASE_SHOWN)
    spoil(made)
    assert faults(made)


@pytest.mark.parametrize("number", [0, 1, 3])
def test_a_bundle_is_written_as_it_comes(number: int) -> None:
    head, tail = fhir.bundle_ends(UUID(int=7), datetime(2026, 11, 25, tzinfo=UTC))
    entries = [fhir.written(fhir.bundled(event(Action.CASE_SHOWN))) for _ in range(number)]
    bundle = json.loads(head + ",".join(entries) + tail)
    assert len(bundle["entry"]) == number
    Draft6Validator(SCHEMA).validate(bundle)
    if number:
        Bundle.model_validate(bundle)


def test_purposes_all_have_a_code() -> None:
    from casemgr.access import Purpose

    assert set(fhir_codes.REASONS) >= {purpose.value for purpose in Purpose}
