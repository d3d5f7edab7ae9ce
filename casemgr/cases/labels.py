"""The words of a case in front of people: states, groups, sources, consents, and refusals."""

from collections.abc import Mapping
from typing import Any, Final

from babel import Locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from casemgr.access import Compartment, Purpose, Role
from casemgr.cases.consent import ConsentMethod, ConsentPurpose, Standing
from casemgr.cases.rules import CaseState, Ground, Group, Sex, Source
from casemgr.cases.timeline import Moment
from casemgr.files.rules import Kind
from casemgr.web.labels import ROLES
from casemgr.web.locale import language

STATES: Final = {
    CaseState.SUSPECTED: _l("Suspected"),
    CaseState.REPORTED: _l("Reported internally"),
    CaseState.ADMITTED: _l("Admitted to support"),
    CaseState.IN_SUPPORT: _l("In support"),
    CaseState.TRANSFERRED: _l("Transferred or back home"),
    CaseState.REFUSED: _l("Support declined"),
    CaseState.CLOSED: _l("Closed"),
}
TONES: Final = {
    CaseState.SUSPECTED: "urgent",
    CaseState.REPORTED: "waiting",
    CaseState.ADMITTED: "active",
    CaseState.IN_SUPPORT: "active",
    CaseState.TRANSFERRED: "done",
    CaseState.REFUSED: "",
    CaseState.CLOSED: "",
}
GROUPS: Final = {
    Group.SUSPECTED: _l("Suspected case"),
    Group.AT_RISK: _l("Person at risk of trafficking"),
    Group.UNDER_IDENTIFICATION: _l("Person undergoing identification"),
    Group.CONFIRMED: _l("Victim, by the authority's paper"),
    Group.ACCOMPANYING_MINOR: _l("Accompanying person under 18"),
    Group.OTHER_HARM: _l("Violence or a child in danger, beyond trafficking"),
    Group.NOT_A_VICTIM: _l("Not a victim, by the authority's paper"),
}
SEXES: Final = {
    Sex.FEMALE: _l("Female"),
    Sex.MALE: _l("Male"),
    Sex.OTHER: _l("Other"),
    Sex.UNKNOWN: _l("Not known or not said"),
}
SOURCES: Final = {
    Source.SELF: _l("The person came by themselves"),
    Source.WARD: _l("Found on a ward"),
    Source.POLICE: _l("Police"),
    Source.BORDER_GUARD: _l("Border guard"),
    Source.HEALTH_DEPARTMENT: _l("Department of Health"),
    Source.HOTLINE_111: _l("Hotline 111"),
    Source.HOTLINE_18001769: _l("Hotline 18001769"),
    Source.SOCIAL_CENTRE: _l("Social support centre"),
    Source.NGO: _l("Non-governmental organisation or peer group"),
    Source.TIP: _l("Information from the public or from staff"),
    Source.OTHER_HOSPITAL: _l("Another hospital"),
}
GROUNDS: Final = {
    Ground.CHILD: _l("A child in danger or harmed (Law on Children, Article 51)"),
    Ground.DANGER_TO_LIFE: _l("Danger to life"),
    Ground.AUTHORITY_REQUEST: _l("Written request of a competent authority"),
}
CONSENTS: Final = {
    ConsentPurpose.RECORD: _l("a) Opening a support record"),
    ConsentPurpose.EXAMINATION: _l("b) Examination and securing evidence"),
    ConsentPurpose.PHOTOGRAPHS: _l("c) Photographs of injuries"),
    ConsentPurpose.REFERRAL: _l("d) Referral to one organisation"),
    ConsentPurpose.NOTIFY_AUTHORITIES: _l("e) Telling the police or the People's Committee"),
    ConsentPurpose.CONTACT_AGAIN: _l("f) Being contacted again"),
    ConsentPurpose.STATISTICS: _l("g) Anonymous statistics"),
    ConsentPurpose.CONTACT_FAMILY: _l("h) Contact with the family"),
}
STANDINGS: Final = {
    Standing.NOT_ASKED: _l("Not asked yet"),
    Standing.GIVEN: _l("Agreed"),
    Standing.REFUSED: _l("Did not agree"),
    Standing.WITHDRAWN: _l("Withdrawn"),
    Standing.EXPIRED: _l("Expired"),
}
STANDING_TONES: Final = {Standing.GIVEN: "done", Standing.EXPIRED: "waiting"}
METHODS: Final = {
    ConsentMethod.SIGNED: _l("Signed on paper"),
    ConsentMethod.FINGERPRINT: _l("Fingerprint on paper"),
    ConsentMethod.SPOKEN_WITH_WITNESS: _l("Spoken, with a witness"),
    ConsentMethod.ELECTRONIC: _l("Electronically"),
}
CHANNELS: Final = {
    "phone": _l("Telephone call"),
    "sms": _l("Text message"),
    "zalo": _l("Message over Zalo"),
    "in_person": _l("Only in person"),
    "through_person": _l("Through somebody the person trusts"),
}
HARMS: Final = {
    "sexual_exploitation": _l("Sexual exploitation"),
    "forced_labour": _l("Forced labour"),
    "forced_online_scam": _l("Forced to work in online scams"),
    "forced_marriage": _l("Forced marriage"),
    "childbirth_surrogacy": _l("Forced childbirth or surrogacy"),
    "foetus_newborn": _l("Trade in an unborn or newborn child"),
    "organ": _l("Organ removal"),
    "blood": _l("Trade in blood"),
    "begging": _l("Forced begging"),
    "forced_crime": _l("Forced into crime"),
    "illegal_adoption": _l("Illegal adoption"),
    "domestic_violence": _l("Domestic violence"),
    "sexual_violence": _l("Sexual violence"),
    "child_abuse": _l("Child abuse"),
    "other": _l("Another form of harm"),
    "unknown": _l("Not known or not said"),
}
# What an opening is for, by whom it may be said.
SOCIAL_PURPOSES: Final = {
    Purpose.CASE_WORK: _l("To work on this case"),
    Purpose.REFERRAL: _l("To prepare a referral"),
    Purpose.EMERGENCY: _l("Emergency"),
    Purpose.SUPERVISION: _l("To supervise the team's work"),
}
CLINICAL_PURPOSES: Final = {
    Purpose.TREATMENT: _l("To examine or treat the person"),
    Purpose.EMERGENCY: _l("Emergency"),
    Purpose.REFERRAL: _l("To prepare a referral"),
}
FILED_IN: Final = {
    Compartment.IDENTITY: _l("Identity: identity card, passport, birth certificate"),
    Compartment.SOCIAL: _l("Social support: papers about needs, family and plans"),
    Compartment.EPISODE: _l("What happened: messages, pictures and recordings that tell of it"),
    Compartment.CLINICAL: _l("Clinical record: results, pictures of injuries, discharge papers"),
    Compartment.PSYCH: _l("Psychological record"),
    Compartment.SEXUAL_HEALTH: _l("Sexual health"),
    Compartment.LEGAL: _l("Legal papers: of the police, the court, the authorities"),
}
FILE_KINDS: Final = {
    Kind.PDF: _l("PDF document"),
    Kind.JPEG: _l("Picture (JPEG)"),
    Kind.PNG: _l("Picture (PNG)"),
    Kind.HEIC: _l("Picture (HEIC)"),
    Kind.DOCX: _l("Word document"),
    Kind.ODT: _l("OpenDocument text"),
    Kind.TEXT: _l("Plain text"),
    Kind.MP3: _l("Sound recording (MP3)"),
    Kind.M4A: _l("Sound recording (M4A)"),
    Kind.WAV: _l("Sound recording (WAV)"),
    Kind.MP4: _l("Video (MP4)"),
}
REFUSALS: Final[Mapping[str, LazyString]] = {
    "file_empty": _l("This file is empty. Choose another one"),
    "file_kind": _l(
        "A file of this kind is not kept. Choose a PDF, a picture (JPEG, PNG, HEIC), a Word or "
        "OpenDocument text without macros, a plain text (.txt), a sound recording (MP3, M4A, WAV) "
        "or a video (MP4)"
    ),
    "witness_missing": _l("Enter who was the witness to what was said"),
    "recipient_missing": _l("Choose the organisation that this answer is about"),
    "record_has_no_end": _l("Leave this empty: agreeing to a record ends when it is withdrawn"),
    "in_the_past": _l("Enter a date that lies ahead"),
    "too_short": _l("Describe the reason in at least 20 characters"),
    "missing": _l("Enter the reason"),
    "no_record_yet": _l("Record consent or a lawful ground first: nothing may be written before"),
    "case_at_rest": _l("This case is at rest. Reopen it first"),
    "paper_missing": _l("This status needs the authority's paper: number, issuer and day"),
    "not_taken": _l("Nobody has taken this case yet. Take it first"),
    "forbidden_move": _l("The case cannot go there from where it stands now"),
    "already_there": _l("This colleague is on the care team already"),
    "not_for_this_role": _l("This colleague's role cannot open all of these parts; choose others"),
    "assignee_stays": _l("The one who runs the case stays on the care team"),
    "not_on_team": _l("Choose somebody from the care team"),
    "too_little": _l(
        "Enter a name, a number or a code; or at least two of date of birth, sex and place"
    ),
}
_SPECIAL_NATIONS: Final = {
    "VN": _l("Viet Nam"),
    "XX": _l("Nationality not established"),
    "KQT": _l("Stateless"),
}
_NEAR: Final = ("CN", "KH", "LA", "MM", "TH", "PH")


def nations() -> dict[str, Any]:
    """Nationalities by code (domain §5.7), those that are met most often first."""
    known = Locale.parse(language()).territories
    near = {code: known[code] for code in _NEAR}
    ours = {*_SPECIAL_NATIONS, *near, "ZZ", "EU", "UN", "EZ", "QO"}
    others = {c: name for c, name in known.items() if len(c) == 2 and c.isalpha() and c not in ours}
    alphabetical = dict(sorted(others.items(), key=lambda item: item[1]))
    return {**_SPECIAL_NATIONS, **near, **alphabetical}


def nation(code: str | None) -> Any:
    """The name of a nationality; a text that is no code of ours stays as it is."""
    return nations().get(code or "", code)


def told(moment: Moment) -> str:
    """What was done, as a line of the timeline begins."""
    words = moment.action.en if language() == "en" else moment.action.vi
    line = words[:1].upper() + words[1:]
    detail = STATES[moment.state] if moment.state else ROLES.get(moment.role or "")
    return f"{line}: {detail}" if detail else line


def by_whom(moment: Moment, names: Mapping[Any, str]) -> str:
    """Who did it; parts of the system have no name."""
    return names.get(moment.account_id, "") if moment.account_id else _("the system")


def colleague_label(name: str, department: str, roles: frozenset[Role]) -> str:
    """How a colleague stands in a list to choose from."""
    what = ", ".join(str(ROLES[role]) for role in sorted(roles))
    return ", ".join(part for part in (name, department) if part) + f" ({what})"
