"""The one table: role × permission × compartment. Everything else about roles is derived."""

from dataclasses import dataclass
from enum import StrEnum

from casemgr.access.compartments import Compartment
from casemgr.access.permissions import Permission


class Role(StrEnum):
    """Who works with casemgr (design §1)."""

    SCREENER = "screener"
    SOCIAL_WORKER = "social_worker"
    SOCIAL_WORK_LEAD = "social_work_lead"
    CLINICIAN = "clinician"
    PSYCHOLOGIST = "psychologist"
    DIRECTOR = "director"
    PLANNER = "planner"
    OFFICE = "office"
    COMMUNICATIONS = "communications"
    PRIVACY_OFFICER = "privacy_officer"
    ADMINISTRATOR = "administrator"
    PARTNER = "partner"


@dataclass(frozen=True, slots=True)
class Grant:
    """What a role may do, and which compartments it can open at all.

    The relation to the case decides the rest: a compartment named here opens only for members of
    the case's care team who hold it, or, ``everywhere``, for the lead of the owning team.
    """

    permissions: frozenset[Permission]
    compartments: frozenset[Compartment] = frozenset()
    everywhere: bool = False


_HOME = frozenset({Permission.HOME_READ, Permission.QUESTION_ANSWER})
_SCREENING = frozenset({Permission.SCREENING_WRITE})
_CASE_WORK = frozenset(
    {
        Permission.NOTICE_READ,
        Permission.NOTICE_ACKNOWLEDGE,
        Permission.CASE_LIST,
        Permission.CASE_READ,
        Permission.CASE_SEARCH,
        Permission.CASE_TAKE,
        Permission.CASE_WRITE,
        Permission.CASE_CLOSE,
        Permission.CONSENT_WRITE,
        Permission.TEAM_WRITE,
        Permission.NOTE_WRITE,
        Permission.TASK_WRITE,
        Permission.ATTACHMENT_READ,
        Permission.ATTACHMENT_WRITE,
        Permission.REFERRAL_READ,
        Permission.REFERRAL_WRITE,
        Permission.REFERRAL_RECEIVE,
        Permission.DIRECTORY_READ,
        Permission.RIGHTS_PREPARE,
    }
)
_TREATMENT = frozenset(
    {
        Permission.CASE_LIST,
        Permission.CASE_READ,
        Permission.RESTRICTED_READ,
        Permission.RESTRICTED_WRITE,
        Permission.ATTACHMENT_READ,
        Permission.ATTACHMENT_WRITE,
        Permission.DIRECTORY_READ,
        Permission.RIGHTS_PREPARE,
    }
)
_SOCIAL = frozenset(
    {
        Compartment.IDENTITY,
        Compartment.CONTACT,
        Compartment.SOCIAL,
        Compartment.EPISODE,
        Compartment.LEGAL,
    }
)
# Reasons and answers of oversight itself: no part that a care team could be given.
_OVERSIGHT = frozenset({Compartment.OVERSIGHT})
# Which reviews of all each of them reaches stands in privacy/reviews/reach.py.
_REVIEWING = frozenset(
    {
        Permission.REVIEW_READ,
        Permission.REVIEW_DECIDE,
        Permission.ACCESS_CONFIRM,
        Permission.ACCESS_READ,
    }
)
# What the account named in the settings may besides its roles: it reviews what no officer may.
# Likewise the breaches that concern every officer, and no other (privacy/breaches/records.py).
DEPUTY_PERMISSIONS = _REVIEWING | {Permission.BREACH_READ, Permission.BREACH_WRITE}

ROLES: dict[Role, Grant] = {
    Role.SCREENER: Grant(_HOME | _SCREENING | {Permission.DIRECTORY_READ}),
    Role.SOCIAL_WORKER: Grant(_HOME | _SCREENING | _CASE_WORK, _SOCIAL),
    Role.SOCIAL_WORK_LEAD: Grant(
        _HOME
        | _SCREENING
        | _CASE_WORK
        | {Permission.CASE_HAND_OVER, Permission.ACCESS_CONFIRM, Permission.ACCESS_READ},
        _SOCIAL,
        everywhere=True,
    ),
    Role.CLINICIAN: Grant(
        _HOME | _SCREENING | _TREATMENT,
        frozenset({Compartment.IDENTITY, Compartment.CLINICAL, Compartment.SEXUAL_HEALTH}),
    ),
    Role.PSYCHOLOGIST: Grant(
        _HOME | _SCREENING | _TREATMENT, frozenset({Compartment.IDENTITY, Compartment.PSYCH})
    ),
    Role.DIRECTOR: Grant(
        _HOME
        | {
            Permission.NOTICE_READ,
            Permission.NOTICE_ACKNOWLEDGE,
            Permission.DIRECTORY_READ,
            Permission.ERASURE_READ,
            Permission.ERASURE_APPROVE,
            Permission.PROOF_READ,
            Permission.BREACH_READ,
            Permission.BREACH_WRITE,  # only what concerns every officer
            Permission.BREACH_CONFIRM,
            Permission.REPORT_READ,
        }
        | _REVIEWING,
        _OVERSIGHT,
    ),
    Role.PLANNER: Grant(_HOME | {Permission.DIRECTORY_READ}),
    Role.OFFICE: Grant(_HOME | {Permission.DIRECTORY_READ}),
    Role.COMMUNICATIONS: Grant(_HOME),
    Role.PRIVACY_OFFICER: Grant(
        _HOME
        | {
            Permission.LOG_READ,
            Permission.LOG_EXPORT,
            Permission.CODE_LOOK_UP,
            Permission.ANNOUNCEMENT_ACKNOWLEDGE,
            Permission.ERASURE_READ,
            Permission.ERASURE_REQUEST,
            Permission.HOLD_WRITE,
            Permission.PROOF_READ,
            Permission.RIGHTS_READ,
            Permission.RIGHTS_WRITE,
            Permission.STATEMENT_PRINT,
            Permission.DETECTION_READ,
            Permission.DETECTION_WRITE,
            Permission.BREACH_READ,
            Permission.BREACH_RECORD,
            Permission.BREACH_WRITE,
            Permission.REPORT_MAKE,
            Permission.REPORT_READ,
        }
        | _REVIEWING,
        _OVERSIGHT,
    ),
    Role.ADMINISTRATOR: Grant(
        _HOME
        | {
            Permission.DIRECTORY_READ,
            Permission.KEYS_WATCH,
            Permission.PROOF_READ,
            Permission.ACCESS_READ,
        }
    ),
    Role.PARTNER: Grant(_HOME),
}


def permissions_of(roles: frozenset[Role]) -> frozenset[Permission]:
    """Everything that any of these roles may do."""
    return frozenset().union(*(ROLES[role].permissions for role in roles))


def compartments_of(roles: frozenset[Role]) -> frozenset[Compartment]:
    """Every compartment that any of these roles can open at all."""
    return frozenset().union(*(ROLES[role].compartments for role in roles))


def care_compartments_of(roles: frozenset[Role]) -> frozenset[Compartment]:
    """Those that a place on a care team can open."""
    return compartments_of(roles) - _OVERSIGHT
