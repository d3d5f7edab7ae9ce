"""The paper for the person, in plain Vietnamese always: short sentences, no term of the office.

The sentence on limits stands on every statement alike; it says nothing of this one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from casemgr import clock
from casemgr.access import Compartment, NotFound, Purpose
from casemgr.directory.models import Facility
from casemgr.directory.service import the_facility
from casemgr.privacy.statement.models import Statement
from casemgr.privacy.statement.reading import Told
from casemgr.privacy.statement.rules import Line, Shown, Who
from casemgr.web.labels import ROLES
from casemgr.web.locale import day, moment, official_day

PARTS = {
    Compartment.IDENTITY: "Họ tên, ngày sinh, giấy tờ",
    Compartment.CONTACT: "Cách liên lạc an toàn",
    Compartment.SOCIAL: "Hoàn cảnh, nhu cầu, việc hỗ trợ",
    Compartment.EPISODE: "Chuyện đã xảy ra",
    Compartment.CLINICAL: "Khám và chữa bệnh",
    Compartment.PSYCH: "Tâm lý",
    Compartment.SEXUAL_HEALTH: "Sức khỏe tình dục",
    Compartment.LEGAL: "Giấy tờ pháp lý",
    Shown.PAGE: "Trang đầu của hồ sơ, không mở phần nào",
    Shown.LIST: "Mã hồ sơ trong một danh sách",
}
PURPOSES = {
    Purpose.SCREENING: "để hỏi thăm, sàng lọc",
    Purpose.CASE_WORK: "để giúp đỡ, hỗ trợ",
    Purpose.TREATMENT: "để khám, chữa bệnh",
    Purpose.EMERGENCY: "vì việc khẩn cấp",
    Purpose.REFERRAL: "để phối hợp với nơi khác cùng hỗ trợ",
    Purpose.SUPERVISION: "để quản lý, hướng dẫn công việc",
    Purpose.OVERSIGHT: "để kiểm tra việc giữ bí mật",
    Purpose.INDEXING: "để sắp xếp hồ sơ",
    Purpose.ERASURE: "để xóa dữ liệu",
    Purpose.STATISTICS: "để làm số liệu chung, không có tên",
}
SOMEBODY = "một cơ quan, tổ chức"
LIMITS = (
    "Giấy này không ghi những lần máy tính tự chạy, những lần bị từ chối (không ai xem được gì) và "
    "những điều pháp luật chưa cho phép nói ra. Câu này có trên mọi giấy loại này."
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line under one kind of colleague."""

    part: str
    purpose: str
    times: int
    when: str


@dataclass(frozen=True, slots=True)
class Paper:
    """Everything variable of the paper, in words."""

    facility: Facility
    dated: str
    now: str
    code: str
    people: int
    groups: Sequence[tuple[str, Sequence[Entry]]]
    sent: Sequence[tuple[str, str]]
    limits: str = LIMITS


def paper(statement: Statement, code: str, told: Told) -> Paper:
    """The words; the caller has set the language to Vietnamese. Raises NotFound."""
    facility = the_facility()
    if facility is None:
        raise NotFound(statement.facility_id)
    return Paper(
        facility=facility,
        dated=f"{facility.place}, {official_day(clock.to_local(statement.made_at).date())}",
        now=moment(statement.made_at),
        code=code,
        people=told.people,
        groups=[
            (_who(who), [_entry(line) for line in lines])
            for who, lines in groupby(told.lines, key=lambda line: line.who)
        ],
        sent=[(day(on), name or SOMEBODY) for on, name in told.sent],
    )


def _entry(line: Line) -> Entry:
    return Entry(
        PARTS[_kind(line.part)],
        PURPOSES.get(Purpose(line.purpose), "") if line.purpose else "",
        line.times,
        _when(line.first_at, line.last_at),
    )


def _kind(part: str) -> Compartment | Shown:
    return Shown(part) if part in set(Shown) else Compartment(part)


def _who(who: Who) -> str:
    roles = ", ".join(str(ROLES.get(role, role)) for role in who.acting_as.split())
    return " – ".join(text for text in (who.name, roles, who.department) if text)


def _when(first_at: datetime, last_at: datetime) -> str:
    first, last = _day(first_at), _day(last_at)
    return f"ngày {day(first)}" if first == last else f"từ {day(first)} đến {day(last)}"


def _day(at: datetime) -> date:
    return clock.to_local(at).date()
