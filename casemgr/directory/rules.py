"""What an organisation is and what it offers, by code; the words stand in labels.py."""

from enum import StrEnum


class Kind(StrEnum):
    """What sort of body it is (domain §1.5 D8–D9)."""

    SOCIAL_CENTRE = "social_centre"
    HOTLINE = "hotline"
    EMERGENCY = "emergency"
    HEALTH_AUTHORITY = "health_authority"
    POLICE = "police"
    BORDER_GUARD = "border_guard"
    LOCAL_GOVERNMENT = "local_government"
    LEGAL_AID = "legal_aid"
    ASSOCIATION = "association"
    SHELTER = "shelter"
    NGO = "ngo"


REACHED_BY_CALL_ONLY = frozenset({Kind.EMERGENCY})  # one calls 113 and 115; no letter goes there


class Service(StrEnum):
    """Services that can be asked for (domain §1.4 V2–V4, V7; Luật 53/2024/QH15, Art. 37)."""

    RECEPTION = "reception"
    ESSENTIALS = "essentials"
    TRAVEL = "travel"
    PSYCHOLOGICAL = "psychological"
    MEDICAL = "medical"
    FIRST_ALLOWANCE = "first_allowance"
    LEGAL_AID = "legal_aid"
    ADVICE = "advice"
    PROTECTION = "protection"
    EMERGENCY = "emergency"
    VERIFICATION = "verification"
    RESOURCES = "resources"
    LIFE_SKILLS = "life_skills"
    SCHOOLING = "schooling"
    VOCATIONAL = "vocational"
    EMPLOYMENT = "employment"
    SAVINGS = "savings"
    RETURN_HOME = "return_home"
