"""Names, numbers, birthdays and addresses of people who do not exist (domain §5)."""

import re
from datetime import date, timedelta
from random import Random

import pytest

from casemgr.crypto.partial_date import PartialDate
from casemgr.demo.people import birth, person
from casemgr.demo.places import home
from casemgr.demo.story import tell
from casemgr.demo.vocabulary import Ethnic, Sex
from casemgr.screenings.instruments.instrument import Age

TODAY = date(2026, 11, 22)
HOSPITAL = tell(TODAY)
# Domain §5.4, word for word.
ASSIGNED_PROVINCES = re.findall(
    r"\d{3}",
    "001 002 004 006 008 010 011 012 014 015 017 019 020 022 024 025 026 027 030 031 033 034 035 "
    "036 037 038 040 042 044 045 046 048 049 051 052 054 056 058 060 062 064 066 067 068 070 072 "
    "074 075 077 079 080 082 083 084 086 087 089 091 092 093 094 095 096",
)
MOBILE = re.compile(r"^0(3[2-9]|5[25689]|7[06-9]|8[1-9]|9[0-9])\d{7}$")  # domain §5.6

SURNAMES = {
    Ethnic.HMONG: {"Giàng", "Vàng", "Sùng", "Thào", "Lầu", "Mùa"},
    Ethnic.DAO: {"Triệu", "Chìu", "Tằng", "Phùn", "Voòng", "Chíu"},
    Ethnic.THAI: {"Lò", "Quàng", "Cầm", "Lường", "Cà"},
    Ethnic.KHMER: {"Thạch", "Sơn", "Kim", "Danh", "Lâm"},
}


@pytest.mark.parametrize("ethnic", list(SURNAMES))
def test_names_follow_their_people(ethnic: Ethnic) -> None:
    rng = Random(1)
    for _ in range(40):
        drawn = person(rng, TODAY, sex=Sex.FEMALE, age=30, ethnic=ethnic)
        assert drawn.full_name.split()[0] in SURNAMES[ethnic]


@pytest.mark.parametrize(("sex", "prefix"), [(Sex.FEMALE, "H'"), (Sex.MALE, "Y ")])
def test_ede_names_carry_the_prefix_of_their_sex(sex: Sex, prefix: str) -> None:
    drawn = person(Random(2), TODAY, sex=sex, age=30, ethnic=Ethnic.EDE)
    assert drawn.full_name.startswith(prefix)


def test_nguyen_is_the_most_frequent_surname() -> None:
    rng = Random(3)
    names = [person(rng, TODAY, sex=Sex.MALE, age=30).full_name.split()[0] for _ in range(400)]
    share = names.count("Nguyễn") / len(names)
    assert 0.3 < share < 0.5
    assert len(set(names)) > 10


def test_a_stateless_person_may_have_one_word_and_no_papers() -> None:
    drawn = person(Random(4), TODAY, sex=Sex.FEMALE, age=33, nationality="KQT")
    assert drawn.national_id is None
    assert drawn.bhyt is None
    assert drawn.address is None


def test_a_child_shares_surname_and_address_but_not_the_name() -> None:
    rng = Random(5)
    for _ in range(30):
        mother = person(rng, TODAY, sex=Sex.FEMALE, age=30, ethnic=Ethnic.HMONG)
        child = person(rng, TODAY, sex=Sex.FEMALE, age=2, ethnic=Ethnic.HMONG, parent=mother)
        assert child.full_name.split()[0] == mother.full_name.split()[0]
        assert child.full_name != mother.full_name
        assert child.address == mother.address


@pytest.mark.parametrize("today", [TODAY, date(2028, 2, 29), date(2027, 1, 1)])
def test_nobody_changes_age_within_the_ninety_days(today: date) -> None:
    rng = Random(6)
    for _ in range(300):
        born = birth(rng, 17, today)
        day_born = PartialDate(born.year, born.month, born.day)
        for back in (0, 45, 90):
            assert Age.on(today - timedelta(days=back), day_born) == Age.exactly(17)


def test_unknown_age_leaves_birth_and_papers_empty() -> None:
    drawn = person(Random(7), TODAY, sex=Sex.UNKNOWN, age=None)
    assert drawn.born is None
    assert drawn.national_id is None
    assert drawn.phone is None


def test_addresses_have_two_tiers_and_the_codes_of_the_domain() -> None:
    """Domain §5.3: commune and province, no district, except on old papers."""
    rng = Random(8)
    codes, old = {}, 0
    for ethnic in Ethnic:
        for _ in range(60):
            address = home(rng, ethnic)
            codes[address.commune.name] = address.commune.code
            assert "huyện" not in str(address).lower()
            assert address.commune.name.split()[0] in {"Phường", "Xã", "Đặc"}
            old += address.as_on_old_papers is not None
    assert codes["Phường Bãi Cháy"] == "06673"
    assert codes["Xã Bình Liêu"] == "06838"
    assert codes["Đặc khu Vân Đồn"] == "06994"
    assert old


def test_numbers_can_belong_to_nobody() -> None:
    ids = phones = cards = 0
    for story in HOSPITAL.stories:
        person = story.person
        if person.national_id:
            ids += 1
            assert re.fullmatch(r"\d{12}", person.national_id)
            assert person.national_id[:3] not in ASSIGNED_PROVINCES
        if person.phone:
            phones += 1
            assert re.fullmatch(r"050\d{7}", person.phone)
            assert not MOBILE.match(person.phone)
        if person.bhyt:
            cards += 1
            assert re.fullmatch(r"[A-Z]{2}[1-5]\d{12}", person.bhyt)
            assert f"0{person.bhyt[3:5]}" not in ASSIGNED_PROVINCES
    assert min(ids, phones, cards) > 15


def test_no_other_text_carries_a_number_that_could_be_somebodys() -> None:
    known = {story.person.national_id for story in HOSPITAL.stories}
    known |= {story.person.phone for story in HOSPITAL.stories}
    for number in re.findall(r"\b\d{9,12}\b", repr(HOSPITAL)):
        assert number in known


def test_papers_agree_with_the_person() -> None:
    """Domain §5.4: century and sex digit, then the year of birth."""
    for story in HOSPITAL.stories:
        person = story.person
        if person.national_id is None:
            continue
        assert isinstance(person.born, PartialDate)
        assert person.national_id[4:6] == f"{person.born.year % 100:02d}"
        assert person.national_id[3] in "0123"
        if story.sex in {Sex.MALE, Sex.FEMALE}:
            is_woman = int(person.national_id[3]) % 2 == 1
            assert is_woman is (story.sex is Sex.FEMALE)
        assert (person.born.year >= 2000) is (person.national_id[3] in "23")
