"""What our acts are in the codes of FHIR R4 AuditEvent and of IHE BALP (audit.md §6). Pure data.

Sources: HL7 FHIR R4 AuditEvent; IHE ITI BALP 1.1; DICOM PS3.15 A.5 and PS3.16 CID 401, 402.
"""

from dataclasses import dataclass
from typing import Final

from casemgr.audit.actions import Action, Outcome

AUDIT_EVENT_TYPE: Final = "http://terminology.hl7.org/CodeSystem/audit-event-type"
RESTFUL: Final = "http://hl7.org/fhir/restful-interaction"
DCM: Final = "http://dicom.nema.org/resources/ontology/DCM"
LIFECYCLE: Final = "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle"
ACT_REASON: Final = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
PARTICIPATION: Final = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
ENTITY_TYPE: Final = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
ENTITY_ROLE: Final = "http://terminology.hl7.org/CodeSystem/object-role"
SOURCE_TYPE: Final = "http://terminology.hl7.org/CodeSystem/security-source-type"
CONFIDENTIALITY: Final = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
BALP: Final = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit."
BALP_ENTITY: Final = "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType"


@dataclass(frozen=True, slots=True)
class Code:
    """One code and the system that it is of."""

    system: str
    code: str


@dataclass(frozen=True, slots=True)
class Kind:
    """What an act is: type, subtype, action, and the BALP profile that fits with a patient."""

    type: Code
    subtype: Code
    action: str  # C R U D E
    profile: str = ""


_REST = Code(AUDIT_EVENT_TYPE, "rest")


def _rest(interaction: str, action: str, profile: str = "") -> Kind:
    return Kind(_REST, Code(RESTFUL, interaction), action, profile)


def _dicom(event: str, sort: str, action: str = "E") -> Kind:
    return Kind(Code(DCM, event), Code(DCM, sort), action)


READ = _rest("read", "R", "PatientRead")
CREATE = _rest("create", "C", "PatientCreate")
UPDATE = _rest("update", "U", "PatientUpdate")
DELETE = _rest("delete", "D", "PatientDelete")
SEARCH = _rest("search", "E", "PatientQuery")
REFUSED = _dicom("110113", "110132")  # Security Alert: Use of Restricted Function
LOG_USED = Kind(Code(DCM, "110101"), Code(RESTFUL, "read"), "R")  # Audit Log Used
EXPORT = Kind(Code(DCM, "110106"), Code(LIFECYCLE, "disclose"), "R")
IMPORT = Kind(Code(DCM, "110107"), Code(LIFECYCLE, "receive"), "C")
LOGIN, LOGOUT = _dicom("110114", "110122"), _dicom("110114", "110123")
RIGHTS = _dicom("110113", "110136")  # Security Roles Changed
KEYS = _dicom("110113", "110137")  # User Security Attributes Changed
SECURITY = _dicom("110113", "110131")  # Software Configuration

SPECIAL: Final[dict[Action, Kind]] = {
    Action.SIGNED_IN: LOGIN,
    Action.SIGN_IN_REFUSED: LOGIN,
    Action.SIGNED_OUT: LOGOUT,
    Action.SESSION_LAPSED: LOGOUT,
    Action.MEMBER_ADDED: RIGHTS,
    Action.MEMBER_REMOVED: RIGHTS,
    Action.ACCOUNT_CREATED: KEYS,
    Action.LETTER_PRINTED: EXPORT,
    Action.CERTIFICATE_PRINTED: EXPORT,
    Action.REFERRAL_SENT: EXPORT,
    Action.ATTACHMENT_OPENED: EXPORT,
    Action.REFERRAL_RECEIVED: IMPORT,
    Action.COMPARTMENT_OPENED: READ,
    Action.CASE_OPENED: CREATE,
    Action.SEAL_BROKEN: SECURITY,
}
_READING = frozenset({"shown", "counted", "compared", "verified", "asked", "opened", "drilled"})
_SEARCHING = frozenset({"listed", "searched"})
_MAKING = frozenset(
    {"added", "created", "founded", "given", "made", "recorded", "prepared", "sent"}
)
_ENDING = frozenset({"removed", "erased", "destroyed", "swept", "expired", "given_up"})

_TENSES = ((_READING, READ), (_SEARCHING, SEARCH), (_MAKING, CREATE), (_ENDING, DELETE))
_OF_THINGS = {"key": SECURITY, "backup": SECURITY, "recovery": SECURITY, "log": LOG_USED}


def kind_of(action: Action, outcome: Outcome) -> Kind:
    """What an act is in FHIR; what has no row of its own goes by its past tense."""
    if action in SPECIAL:
        return SPECIAL[action]
    if outcome is Outcome.REFUSED:
        return REFUSED
    thing, _, done = action.value.partition(".")
    return _OF_THINGS.get(thing) or _by_past_tense(done)


def _by_past_tense(done: str) -> Kind:
    return next((kind for words, kind in _TENSES if done in words), UPDATE)


OUTCOMES: Final = {Outcome.DONE: "0", Outcome.FAILED: "4", Outcome.REFUSED: "8"}
REASONS: Final = {  # what an entry's purpose is in v3-ActReason
    "screening": "TREAT",
    "case_work": "TREAT",
    "treatment": "TREAT",
    "emergency": "ETREAT",
    "referral": "COC",
    "supervision": "HOPERAT",
    "oversight": "HCOMPL",
    "indexing": "HSYSADMIN",
    "erasure": "PATRQT",
    "statistics": "HOPERAT",
    "demonstration": "HSYSADMIN",
}
OTHER_REASON: Final = "HOPERAT"
