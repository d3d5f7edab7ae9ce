"""The compartments of a record (design §4) and the purposes for which they are opened."""

from enum import StrEnum


class Compartment(StrEnum):
    """Where facts about a person lie. Each has a data key of its own."""

    IDENTITY = "IDENTITY"
    CONTACT = "CONTACT"
    SOCIAL = "SOCIAL"
    EPISODE = "EPISODE"
    CLINICAL = "CLINICAL"
    PSYCH = "PSYCH"
    SEXUAL_HEALTH = "SEXUAL_HEALTH"
    LEGAL = "LEGAL"
    INFORMANT = "INFORMANT"
    OVERSIGHT = "OVERSIGHT"
    NAME_INDEX = "NAME_INDEX"  # owned by an epoch of the packed index; no role opens it


class Purpose(StrEnum):
    """Why a compartment is opened; said before it is, and kept in the log."""

    SCREENING = "screening"
    CASE_WORK = "case_work"
    TREATMENT = "treatment"
    EMERGENCY = "emergency"
    REFERRAL = "referral"
    SUPERVISION = "supervision"
    OVERSIGHT = "oversight"
    INDEXING = "indexing"
    ERASURE = "erasure"
    STATISTICS = "statistics"
    DEMONSTRATION = "demonstration"
