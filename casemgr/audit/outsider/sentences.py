"""What the verifier says, in Vietnamese and in English: a court in Viet Nam reads it."""

from collections.abc import Iterator
from typing import TypeAlias

from casemgr.audit.outsider.aligning import Finding, Kind
from casemgr.audit.outsider.examining import INCOMPLETE, TAMPERED, WHOLE, Report

Both: TypeAlias = tuple[str, str]  # vi, en
MOST_SHOWN = 20

FOUND: dict[Kind, Both] = {
    Kind.EDITED: ("Dòng {index} đã bị sửa.", "Entry {index} was edited."),
    Kind.REMOVED: (
        "Các dòng từ {index} đến {other} đã bị xóa.",
        "Entries {index} to {other} were removed.",
    ),
    Kind.CUT_HEAD: (
        "Phần đầu nhật ký đã bị cắt: thiếu các dòng từ {index} đến {other}.",
        "The log was cut at its beginning: entries {index} to {other} are missing.",
    ),
    Kind.CUT_TAIL: (
        "Phần cuối nhật ký đã bị cắt: thiếu các dòng từ {index} đến {other}.",
        "The log was cut at its end: entries {index} to {other} are missing.",
    ),
    Kind.ADDED: (
        "Có dòng bị chèn thêm ngay trước vị trí {index}.",
        "Something was added just before place {index}.",
    ),
    Kind.MOVED: (
        "Dòng {index} đã bị chuyển đến ngay trước vị trí {other}.",
        "Entry {index} was moved to just before place {other}.",
    ),
    Kind.REPEATED: (
        "Dòng {index} bị lặp lại ngay trước vị trí {other}.",
        "Entry {index} stands once more just before place {other}.",
    ),
    Kind.REWRITTEN: (
        (
            "Nhật ký không khớp mốc xác nhận {other} ({name}): đã bị viết lại trong khoảng từ dòng "
            "{index} đến trước dòng {other}."
        ),
        (
            "The log does not fit checkpoint {other} ({name}): it was rewritten somewhere from entry "
            "{index} to before entry {other}."
        ),
    ),
    Kind.FORKED: (
        "Hai mốc xác nhận mâu thuẫn nhau, đã có hai nhật ký khác nhau: {name}.",
        "Two checkpoints contradict each other, there were two logs: {name}.",
    ),
    Kind.UNSIGNED: (
        "Mốc xác nhận {name} không mang chữ ký hợp lệ của khóa đã cho, hoặc thuộc nhật ký khác.",
        "Checkpoint {name} has no good signature of the given key, or is of another log.",
    ),
    Kind.LANE_GAP: (
        (
            "Trước dòng {index} thiếu dòng số {other} của luồng ghi {name}: một dòng đã bị xóa trước khi "
            "được xác nhận."
        ),
        (
            "Before entry {index}, number {other} of worker {name} never came: an entry was removed "
            "before it was sealed in."
        ),
    ),
    Kind.LANE_REPEATED: (
        "Dòng {index} mang lại số {other} của luồng ghi {name} đã dùng trước đó.",
        "Entry {index} carries number {other} of worker {name}, which was used before.",
    ),
    Kind.UNNUMBERED: (
        (
            "Dòng {index} không có số thứ tự hợp lệ của luồng ghi nào, dù các dòng trước đã có: dòng này "
            "không do hệ thống ghi."
        ),
        (
            "Entry {index} has no good number of any worker although earlier ones have: casemgr did not "
            "write it."
        ),
    ),
    Kind.SAME_ID: (
        "Dòng {index} trùng mã với dòng {other}.",
        "Entry {index} has the id of entry {other}.",
    ),
    Kind.MALFORMED: ("Dòng {index} không đọc được.", "Entry {index} cannot be read."),
    Kind.SHORTER: (
        (
            "Mốc xác nhận {name} tính {other} dòng, bản xuất này chỉ có {index}: hoặc được xuất trước mốc "
            "đó, hoặc nhật ký đã bị cắt từ dòng {index} hay khôi phục từ bản cũ. Hãy yêu cầu một bản xuất "
            "mới; nếu vẫn thiếu thì nhật ký đã bị cắt."
        ),
        (
            "Checkpoint {name} counts {other} entries, this export has only {index}: it was made before, "
            "or the log was cut at entry {index} or restored from an older backup. Ask for a new export; "
            "if that is short as well, the log was cut."
        ),
    ),
    Kind.MISSING: ("Thiếu tệp {name}.", "The file {name} is missing."),
    Kind.CLOCK_BACK: (
        "Lưu ý: tại dòng {index} đồng hồ của luồng ghi {name} lùi lại.",
        "Remark: at entry {index} the clock of worker {name} goes back.",
    ),
    Kind.HASHES_DIFFER: (
        "Lưu ý: hashes.bin khác với nhật ký từ dòng {index}; tệp này không được dùng đến.",
        "Remark: hashes.bin differs from the log from entry {index}; it was not used.",
    ),
}
VERDICTS: dict[int, Both] = {
    WHOLE: (
        "TOÀN VẸN đến mốc xác nhận {up_to} ({at} UTC).",
        "WHOLE up to checkpoint {up_to} of {at} UTC.",
    ),
    TAMPERED: ("ĐÃ BỊ CAN THIỆP{first}.", "TAMPERED{first}."),
    INCOMPLETE: ("CHƯA ĐẦY ĐỦ để kết luận.", "INCOMPLETE: no verdict is possible."),
}
WITNESSED: Both = (
    "Không thay đổi so với mốc xác nhận {witnessed} đã rời bệnh viện ({name}).",
    "Unchanged since checkpoint {witnessed}, which had left the hospital ({name}).",
)
NO_WITNESS: Both = (
    (
        "Không thể biết: chỉ có mốc đi kèm bản xuất; ai giữ cả cơ sở dữ liệu và khóa ký thì có thể đã "
        "viết lại toàn bộ. Hãy đưa thêm một mốc xác nhận đã rời bệnh viện."
    ),
    (
        "What cannot be known: only checkpoints of the export itself were given; whoever held database "
        "and signing key could have rewritten everything. Bring a checkpoint that left the hospital."
    ),
)
NOTHING_LATER: Both = (
    "Không thể biết: sau dòng {last} còn dòng nào nữa hay không, nếu không có mốc xác nhận muộn hơn.",
    "What cannot be known: whether there was anything after entry {last}, without a later checkpoint.",
)
DROPPED: Both = (
    "{dropped} dòng đầu đã hết hạn lưu trữ (dòng {by} ghi lại): chỉ còn mã băm, nội dung ở bản xuất cũ.",
    (
        "The first {dropped} entries were dropped when their time was over (entry {by} says so): their "
        "hashes are here, what they said stands in an older export."
    ),
)
FAST: Both = (
    "Kiểm tra nhanh: chỉ mã băm và chữ ký; không kiểm tra số thứ tự, thời gian và mã của từng dòng.",
    "Fast: hashes and signatures only; numbers, times and ids of the entries were not looked at.",
)
INCLUDED: Both = (
    "Dòng {index} có trong nhật ký {origin}, theo mốc xác nhận {size}.",
    "Entry {index} is in the log {origin}, by checkpoint {size}.",
)
NOT_INCLUDED: Both = ("KHÔNG CHỨNG MINH ĐƯỢC: {why}.", "NOT PROVEN: {why}.")


def of_report(report: Report) -> Iterator[Both]:
    """The verdict first, then what was found, then what cannot be known."""
    bad = sorted(_first_place(each) for each in report.findings if each.index >= 0)
    up_to = report.up_to.size if report.up_to else 0
    last, at = max(up_to - 1, 0), report.at
    vi, en = VERDICTS[report.code]
    places = (f", từ dòng {bad[0]}", f", first at entry {bad[0]}") if bad else ("", "")
    yield (
        vi.format(up_to=up_to, at=at, first=places[0]),
        en.format(up_to=up_to, at=at, first=places[1]),
    )
    for finding in report.findings[:MOST_SHOWN]:
        yield of_finding(finding)
    if (more := len(report.findings) - MOST_SHOWN) > 0:
        yield f"… và {more} điều khác.", f"… and {more} more."
    if report.code != WHOLE and up_to:
        yield f"Khớp mốc xác nhận {up_to} ({at} UTC).", f"It fits checkpoint {up_to} of {at} UTC."
    if report.dropped_by >= 0:
        yield _filled(DROPPED, dropped=report.dropped, by=report.dropped_by)
    if report.witnessed:
        yield _filled(WITNESSED, witnessed=report.witnessed.size, name=report.witnessed.name)
    else:
        yield NO_WITNESS
    yield _filled(NOTHING_LATER, last=last)
    if report.is_fast:
        yield FAST


def of_finding(finding: Finding) -> Both:
    """One finding."""
    return _filled(FOUND[finding.kind], index=finding.index, other=finding.other, name=finding.name)


def _first_place(finding: Finding) -> int:
    """What was moved or repeated may stand before its own place."""
    both = {Kind.MOVED, Kind.REPEATED}
    return min(finding.index, finding.other) if finding.kind in both else finding.index


def _filled(both: Both, **values: object) -> Both:
    vi, en = both
    return vi.format(**values), en.format(**values)
