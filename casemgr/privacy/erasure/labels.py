"""The words of erasures and legal holds, in the language of the page."""

from collections.abc import Mapping
from typing import Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from casemgr.access import Compartment
from casemgr.cases.retention import CLINICAL, ERASABLE, Keeping, RecordKind, term_of
from casemgr.clock import today
from casemgr.crypto.errors import SealBroken
from casemgr.privacy.erasure.carrying_out import Outstanding, Waits
from casemgr.privacy.erasure.models import Erasure, ErasurePart
from casemgr.privacy.erasure.rules import Basis, ErasureState
from casemgr.web.labels import COMPARTMENTS
from casemgr.web.locale import day, moment

STATES: Final[Mapping[ErasureState, LazyString]] = {
    ErasureState.REQUESTED: _l("Waits for the director's decision"),
    ErasureState.APPROVED: _l("Approved; the waiting time runs"),
    ErasureState.REFUSED: _l("Not approved"),
    ErasureState.CANCELLED: _l("Cancelled"),
    ErasureState.UNDER_WAY: _l("Being erased"),
    ErasureState.LIVE: _l("Erased in the running system"),
    ErasureState.FINAL: _l("Erased for good"),
}
TONES: Final[Mapping[ErasureState, str]] = {
    ErasureState.REQUESTED: "waiting",
    ErasureState.APPROVED: "waiting",
    ErasureState.REFUSED: "",
    ErasureState.CANCELLED: "",
    ErasureState.UNDER_WAY: "active",
    ErasureState.LIVE: "active",
    ErasureState.FINAL: "done",
}
BASES: Final[Mapping[Basis, LazyString]] = {
    Basis.PERSON_ASKED: _l("The person asked for it"),
    Basis.TERM_OVER: _l("The time for which the record must be kept is over"),
    Basis.NO_LONGER_NEEDED: _l("It is no longer needed for what it was collected for"),
    Basis.UNLAWFUL: _l("It was recorded without a lawful basis"),
}
RECORD_KINDS: Final[Mapping[RecordKind, LazyString]] = {
    RecordKind.GENERAL: _l("General inpatient or outpatient record, or there is none"),
    RecordKind.ACCIDENT: _l("Record of an accident at work or in daily life"),
    RecordKind.MENTAL_OR_DEATH: _l("Record of a mental illness, or of a person who died"),
}
KEEPINGS: Final[Mapping[Keeping, LazyString]] = {
    Keeping.AT_WORK: _l("the case is being worked on"),
    Keeping.CLINICAL_RECORD: _l("medical records must be kept for their full term"),
    Keeping.SOCIAL_RECORD: _l("social work records must be kept for their full term"),
    Keeping.REFUSAL: _l("the record of a declined offer is kept for a short time"),
    Keeping.PROCEEDINGS: _l("proceedings may be running, and this is evidence"),
    Keeping.RELEASE: _l("an authority has asked for it and the request is open"),
    Keeping.LEGAL_HOLD: _l("the privacy officer has had the case kept"),
}
WAITS: Final[Mapping[Waits, LazyString]] = {
    Waits.KEYS: _l("The keys are being removed from the key store"),
    Waits.FILES: _l("Attached files are being removed"),
    Waits.TRACES: _l("The database's log is being emptied"),
    Waits.RE_WRAP: _l(
        "The remaining keys must be wrapped anew: the administrator closes the epoch"
    ),
    Waits.ROOT: _l("The key provider's old key must be destroyed"),
    Waits.SHARES: _l("Recovery shares must be issued again"),
    Waits.BACKUP: _l("The last backup of the old key store must expire"),
}
REFUSALS: Final[Mapping[str, LazyString]] = {
    "unknown_code": _l("No case has this code; check it letter by letter"),
    "at_work": _l("This case is being worked on. Those who run it must close it first"),
    "asked_already": _l("The erasure of this case was asked for already"),
    "nothing_there": _l("Nothing is recorded in these parts"),
    "held_already": _l("This case is held already"),
    "too_short": _l("Describe the reason in at least 20 characters"),
    "forbidden_move": _l("This step is not possible any more. Look at where the erasure stands."),
    "conflict": _l(
        "Somebody else changed this meanwhile. Look at what is recorded now, then decide again."
    ),
}
REASON_HINT: Final = _l("At least 20 characters. Write no name and nothing about the person")


def erasable() -> dict[Compartment, LazyString]:
    """The parts that can be asked for."""
    return {part: COMPARTMENTS[part] for part in ERASABLE}


def answer(row: ErasurePart) -> str:
    """What becomes, or became, of one part, with the reason; in words where it cannot be read."""
    try:
        return _answer(row)
    except SealBroken:
        return str(_("This part cannot be read here"))


def basis(erasure: Erasure) -> str:
    """Why it was asked for; in words where that cannot be read."""
    try:
        return str(BASES[erasure.basis]) if erasure.basis else ""
    except SealBroken:
        return str(_("This part cannot be read here"))


def source(row: ErasurePart, erasure: Erasure) -> str:
    """Where the term stands, for a part that a law has kept; empty for any other."""
    try:
        return _source(row, erasure.record_kind)
    except SealBroken:
        return ""


def _answer(row: ErasurePart) -> str:
    if row.keeping is None:
        return str(_("erased") if row.erased_at else _("to be erased"))
    why = str(KEEPINGS[row.keeping])
    if row.kept_until is None:
        return str(_("restricted: %(why)s", why=why))
    return str(_("restricted until %(day)s: %(why)s", day=day(row.kept_until), why=why))


def _source(row: ErasurePart, kind: RecordKind | None) -> str:
    if row.keeping not in (Keeping.CLINICAL_RECORD, Keeping.SOCIAL_RECORD):
        return ""
    known = RecordKind.SOCIAL_WORK
    if row.part is Compartment.PSYCH:
        known = RecordKind.MENTAL_OR_DEATH
    elif row.part in CLINICAL:
        known = kind or RecordKind.GENERAL
    term = term_of(known, today())
    return str(_("%(source)s: %(years)s years", source=term.source, years=term.years))


def outstanding(item: Outstanding) -> str:
    """One thing that is outstanding, with the time until which it is."""
    words = str(WAITS[item.what])
    return f"{words} ({moment(item.until)})" if item.until else words
