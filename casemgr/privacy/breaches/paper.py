"""The notification to the authority and the paper for a person, in words. Vietnamese always.

What the law has the notification say (Luật 91/2025/QH15 Điều 23, domain §2.6): time, place, act,
kinds of data, volume, contact, consequences, measures. No person in care is named in either.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from casemgr import clock
from casemgr.access import Actor, Invalid, NotFound
from casemgr.audit import Action
from casemgr.directory.models import Facility
from casemgr.directory.service import the_facility
from casemgr.privacy.breaches import deciding, extent, labels, recording, records, rules
from casemgr.privacy.breaches.models import Breach
from casemgr.web.labels import COMPARTMENTS
from casemgr.web.locale import moment, official_day


@dataclass(frozen=True, slots=True)
class Notification:
    """Everything variable of the authority's form, in words."""

    facility: Facility
    mark: str
    dated: str
    term: rules.Term
    detected: str
    due: str
    period: str
    place: str
    kind: str
    description: str
    data: Sequence[str]
    volume: str
    contact: str
    consequences: str
    measures: str
    lateness: str


@dataclass(frozen=True, slots=True)
class PersonLetter:
    """Everything variable of the paper that is handed to a person."""

    facility: Facility
    dated: str
    code: str
    told: str
    data: Sequence[str]
    measures: str


def notification(actor: Actor, breach_id: UUID) -> Notification:
    """The form as of now; on record. Raises NotFound, Denied, Invalid("", "form_incomplete")."""
    breach = records.show(actor, breach_id, Action.BREACH_FORM_PRINTED)
    if recording.missing(breach, breach.notified_at or clock.now()):
        raise Invalid("", "form_incomplete")
    facility, counted = _facility(actor), extent.kept(breach)
    return Notification(
        facility=facility,
        mark="TB-" + facility.letter_mark.partition("-")[0],
        dated=_dated(facility),
        term=rules.term_of(clock.to_local(breach.detected_at).date()),
        detected=moment(breach.detected_at),
        due=moment(breach.due_at),
        period=_period(breach),
        place=breach.place or "",
        kind=str(labels.KINDS[breach.kind]) if breach.kind else "",
        description=breach.description or "",
        data=_data(breach, counted),
        volume=_volume(counted),
        contact=breach.contact or "",
        consequences=breach.consequences or "",
        measures=breach.measures or "",
        lateness=(breach.lateness or "") if records.clock_of(breach).is_over else "",
    )


def person_letter(actor: Actor, breach_id: UUID, case_id: UUID) -> PersonLetter:
    """The paper for one person, on record; only where they can be reached without danger.

    Raises NotFound, Denied, Invalid("", "form_incomplete") without words for the person.
    """
    breach, code = deciding.letter_case(actor, breach_id, case_id)
    if not breach.plain_words:
        raise Invalid("", "form_incomplete")
    facility, counted = _facility(actor), extent.kept(breach)
    parts = [row[2].parts for row in counted.cases if row[0] == case_id] if counted else []
    return PersonLetter(
        facility=facility,
        dated=_dated(facility),
        code=code,
        told=breach.plain_words,
        data=_names(sorted(parts[0])) if parts else [],
        measures=breach.measures or "",
    )


def _facility(actor: Actor) -> Facility:
    facility = the_facility()
    if facility is None:
        raise NotFound(actor.facility_id)
    return facility


def _dated(facility: Facility) -> str:
    return f"{facility.place}, {official_day(clock.today())}"


def _period(breach: Breach) -> str:
    if breach.begins_at is None or breach.ends_at is None:
        return ""
    return f"từ {moment(breach.begins_at)} đến {moment(breach.ends_at)}"


def _data(breach: Breach, counted: extent.Counted | None) -> list[str]:
    typed = [breach.data_kinds] if breach.data_kinds else []
    return [*(_names(counted.parts) if counted else []), *typed]


def _names(parts: Sequence[str]) -> list[str]:
    return [str(COMPARTMENTS[part]) for part in parts if part in COMPARTMENTS]


def _volume(counted: extent.Counted | None) -> str:
    if counted is None:
        return "chưa xác định được từ nhật ký hệ thống"
    more = "ít nhất " if counted.is_cut else ""
    return f"{more}{len(counted.cases)} người (hồ sơ), {more}{counted.acts} lượt truy cập"
