"""What a rule says about one signal: in words, with numbers, and never the value that matched."""

from collections.abc import Mapping
from typing import Final

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from casemgr.web.labels import COMPARTMENTS

# By rule, and by the code in its reason that chooses among several sentences.
CHOSEN_BY: Final = ("why", "second", "by", "shared", "near")
SENTENCES: Final[Mapping[str, Mapping[str, LazyString]]] = {
    "same_surname": {
        "phone": _l("The family name and a telephone number are those of the colleague."),
        "address": _l("The family name and the address are those of the colleague."),
        "word": _l("The family name and another uncommon word are those of the colleague."),
    },
    "own_case": {
        "number": _l("The case seems to be about the colleague themselves."),
        "name": _l("The person of the case has the same whole name as the colleague."),
    },
    "colleague_case": {
        "1": _l("The case seems to be about somebody of the same department."),
        "0": _l("The case seems to be about somebody who works here."),
    },
    "household": {
        "phone": _l("A telephone number of the person is that of the colleague."),
        "address": _l("The address of the person is that of the colleague."),
    },
    "flagged_case": {
        "named": _l("The colleague seems to be named in this case."),
        "others": _l("A member of staff seems to be named in this case, which is not theirs."),
        "flag": _l("The case is flagged, and it is not theirs."),
    },
    "no_care_relation": {"": _l("Opened without care of them: %(cases)s cases.")},
    "after_hours": {"": _l("Opened outside working hours: %(cases)s cases.")},
    "volume": {"": _l("Opened %(cases)s cases in one day; usual are %(usual)s.")},
    "break_glass": {
        "use": _l("Emergency access was used."),
        "short": _l("Emergency access was used with a very short reason."),
        "copied": _l("Emergency access was used with a reason in the same words as before."),
        "nothing_followed": _l("Emergency access was used, and no place on the team followed."),
    },
    "name_browsing": {"": _l("Searched %(searches)s times in a short time and opened little.")},
    "refusals": {
        "another": _l("Was refused, and then another account opened the case there."),
        "cases": _l("Was refused at %(number)s different cases."),
        "hour": _l("Was refused %(number)s times within an hour."),
    },
    "leaver": {
        "left": _l("The account acted after the last day of work."),
        "disabled": _l("The account acted although it had been disabled."),
        "leave": _l("The account acted during leave."),
    },
    "export_spike": {
        "many": _l("Took out %(cases)s cases in one day."),
        "leaving": _l("Took out %(cases)s cases shortly before leaving."),
        "unusual": _l("Took out %(cases)s cases in one day, far more than ever before."),
        "new_place": _l("Sent %(cases)s cases to a new place."),
    },
    "dormant_case": {"": _l("Opened a case that has been closed for %(days)s days.")},
    "shared_account": {"": _l("One account in two places by turns.")},
    "section_mismatch": {"": _l("Opened what others of the role do not open: %(parts)s.")},
    "tampering": {"": _l("Something is not as it was sealed.")},
    "curiosity": {"": _l("One of %(people)s colleagues who opened a case that is not theirs.")},
    "sample": {"": _l("Drawn at random.")},
}


def sentence(rule: str, reason: Mapping[str, str | int]) -> str:
    """One sentence in the language of the page; the rule's name if it is not known here."""
    words = template(rule, reason)
    if words is None:
        return rule
    values = {**reason, "parts": _parts(str(reason.get("parts", "")))}
    try:
        return str(words) % values
    except KeyError:  # a signal of an older release, which did not say as much
        return rule


def template(rule: str, reason: Mapping[str, str | int]) -> LazyString | None:
    """The sentence that a reason chooses, not filled in yet; None where there is none."""
    chosen = next((str(reason[name]) for name in CHOSEN_BY if name in reason), "")
    return SENTENCES.get(rule, {}).get(chosen)


def _parts(names: str) -> str:
    return ", ".join(str(COMPARTMENTS.get(name, name)) for name in names.split())
