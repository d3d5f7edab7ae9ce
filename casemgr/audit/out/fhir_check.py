"""Our own check of an AuditEvent: codes and cardinalities that libraries let pass (audit.md §6).

``fhir.resources`` accepts action X, outcome 9 and a resource without agents. Pure.
"""

import re
from collections.abc import Iterator
from typing import Any

from casemgr.audit.out import fhir_codes as codes

ACTIONS = frozenset("CRUDE")
OUTCOMES = frozenset({"0", "4", "8", "12"})
NETWORKS = frozenset({"1", "2", "3", "4", "5"})
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_MEMBERS = frozenset(
    [
        "resourceType",
        "id",
        "meta",
        "extension",
        "type",
        "subtype",
        "action",
        "recorded",
        "outcome",
        "purposeOfEvent",
        "agent",
        "source",
        "entity",
    ]
)


def faults(resource: Any) -> list[str]:
    """What is wrong with it, in words for developers; nothing for a sound one."""
    if not isinstance(resource, dict) or resource.get("resourceType") != "AuditEvent":
        return ["no AuditEvent"]
    return list(_faults(resource))


def _faults(event: dict[str, Any]) -> Iterator[str]:
    for name in sorted(set(event) - _MEMBERS):
        yield f"{name}: we write no such member"
    if not _ID.fullmatch(str(event.get("id", ""))):
        yield "id: 1 to 64 letters, digits, - or ."
    if not _INSTANT.fullmatch(str(event.get("recorded", ""))):
        yield "recorded: an instant in UTC to the millisecond"
    if event.get("action") not in ACTIONS:
        yield f"action: one of {''.join(sorted(ACTIONS))}"
    if event.get("outcome") not in OUTCOMES:
        yield "outcome: 0, 4, 8 or 12"
    for coding in (event.get("type"), *event.get("subtype", ())):
        yield from _coding("type", coding)
    yield from _agents(event.get("agent"))
    if not _identifier(event.get("source", {}).get("observer")):
        yield "source.observer: exactly one"
    yield from _entities(event)


def _agents(agents: Any) -> Iterator[str]:
    if not agents:
        yield "agent: at least one"
        return
    if [agent.get("requestor") for agent in agents].count(True) != 1:
        yield "agent.requestor: exactly one asks"
    for agent in agents:
        if not isinstance(agent.get("requestor"), bool):
            yield "agent.requestor: true or false"
        if not _identifier(agent.get("who")):
            yield "agent.who: an identifier"
        if agent.get("requestor") and "network" in agent:
            yield "agent.network: not on the person (BALP 0..0)"
        network = agent.get("network")
        if network is not None and network.get("type") not in NETWORKS:
            yield "agent.network.type: 1 to 5"


def _entities(event: dict[str, Any]) -> Iterator[str]:
    entities = event.get("entity", [])
    if "entity" in event and not entities:
        yield "entity: none, or at least one"
    for entity in entities:
        yield from _coding("entity.type", entity.get("type"))
        if "what" not in entity:
            yield "entity.what: exactly one"
    patients = [entity for entity in entities if _is_patient(entity)]
    profiles = event.get("meta", {}).get("profile", ())
    if (
        any(profile.startswith(codes.BALP + "Patient") for profile in profiles)
        and len(patients) != 1
    ):
        yield "entity: this profile of BALP wants exactly one patient"


def _is_patient(entity: dict[str, Any]) -> bool:
    return str(entity.get("what", {}).get("reference", "")).startswith("Patient/")


def _coding(where: str, coding: Any) -> Iterator[str]:
    if not isinstance(coding, dict) or not coding.get("system") or not coding.get("code"):
        yield f"{where}: a code and its system"


def _identifier(reference: Any) -> bool:
    return isinstance(reference, dict) and bool(reference.get("identifier", {}).get("value"))
