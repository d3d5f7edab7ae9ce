"""Vietnamese names, numbers and addresses, compared as families write them (domain §5.1)."""

from datetime import date
from math import log2

import pytest

from casemgr.privacy.detection.rules import people
from casemgr.privacy.detection.rules.people import Match, person, same_person


@pytest.mark.parametrize(
    ("name", "surname"),
    [
        ("Nguyễn Thị Hoa", "nguyen"),
        ("NGUYEN THI HOA", "nguyen"),
        ("Tôn Nữ Hoàng Anh", "ton nu"),
        ("Tôn Văn Nam", "ton"),
        ("Âu Dương Lệ Mỹ", "au duong"),
        ("Đặng Thu", "dang"),
        ("H'Hen Niê", "nie"),
        ("Y Moan Ênuôl", "enuol"),
        ("Giàng A Pó", "giang"),
        ("Hoa", ""),
    ],
)
def test_family_name_comes_first_but_for_the_ede(name: str, surname: str) -> None:
    assert people.split(people.words(name))[0] == surname


def test_rarity_is_in_bits_of_the_published_share() -> None:
    assert people.bits("nguyen") == pytest.approx(-log2(0.384))
    assert people.bits("nguyen") == pytest.approx(1.381, abs=0.001)
    assert people.bits("trinh") == pytest.approx(4.400, abs=0.001)  # -log2(0.616 / 13)
    assert people.rarity("trinh") == 1.0
    assert people.rarity("nguyen") == pytest.approx(0.314, abs=0.001)


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ("Trịnh Bảo Phúc", "Trịnh Bảo Lộc", True),
        ("Trịnh Hữu Phúc", "Trịnh Hữu Lộc", False),  # half of all men are Hữu or Văn
        ("Trịnh Bảo Phúc", "Trần Bảo Lộc", False),
        ("Trần Lê Minh Anh", "Trần Lê Quốc Bảo", True),  # the mother's name, kept by brothers
        ("Tôn Nữ Hoàng Anh", "Tôn Nữ Diệu Hiền", False),  # both words are the family name
        ("Trịnh Hòa", "Trịnh Hoà", True),
    ],
)
def test_a_second_word_counts_unless_everybody_has_it(one: str, other: str, shared: bool) -> None:
    assert people.shared_word(person([one]), person([other])) is shared


@pytest.mark.parametrize(
    ("one", "other", "match"),
    [
        ({"national_id": "022190001234"}, {"national_id": "022 190 001 234"}, Match.NUMBER),
        ({"insurance": "GD4222212345678"}, {"insurance": "2212345678"}, Match.NUMBER),
        ({"names": ["Lê Thị Hoa"]}, {"names": ["LE THI HOA"]}, Match.NAME),
        ({"names": ["Lê Hoa"]}, {"names": ["Lê Hoa"]}, None),  # two words mean too many
        (
            {"names": ["Lê Hoa"], "phones": ["+84 912 345 678"]},
            {"names": ["Lê Hoa"], "phones": ["0912345678"]},
            Match.NUMBER,
        ),
        (
            {"names": ["Lê Thị Hoa"], "born_on": date(1990, 5, 1)},
            {"names": ["Lê Thị Hoa"], "born_on": date(1991, 5, 1)},
            None,
        ),
        (
            {"names": ["Lê Thị Hoa"], "national_id": "022190001234"},
            {"names": ["Lê Thị Hoa"], "national_id": "022190009999"},
            None,
        ),
        ({}, {}, None),
    ],
)
def test_one_person(one: dict[str, object], other: dict[str, object], match: Match | None) -> None:
    assert same_person(person(**one), person(**other)) is match  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ("Số 12 phố Trần Phú, Cẩm Phả", "12 Trần Phú, phường Cẩm Phả", "address"),
        ("Số 12 phố Trần Phú, Cẩm Phả", "14 Trần Phú, Cẩm Phả", None),
        ("phường Cẩm Phả, Quảng Ninh", "Cẩm Phả, Quảng Ninh", None),  # a whole town is no house
        ("", "", None),
    ],
)
def test_one_house(one: str, other: str, shared: str | None) -> None:
    assert people.shared_home(person(address=one), person(address=other)) == shared


def test_a_whole_name_in_a_text() -> None:
    names = [people.words("Ngô Quang Dũng")]
    assert people.names_in("Ông NGÔ QUANG DŨNG hẹn gặp em", names)
    assert not people.names_in("Ngô Quang gặp Dũng", names)
    assert not people.names_in("anh Quang Dũng", [people.words("Quang Dũng")])


def test_nothing_of_a_person_shows_in_a_traceback() -> None:
    shown = repr(person(["Lê Thị Hoa"], national_id="022190001234", phones=["0912345678"]))
    assert "hoa" not in shown
    assert "022190001234" not in shown
    assert "0912345678" not in shown
