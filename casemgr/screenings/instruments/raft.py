"""RAFT, Rapid Appraisal for Trafficking: four questions for adults (domain §3.1)."""

from datetime import date

from casemgr.screenings.instruments.instrument import (
    Band,
    Certainty,
    Figure,
    Instrument,
    Item,
    Option,
    Population,
    Source,
    Text,
)

_STUDY = (
    "Chisolm-Straker M. et al., Validation of a screening tool for labor and sex trafficking "
    "among emergency department patients, JACEP Open 2021, doi 10.1002/emp2.12558 (n = 4,127)"
)
_READ = Source(_STUDY, Certainty.VERIFIED)
_REMEMBERED = Source(_STUDY, Certainty.FROM_MEMORY)

RAFT = Instrument(
    slug="raft",
    version="2026-11",
    dated=date(2026, 11, 22),
    title=Text(
        vi="RAFT – hỏi nhanh về nguy cơ mua bán người (người từ 18 tuổi)",
        en="RAFT – Rapid Appraisal for Trafficking (adults, 18 and over)",
    ),
    source=_READ,
    licence=Source(
        "Open access article, CC BY-NC-ND style; free for clinical use, "
        "ask the authors before altering the items",
        Certainty.FROM_MEMORY,
    ),
    is_working_translation=True,
    population=Population(min_age=18, max_age=None),
    items=(
        Item(
            "unsafe_place",
            Text(
                vi="Có khi nào anh/chị làm việc, hoặc làm những việc khác, ở một nơi khiến mình "
                "sợ hãi hoặc không an toàn không?",
                en="Have you ever worked, or done other things, in a place that made you feel "
                "scared or unsafe?",
            ),
        ),
        Item(
            "tricked_or_forced",
            Text(
                vi="Có khi nào anh/chị bị lừa hoặc bị ép làm bất cứ công việc nào mình không "
                "muốn không?",
                en="Have you ever been tricked or forced into any kind of work that you did not "
                "want to do?",
            ),
        ),
        Item(
            "afraid_to_leave",
            Text(
                vi="Có khi nào anh/chị sợ không dám bỏ việc hoặc rời đi vì lo bị bạo lực hoặc "
                "đe dọa với bản thân hay gia đình không?",
                en="Have you ever been afraid to leave or quit a work situation because of fear "
                "of violence or threats to you or your family?",
            ),
        ),
        Item(
            "exchange_for_sex",
            Text(
                vi="Có khi nào anh/chị nhận bất cứ thứ gì (chỗ ở, quà, đồ ăn…) để đổi lấy quan "
                "hệ tình dục không?",
                en="Have you ever received anything (a place to stay, gifts, food…) in exchange "
                "for sex?",
            ),
        ),
    ),
    scale=(
        Option("yes", Text(vi="Có", en="Yes"), points=1),
        Option("no", Text(vi="Không", en="No"), points=0),
        Option("declined", Text(vi="Không muốn trả lời", en="Prefer not to answer"), points=None),
    ),
    bands=(
        Band(
            key="negative",
            lowest=0,
            highest=0,
            is_positive=False,
            meaning=Text(
                vi="Chưa có câu trả lời nào gợi ý nguy cơ. Kết quả này không loại trừ điều gì.",
                en="No answer points to a risk so far. This result rules nothing out.",
            ),
            next_steps=(
                Text(
                    vi="Cảm ơn người bệnh và nói rõ có thể trò chuyện lại bất cứ lúc nào.",
                    en="Thank the person and say that they can talk again at any time.",
                ),
                Text(
                    vi="Nếu nhân viên y tế vẫn lo ngại, vẫn có thể mở trường hợp nghi ngờ và "
                    "ghi dấu hiệu quan sát được.",
                    en="If staff remain concerned, a suspicion can still be opened, with the "
                    "signs that were observed.",
                ),
            ),
        ),
        Band(
            key="positive",
            lowest=1,
            highest=4,
            is_positive=True,
            meaning=Text(
                vi="Nghi ngờ, cần đánh giá thêm. Đây chưa phải là kết luận.",
                en="A suspicion that needs further assessment. This is not a conclusion.",
            ),
            next_steps=(
                Text(
                    vi="Chăm sóc y tế trước, tiếp tục giữ chỗ riêng tư, không hỏi thêm chi tiết.",
                    en="Medical care first; keep the place private and ask for no further detail.",
                ),
                Text(
                    vi="Mở trường hợp nghi ngờ: Tổ Công tác xã hội và Ban Giám đốc được báo bằng "
                    "mã số, không kèm tên.",
                    en="Open a suspicion: the social work team and the board of directors are "
                    "told its code, never a name.",
                ),
                Text(
                    vi="Hỏi người bệnh có muốn gặp nhân viên công tác xã hội không; tôn trọng "
                    "câu trả lời, kể cả khi là không.",
                    en="Ask whether the person would like to meet a social worker; respect the "
                    "answer, also when it is no.",
                ),
                Text(
                    vi="Nếu đang có nguy hiểm (người đi cùng đe dọa, ý nghĩ tự sát), báo trực "
                    "lãnh đạo và bảo vệ ngay.",
                    en="If there is danger now (a threatening companion, thoughts of suicide), "
                    "call the director on duty and security at once.",
                ),
            ),
        ),
    ),
    figures=(
        Figure(
            Text(vi="Độ nhạy, mẫu xây dựng", en="Sensitivity, derivation sample"),
            89,
            (79, 99),
            _READ,
        ),
        Figure(
            Text(vi="Độ đặc hiệu, mẫu xây dựng", en="Specificity, derivation sample"),
            74,
            (73, 76),
            _REMEMBERED,
        ),
        Figure(
            Text(vi="Độ nhạy, thẩm định độc lập", en="Sensitivity, external validation"),
            100,
            None,
            _READ,
        ),
        Figure(
            Text(vi="Độ đặc hiệu, thẩm định độc lập", en="Specificity, external validation"),
            61,
            (56, 65),
            _READ,
        ),
    ),
)
