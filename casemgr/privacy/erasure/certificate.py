"""The certificate of an erasure: each step with its time and its entry in the log, and no person.

No name stands in it, of the person or of staff, and no receiver: those are facts about the person.
Its fixed words are Vietnamese always, as those of every official paper (NĐ 30/2020/NĐ-CP); labels of
the pages are told in the language of the caller, who sets it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from casemgr import clock
from casemgr.access import Actor, NotFound
from casemgr.access.removal import removals_of
from casemgr.audit import Action, AuditEntry
from casemgr.db import session
from casemgr.directory.models import Facility
from casemgr.directory.service import the_facility
from casemgr.privacy.erasure import carrying_out, erasures, labels
from casemgr.privacy.erasure.models import Erasure
from casemgr.privacy.erasure.records import note
from casemgr.web.labels import COMPARTMENTS
from casemgr.web.locale import moment, official_day

STEPS = {
    Action.ERASURE_REQUESTED: "Cán bộ bảo vệ dữ liệu cá nhân đề nghị xóa",
    Action.ERASURE_APPROVED: "Người thứ hai, có thẩm quyền, duyệt; bắt đầu thời gian chờ 7 ngày",
    Action.ERASURE_REFUSED: "Không duyệt",
    Action.ERASURE_CANCELLED: "Hủy đề nghị",
    Action.ERASURE_BEGUN: "Hết thời gian chờ, bắt đầu xóa: không ai mở được nữa",
    Action.PART_ERASED: "Xóa nội dung, chỉ mục tìm kiếm và tệp của phần",
    Action.PART_RESTRICTED: "Hạn chế xử lý phần",
    Action.RESTRICTION_LIFTED: "Bỏ hạn chế phần",
    Action.RECIPIENT_TOLD: "Đã báo một nơi từng nhận thông tin",
    Action.ERASURE_LIVE: "Đã xóa trên hệ thống đang chạy: khóa đã hủy, không còn dấu vết",
    Action.ERASURE_FINAL: "Đã xóa hẳn: không còn bản sao nào mở được",
}
NOT_BEGUN = "Chưa xóa phần nào"


@dataclass(frozen=True, slots=True)
class Step:
    """What was done, when, and the entry of the log that proves it."""

    at: str
    told: str
    entry_id: UUID


@dataclass(frozen=True, slots=True)
class Certificate:
    """Everything variable of the paper, in words."""

    facility: Facility
    mark: str
    dated: str  # the place, and the day as an official paper writes it
    now: str
    code: str
    state: str
    basis: str
    steps: Sequence[Step]
    parts: Sequence[tuple[str, str, str]]  # the part, what became of it, by which source
    keys: tuple[int, int]  # removed, of all
    receivers: tuple[int, int]  # told, of all
    outstanding: Sequence[str]


def certify(actor: Actor, erasure_id: UUID) -> Certificate:
    """The paper as of now; on record. Raises NotFound, Denied."""
    opened = erasures.show(actor, erasure_id)
    erasure, facility = opened.erasure, the_facility()
    if facility is None:
        raise NotFound(actor.facility_id)
    steps = _steps(erasure)
    note(actor, Action.CERTIFICATE_PRINTED, erasure)
    removals = removals_of(erasure.id)
    return Certificate(
        facility=facility,
        mark="BB-" + facility.letter_mark.partition("-")[0],
        dated=f"{facility.place}, {official_day(clock.today())}",
        now=moment(clock.now()),
        code=opened.code,
        state=str(labels.STATES[erasure.state]),
        basis=labels.basis(erasure),
        steps=steps,
        parts=[
            (
                str(COMPARTMENTS[row.part]),
                labels.answer(row),
                labels.source(row, erasure),
            )
            for row in opened.parts
        ],
        keys=(len([each for each in removals if each.confirmed_at]), len(removals)),
        receivers=(
            len([each for each in opened.recipients if each.told_at]),
            len(opened.recipients),
        ),
        outstanding=_outstanding(erasure),
    )


def _outstanding(erasure: Erasure) -> list[str]:
    """What is left to do. An erasure that was not begun must not read as one that is finished."""
    if erasure.begun_at is None:
        return [NOT_BEGUN]
    return [labels.outstanding(item) for item in carrying_out.outstanding(erasure)]


def _steps(erasure: Erasure) -> list[Step]:
    query = select(AuditEntry).where(
        AuditEntry.case_id == erasure.case_id,
        AuditEntry.subject_id == erasure.id,
        AuditEntry.action.in_(STEPS),
    )
    entries = session.scalars(query.order_by(AuditEntry.at, AuditEntry.id))
    return [Step(moment(entry.at), _told(entry), entry.id) for entry in entries]


def _told(entry: AuditEntry) -> str:
    parts = [str(COMPARTMENTS.get(name, name)) for name in entry.compartments.split()]
    is_of_part = entry.action.value.startswith("part.")
    return f"{STEPS[entry.action]}: {', '.join(parts)}" if is_of_part else STEPS[entry.action]
