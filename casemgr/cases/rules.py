"""What a case may become, and when a person counts as a minor. Pure functions."""

import re
import secrets
from datetime import date, timedelta
from enum import StrEnum

from casemgr.crypto.partial_date import PartialDate


class CaseState(StrEnum):
    """Where the work on a case stands (domain §4.0)."""

    SUSPECTED = "suspected"  # opened after a screening or an incoming referral, notices written
    REPORTED = "reported"  # a recipient of the internal notice acknowledged it
    ADMITTED = "admitted"  # consent (R4a) or a lawful ground allows a record
    IN_SUPPORT = "in_support"
    TRANSFERRED = "transferred"  # transferred or reintegrated
    REFUSED = "refused"  # declined support: short retention, may come back at any time
    CLOSED = "closed"


MOVES: dict[CaseState, frozenset[CaseState]] = {
    CaseState.SUSPECTED: frozenset(
        {CaseState.REPORTED, CaseState.ADMITTED, CaseState.REFUSED, CaseState.CLOSED}
    ),
    CaseState.REPORTED: frozenset({CaseState.ADMITTED, CaseState.REFUSED, CaseState.CLOSED}),
    CaseState.ADMITTED: frozenset({CaseState.IN_SUPPORT, CaseState.REFUSED, CaseState.CLOSED}),
    CaseState.IN_SUPPORT: frozenset({CaseState.TRANSFERRED, CaseState.REFUSED, CaseState.CLOSED}),
    CaseState.TRANSFERRED: frozenset({CaseState.IN_SUPPORT, CaseState.REFUSED, CaseState.CLOSED}),
    CaseState.REFUSED: frozenset({CaseState.REPORTED}),
    CaseState.CLOSED: frozenset({CaseState.REPORTED}),
}
WITHOUT_RECORD = frozenset({CaseState.SUSPECTED, CaseState.REPORTED, CaseState.REFUSED})
AT_REST = frozenset({CaseState.REFUSED, CaseState.CLOSED})


class Group(StrEnum):
    """Whom the law sees in this person (domain §1.1 P1–P5). Never set by a screening (I10)."""

    SUSPECTED = "P4"
    AT_RISK = "P5"
    UNDER_IDENTIFICATION = "P2"
    CONFIRMED = "P1"  # only with the authority's paper
    ACCOMPANYING_MINOR = "P3"
    NOT_A_VICTIM = "not_a_victim"  # the authority's paper says so; care goes on
    OTHER_HARM = "P9"  # domestic or sexual violence, a child in danger: beyond trafficking


GROUP_MOVES: dict[Group, frozenset[Group]] = {
    Group.SUSPECTED: frozenset(
        {
            Group.AT_RISK,
            Group.UNDER_IDENTIFICATION,
            Group.CONFIRMED,
            Group.ACCOMPANYING_MINOR,
            Group.OTHER_HARM,
        }
    ),
    Group.AT_RISK: frozenset({Group.SUSPECTED, Group.UNDER_IDENTIFICATION, Group.OTHER_HARM}),
    Group.OTHER_HARM: frozenset({Group.SUSPECTED, Group.AT_RISK, Group.UNDER_IDENTIFICATION}),
    Group.UNDER_IDENTIFICATION: frozenset({Group.CONFIRMED, Group.NOT_A_VICTIM, Group.SUSPECTED}),
    Group.CONFIRMED: frozenset({Group.UNDER_IDENTIFICATION}),
    Group.ACCOMPANYING_MINOR: frozenset({Group.SUSPECTED, Group.UNDER_IDENTIFICATION}),
    Group.NOT_A_VICTIM: frozenset({Group.UNDER_IDENTIFICATION}),
}
NEEDS_PAPER = frozenset({Group.CONFIRMED, Group.NOT_A_VICTIM})


class Sex(StrEnum):
    """As the person says."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"


class Source(StrEnum):
    """How the hospital came to know (domain §1.2, table B2)."""

    SELF = "self"
    WARD = "ward"
    POLICE = "police"
    BORDER_GUARD = "border_guard"
    HEALTH_DEPARTMENT = "health_department"
    HOTLINE_111 = "hotline_111"
    HOTLINE_18001769 = "hotline_18001769"
    SOCIAL_CENTRE = "social_centre"
    NGO = "ngo"
    TIP = "tip"
    OTHER_HOSPITAL = "other_hospital"


class Ground(StrEnum):
    """Why a record or a disclosure is lawful without consent (domain R6)."""

    CHILD = "child"  # Luật Trẻ em 102/2016, Art. 51
    DANGER_TO_LIFE = "danger_to_life"
    AUTHORITY_REQUEST = "authority_request"  # a written request of a competent body


class ForbiddenMove(ValueError):
    """A status was asked to go where its state machine does not lead (I7)."""


def move(current: CaseState, wanted: CaseState) -> CaseState:
    """The new state. Raises ForbiddenMove."""
    if wanted not in MOVES[current]:
        raise ForbiddenMove(f"{current} -> {wanted}")
    return wanted


def regroup(current: Group, wanted: Group, *, has_paper: bool) -> Group:
    """The new group. Raises ForbiddenMove, also when the authority's paper is missing."""
    if wanted not in GROUP_MOVES[current] or (wanted in NEEDS_PAPER and not has_paper):
        raise ForbiddenMove(f"{current} -> {wanted}")
    return wanted


ADULT_AT = 18  # the trafficking law's minor; under 16 is a child (domain §0.5)
CHILD_BELOW = 16


def is_minor(born_on: PartialDate | None, today: date, below: int = ADULT_AT) -> bool:
    """Whether the person is, or may be, under the age. Unknown means minor (domain §0.5)."""
    if born_on is None:
        return True
    latest = born_on.latest()
    birthday = (latest.month, latest.day)
    age = today.year - latest.year - ((today.month, today.day) < birthday)
    return age < below


RETENTION_AFTER_REFUSAL = timedelta(days=365)  # dated setting of 2026-11: 12 months

_LETTERS = "23456789ACDEFGHJKMNPQRTUVWXYZ"  # nothing that is misread aloud or on paper
_CODE_NAMES = (
    "Ban Mai", "Bến Xuân", "Biển Lặng", "Bóng Trúc", "Cánh Diều", "Cầu Vồng", "Chồi Non",
    "Dòng Suối", "Đảo Nhỏ", "Đồi Thông", "Đồng Xanh", "Gió Nồm", "Hạt Sương", "Hoa Cau",
    "Hoa Gạo", "Hoa Sữa", "Hồ Thu", "Lá Phong", "Lúa Mới", "Mây Trắng", "Mưa Xuân", "Nắng Sớm",
    "Ngọn Đèn", "Núi Biếc", "Rừng Dẻ", "San Hô", "Sao Biển", "Sen Trắng", "Sóng Êm", "Suối Đá",
    "Tháng Ba", "Thuyền Giấy", "Trăng Non", "Tre Ngà", "Vầng Mây", "Vườn Chè",
)  # fmt: skip


CODE = re.compile(rf"\w{{1,8}}-[{_LETTERS}]{{6}}")  # what new_code makes


def new_code(prefix: str) -> str:
    """A case code without meaning, like CP-7Q4M2K (R7)."""
    return prefix + "-" + "".join(secrets.choice(_LETTERS) for _ in range(6))


def new_code_name() -> str:
    """A code name that is nobody's name, with two digits to tell twins apart (R7)."""
    return f"{secrets.choice(_CODE_NAMES)} {secrets.randbelow(90) + 10}"
