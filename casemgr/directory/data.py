"""The directory that ships: dated, each entry with its source; nothing is invented (I9).

A contact without a source is None, and its page says "cần bổ sung". Entries are found again by
their slug, so the hospital's own corrections are never overwritten.
"""

from dataclasses import dataclass
from datetime import date

from casemgr.directory.rules import Kind, Service


@dataclass(frozen=True, slots=True)
class Entry:
    """One organisation as its source describes it."""

    slug: str
    name: str
    kind: Kind
    services: tuple[Service, ...]
    coverage: str
    source: str
    valid_from: date | None  # None: its source has no date, so from the day it was entered
    phone: str | None = None
    hours: str | None = None
    address: str | None = None


HOSPITAL_PLAN = "Kế hoạch 992/KH-BVĐKCP ngày 03/7/2026, mục III.5"
TRAFFICKING_LAW = "Luật 53/2024/QH15, Điều 27 (sửa đổi, bổ sung bởi Luật 86/2025/QH15)"
LAO_CAI_PLAN = "Kế hoạch 06/KH-UBND tỉnh Lào Cai ngày 10/01/2020"
SHORT_NUMBER = "Số gọi khẩn cấp toàn quốc; tài liệu nghiệp vụ §5.6, chưa đối chiếu văn bản gốc"

_PROVINCE = "Tỉnh Quảng Ninh"
_COUNTRY = "Toàn quốc"
_LAW_IN_FORCE, _PLAN_IN_FORCE = date(2025, 7, 1), date(2026, 7, 3)

SEED: tuple[Entry, ...] = (
    Entry(
        slug="ttxh-quang-ninh",
        name="Tổng đài 18001769 – Trung tâm Trợ giúp xã hội Quảng Ninh",
        kind=Kind.SOCIAL_CENTRE,
        services=(  # V2, in the order of the plan
            Service.ESSENTIALS,
            Service.TRAVEL,
            Service.PSYCHOLOGICAL,
            Service.MEDICAL,
            Service.FIRST_ALLOWANCE,
        ),
        coverage=_PROVINCE,
        source=HOSPITAL_PLAN,
        valid_from=_PLAN_IN_FORCE,
        phone="18001769",
    ),
    Entry(
        slug="tong-dai-111",
        name="Tổng đài điện thoại quốc gia 111 (bảo vệ trẻ em và phòng, chống mua bán người)",
        kind=Kind.HOTLINE,
        services=(Service.RECEPTION, Service.ADVICE, Service.PROTECTION),
        coverage=_COUNTRY,
        source="Nghị định 162/2025/NĐ-CP, Điều 4–6; do Bộ Y tế vận hành từ 19/9/2025",
        valid_from=date(2025, 9, 19),
        phone="111",
        hours="24/7, miễn phí cuộc gọi",
    ),
    Entry(
        slug="cap-cuu-115",
        name="Cấp cứu 115",
        kind=Kind.EMERGENCY,
        services=(Service.EMERGENCY,),
        coverage=_COUNTRY,
        source=SHORT_NUMBER,
        valid_from=None,
        phone="115",
    ),
    Entry(
        slug="cong-an-113",
        name="Công an 113",
        kind=Kind.EMERGENCY,
        services=(Service.PROTECTION,),
        coverage=_COUNTRY,
        source=SHORT_NUMBER,
        valid_from=None,
        phone="113",
    ),
    Entry(
        slug="so-y-te-quang-ninh",
        name="Sở Y tế Quảng Ninh",
        kind=Kind.HEALTH_AUTHORITY,
        services=(Service.RECEPTION, Service.VERIFICATION),
        coverage=_PROVINCE,
        source=TRAFFICKING_LAW,
        valid_from=_LAW_IN_FORCE,
    ),
    Entry(
        slug="cong-an-quang-ninh",
        name="Công an tỉnh Quảng Ninh",
        kind=Kind.POLICE,
        services=(Service.RECEPTION, Service.PROTECTION, Service.VERIFICATION),
        coverage=_PROVINCE,
        source=TRAFFICKING_LAW,
        valid_from=_LAW_IN_FORCE,
    ),
    Entry(
        slug="bien-phong-quang-ninh",
        name="Bộ đội Biên phòng tỉnh Quảng Ninh",
        kind=Kind.BORDER_GUARD,
        services=(Service.RECEPTION, Service.PROTECTION, Service.VERIFICATION),
        coverage=_PROVINCE,
        source=f"{TRAFFICKING_LAW}; {HOSPITAL_PLAN}",
        valid_from=_PLAN_IN_FORCE,
    ),
    Entry(
        slug="ubnd-cam-pha",
        name="Ủy ban nhân dân phường Cẩm Phả",
        kind=Kind.LOCAL_GOVERNMENT,
        services=(Service.RECEPTION, Service.ESSENTIALS),
        coverage="Phường Cẩm Phả, tỉnh Quảng Ninh",
        source=f"{TRAFFICKING_LAW}; mã đơn vị hành chính 06793, Quyết định 19/2025/QĐ-TTg",
        valid_from=_LAW_IN_FORCE,
    ),
    Entry(
        slug="tro-giup-phap-ly",
        name="Trung tâm Trợ giúp pháp lý nhà nước tỉnh Quảng Ninh",
        kind=Kind.LEGAL_AID,
        services=(Service.LEGAL_AID,),
        coverage=_PROVINCE,
        source="Luật Trợ giúp pháp lý, Điều 7 khoản 6a (bổ sung bởi Luật 53/2024/QH15)",
        valid_from=_LAW_IN_FORCE,
    ),
    Entry(
        slug="hoi-lhpn",
        name="Hội Liên hiệp Phụ nữ tỉnh Quảng Ninh",
        kind=Kind.ASSOCIATION,
        services=(Service.ADVICE, Service.RESOURCES),
        coverage=_PROVINCE,
        source="Danh mục đối tác của chương trình (D9); chưa có văn bản về dịch vụ và liên hệ",
        valid_from=None,
    ),
    Entry(
        slug="nha-nhan-ai",
        name="Nhà Nhân ái Lào Cai",
        kind=Kind.SHELTER,
        services=(  # V3, in the order of the plan
            Service.RECEPTION,
            Service.ESSENTIALS,
            Service.PSYCHOLOGICAL,
            Service.MEDICAL,
            Service.LIFE_SKILLS,
            Service.SCHOOLING,
            Service.VOCATIONAL,
            Service.EMPLOYMENT,
            Service.SAVINGS,
            Service.RETURN_HOME,
        ),
        coverage="Tỉnh Lào Cai",
        source=f"{LAO_CAI_PLAN}, mục 2.3e",
        valid_from=date(2020, 1, 10),
    ),
    Entry(
        slug="vong-tay-thai-binh",
        name="Tổ chức Vòng tay Thái Bình (Pacific Links)",
        kind=Kind.NGO,
        services=(Service.SCHOOLING, Service.VOCATIONAL, Service.RETURN_HOME),
        coverage="Tỉnh Lào Cai; giai đoạn hợp tác 2020–2025, cần xác nhận còn hoạt động",
        source=f"{LAO_CAI_PLAN}, mục 2.3d–e; Quyết định 469/QĐ-UBND ngày 06/02/2018",
        valid_from=date(2020, 1, 10),
    ),
)
