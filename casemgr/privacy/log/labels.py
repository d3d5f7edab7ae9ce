"""The words of the log, in the language of the page."""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from casemgr.audit import Action, Outcome
from casemgr.privacy.detection.explanations import EXPLANATIONS
from casemgr.privacy.log.folding import Fold
from casemgr.privacy.log.lines import Line
from casemgr.web.labels import COMPARTMENTS, PURPOSES, ROLES
from casemgr.web.locale import language, moment
from casemgr.work.rules import Ceremony, CeremonyState

OUTCOMES: Final = {
    Outcome.DONE: _l("Carried out"),
    Outcome.REFUSED: _l("Was refused"),
    Outcome.FAILED: _l("Failed"),
}
CHANNELS: Final[Mapping[str, LazyString]] = {
    "web": _l("Browser"),
    "worker": _l("Background work"),
    "command": _l("Command line"),
}
ROOMS: Final[Mapping[str, LazyString]] = {
    "home": _l("Work page"),
    "cases": _l("Cases"),
    "screenings": _l("Screenings"),
    "referrals": _l("Referrals"),
    "privacy": _l("Log"),
    "erasures": _l("Erasure of data"),
    "holds": _l("Cases that are held"),
    "rights": _l("Rights requests"),
    "statements": _l("Statements for the person"),
    "accounts": _l("Accounts"),
    "directory": _l("Directory"),
    "announcements": _l("Use of recovery shares"),
    "reviews": _l("Reviews"),
    "questions": _l("Questions to me"),
    "access": _l("Access review"),
    "detection": _l("Rules that watch the log"),
}


class Ending(NamedTuple):
    """How a ceremony stands, in words, and the tone that supports them."""

    words: LazyString
    tone: str


CEREMONIES: Final[Mapping[Ceremony, LazyString]] = {
    Ceremony.SPLIT: _l("New recovery shares"),
    Ceremony.DRILL: _l("Drill with recovery shares"),
    Ceremony.RECOVER: _l("Keys recovered from shares"),
}
CEREMONY_STATES: Final[Mapping[CeremonyState, Ending]] = {
    CeremonyState.BEGUN: Ending(_l("Begun, not ended"), "waiting"),
    CeremonyState.DONE: Ending(_l("Succeeded"), "done"),
    CeremonyState.FAILED: Ending(_l("Did not succeed"), "urgent"),
}
QUESTIONS: Final[Mapping[str, LazyString]] = {
    "name": _l("by name"),
    "number": _l("by number"),
    "code": _l("by case code"),
    "facts": _l("by date of birth, sex or place"),
}
MEASURES: Final[Mapping[str, LazyString]] = {
    "reads": _l("Records and parts read"),
    "searches": _l("Searches"),
    "cases": _l("Different cases"),
    "refusals": _l("Refusals"),
    "taken_out": _l("Prints, downloads and exports"),
}
FILES: Final[Mapping[str, LazyString]] = {
    "csv": _l("CSV for spreadsheets"),
    "ndjson": _l("FHIR AuditEvents, one per line"),
    "fhir": _l("FHIR Bundle"),
}
RECENT: Final[Mapping[str, LazyString]] = {
    "refusals": _l("Refusals of the last 24 hours"),
    "searches": _l("Searches of the last 24 hours"),
    "sign-ins": _l("Sign-ins of the last 24 hours"),
    "taken-out": _l("Prints and exports of the last 24 hours"),
}
NOBODY: Final = "nobody"


def sentence(action: Action) -> str:
    """What was done, in the act's own words."""
    words: str = action.en if language() == "en" else action.vi
    return words


def capitalised(action: Action) -> str:
    """The same at the beginning of a line."""
    words = sentence(action)
    return words[:1].upper() + words[1:]


def folded(fold: Fold) -> str:
    """Several entries as one: what was done, and how often."""
    if fold.head.action is Action.COMPARTMENT_OPENED and len(fold.compartments) > 1:
        return str(_("Opened %(count)s parts of a case", count=len(fold.compartments)))
    if fold.times == 1:
        return capitalised(fold.head.action)
    return str(_("%(act)s, %(count)s times", act=capitalised(fold.head.action), count=fold.times))


def roles_at_the_time(acting_as: str) -> str:
    """The roles that somebody had when they acted, or which part of the system it was."""
    if acting_as == NOBODY:
        return str(_("not signed in"))
    names = acting_as.split()
    if not all(name in ROLES for name in names):
        return str(_("system: %(name)s", name=acting_as))
    return ", ".join(str(ROLES[name]) for name in names)


def parts(names: tuple[str, ...]) -> list[str]:
    """The compartments as people call them."""
    return [str(COMPARTMENTS.get(name, name)) for name in names]


def purpose(name: str | None) -> str:
    """The purpose as people call it; empty when none was needed."""
    return str(PURPOSES.get(name, name)) if name else ""


_SUBJECTS: Final[Mapping[str, Callable[[str], str]]] = {
    "role": lambda rest: str(ROLES.get(rest, rest)),
    "set": lambda rest: str(_("Set %(name)s", name=rest)),
    "rule": lambda rest: str(EXPLANATIONS[rest].title) if rest in EXPLANATIONS else rest,
    "ceremony": lambda rest: str(CEREMONIES[Ceremony(rest)]),
    "export": lambda rest: str(FILES.get(rest, rest)),
    "search": lambda rest: " + ".join(str(QUESTIONS.get(how, how)) for how in rest.split("+")),
}


def subject(line: Line) -> str:
    """Whom or what the act was about beside the case; never a fact about a person."""
    kind = line.subject_kind or ""
    if line.subject_name:
        return line.subject_name
    sort, colon, rest = kind.partition(":")
    if colon and sort in _SUBJECTS:
        return _SUBJECTS[sort](rest)
    room = kind.partition(".")[0]
    if line.action is Action.ACT_REFUSED and room in ROOMS:
        return f"{ROOMS[room]} ({kind})"
    return ""


def heads() -> list[str]:
    """The first line of an export."""
    return [
        _("Time (hospital)"),
        _("Who"),
        _("Roles at the time"),
        _("Act"),
        _("Act (code)"),
        _("Outcome"),
        _("Case code"),
        _("About"),
        _("Compartments opened"),
        _("Purpose"),
        _("Records shown"),
        _("Case codes shown"),
        _("Channel"),
        _("Network address"),
        _("Entry number"),
    ]


def cells(line: Line) -> list[str]:
    """One line of an export, under ``heads``."""
    return [
        f"{moment(line.at)}:{line.at:%S}",
        line.who or "",
        roles_at_the_time(line.acting_as),
        sentence(line.action),
        line.action.value,
        str(OUTCOMES[line.outcome]),
        line.case_code or (_("case no longer in the system") if line.has_case else ""),
        subject(line),
        ", ".join(parts(line.compartments)),
        purpose(line.purpose),
        "" if line.count is None else str(line.count),
        " ".join(line.codes_shown),
        str(CHANNELS.get(line.channel, line.channel)),
        line.address or "",
        str(line.id),
    ]
