"""Sentences that many stories share. Invented, calm, without a word of blame (R16)."""

from casemgr.demo.vocabulary import Recipient, Source
from casemgr.directory.rules import Service

CODE_PHRASES = (
    "Hỏi giờ mở cửa tiệm hoa", "Xin đổi lịch cắt tóc", "Hỏi thăm cô giáo cũ",
    "Nhắc lấy áo may xong", "Hỏi chuyến xe sáng thứ bảy",
)  # fmt: skip

FOLLOW_UPS = (
    "Gặp 20 phút tại phòng riêng. Tinh thần ổn hơn, ăn ngủ được.",
    "Gọi trong giờ an toàn, đúng câu hẹn. Không có việc gấp.",
    "Người bệnh đề nghị giãn lịch gặp; đã thống nhất hai tuần một lần.",
    "Cùng xem lại kế hoạch an toàn, bổ sung một người có thể gọi.",
    "Đã đưa đồ dùng thiết yếu và phiếu ăn.",
    "Người bệnh hỏi về việc học nghề; đã giải thích các lựa chọn, chưa quyết định.",
    "Đã giải thích lại quyền dừng hoặc thay đổi bất cứ lúc nào.",
    "Gặp cùng bác sĩ điều trị (chỉ trao đổi lịch khám).",
    "Người bệnh muốn gặp cán bộ nữ ở lần sau; đã sắp xếp.",
    "Không liên lạc được trong giờ an toàn; không để lại lời nhắn, sẽ gọi lại theo lịch.",
    "Đã hỏi nhu cầu đi lại; hẹn xe đưa đón ngày khám.",
    "Người bệnh nói yên tâm hơn khi biết ai được xem hồ sơ.",
)

OPEN_TASKS = (
    "Gọi lại trong giờ an toàn", "Chuẩn bị đồ dùng thiết yếu", "Đặt lịch khám lại",
    "Hỏi lại nhu cầu chỗ ở", "Xem lại kế hoạch an toàn", "Làm thủ tục bảo hiểm y tế",
    "Tìm người phiên dịch phù hợp", "Hỏi ý kiến người bệnh về học nghề",
)  # fmt: skip

CHILD_FOLLOW_UPS = (
    "Cháu chơi trong phòng tranh 30 phút, ăn ngủ được. Không hỏi chuyện cũ.",
    "Gặp cháu cùng người cháu chọn; cháu cười và kể về bạn mới.",
    "Đã đưa sách, bút màu và đồ dùng thiết yếu.",
    "Trao đổi với người chăm sóc về lịch khám và lịch tiêm chủng.",
    "Cùng người chăm sóc xem lại kế hoạch an toàn cho cháu.",
    "Đã hỏi cháu muốn gì trước khi quyết định; ghi lại đúng ý cháu.",
)
CHILD_TASKS = (
    "Đặt lịch khám lại", "Chuẩn bị đồ dùng cho trẻ", "Hỏi nhà trường nơi ở mới",
    "Xem lại kế hoạch an toàn của trẻ", "Làm thủ tục bảo hiểm y tế", "Đặt lịch tiêm chủng",
)  # fmt: skip

MEET_AGAIN = "Gặp lại và xem lại kế hoạch an toàn"

CLOSING = (
    "Các nhu cầu đã được đáp ứng; người bệnh thống nhất dừng hỗ trợ.",
    "Người bệnh đã ổn định ở nơi mới; hai bên thống nhất kết thúc.",
)
REOPENING = (
    "Người bệnh quay lại và đề nghị được hỗ trợ tiếp.",
    "Có lo ngại mới về an toàn, người bệnh muốn gặp lại nhân viên cũ.",
)
CHILD_REOPENING = ("Gia đình đưa cháu quay lại và đề nghị được hỗ trợ tiếp.",)
REFUSING = (
    "Người bệnh không muốn được hỗ trợ lúc này; đã nói rõ có thể quay lại bất cứ lúc nào.",
    "Người bệnh muốn tự thu xếp; đã đưa thông tin liên hệ theo cách an toàn.",
)

CHILD_GROUND = (
    "Trẻ có dấu hiệu bị xâm hại hoặc có nguy cơ; thực hiện theo Điều 51 Luật Trẻ em, đã giải "
    "thích cho trẻ phù hợp lứa tuổi."
)

SENDERS: dict[Source, str] = {
    Source.POLICE: "Cơ quan Công an (minh họa)",
    Source.BORDER_GUARD: "Đồn Biên phòng (minh họa)",
    Source.HOTLINE_18001769: "Tổng đài 18001769 – Trung tâm Trợ giúp xã hội Quảng Ninh",
    Source.HOTLINE_111: "Tổng đài 111",
    Source.OTHER_HOSPITAL: "Bệnh viện tuyến dưới (minh họa)",
}

# Only what the directory says that each of them offers.
SERVICES: dict[Recipient, tuple[Service, ...]] = {
    Recipient.SOCIAL_CENTRE: (Service.ESSENTIALS, Service.PSYCHOLOGICAL, Service.MEDICAL),
    Recipient.NHAN_AI_HOUSE: (
        Service.RECEPTION,
        Service.LIFE_SKILLS,
        Service.VOCATIONAL,
        Service.RETURN_HOME,
    ),
    Recipient.PACIFIC_LINKS: (Service.SCHOOLING, Service.VOCATIONAL, Service.RETURN_HOME),
    Recipient.WOMENS_UNION: (Service.ADVICE, Service.RESOURCES),
    Recipient.LEGAL_AID: (Service.LEGAL_AID,),
}
URGENT_NEEDS = (
    "Chỗ ở an toàn trong vài ngày tới", "Đồ dùng thiết yếu", "Được gặp cán bộ nữ",
    "Lịch hẹn đầu tiên trong tuần này",
)  # fmt: skip
CARE_NEEDED = "Khám ban đầu, điều trị khi cần và chỗ nghỉ an toàn"

ACKNOWLEDGED = "Nơi nhận báo đã nhận giấy, sẽ trả lời trong 3 ngày."
ACCEPTED = "Nơi nhận đồng ý tiếp nhận, hẹn ngày gặp đầu tiên."
DECLINED = "Nơi nhận hết chỗ trong tháng này, đề nghị liên hệ lại tháng sau."
COMPLETED = "Nơi nhận báo đã đón và bắt đầu hỗ trợ."
WITHDRAWN = "Người bệnh rút đồng ý với nơi nhận này; đã báo nơi nhận dừng sử dụng thông tin."

# The paper is invented and says so; who issues which paper is the authority's law (domain §2.2).
PAPER_ISSUER = "Cơ quan có thẩm quyền (minh họa)"
PAPER_FILE = "Giấy của cơ quan có thẩm quyền.txt"
PAPER_TEXT = "Bản minh họa: giấy, người và cơ quan trong tệp này đều không có thật.\n"
