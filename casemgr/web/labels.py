"""What the parts of the access rules are called in front of people."""

from collections.abc import Mapping
from typing import Final

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from casemgr.access import Compartment, Purpose, Role

ROLES: Final[Mapping[str, LazyString]] = {
    Role.SCREENER: _l("Screener"),
    Role.SOCIAL_WORKER: _l("Social worker"),
    Role.SOCIAL_WORK_LEAD: _l("Social work lead"),
    Role.CLINICIAN: _l("Clinician"),
    Role.PSYCHOLOGIST: _l("Psychologist"),
    Role.DIRECTOR: _l("Director"),
    Role.PLANNER: _l("Planning office"),
    Role.OFFICE: _l("Administration office"),
    Role.COMMUNICATIONS: _l("Communications"),
    Role.PRIVACY_OFFICER: _l("Privacy officer"),
    Role.ADMINISTRATOR: _l("Administrator"),
    Role.PARTNER: _l("Receiving organisation"),
}
COMPARTMENTS: Final[Mapping[str, LazyString]] = {
    Compartment.IDENTITY: _l("Identity"),
    Compartment.CONTACT: _l("Safe contact"),
    Compartment.SOCIAL: _l("Social support"),
    Compartment.EPISODE: _l("What happened"),
    Compartment.CLINICAL: _l("Clinical record"),
    Compartment.PSYCH: _l("Psychological record"),
    Compartment.SEXUAL_HEALTH: _l("Sexual health"),
    Compartment.LEGAL: _l("Legal papers"),
    Compartment.INFORMANT: _l("Who told us"),
    Compartment.OVERSIGHT: _l("Oversight"),
    Compartment.NAME_INDEX: _l("Index of names"),
}
PURPOSES: Final[Mapping[str, LazyString]] = {
    Purpose.SCREENING: _l("Screening"),
    Purpose.CASE_WORK: _l("Case work"),
    Purpose.TREATMENT: _l("Treatment"),
    Purpose.EMERGENCY: _l("Emergency"),
    Purpose.REFERRAL: _l("Referring"),
    Purpose.SUPERVISION: _l("Supervision"),
    Purpose.OVERSIGHT: _l("Oversight"),
    Purpose.INDEXING: _l("Indexing"),
    Purpose.ERASURE: _l("Erasure of data"),
    Purpose.STATISTICS: _l("Statistics"),
    Purpose.DEMONSTRATION: _l("Demonstration"),
}
PDF_OBSTACLES: Final[Mapping[str, LazyString]] = {
    "no_weasyprint": _l("PDF is not installed on this server. Print the page instead."),
    "no_pango": _l(
        "PDF needs the Pango library, which this server does not have. Print the page instead."
    ),
}
