"""What is said when a sitting gave no score: data in both languages, each with its rule."""

from dataclasses import dataclass

from casemgr.screenings.instruments.instrument import Text


@dataclass(frozen=True, slots=True)
class Guidance:
    """What a result means, and what to do next."""

    meaning: Text
    next_steps: tuple[Text, ...]


_CONCERN = Text(
    vi="Nếu anh/chị vẫn lo ngại, có thể mở trường hợp nghi ngờ dựa trên dấu hiệu quan sát được.",
    en="If you remain concerned, you can open a suspicion on the signs that you observed.",
)
_CARE_GOES_ON = Text(
    vi="Việc khám, chữa bệnh tiếp tục như bình thường; không phụ thuộc vào câu trả lời.",
    en="Medical care goes on as usual; it does not depend on any answer.",
)
_ANY_TIME = Text(
    vi="Nói với người bệnh: có thể trò chuyện lại bất cứ lúc nào, với người mà họ chọn.",
    en="Tell the person that they can talk again at any time, with somebody they choose.",
)

# R3: a stop is no failure. Domain §3: a gap is "incomplete", never "no".
INCOMPLETE = Guidance(
    Text(
        vi="Chưa hoàn tất: có câu chưa trả lời hoặc người bệnh không muốn trả lời. "
        "Không được hiểu là âm tính.",
        en="Incomplete: something was not answered, or the person preferred not to answer. "
        "It must not be read as negative.",
    ),
    (
        Text(
            vi="Không nhắc, không thúc. Chỉ tiếp tục khi người bệnh muốn và đang ở riêng.",
            en="No reminding, no pressing. Go on only if the person wishes to and is alone.",
        ),
        _ANY_TIME,
        _CONCERN,
        _CARE_GOES_ON,
    ),
)

# R1: no check, no question; only safe small talk.
UNSAFE = Guidance(
    Text(
        vi="Chưa an toàn để hỏi. Không có câu hỏi nào được đặt ra.",
        en="Not safe to ask yet. No question was asked.",
    ),
    (
        Text(
            vi="Chỉ nói chuyện thường ngày: giấc ngủ, bữa ăn, cơn đau, giờ khám lại.",
            en="Small talk only: sleep, meals, pain, the time of the next visit.",
        ),
        Text(
            vi="Tìm lý do chuyên môn để gặp riêng (siêu âm, chụp phim, thay băng), không nói "
            "trước mặt người đi cùng.",
            en="Find a clinical reason to meet alone (ultrasound, X-ray, a dressing); say "
            "nothing in front of a companion.",
        ),
        _CONCERN,
    ),
)

# R3, domain §4.0: refusal keeps medical care and the way back.
REFUSED = Guidance(
    Text(
        vi="Người bệnh không muốn trả lời bộ câu hỏi này.",
        en="The person does not wish to answer these questions.",
    ),
    (
        Text(
            vi="Tôn trọng lựa chọn đó; không hỏi lý do.",
            en="Respect that choice; do not ask for a reason.",
        ),
        _ANY_TIME,
        _CARE_GOES_ON,
        _CONCERN,
    ),
)

# Domain §3.13 (routing) and §2.5: a child is met with other means than an adult's questions.
MINOR = Guidance(
    Text(
        vi="Bộ câu hỏi này không dùng cho người dưới 18 tuổi.",
        en="These questions are not for a person under 18.",
    ),
    (
        Text(
            vi="Nói chuyện nhẹ nhàng, theo lời trẻ; không hỏi dồn, không hỏi lại chuyện đã kể.",
            en="Talk gently, at the child's pace; no repeated questions about what was told.",
        ),
        Text(
            vi="Báo bác sĩ phụ trách và Tổ Công tác xã hội; có thể mở trường hợp nghi ngờ dựa "
            "trên dấu hiệu quan sát được.",
            en="Tell the responsible doctor and the social work team; a suspicion can be "
            "opened on the signs observed.",
        ),
        Text(
            vi="Nếu có dấu hiệu xâm hại hoặc nguy cơ, phải thông báo theo Điều 51 Luật Trẻ em "
            "(danh bạ có số của tổng đài bảo vệ trẻ em).",
            en="With signs of abuse or risk, Article 51 of the Law on Children requires notice "
            "(the directory lists the child protection line).",
        ),
    ),
)

# R14: uncertain age counts as minor until documented.
AGE_UNKNOWN = Guidance(
    Text(
        vi="Chưa rõ người bệnh đủ 18 tuổi hay chưa, nên coi là người dưới 18 tuổi cho đến khi "
        "có căn cứ.",
        en="It is not certain that the person is 18 or over, so they count as under 18 until "
        "documented.",
    ),
    (
        Text(
            vi="Hỏi năm sinh, xem giấy tờ nếu có; ghi khoảng tuổi khi chỉ ước lượng được.",
            en="Ask for the year of birth, look at papers if there are any; record a range "
            "where only an estimate is possible.",
        ),
        *MINOR.next_steps,
    ),
)

# Domain §3.13: another instrument was made for this age.
OTHER_AGE = Guidance(
    Text(
        vi="Bộ câu hỏi này không dành cho độ tuổi của người bệnh.",
        en="These questions were not made for a person of this age.",
    ),
    (
        Text(vi="Chọn bộ câu hỏi khác.", en="Choose another set of questions."),
        _CONCERN,
    ),
)
