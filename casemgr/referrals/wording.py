"""The words of the letter, in Vietnamese: an official document has one language and one form.

Data, not catalogue: what a letter said when it was sent must not change with a translation. The
layout follows Nghị định 30/2020/NĐ-CP, the fields domain §5.9. VERSION is kept in each packet.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from casemgr.cases.consent import ConsentMethod
from casemgr.cases.rules import Group, Sex
from casemgr.directory.rules import Service
from casemgr.referrals.rules import Signer

VERSION = "2026-11"


@dataclass(frozen=True, slots=True)
class Words:
    """Every fixed word of the letter, from top to bottom."""

    demonstration: str = "BẢN MINH HỌA – không có người thật"
    state: str = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
    motto: str = "Độc lập - Tự do - Hạnh phúc"
    number: str = "Số: ……/"
    circulation: str = "Lưu hành hạn chế – thông tin người bệnh"
    title: str = "PHIẾU CHUYỂN"
    subject: str = "Về việc giới thiệu người bệnh đến nơi cung cấp dịch vụ hỗ trợ"
    addressed_to: str = "Kính gửi:"
    opening: str = (
        "{issuer} trân trọng giới thiệu người bệnh có mã hồ sơ {code} đến Quý cơ quan, đơn vị để "
        "được xem xét, hỗ trợ. Thông tin chuyển kèm như sau:"
    )
    facts: str = "1. Thông tin về người bệnh"
    code: str = "Mã hồ sơ"
    needs: str = "2. Nhu cầu cấp thiết"
    no_needs: str = "Không có nhu cầu cấp thiết được ghi nhận."
    services: str = "3. Dịch vụ đề nghị hỗ trợ"
    consent: str = "4. Sự đồng ý của người bệnh"
    consented: str = (
        "Người bệnh đã đồng ý chuyển các thông tin nêu trên cho Quý cơ quan, đơn vị: mã đồng ý "
        "{number}, ngày {given_on}, {method}, {expiry}."
    )
    expires: str = "có giá trị đến hết ngày {day}"
    unlimited: str = "có giá trị đến khi người bệnh rút lại"
    not_yet_consented: str = "Chưa có sự đồng ý của người bệnh đối với nơi nhận này."
    attachments: str = "5. Tài liệu kèm theo"
    no_attachments: str = "Không có."
    contact: str = "6. Liên hệ của bệnh viện"
    contact_line: str = "{name}, {department}, điện thoại {phone}."
    limits: str = (
        "Phiếu này giới thiệu người bệnh đến nhận hỗ trợ, không phải là kết luận người bệnh là nạn "
        "nhân; việc xác định nạn nhân thuộc thẩm quyền của cơ quan có thẩm quyền."
    )
    closing: str = (
        "Đề nghị Quý cơ quan, đơn vị giữ bí mật thông tin người bệnh, chỉ sử dụng cho việc hỗ trợ, "
        "không chuyển tiếp khi chưa có sự đồng ý của người bệnh, và phản hồi việc tiếp nhận cho "
        "bệnh viện trong 03 ngày kể từ ngày nhận được phiếu này./."
    )
    copies: str = "Nơi nhận:"
    copy_lines: tuple[str, ...] = ("- Như trên;", "- Lưu: VT, CTXH.")
    sign_here: str = "(Chữ ký, dấu, họ và tên)"
    slip: str = "PHIẾU XÁC NHẬN TIẾP NHẬN"
    slip_return: str = "Đề nghị điền và gửi lại {issuer}."
    slip_lines: tuple[str, ...] = (
        "Đơn vị tiếp nhận: ………………………………………………………………",
        "Người tiếp nhận (họ tên, chức vụ): ………………………………………………",
        "Thời gian nhận: …… giờ …… phút, ngày …… tháng …… năm ………",
    )
    slip_result: str = "Kết quả:"
    slip_results: tuple[str, ...] = (
        "Đã tiếp nhận",
        "Đang chờ bố trí",
        "Không tiếp nhận, lý do: ………………………………",
    )
    slip_sign: str = "Người tiếp nhận (ký, ghi rõ họ tên)"


WORDS = Words()
MISSING = "Chưa ghi nhận"

SIGNERS: Mapping[Signer, tuple[str, ...]] = {
    Signer.DIRECTOR: ("GIÁM ĐỐC",),
    Signer.DEPUTY: ("KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"),
    Signer.BY_ORDER: ("TL. GIÁM ĐỐC", "TRƯỞNG PHÒNG ĐIỀU DƯỠNG"),  # holds Tổ CTXH (D4)
}

SEXES: Mapping[Sex, str] = {
    Sex.FEMALE: "Nữ",
    Sex.MALE: "Nam",
    Sex.OTHER: "Khác",
    Sex.UNKNOWN: "Không rõ",
}

GROUPS: Mapping[Group, str] = {  # domain §1.1; never more than an authority's paper says (I10)
    Group.CONFIRMED: "Nạn nhân bị mua bán (theo giấy xác nhận của cơ quan có thẩm quyền)",
    Group.UNDER_IDENTIFICATION: "Người đang trong quá trình xác định là nạn nhân",
    Group.ACCOMPANYING_MINOR: "Người dưới 18 tuổi đi cùng",
    Group.SUSPECTED: "Trường hợp nghi ngờ, chưa có kết luận của cơ quan có thẩm quyền",
    Group.AT_RISK: "Người có nguy cơ bị mua bán",
    Group.NOT_A_VICTIM: "Không phải nạn nhân bị mua bán (theo văn bản của cơ quan có thẩm quyền)",
    Group.OTHER_HARM: "Người bị bạo lực hoặc trẻ em có nguy cơ, không thuộc diện mua bán người",
}

METHODS: Mapping[ConsentMethod, str] = {
    ConsentMethod.SIGNED: "bằng chữ ký",
    ConsentMethod.FINGERPRINT: "bằng điểm chỉ",
    ConsentMethod.SPOKEN_WITH_WITNESS: "bằng lời nói, có người làm chứng",
    ConsentMethod.ELECTRONIC: "bằng phương thức điện tử",
}

SERVICES: Mapping[Service, str] = {  # domain §1.4 V2–V4, V7
    Service.RECEPTION: "Tiếp nhận",
    Service.ESSENTIALS: "Hỗ trợ nhu cầu thiết yếu",
    Service.TRAVEL: "Hỗ trợ chi phí đi lại",
    Service.PSYCHOLOGICAL: "Hỗ trợ tâm lý",
    Service.MEDICAL: "Hỗ trợ y tế",
    Service.FIRST_ALLOWANCE: "Trợ cấp khó khăn ban đầu",
    Service.LEGAL_AID: "Trợ giúp pháp lý",
    Service.ADVICE: "Tư vấn",
    Service.PROTECTION: "Bảo vệ an toàn",
    Service.EMERGENCY: "Cấp cứu",
    Service.VERIFICATION: "Xác minh ban đầu",
    Service.RESOURCES: "Kết nối nguồn lực",
    Service.LIFE_SKILLS: "Giáo dục kỹ năng sống",
    Service.SCHOOLING: "Học văn hóa",
    Service.VOCATIONAL: "Học nghề",
    Service.EMPLOYMENT: "Giới thiệu việc làm",
    Service.SAVINGS: "Tiết kiệm có định hướng",
    Service.RETURN_HOME: "Hồi gia, tái hòa nhập cộng đồng",
}

# Titles of the tasks that follow a withdrawal; like a note they are kept as they were written.
TELL_CONSENT_WITHDRAWN = "Báo {recipient}: người bệnh đã rút đồng ý, đề nghị dừng dùng thông tin"
TELL_REFERRAL_WITHDRAWN = "Báo {recipient}: bệnh viện đã rút phiếu chuyển {code}"


def band(lower: int | None, below: int | None) -> str:
    """An age band in words."""
    if lower is None:
        return f"Dưới {below} tuổi"
    return f"Từ {lower} tuổi trở lên" if below is None else f"Từ {lower} đến dưới {below} tuổi"
