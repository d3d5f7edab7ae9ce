"""Every act the log can tell of: its name ``<thing>.<past tense>`` and its sentence, vi and en."""

from enum import Enum, StrEnum
from typing import Self


class Outcome(StrEnum):
    """How an act ended."""

    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


class Action(Enum):
    """An act. The value is kept in the log; the sentences are for people."""

    def __new__(cls, value: str, vi: str, en: str) -> Self:
        """Keep the sentences beside the value."""
        member = object.__new__(cls)
        member._value_ = value
        member.vi, member.en = vi, en
        return member

    vi: str
    en: str

    SIGNED_IN = "session.opened", "đăng nhập", "signed in"
    SIGN_IN_REFUSED = "session.refused", "đăng nhập không thành công", "failed to sign in"
    SIGNED_OUT = "session.closed", "đăng xuất", "signed out"
    SESSION_LAPSED = "session.lapsed", "phiên hết hạn", "session lapsed"

    HOME_SHOWN = "home.shown", "xem trang công việc của mình", "looked at own work page"
    ACT_REFUSED = "act.refused", "bị từ chối", "was refused"

    SAFETY_CHECKED = (
        "screening.safety_checked",
        "kiểm tra an toàn trước khi hỏi",
        ("checked safety before asking"),
    )
    SCREENING_ANSWERED = (
        "screening.answered",
        "ghi câu trả lời sàng lọc",
        ("recorded a screening answer"),
    )
    SCREENING_STOPPED = "screening.stopped", "dừng sàng lọc", "stopped a screening"
    SCREENING_REFUSED = (
        "screening.refused",
        "ghi người bệnh từ chối sàng lọc",
        ("recorded that screening was declined"),
    )
    SCREENING_COMPLETED = "screening.completed", "hoàn tất sàng lọc", "completed a screening"
    SCREENING_SHOWN = "screening.shown", "xem một lần sàng lọc", "looked at a screening"
    SCREENINGS_LISTED = "screening.listed", "xem danh sách sàng lọc", "listed screenings"

    CONCERN_RECORDED = (
        "screening.concern_recorded",
        "ghi dấu hiệu quan sát được",
        "recorded observed signs",
    )
    SCREENING_LINKED = (
        "screening.linked",
        "gắn lần sàng lọc với trường hợp",
        "linked a screening to a case",
    )

    CASE_OPENED = "case.opened", "mở trường hợp", "opened a case"
    CASE_SHOWN = "case.shown", "xem hồ sơ", "looked at a case"
    CASES_LISTED = "case.listed", "xem danh sách hồ sơ", "listed cases"
    CASES_SEARCHED = "case.searched", "tìm hồ sơ", "searched for cases"
    CASE_HANDED_OVER = "case.handed_over", "giao hồ sơ cho người khác", "handed a case over"
    CASE_TAKEN = "case.taken", "nhận hồ sơ", "took a case"
    CASE_MOVED = "case.moved", "đổi trạng thái hồ sơ", "moved a case to another state"
    STATUS_CHANGED = (
        "case.status_changed",
        "đổi tình trạng xác định",
        ("changed the identification status"),
    )
    COMPARTMENT_OPENED = "compartment.opened", "mở phần hồ sơ", "opened a part of a case"
    SEAL_BROKEN = (
        "seal.broken",
        "gặp một phần hồ sơ không mở được",
        "met a part of a case that could not be opened",
    )
    VALUES_EMPTIED = "values.emptied", "xóa trắng dữ liệu đã niêm phong", "emptied sealed values"
    VALUES_SEALED = "values.sealed", "niêm phong dữ liệu", "sealed values"
    IDENTITY_RECORDED = "identity.recorded", "ghi danh tính", "recorded identity"
    CONTACT_RECORDED = "contact.recorded", "ghi cách liên lạc an toàn", "recorded safe contact"
    SOCIAL_RECORDED = "social.recorded", "ghi thông tin hỗ trợ", "recorded social information"
    CONSENT_GIVEN = "consent.given", "ghi đồng ý", "recorded consent"
    CONSENT_REFUSED = "consent.refused", "ghi không đồng ý", "recorded that consent was refused"
    CONSENT_POSTPONED = (
        "consent.postponed",
        "để hỏi đồng ý mở hồ sơ sau",
        "left the question of a record for later",
    )
    CONSENT_WITHDRAWN = "consent.withdrawn", "ghi rút đồng ý", "recorded a withdrawal of consent"
    GROUND_RECORDED = "ground.recorded", "ghi căn cứ pháp luật", "recorded a lawful ground"
    NOTE_ADDED = "note.added", "thêm ghi chú", "added a note"
    CLINICAL_WRITTEN = "clinical.written", "ghi hồ sơ lâm sàng", "wrote in the clinical record"
    ATTACHMENT_ADDED = "attachment.added", "thêm tệp đính kèm", "added an attachment"
    ATTACHMENTS_LISTED = (
        "attachment.listed",
        "xem danh sách tệp đính kèm",
        "listed attachments",
    )
    ATTACHMENT_OPENED = "attachment.shown", "tải tệp đính kèm", "downloaded an attachment"
    ATTACHMENTS_ERASED = "attachment.erased", "xóa tệp đính kèm", "erased attachments"
    MEMBER_ADDED = "team.added", "thêm người vào nhóm chăm sóc", "added a care team member"
    MEMBER_REMOVED = "team.removed", "bỏ người khỏi nhóm chăm sóc", "removed a care team member"
    TASK_ADDED = "task.added", "thêm việc cần làm", "added a task"
    TASK_DONE = "task.done", "hoàn thành việc", "finished a task"

    NOTICE_SENT = "notice.sent", "báo nội bộ", "sent an internal notice"
    NOTICE_ACKNOWLEDGED = "notice.acknowledged", "xác nhận đã nhận báo", "acknowledged a notice"
    NOTICE_ESCALATED = "notice.escalated", "nhắc lại báo nội bộ", "escalated a notice"
    NOTICES_LISTED = "notice.listed", "xem danh sách báo nội bộ", "listed notices"

    REFERRAL_PREPARED = "referral.prepared", "soạn giấy chuyển gửi", "prepared a referral"
    REFERRAL_SENT = "referral.sent", "chuyển gửi", "sent a referral"
    REFERRAL_SHOWN = "referral.shown", "xem giấy chuyển gửi", "looked at a referral"
    REFERRAL_ANSWERED = (
        "referral.answered",
        "ghi phản hồi nơi nhận",
        ("recorded the receiver's answer"),
    )
    REFERRAL_REFUSED = "referral.refused", "bị từ chối chuyển gửi", "was refused a referral"
    REFERRAL_CHASED = "referral.chased", "hỏi lại nơi nhận", "asked the receiver again"
    REFERRAL_WITHDRAWN = "referral.withdrawn", "rút giấy chuyển gửi", "withdrew a referral"
    REFERRAL_RECEIVED = "referral.received", "tiếp nhận chuyển đến", "received a referral"
    REFERRALS_LISTED = "referral.listed", "xem danh sách chuyển gửi", "listed referrals"
    LETTER_PRINTED = "letter.printed", "in thư", "printed a letter"
    DIRECTORY_SEEDED = "directory.seeded", "nạp danh bạ ban đầu", "added the first directory"
    DIRECTORY_SHOWN = "directory.shown", "xem danh bạ", "looked at the directory"

    LOG_SHOWN = "log.shown", "xem nhật ký", "looked at the log"
    LOG_EXPORTED = "log.exported", "xuất nhật ký", "exported the log"
    LOG_VERIFICATION_ASKED = (
        "log.verification_asked",
        "yêu cầu kiểm chứng nhật ký",
        "asked for the log to be verified",
    )
    LOG_VERIFIED = "log.verified", "kiểm chứng nhật ký", "verified the log"
    LOG_PROVEN = (
        "log.proven",
        "lập bằng chứng cho một dòng nhật ký",
        "made the proof of one entry of the log",
    )
    LOG_EXPIRED = (
        "log.expired",
        "loại bỏ các dòng nhật ký hết hạn lưu trữ",
        "dropped entries of the log whose time was over",
    )
    LOG_HEARTBEAT = (
        "log.heartbeat",
        "xác nhận nhật ký vẫn liền mạch",
        "confirmed that the log goes on",
    )
    LOG_LANE_ENDED = (
        "log.lane_ended",
        "kết thúc một luồng ghi nhật ký",
        "ended a lane of the log",
    )
    LOG_TAG_WRONG = (
        "log.tag_wrong",
        "gặp một dòng nhật ký không do phần mềm ghi hoặc đã bị sửa",
        "met an entry of the log that was altered or not written by casemgr",
    )
    LOG_LANE_GAP = (
        "log.lane_gap",
        "phát hiện nhật ký thiếu dòng",
        "found that entries of the log are missing",
    )
    LOG_ROLLED_BACK = (
        "log.rolled_back",
        "phát hiện cơ sở dữ liệu bị quay lui về bản cũ",
        "found that the database was put back to an older state",
    )
    CELL_ROLLED_BACK = (
        "cell.rolled_back",
        "phát hiện dữ liệu không khớp nhật ký",
        "found sealed data that is not what the log tells",
    )

    DETECTION_SHOWN = (
        "detection.shown",
        "xem các quy tắc phát hiện truy cập bất thường",
        "looked at the rules that watch the log",
    )
    DETECTION_SET = (
        "detection.set",
        "đổi một quy tắc phát hiện truy cập bất thường",
        "changed a rule that watches the log",
    )
    DETECTION_TRIED = (
        "detection.tried",
        "yêu cầu chạy thử một quy tắc phát hiện",
        "asked for a dry run of a rule that watches the log",
    )
    DETECTION_TRIAL_RUN = (
        "detection.trial_run",
        "chạy thử một quy tắc phát hiện",
        "ran a rule that watches the log on earlier days",
    )
    LOG_WATCHED = "detection.watched", "rà soát nhật ký theo quy tắc", "watched the log by rules"
    SAMPLE_DRAWN = (
        "detection.sample_drawn",
        "rút mẫu ngẫu nhiên các lượt truy cập",
        "drew a random sample of accesses",
    )
    PEOPLE_COMPARED = (
        "detection.people_compared",
        "so hồ sơ đã được mở với thông tin nhân viên",
        "compared opened cases with what is known of staff",
    )
    STAFF_COMPARED = (
        "detection.staff_compared",
        "mở thông tin nhân viên để so",
        "opened what is known of staff to compare it",
    )
    STAFF_FACTS_RECORDED = (
        "staff_facts.recorded",
        "ghi thông tin nhân viên để phát hiện truy cập bất thường",
        "recorded what a colleague can be compared by",
    )
    LOG_EXPORT_ENDED = (
        "log.export_ended",
        "xuất xong nhật ký",
        "finished exporting the log",
    )
    LOG_DAY_SHOWN = (
        "log.day_shown",
        "xem một ngày làm việc của đồng nghiệp",
        "looked at a colleague's day",
    )
    LOG_VIEWS_SHOWN = (
        "log.views_shown",
        "xem bộ lọc nhật ký đã lưu",
        "looked at own saved views of the log",
    )
    LOG_VIEW_SAVED = "log.view_saved", "lưu bộ lọc nhật ký", "saved a view of the log"
    LOG_VIEW_REMOVED = "log.view_removed", "xóa bộ lọc nhật ký đã lưu", "removed a saved view"
    LOG_FORWARDED = (
        "log.forwarded",
        "chuyển nhật ký đến máy thu của bệnh viện",
        "sent the log to the hospital's collector",
    )
    LOG_FORWARDING_FAILED = (
        "log.forwarding_failed",
        "không chuyển được nhật ký đến máy thu của bệnh viện",
        "could not send the log to the hospital's collector",
    )
    NUMBER_ASKED = (
        "number.asked",
        "tra mã hồ sơ theo số giấy tờ",
        "looked up a case code by a number",
    )

    ERASURE_REQUESTED = "erasure.requested", "đề nghị xóa dữ liệu", "asked for an erasure"
    ERASURE_APPROVED = "erasure.approved", "duyệt xóa dữ liệu", "approved an erasure"
    ERASURE_REFUSED = "erasure.refused", "không duyệt xóa dữ liệu", "refused an erasure"
    ERASURE_CANCELLED = "erasure.cancelled", "hủy đề nghị xóa dữ liệu", "cancelled an erasure"
    ERASURE_BEGUN = "erasure.begun", "bắt đầu xóa dữ liệu", "began an erasure"
    ERASURE_LIVE = (
        "erasure.live",
        "xóa xong trên hệ thống đang chạy",
        "finished an erasure in the running system",
    )
    ERASURE_FINAL = "erasure.final", "xóa hẳn, không còn bản sao", "finished an erasure for good"
    ERASURE_SHOWN = "erasure.shown", "xem một đề nghị xóa dữ liệu", "looked at an erasure"
    ERASURES_LISTED = "erasure.listed", "xem danh sách đề nghị xóa dữ liệu", "listed erasures"
    CERTIFICATE_PRINTED = (
        "erasure.certificate_printed",
        "in biên bản xóa dữ liệu",
        "printed a certificate of erasure",
    )
    RECIPIENT_TOLD = (
        "erasure.recipient_told",
        "ghi đã báo nơi nhận về việc xóa",
        "recorded that a receiver was told of an erasure",
    )
    PART_ERASED = "part.erased", "xóa một phần hồ sơ", "erased a part of a case"
    PART_RESTRICTED = "part.restricted", "hạn chế một phần hồ sơ", "restricted a part of a case"
    RESTRICTION_LIFTED = "part.opened_again", "bỏ hạn chế một phần hồ sơ", "lifted a restriction"
    HOLD_SET = "hold.set", "giữ hồ sơ theo yêu cầu pháp lý", "set a legal hold"
    HOLD_LIFTED = "hold.lifted", "bỏ giữ hồ sơ", "lifted a legal hold"
    HOLDS_LISTED = "hold.listed", "xem danh sách hồ sơ được giữ", "listed legal holds"
    REVIEW_RAISED = "review.raised", "đưa một việc vào diện xem xét", "raised a review"
    REVIEWS_LISTED = "review.listed", "xem danh sách việc cần xem xét", "listed reviews"
    REVIEW_SHOWN = "review.shown", "xem một việc cần xem xét", "looked at a review"
    REVIEW_ASSIGNED = "review.assigned", "nhận hoặc giao việc xem xét", "assigned a review"
    COLLEAGUE_ASKED = "review.asked", "hỏi đồng nghiệp về một lượt truy cập", "asked a colleague"
    REVIEW_ESCALATED = (
        "review.escalated",
        "chuyển việc xem xét lên Ban Giám đốc",
        "escalated a review to the director",
    )
    MEASURE_RECORDED = "review.measured", "ghi biện pháp xử lý", "recorded a measure"
    REVIEW_CLOSED = "review.closed", "kết luận việc xem xét", "closed a review"
    REVIEWS_COUNTED = "review.counted", "tính số liệu xem xét", "counted reviews"
    QUESTIONS_LISTED = "question.listed", "xem câu hỏi gửi cho mình", "listed own questions"
    QUESTION_SHOWN = "question.shown", "xem một câu hỏi gửi cho mình", "looked at an own question"
    QUESTION_ANSWERED = "question.answered", "trả lời câu hỏi", "answered a question"
    ACCESS_REVIEW_BEGUN = (
        "access.review_begun",
        "mở đợt rà soát quyền truy cập hằng tháng",
        "began the monthly access review",
    )
    ACCESS_LISTED = "access.listed", "xem quyền truy cập cần rà soát", "listed access to review"
    ACCESS_ANSWERED = "access.answered", "xác nhận hoặc thu hồi quyền", "answered about access"
    BREACH_RECORDED = "breach.recorded", "ghi nhận sự cố dữ liệu", "recorded a breach"
    BREACH_WRITTEN = "breach.written", "bổ sung hồ sơ sự cố dữ liệu", "wrote about a breach"
    BREACH_COUNTED = (
        "breach.counted",
        "thống kê phạm vi sự cố từ nhật ký",
        "counted from the log what a breach touched",
    )
    BREACH_ASSESSED = "breach.assessed", "đánh giá sự cố dữ liệu", "assessed a breach"
    BREACH_CONFIRMED = (
        "breach.confirmed",
        "đồng ý không thông báo sự cố",
        "agreed that a breach is not notified",
    )
    BREACH_OVERRULED = (
        "breach.overruled",
        "yêu cầu phải thông báo sự cố",
        "decided that a breach must be notified",
    )
    BREACH_NOTIFIED = (
        "breach.notified",
        "ghi đã thông báo sự cố cho cơ quan chuyên trách",
        "recorded that the authority was told of a breach",
    )
    BREACH_PERSONS_SETTLED = (
        "breach.persons_settled",
        "ghi việc báo cho người bị ảnh hưởng",
        "recorded whether the people concerned were told of a breach",
    )
    BREACH_MEASURES_TAKEN = (
        "breach.measures_taken",
        "ghi biện pháp khắc phục sự cố",
        "recorded measures after a breach",
    )
    BREACH_CLOSED = "breach.closed", "kết thúc sự cố dữ liệu", "closed a breach"
    BREACH_ESCALATED = (
        "breach.escalated",
        "nhắc giám đốc về sự cố chưa thông báo",
        "told the director of a breach that is not notified yet",
    )
    BREACH_SHOWN = "breach.shown", "xem hồ sơ sự cố dữ liệu", "looked at a breach"
    BREACHES_LISTED = "breach.listed", "xem sổ sự cố dữ liệu", "listed breaches"
    BREACH_FORM_PRINTED = (
        "breach.form_printed",
        "in thông báo sự cố gửi cơ quan chuyên trách",
        "printed the notice of a breach to the authority",
    )
    BREACH_LETTER_PRINTED = (
        "breach.letter_printed",
        "in thông báo sự cố cho người bị ảnh hưởng",
        "printed the notice of a breach for a person",
    )

    DASHBOARD_SHOWN = "dashboard.shown", "xem bảng theo dõi", "looked at the dashboard"
    DAYS_SUMMED = "dashboard.summed", "cộng số liệu nhật ký theo ngày", "summed the log by day"
    REPORT_MADE = "dashboard.reported", "lập báo cáo tháng", "made a monthly report"
    REPORT_SHOWN = "dashboard.report_shown", "xem báo cáo tháng", "looked at a monthly report"

    STATEMENT_MADE = (
        "statement.made",
        "lập bản kê lượt xem cho người bệnh",
        "made a statement for the person",
    )
    STATEMENT_SHOWN = (
        "statement.shown",
        "mở bản kê lượt xem trên màn hình",
        "showed a statement on screen",
    )
    STATEMENT_PRINTED = "statement.printed", "in bản kê lượt xem", "printed a statement"
    STATEMENTS_LISTED = (
        "statement.listed",
        "xem danh sách bản kê lượt xem",
        "listed statements",
    )
    COLLEAGUES_NAMED = (
        "statement.named",
        "cho ghi tên nhân viên vào bản kê lượt xem",
        "had colleagues named in a statement",
    )
    DISCLOSURE_WITHHELD = (
        "withholding.recorded",
        "ghi thông tin tạm chưa đưa vào bản kê",
        "recorded what statements withhold",
    )
    WITHHOLDING_LIFTED = (
        "withholding.lifted",
        "bỏ việc tạm chưa đưa vào bản kê",
        "lifted what statements withhold",
    )
    WITHHOLDINGS_LISTED = (
        "withholding.listed",
        "xem danh sách thông tin tạm chưa đưa vào bản kê",
        "listed what statements withhold",
    )
    SITTINGS_COUNTED = (
        "screening.counted",
        "gộp số liệu sàng lọc trước khi xóa",
        "counted screenings before their erasure",
    )
    SITTINGS_ERASED = "screening.erased", "xóa lần sàng lọc đã hết hạn", "erased old screenings"

    RIGHTS_RECEIVED = (
        "rights.received",
        "tiếp nhận yêu cầu của chủ thể dữ liệu",
        "received a rights request",
    )
    RIGHTS_CHANGED = (
        "rights.case_named",
        "ghi mã hồ sơ vào yêu cầu của chủ thể dữ liệu",
        "named the case of a rights request",
    )
    RIGHTS_ACKNOWLEDGED = (
        "rights.acknowledged",
        "xác nhận đã nhận yêu cầu của chủ thể dữ liệu",
        "acknowledged a rights request",
    )
    RIGHTS_EXTENDED = (
        "rights.extended",
        "gia hạn trả lời yêu cầu của chủ thể dữ liệu",
        "extended the term of a rights request",
    )
    RIGHTS_ANSWERED = (
        "rights.answered",
        "trả lời yêu cầu của chủ thể dữ liệu",
        "answered a rights request",
    )
    RIGHTS_CLOSED = (
        "rights.closed",
        "kết thúc yêu cầu của chủ thể dữ liệu",
        "closed a rights request",
    )
    RIGHTS_WITHDRAWN = (
        "rights.withdrawn",
        "ghi việc rút yêu cầu của chủ thể dữ liệu",
        "recorded that a rights request was taken back",
    )
    RIGHTS_SHOWN = (
        "rights.shown",
        "xem một yêu cầu của chủ thể dữ liệu",
        "looked at a rights request",
    )
    RIGHTS_LISTED = (
        "rights.listed",
        "xem danh sách yêu cầu của chủ thể dữ liệu",
        "listed rights requests",
    )
    RIGHTS_LATE = (
        "rights.late",
        "ghi nhận yêu cầu của chủ thể dữ liệu đã quá hạn",
        "noted that a rights request is late",
    )
    RIGHTS_STEPS_ASKED = (
        "rights.steps_asked",
        "đề nghị chuẩn bị các phần hồ sơ theo yêu cầu",
        "asked for parts to be prepared for a rights request",
    )
    RIGHTS_STEPS_LISTED = (
        "rights.steps_listed",
        "xem việc cần chuẩn bị theo yêu cầu của chủ thể dữ liệu",
        "listed what is to be prepared for rights requests",
    )
    RIGHTS_STEP_DONE = (
        "rights.step_done",
        "chuẩn bị xong một phần hồ sơ theo yêu cầu",
        "prepared a part for a rights request",
    )

    NAME_INDEX_BUILT = (
        "name_index.built",
        "dựng chỉ mục tên trong bộ nhớ",
        ("built the name index in memory"),
    )
    NAME_INDEX_UPDATED = "name_index.updated", "cập nhật chỉ mục tên", "updated the name index"
    NAME_INDEX_OPENED = (
        "name_index.opened",
        "mở chỉ mục tên đã đóng gói",
        ("opened the packed name index"),
    )
    NAME_INDEX_PACKED = (
        "name_index.packed",
        "đóng gói chỉ mục tên đã mã hóa",
        ("packed the encrypted name index"),
    )
    NAME_INDEX_SWITCHED = (
        "name_index.switched",
        "chuyển sang chỉ mục tên mới",
        ("switched to the new name index"),
    )
    NAME_INDEX_GIVEN_UP = (
        "name_index.given_up",
        "bỏ chỉ mục tên đã đóng gói",
        ("gave up a packed name index"),
    )
    NUMBER_COMPARED = (
        "number.compared",
        "so số giấy tờ với hồ sơ tìm thấy",
        ("compared a number with the cases found"),
    )
    NUMBERS_REINDEXED = (
        "number.reindexed",
        "tính lại chỉ mục số giấy tờ",
        ("computed the indexes of numbers anew"),
    )
    SESSIONS_SWEPT = "session.swept", "dọn phiên đã hết", "swept ended sessions"
    FILES_DOOMED = "file.doomed", "định xóa tệp đã niêm phong", "decided to remove sealed files"
    FILES_REMOVED = "file.removed", "xóa tệp đã niêm phong", "removed sealed files"
    KEYS_SWEPT = "key.swept", "dọn khóa không dùng", "swept unnamed keys"
    KEY_REMOVAL_INTENDED = (
        "key.removal_intended",
        "quyết định hủy khóa",
        "decided to remove keys",
    )
    KEYS_REMOVED = "key.removed", "đã hủy khóa", "removed keys"
    KEYS_SHOWN = "key.shown", "xem tình trạng các khóa", "looked at the state of the keys"
    KEY_ROTATION_BEGUN = "key.rotation_begun", "bắt đầu thay khóa cơ sở", "began a key rotation"
    KEYS_ROTATED = "key.rotated", "đã thay khóa cơ sở", "rotated the facility key"
    CASE_REKEYED = "key.case_rekeyed", "thay khóa của hồ sơ", "gave a case new keys"
    CASE_RESEALED = (
        "key.case_resealed",
        "niêm phong lại hồ sơ bằng khóa mới",
        "sealed a case anew under its new keys",
    )
    EPOCH_CLOSING = "key.epoch_closing", "bắt đầu đóng kỳ khóa", "began to close a key epoch"
    EPOCH_CLOSED = "key.epoch_closed", "đã đóng kỳ khóa", "closed a key epoch"
    KEYS_VERIFIED = "key.verified", "kiểm tra các khóa", "verified the keys"
    KEY_DESTROYED = "key.destroyed", "tiêu hủy khóa cũ", "destroyed an old key"
    ROOT_CONFIRMED = (
        "key.root_confirmed",
        "xác nhận khóa gốc cũ đã được tiêu hủy ở nơi khác",
        "confirmed that an old root was destroyed elsewhere",
    )
    SHARES_ISSUED = (
        "key.shares_issued",
        "cấp mảnh khóa dự phòng",
        "issued recovery shares",
    )
    SHARES_SWAPPED = (
        "key.shares_swapped",
        "phát hiện bộ mảnh khóa dự phòng cũ được dùng lại",
        "found a replaced set of recovery shares in force again",
    )
    BACKUP_MADE = "backup.made", "tạo bản sao lưu", "made a backup"
    BACKUP_SWEPT = "backup.swept", "dọn bản sao lưu dở dang", "swept an unfinished backup"
    BACKUP_VERIFIED = "backup.verified", "kiểm tra bản sao lưu", "verified backups"
    BACKUP_RESTORED = "backup.restored", "khôi phục từ bản sao lưu", "restored a backup"
    BACKUP_EXPIRED = (
        "backup.expired",
        "xóa bản sao lưu kho khóa đã hết hạn",
        "removed an expired backup of the key store",
    )
    RECOVERY_BEGUN = (
        "recovery.begun",
        "bắt đầu dùng mảnh khóa dự phòng",
        "began to use recovery shares",
    )
    RECOVERY_DRILLED = "recovery.drilled", "diễn tập khôi phục khóa", "held a recovery drill"
    KEYS_RECOVERED = (
        "recovery.recovered",
        "khôi phục khóa từ các mảnh dự phòng",
        "recovered keys from shares",
    )
    ANNOUNCEMENTS_LISTED = (
        "announcement.listed",
        "xem thông báo về mảnh khóa dự phòng",
        "looked at announcements about recovery shares",
    )
    ANNOUNCEMENT_ACKNOWLEDGED = (
        "announcement.acknowledged",
        "xác nhận thông báo về mảnh khóa dự phòng",
        "acknowledged an announcement about recovery shares",
    )
    LOG_KEY_MADE = "log_key.made", "tạo khóa ký nhật ký", "made the key that signs the log"
    LOG_KEY_ROTATED = (
        "log_key.rotated",
        "thay khóa ký nhật ký",
        "rotated the key that signs the log",
    )
    LOG_KEY_SHOWN = (
        "log_key.shown",
        "xem khóa công khai của nhật ký",
        "looked at the public key of the log",
    )
    CHECKPOINT_SENT = (
        "checkpoint.sent",
        "gửi điểm chốt nhật ký ra ngoài",
        "sent the head of the log out",
    )
    CHECKPOINT_COSIGNED = (
        "checkpoint.cosigned",
        "làm chứng cho nhật ký của đơn vị khác",
        "witnessed the log of another hospital",
    )
    PROOF_SHOWN = "proof.shown", "xem tình trạng nhật ký", "looked at the state of the log"
    PROOF_PRINTED = "proof.printed", "in điểm chốt nhật ký", "printed the head of the log"
    JOB_FAILED = "job.failed", "việc nền thất bại", "a background job failed"
    DEMONSTRATION_LOADED = (
        "demonstration.loaded",
        "nạp dữ liệu minh họa",
        ("loaded the demonstration"),
    )
    FACILITY_FOUNDED = "facility.founded", "lập cơ sở", "founded the facility"
    ACCOUNT_CREATED = "account.created", "tạo tài khoản", "created an account"
