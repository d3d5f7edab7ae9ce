"""Name words by people and sex (domain §5.1). Combinations are drawn; no name is of anybody."""

from random import Random

from casemgr.demo.vocabulary import Ethnic, Sex

# Frequent Kinh surnames with rough weights per cent.
_KINH_SURNAMES = {
    "Nguyễn": 38, "Trần": 11, "Lê": 9, "Phạm": 7, "Hoàng": 4, "Huỳnh": 2, "Phan": 4, "Vũ": 3,
    "Võ": 2, "Đặng": 2, "Bùi": 2, "Đỗ": 2, "Hồ": 1, "Ngô": 2, "Dương": 1, "Lý": 1,
}  # fmt: skip
_KINH_MIDDLE = {
    Sex.FEMALE: ("Thị", "Thị", "Thị", "Ngọc", "Thu", "Minh", "Thanh", "Kim"),
    Sex.MALE: ("Văn", "Văn", "Văn", "Hữu", "Đức", "Ngọc", "Minh", "Quang"),
}
_KINH_GIVEN = {
    Sex.FEMALE: (
        "Hoa", "Lan", "Hương", "Thảo", "Trang", "Linh", "Nhung", "Oanh", "Phượng", "Quyên",
        "Thơm", "Thủy", "Tuyết", "Vân", "Xuân", "Yến", "Hiền", "Loan", "Mai", "Đào",
    ),
    Sex.MALE: (
        "Hùng", "Dũng", "Cường", "Tuấn", "Long", "Nam", "Phong", "Quân", "Sơn", "Thắng",
        "Tiến", "Toàn", "Trường", "Việt", "Hải", "Khánh", "Lâm", "Đạt", "Huy", "Bình",
    ),
}  # fmt: skip

# (surnames, given parts of women, given parts of men); the order of words is theirs.
_PATTERNS: dict[Ethnic, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    Ethnic.TAY: (
        ("Hoàng", "Nông", "Lương", "Ma", "Bế"),
        ("Thị Lả", "Thị Nhình", "Thị Slao", "Thị Pết"),
        ("Văn Đức", "Văn Slấn", "Văn Thuận", "Văn Páo"),
    ),
    Ethnic.DAO: (
        ("Triệu", "Chìu", "Tằng", "Phùn", "Voòng", "Chíu"),
        ("Mùi Pham", "Tài Múi", "Nhì Múi", "Sám Múi", "Mùi Viện"),
        ("A Sáng", "Sì Mạn", "A Tài", "Phúc Vàng", "A Lỷ"),
    ),
    Ethnic.HMONG: (
        ("Giàng", "Vàng", "Sùng", "Thào", "Lầu", "Mùa"),
        ("Thị Máy", "Thị Dở", "Thị Sua", "Thị Chía", "Thị Pàng"),
        ("A Pó", "A Chứ", "A Tủa", "A Dế", "Mí Sình"),
    ),
    Ethnic.THAI: (
        ("Lò", "Quàng", "Cầm", "Lường", "Cà"),
        ("Thị Ín", "Thị Hặc", "Thị Pâng", "Thị Yêu"),
        ("Văn Pâng", "Văn Ún", "Văn Hặc", "Văn Thoan"),
    ),
    Ethnic.KHMER: (
        ("Thạch", "Sơn", "Kim", "Danh", "Lâm"),
        ("Thị Sa Rinh", "Sô Phia", "Thị Na Rây", "Sa Ma Ly"),
        ("Sa Rêu", "Chanh Đa", "Sô Phol", "Ra Tha"),
    ),
}
_EDE_CLANS = ("Niê", "Êban", "Mlô", "Kbuôr", "Ênuôl")
_EDE_GIVEN = {Sex.FEMALE: ("Hen", "Bia", "Dlai", "Ngăm"), Sex.MALE: ("Moan", "Thơn", "Bhiu")}

_FOREIGN: dict[str, tuple[str, ...]] = {
    "KH": ("Sok Chanthy", "Chea Sreyneang", "Kong Sophal"),
    "LA": ("Khamla Vongsa", "Noy Phommachan", "Bounmy Sisouk"),
    "CN": ("Li Meihua", "Zhou Xiaolan"),
    "MM": ("Aye Thandar", "Ko Zin Htet"),
}
STATELESS = ("Mùi", "A Lềnh", "Síu")  # a single word must be accepted (domain §5.1)


def _binary(rng: Random, sex: Sex) -> Sex:
    return sex if sex in {Sex.FEMALE, Sex.MALE} else rng.choice((Sex.FEMALE, Sex.MALE))


def _ede(rng: Random, sex: Sex) -> str:
    given, clan = rng.choice(_EDE_GIVEN[sex]), rng.choice(_EDE_CLANS)
    return f"H'{given} {clan}" if sex is Sex.FEMALE else f"Y {given} {clan}"


def _kinh(rng: Random, sex: Sex, surname: str | None) -> str:
    drawn = rng.choices(list(_KINH_SURNAMES), weights=list(_KINH_SURNAMES.values()))[0]
    middle, given = rng.choice(_KINH_MIDDLE[sex]), rng.choice(_KINH_GIVEN[sex])
    return f"{surname or drawn} {middle} {given}"


def full_name(
    rng: Random, ethnic: Ethnic, sex: Sex, *, nationality: str = "VN", surname: str | None = None
) -> str:
    """A full name as that people writes it; ``surname`` keeps a child with its parent."""
    shape = _binary(rng, sex)
    if nationality == "KQT":
        return rng.choice(STATELESS)
    if nationality in _FOREIGN:
        return rng.choice(_FOREIGN[nationality])
    if ethnic is Ethnic.EDE:
        return _ede(rng, shape)
    if ethnic in _PATTERNS:
        surnames, women, men = _PATTERNS[ethnic]
        given = rng.choice(women if shape is Sex.FEMALE else men)
        return f"{surname or rng.choice(surnames)} {given}"
    return _kinh(rng, shape, surname)
