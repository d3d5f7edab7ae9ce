"""Which facts can go along with a referral: a declared list, each with its compartment.

Nothing outside this list ever leaves; what is not chosen is neither opened nor read (R5).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from casemgr.access import Compartment
from casemgr.cases.models import Case, Identity, SafeContact
from casemgr.cases.rules import NEEDS_PAPER
from casemgr.referrals import rules, wording


class FactKey(StrEnum):
    """One fact that staff can choose. The case code and what is asked always go along."""

    FULL_NAME = "full_name"
    SEX = "sex"
    AGE_BAND = "age_band"
    GROUP = "group"
    NATIONALITY = "nationality"
    LANGUAGES = "languages"
    SAFE_CONTACT = "safe_contact"
    PHONE = "phone"
    CODE_PHRASE = "code_phrase"


@dataclass(frozen=True, slots=True)
class Subject:
    """The parts of the case that were opened; None for what was not chosen or never written."""

    case: Case
    identity: Identity | None
    contact: SafeContact | None
    today: date


@dataclass(frozen=True, slots=True)
class Fact:
    """Where a fact lies, what the letter calls it, and how it is told."""

    compartment: Compartment
    label: str
    tell: Callable[[Subject], str | None]


def _sex(of: Subject) -> str | None:
    sex = of.identity.sex if of.identity else None
    return wording.SEXES[sex] if sex else None


def _age(of: Subject) -> str | None:
    born_on = of.identity.born_on if of.identity else None
    return wording.band(*rules.age_band(born_on, of.today)) if born_on else None


def _group(of: Subject) -> str | None:
    group = of.case.group
    if group is None:
        return None
    told = wording.GROUPS[group]
    if group in NEEDS_PAPER and of.case.paper_number:
        told += f": số {of.case.paper_number}, {of.case.paper_issuer}"
    return told


def _safe_contact(of: Subject) -> str | None:
    """The rule for reaching the person; what nobody allowed is forbidden (R10: default no)."""
    contact = of.contact
    if contact is None:
        return None
    known = (
        ("Cách liên lạc", contact.channel),
        ("Giờ an toàn", contact.safe_hours),
        ("Người được nghe máy", contact.who_may_answer),
    )
    told = [f"{label}: {value}" for label, value in known if value]
    told.append("được để lại lời nhắn" if contact.may_leave_message else "không để lại lời nhắn")
    told.append("được nhắn tin" if contact.may_send_text else "không nhắn tin")
    return "; ".join(told)


FACTS: Mapping[FactKey, Fact] = {
    FactKey.FULL_NAME: Fact(
        Compartment.IDENTITY, "Họ và tên", lambda of: of.identity.full_name if of.identity else None
    ),
    FactKey.SEX: Fact(Compartment.IDENTITY, "Giới tính", _sex),
    FactKey.AGE_BAND: Fact(Compartment.IDENTITY, "Nhóm tuổi", _age),
    FactKey.GROUP: Fact(Compartment.SOCIAL, "Nhóm đối tượng", _group),
    FactKey.NATIONALITY: Fact(
        Compartment.IDENTITY,
        "Quốc tịch",
        lambda of: of.identity.nationality if of.identity else None,
    ),
    FactKey.LANGUAGES: Fact(
        Compartment.IDENTITY,
        "Ngôn ngữ, nhu cầu phiên dịch",
        lambda of: of.identity.languages if of.identity else None,
    ),
    FactKey.SAFE_CONTACT: Fact(Compartment.CONTACT, "Quy tắc liên lạc an toàn", _safe_contact),
    FactKey.PHONE: Fact(
        Compartment.CONTACT,
        "Điện thoại an toàn",
        lambda of: of.contact.phone if of.contact else None,
    ),
    FactKey.CODE_PHRASE: Fact(
        Compartment.CONTACT,
        "Câu mật hiệu",
        lambda of: of.contact.code_phrase if of.contact else None,
    ),
}
MINIMAL = (FactKey.SEX, FactKey.AGE_BAND, FactKey.SAFE_CONTACT)  # ticked until staff choose


def compartments(keys: Iterable[FactKey]) -> frozenset[Compartment]:
    """What must be open to tell these facts."""
    return frozenset(FACTS[key].compartment for key in keys)


def in_order(keys: Iterable[str]) -> list[FactKey]:
    """The chosen facts in the order of the list. Raises KeyError or ValueError for any other."""
    chosen = {FactKey(key) for key in keys}
    return [key for key in FACTS if key in chosen]
