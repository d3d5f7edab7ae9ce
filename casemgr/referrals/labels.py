"""The words of the room, in the reader's language; the letter has words of its own."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from casemgr.cases.rules import Source
from casemgr.referrals.facts import FactKey
from casemgr.referrals.rules import ReferralState, Signer
from casemgr.web.labels import PDF_OBSTACLES

STATES: Mapping[ReferralState, LazyString] = {
    ReferralState.DRAFT: _l("Draft"),
    ReferralState.SENT: _l("Sent, no answer yet"),
    ReferralState.ACKNOWLEDGED: _l("Receipt acknowledged"),
    ReferralState.ACCEPTED: _l("Accepted"),
    ReferralState.DECLINED: _l("Declined"),
    ReferralState.COMPLETED: _l("Completed"),
    ReferralState.WITHDRAWN: _l("Withdrawn"),
}
TONES: Mapping[ReferralState, str] = {
    ReferralState.DRAFT: "",
    ReferralState.SENT: "waiting",
    ReferralState.ACKNOWLEDGED: "waiting",
    ReferralState.ACCEPTED: "active",
    ReferralState.DECLINED: "urgent",
    ReferralState.COMPLETED: "done",
    ReferralState.WITHDRAWN: "",
}
ANSWERS: Mapping[ReferralState, LazyString] = {
    ReferralState.ACKNOWLEDGED: _l("They have the letter"),
    ReferralState.ACCEPTED: _l("They accept the person"),
    ReferralState.DECLINED: _l("They decline"),
    ReferralState.COMPLETED: _l("The person arrived and is supported"),
}
FACTS: Mapping[FactKey, LazyString] = {
    FactKey.FULL_NAME: _l("Full name"),
    FactKey.SEX: _l("Sex"),
    FactKey.AGE_BAND: _l("Age band"),
    FactKey.GROUP: _l("Group and identification status"),
    FactKey.NATIONALITY: _l("Nationality"),
    FactKey.LANGUAGES: _l("Language, need of an interpreter"),
    FactKey.SAFE_CONTACT: _l("Rules for safe contact, without the number"),
    FactKey.PHONE: _l("Safe telephone number"),
    FactKey.CODE_PHRASE: _l("Code phrase"),
}
SIGNERS: Mapping[Signer, LazyString] = {
    Signer.DIRECTOR: _l("The director"),
    Signer.DEPUTY: _l("A deputy director, for the director"),
    Signer.BY_ORDER: _l("The head of the nursing department, by order of the director"),
}
SOURCES: Mapping[Source, LazyString] = {
    Source.HOTLINE_18001769: _l("Hotline 18001769, Quảng Ninh social assistance centre"),
    Source.HOTLINE_111: _l("National hotline 111"),
    Source.POLICE: _l("Police"),
    Source.BORDER_GUARD: _l("Border guard"),
    Source.HEALTH_DEPARTMENT: _l("Department of Health"),
    Source.SOCIAL_CENTRE: _l("Social assistance facility"),
    Source.OTHER_HOSPITAL: _l("Another hospital"),
    Source.NGO: _l("Organisation or peer group"),
}

OBSTACLES: Mapping[str, LazyString] = {
    "no_consent": _l(
        "The person has not agreed to a referral to this organisation, or the consent has ended. "
        "Nothing may be sent or printed."
    ),
    "outside_scope": _l("The person's consent does not cover every fact that was chosen."),
    "nothing_asked": _l("Choose at least one service to ask for."),
    "recipient_gone": _l("This organisation is no longer in the directory."),
    "changed": _l("The case changed since you looked. Read the letter again before you send it."),
    "not_sent": _l("The letter can be printed once the referral has been sent."),
    "already_sent": _l("This referral was sent already and cannot be changed."),
    "unknown_recipient": _l("Choose an organisation from the directory."),
    "not_offered": _l("This organisation does not offer every service that was chosen."),
    "reason_missing": _l("Enter the reason"),
    "nothing_to_chase": _l("This referral does not wait for an answer."),
    "not_taken": _l("Nobody has taken this case yet. Take it before you refer the person."),
    "no_record_yet": _l(
        "The person has not agreed to a record, and no lawful ground is recorded. "
        "No referral can be made yet."
    ),
    "case_at_rest": _l("This case is closed. Reopen it before you refer the person."),
    "forbidden_move": _l("This step is not possible any more. Look at where the referral stands."),
    "unreadable": _l("A part of this referral cannot be read. It can neither be sent nor printed."),
    **PDF_OBSTACLES,
}
