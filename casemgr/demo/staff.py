"""Fourteen invented members of staff: every role of design §1, in the units of domain §1.5."""

from dataclasses import dataclass

FACILITY_VI = "Bệnh viện Đa khoa Vịnh Xanh (minh họa)"
FACILITY_EN = "Vinh Xanh General Hospital (demonstration)"


@dataclass(frozen=True, slots=True)
class Department:
    """A unit of the hospital; ``is_ward`` where patients are met, ``is_sentinel`` as in E7."""

    code: str
    vi: str
    en: str
    is_ward: bool = False
    is_sentinel: bool = False


DEPARTMENTS: tuple[Department, ...] = (
    Department("CAPCUU", "Khoa Cấp cứu", "Emergency", is_ward=True, is_sentinel=True),
    Department("SAN", "Khoa Sản", "Obstetrics", is_ward=True, is_sentinel=True),
    Department("NHI", "Khoa Nhi", "Paediatrics", is_ward=True, is_sentinel=True),
    Department("NGOAI", "Khoa Ngoại", "Surgery", is_ward=True, is_sentinel=True),
    Department("TAMTHAN", "Khoa Tâm thần", "Psychiatry", is_ward=True),
    Department(
        "CTXH", "Phòng Điều dưỡng – Tổ Công tác xã hội", "Nursing Office – Social Work Team"
    ),
    Department("KHTH", "Phòng Kế hoạch tổng hợp", "Planning"),
    Department("TCHC", "Phòng Tổ chức – Hành chính", "Personnel and Administration"),
    Department("BGD", "Ban Giám đốc", "Board of Directors"),
    Department("TT", "Tổ truyền thông", "Communications Team"),
    Department("BVDL", "Bộ phận bảo vệ dữ liệu cá nhân", "Personal Data Protection Unit"),
    Department("CNTT", "Bộ phận công nghệ thông tin", "Information Technology Unit"),
    # A receiving organisation is no unit of the hospital, but its account needs a home.
    Department(
        "TTXH-QN", "Trung tâm Trợ giúp xã hội Quảng Ninh", "Quang Ninh Social Assistance Centre"
    ),
)


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Somebody who signs in. ``role`` is written exactly as in the table of design §1."""

    username: str
    display_name: str
    role: str
    department: str
    title_vi: str
    title_en: str


STAFF: tuple[StaffMember, ...] = (
    StaffMember(
        "nurse.san", "Phạm Thu Hường", "screener", "SAN",
        "Điều dưỡng, trực khối Sản – Nhi", "Nurse, obstetric and paediatric duty",
    ),
    StaffMember(
        "nurse.truc", "Đỗ Văn Lực", "screener", "CAPCUU",
        "Điều dưỡng trực toàn viện, trực đường dây nóng", "Nurse on hospital and hotline duty",
    ),
    StaffMember(
        "ctxh.nga", "Bùi Thúy Nga", "social_worker", "CTXH",
        "Nhân viên công tác xã hội", "Social worker",
    ),
    StaffMember(
        "ctxh.truong", "Lương Minh Hạnh", "social_work_lead", "CTXH",
        "Tổ trưởng Tổ Công tác xã hội", "Head of the social work team",
    ),
    StaffMember(
        "bs.capcuu", "Ngô Quang Dũng", "clinician", "CAPCUU",
        "Bác sĩ Khoa Cấp cứu", "Doctor, emergency",
    ),
    StaffMember(
        "bs.ngoai", "Trịnh Hữu Phúc", "clinician", "NGOAI",
        "Bác sĩ Khoa Ngoại", "Doctor, surgery",
    ),
    StaffMember(
        "tamly.an", "Vũ Hoài An", "psychologist", "TAMTHAN",
        "Cử nhân tâm lý", "Psychologist",
    ),
    StaffMember(
        "giamdoc", "Hoàng Thế Vinh", "director", "BGD",
        "Phó Giám đốc", "Deputy director",
    ),
    StaffMember(
        "khth.duc", "Đặng Trung Đức", "planner", "KHTH",
        "Chuyên viên Phòng Kế hoạch tổng hợp", "Planning officer",
    ),
    StaffMember(
        "tchc.yen", "Phan Hải Yến", "office", "TCHC",
        "Chuyên viên Phòng Tổ chức – Hành chính", "Administration officer",
    ),
    StaffMember(
        "tt.khoi", "Nguyễn Hải Khôi", "communications", "TT",
        "Tổ viên Tổ truyền thông", "Communications officer",
    ),
    StaffMember(
        "bvdl.tam", "Lê Thanh Tâm", "privacy_officer", "BVDL",
        "Cán bộ bảo vệ dữ liệu cá nhân", "Privacy officer",
    ),
    StaffMember(
        "quantri", "Trần Gia Bách", "administrator", "CNTT",
        "Quản trị hệ thống", "System administrator",
    ),
    StaffMember(
        "doitac.ttxh", "Nông Thị Huế", "partner", "TTXH-QN",
        "Nhân viên tiếp nhận, Tổng đài 18001769", "Reception officer, hotline 18001769",
    ),
)  # fmt: skip

BY_USERNAME: dict[str, StaffMember] = {member.username: member for member in STAFF}
BY_CODE: dict[str, Department] = {department.code: department for department in DEPARTMENTS}

# Who is at hand for what; the stories speak of these five by what they do.
NURSE_WARDS = "nurse.san"
NURSE_DUTY = "nurse.truc"
SOCIAL_WORKER = "ctxh.nga"
SOCIAL_LEAD = "ctxh.truong"
DOCTOR = "bs.capcuu"
OTHER_DOCTOR = "bs.ngoai"  # a clinician who is on no care team
PSYCHOLOGIST = "tamly.an"
DIRECTOR = "giamdoc"
PRIVACY_OFFICER = "bvdl.tam"


def nurse_for(department: str) -> str:
    """The nurse who covers a ward: one for mothers and children, one for the rest."""
    return NURSE_WARDS if department in {"SAN", "NHI"} else NURSE_DUTY
