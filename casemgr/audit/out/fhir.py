"""An entry of the log as FHIR R4 AuditEvent, on IHE BALP where it fits (audit.md §6).

A view for other systems; the leaf is the evidence, and the extension names its hash. Staff and
cases stand here as the random ids of the log: no name, no code name, no fact about a person.
"""

from datetime import UTC, datetime
from typing import Any, TypeAlias
from uuid import UUID

import orjson

from casemgr.audit.actions import Action, Outcome
from casemgr.audit.models import AuditEntry
from casemgr.audit.out import fhir_codes as codes
from casemgr.audit.out.fhir_codes import Code, kind_of
from casemgr.audit.verify import leaf_hash

Resource: TypeAlias = dict[str, Any]

EXTENSION = "urn:casemgr:tlog-leaf-hash"
_URI, _ADDRESS = "5", "2"  # network types of FHIR: a URI, an IP address
_SERVER = Code(codes.DCM, "110153")  # Source Role ID
_CLIENT = Code(codes.DCM, "110152")  # Destination Role ID
_PERSON = Code(codes.PARTICIPATION, "IRCP")  # the one who gets the information


def audit_event(entry: AuditEntry, origin: str) -> Resource:
    """One entry. ``origin`` is the public address of this installation."""
    kind = kind_of(entry.action, entry.outcome)
    resource: Resource = {
        "resourceType": "AuditEvent",
        "id": str(entry.id),
        **_meta(entry, kind.profile),
        "extension": [{"url": EXTENSION, "valueString": leaf_hash(entry.leaf).hex()}],
        "type": _coding(kind.type),
        "subtype": [
            _coding(kind.subtype),
            {"system": "urn:casemgr:action", "code": entry.action.value},
        ],
        "action": kind.action,
        "recorded": _instant(entry.at),
        "outcome": _outcome(entry),
    }
    if entry.purpose:
        resource["purposeOfEvent"] = [_reason(entry.purpose)]
    resource["agent"] = _agents(entry, origin)
    resource["source"] = {
        "site": str(entry.facility_id),
        "observer": {"identifier": {"value": origin}},
        "type": [{"system": codes.SOURCE_TYPE, "code": "4"}],  # Application Server
    }
    if entities := _entities(entry):
        resource["entity"] = entities
    return resource


def bundled(resource: Resource) -> Resource:
    """One entry of a Bundle."""
    return {"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource}


def bundle_ends(bundle_id: UUID, at: datetime) -> tuple[str, str]:
    """What stands before and after the entries of a Bundle that is written as it comes."""
    head = {
        "resourceType": "Bundle",
        "id": str(bundle_id),
        "type": "collection",
        "timestamp": _instant(at),
    }
    return written(head)[:-1] + ',"entry":[', "]}"


def written(resource: Resource) -> str:
    """As JSON on one line."""
    return orjson.dumps(resource).decode()


def _meta(entry: AuditEntry, profile: str) -> Resource:
    """A profile of BALP wants a patient, and an act that was done."""
    is_fitting = profile and entry.case_id is not None and entry.outcome is Outcome.DONE
    return {"meta": {"profile": [codes.BALP + profile]}} if is_fitting else {}


def _outcome(entry: AuditEntry) -> str:
    if entry.action is Action.SEAL_BROKEN:
        return "12"  # somebody tampered, or a disk failed: no minor matter
    return codes.OUTCOMES[entry.outcome]


def _agents(entry: AuditEntry, origin: str) -> list[Resource]:
    server = {
        "type": _concept(_SERVER),
        "who": {"identifier": {"value": origin}},
        "requestor": False,
        "network": {"address": origin, "type": _URI},
    }
    who = {
        "type": _concept(_PERSON),
        "who": {"identifier": {"value": str(entry.account_id or entry.acting_as)}},
        "requestor": True,
        "role": [
            {"coding": [{"system": "urn:casemgr:role", "code": name}]}
            for name in entry.acting_as.split()
        ],
    }
    if entry.purpose:
        who["purposeOfUse"] = [_reason(entry.purpose)]
    return [server, *_client(entry), who]


def _client(entry: AuditEntry) -> list[Resource]:
    if entry.session_ref is None and entry.address is None:
        return []
    agent: Resource = {
        "type": _concept(_CLIENT),
        "who": {"identifier": {"value": str(entry.session_ref or entry.channel)}},
        "requestor": False,
    }
    if entry.address:
        agent["network"] = {"address": entry.address, "type": _ADDRESS}
    return [agent]


def _entities(entry: AuditEntry) -> list[Resource]:
    found = []
    if entry.case_id:
        found += [_entity({"reference": f"Patient/{entry.case_id}"}, "1", "1"), _case(entry)]
    if entry.subject_id:
        role = "13" if kind_of(entry.action, entry.outcome) is codes.LOG_USED else "3"
        found.append(_entity({"identifier": {"value": str(entry.subject_id)}}, "2", role))
    if entry.request_id:
        found.append(
            {
                "what": {"identifier": {"value": str(entry.request_id)}},
                "type": {"system": codes.BALP_ENTITY, "code": "XrequestId"},
            }
        )
    return found


def _case(entry: AuditEntry) -> Resource:
    case = _entity({"identifier": {"value": str(entry.case_id)}}, "2", "4")
    case["securityLabel"] = [{"system": codes.CONFIDENTIALITY, "code": "V"}]
    parts = [{"type": "part", "valueString": part} for part in entry.compartments.split()]
    return {**case, "detail": parts} if parts else case


def _entity(what: Resource, sort: str, role: str) -> Resource:
    return {
        "what": what,
        "type": {"system": codes.ENTITY_TYPE, "code": sort},
        "role": {"system": codes.ENTITY_ROLE, "code": role},
    }


def _reason(purpose: str) -> Resource:
    return _concept(Code(codes.ACT_REASON, codes.REASONS.get(purpose, codes.OTHER_REASON)))


def _concept(code: Code) -> Resource:
    return {"coding": [_coding(code)]}


def _coding(code: Code) -> Resource:
    return {"system": code.system, "code": code.code}


def _instant(at: datetime) -> str:
    """UTC, to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
