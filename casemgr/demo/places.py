"""Addresses in the two tiers that stand since 1/7/2025 (domain §5.3; QĐ 19/2025/QĐ-TTg codes)."""

from dataclasses import dataclass
from random import Random

from casemgr.demo.vocabulary import Ethnic


@dataclass(frozen=True, slots=True)
class Commune:
    """A ward, commune or special zone with its province."""

    code: str
    name: str
    province_code: str
    province: str


@dataclass(frozen=True, slots=True)
class Address:
    """House or hamlet, commune, province; ``as_on_old_papers`` keeps the former district."""

    line: str
    commune: Commune
    as_on_old_papers: str | None = None

    def __str__(self) -> str:
        return f"{self.line}, {self.commune.name}, {self.commune.province}"


def _in(province_code: str, province: str, *units: tuple[str, str]) -> tuple[Commune, ...]:
    return tuple(Commune(code, name, province_code, province) for code, name in units)


QUANG_NINH = _in(
    "22", "Tỉnh Quảng Ninh",
    ("06793", "Phường Cẩm Phả"), ("06781", "Phường Cửa Ông"), ("06778", "Phường Quang Hanh"),
    ("06760", "Phường Mông Dương"), ("06688", "Phường Hạ Long"), ("06673", "Phường Bãi Cháy"),
    ("06685", "Phường Hồng Gai"), ("06712", "Phường Móng Cái 1"), ("06709", "Phường Móng Cái 2"),
    ("06811", "Phường Uông Bí"), ("07093", "Phường Đông Triều"), ("07132", "Phường Quảng Yên"),
    ("06862", "Xã Tiên Yên"), ("06895", "Xã Đầm Hà"), ("06922", "Xã Quảng Hà"),
    ("06799", "Xã Hải Hòa"), ("06994", "Đặc khu Vân Đồn"),
)  # fmt: skip
QUANG_NINH_UPLANDS = _in(
    "22", "Tỉnh Quảng Ninh",
    ("06838", "Xã Bình Liêu"), ("06841", "Xã Hoành Mô"), ("06978", "Xã Ba Chẽ"),
    ("06724", "Xã Hải Sơn"),
)  # fmt: skip
TUYEN_QUANG = _in("08", "Tỉnh Tuyên Quang", ("00769", "Xã Mèo Vạc"), ("00721", "Xã Đồng Văn"))
LAO_CAI = _in("15", "Tỉnh Lào Cai", ("02839", "Xã Bắc Hà"))
SON_LA = _in("14", "Tỉnh Sơn La", ("04168", "Xã Sông Mã"), ("04048", "Xã Vân Hồ"))
DIEN_BIEN = _in("11", "Tỉnh Điện Biên", ("03253", "Xã Tuần Giáo"))
LANG_SON = _in("20", "Tỉnh Lạng Sơn", ("06184", "Xã Đồng Đăng"))
CAO_BANG = _in("04", "Tỉnh Cao Bằng", ("01477", "Xã Trùng Khánh"))
THANH_HOA = _in("38", "Tỉnh Thanh Hóa", ("14845", "Xã Mường Lát"))
NGHE_AN = _in("40", "Tỉnh Nghệ An", ("16813", "Xã Mường Xén"))
DAK_LAK = _in("66", "Tỉnh Đắk Lắk", ("24133", "Phường Buôn Ma Thuột"))
CAN_THO = _in("92", "Thành phố Cần Thơ", ("31783", "Phường Vĩnh Châu"), ("31673", "Xã Trần Đề"))

_HOMES: dict[Ethnic, tuple[Commune, ...]] = {
    Ethnic.KINH: (*QUANG_NINH, *THANH_HOA, *NGHE_AN),
    Ethnic.TAY: (*QUANG_NINH_UPLANDS, *LANG_SON, *CAO_BANG),
    Ethnic.DAO: (*QUANG_NINH_UPLANDS, *LAO_CAI),
    Ethnic.HMONG: (*TUYEN_QUANG, *LAO_CAI, *NGHE_AN, *THANH_HOA),
    Ethnic.THAI: (*SON_LA, *DIEN_BIEN, *NGHE_AN),
    Ethnic.KHMER: CAN_THO,
    Ethnic.EDE: DAK_LAK,
}
# What older papers still say (districts ended on 1/7/2025).
_OLD_PAPERS = {
    "06838": "huyện Bình Liêu, tỉnh Quảng Ninh",
    "06862": "huyện Tiên Yên, tỉnh Quảng Ninh",
    "00769": "huyện Mèo Vạc, tỉnh Hà Giang",
    "04168": "huyện Sông Mã, tỉnh Sơn La",
    "16813": "huyện Kỳ Sơn, tỉnh Nghệ An",
}


def home(rng: Random, ethnic: Ethnic) -> Address:
    """Somewhere to live, where that people lives; half of the Kinh live near the hospital."""
    near = ethnic not in _HOMES or (ethnic is Ethnic.KINH and rng.random() < 0.5)
    commune = rng.choice(QUANG_NINH if near else _HOMES[ethnic])
    if commune.name.startswith("Phường"):
        line = f"Tổ {rng.randint(1, 12)}, khu {rng.randint(1, 9)}"
    elif commune.name.startswith("Đặc khu"):
        line = f"Khu {rng.randint(1, 9)}"
    else:
        line = f"{'Bản' if ethnic in {Ethnic.THAI, Ethnic.HMONG} else 'Thôn'} {rng.randint(1, 9)}"
    old = _OLD_PAPERS.get(commune.code) if rng.random() < 0.5 else None
    return Address(line, commune, old)
