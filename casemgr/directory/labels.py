"""The words for kinds of organisations and for services, in the reader's language."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from casemgr.directory.rules import Kind, Service

KINDS: Mapping[Kind, LazyString] = {
    Kind.SOCIAL_CENTRE: _l("Social assistance centre"),
    Kind.HOTLINE: _l("Hotline"),
    Kind.EMERGENCY: _l("Emergency number"),
    Kind.HEALTH_AUTHORITY: _l("Health authority"),
    Kind.POLICE: _l("Police"),
    Kind.BORDER_GUARD: _l("Border guard"),
    Kind.LOCAL_GOVERNMENT: _l("Local government"),
    Kind.LEGAL_AID: _l("Legal aid"),
    Kind.ASSOCIATION: _l("Association"),
    Kind.SHELTER: _l("Shelter"),
    Kind.NGO: _l("Non-governmental organisation"),
}

SERVICES: Mapping[Service, LazyString] = {
    Service.RECEPTION: _l("Receiving the person"),
    Service.ESSENTIALS: _l("Essential needs"),
    Service.TRAVEL: _l("Travel costs"),
    Service.PSYCHOLOGICAL: _l("Psychological support"),
    Service.MEDICAL: _l("Medical support"),
    Service.FIRST_ALLOWANCE: _l("First hardship allowance"),
    Service.LEGAL_AID: _l("Legal aid"),
    Service.ADVICE: _l("Advice"),
    Service.PROTECTION: _l("Protection"),
    Service.EMERGENCY: _l("Emergency care"),
    Service.VERIFICATION: _l("Initial verification"),
    Service.RESOURCES: _l("Linking to resources"),
    Service.LIFE_SKILLS: _l("Life skills"),
    Service.SCHOOLING: _l("Schooling"),
    Service.VOCATIONAL: _l("Vocational training"),
    Service.EMPLOYMENT: _l("Finding work"),
    Service.SAVINGS: _l("Guided saving"),
    Service.RETURN_HOME: _l("Return home and reintegration"),
}
