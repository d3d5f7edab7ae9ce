"""Domain §5.4–5.6. Numbers of nobody: unassigned province codes, the unassigned 050 prefix."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casemgr.web import identifiers
from casemgr.web.identifiers import Doubt, Fault, IdentifierRefused, Kind


def test_twelve_digits_with_spaces_are_an_identity_number() -> None:
    found = identifiers.national_id(" 022 199 000 123 ", male=False, birth_year=1999)
    assert (found.value, found.kind, found.doubts) == ("022199000123", Kind.PERSONAL, ())


@pytest.mark.parametrize(
    ("number", "male", "year", "doubt"),
    [
        ("022099000123", False, None, Doubt.SEX_DIFFERS),  # 0 stands for a man of the 1900s
        ("022199000123", True, None, Doubt.SEX_DIFFERS),  # 1 stands for a woman of the 1900s
        ("022209000123", False, None, Doubt.SEX_DIFFERS),  # 2: a man of the 2000s
        ("022309000123", False, 2010, Doubt.YEAR_DIFFERS),  # 3 09: a woman of 2009
        ("022199000123", None, 2099, Doubt.YEAR_DIFFERS),
        ("003199000123", None, None, Doubt.PROVINCE_UNKNOWN),
        ("022409000123", None, None, Doubt.CENTURY_AHEAD),
    ],
)
def test_what_does_not_fit_is_doubted_and_kept(
    number: str, *, male: bool | None, year: int | None, doubt: Doubt
) -> None:
    found = identifiers.national_id(number, male=male, birth_year=year)
    assert found.doubts == (doubt,)
    assert found.value == number


def test_all_63_old_provinces_are_known() -> None:
    assert len(identifiers.PROVINCE_CODES) == 63
    assert {"001", "022", "079", "096"} <= identifiers.PROVINCE_CODES


def test_nine_digits_are_an_old_card() -> None:
    found = identifiers.national_id("100.123.456")
    assert (found.value, found.kind) == ("100123456", Kind.OLD_CARD)
    assert found.doubts == (Doubt.OLD_PAPER,)


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        ("02219900012", Fault.LENGTH),
        ("0221990001234", Fault.LENGTH),
        ("02219900012A", Fault.LETTERS),
        ("- ", Fault.LENGTH),
    ],
)
def test_a_letter_or_a_wrong_length_is_refused(number: str, fault: Fault) -> None:
    with pytest.raises(IdentifierRefused) as refused:
        identifiers.national_id(number)
    assert refused.value.fault is fault


@given(st.text(max_size=30))
def test_nothing_but_a_refusal_can_come_of_any_text(text: str) -> None:
    for check in (identifiers.national_id, identifiers.phone, identifiers.health_insurance):
        try:
            found = check(text)
        except IdentifierRefused:
            continue
        assert check(found.value).value == found.value


def test_a_vietnamese_passport_has_a_letter_and_seven_or_eight_digits() -> None:
    assert identifiers.passport("b 1234567").value == "B1234567"
    assert identifiers.passport("C12345678").doubts == ()
    assert identifiers.passport("12345678").doubts == (Doubt.UNUSUAL_SHAPE,)
    assert identifiers.passport("12-AB 9", vietnamese=False).doubts == ()


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("GD4222212345678", Kind.INSURANCE_CARD),  # the example of §5.5
        ("gd 4 22 2212345678", Kind.INSURANCE_CARD),
        ("2212345678", Kind.INSURANCE_NUMBER),
        ("022199000123", Kind.PERSONAL),  # replaces both from 2025 on
    ],
)
def test_insurance_takes_10_12_or_15(number: str, kind: Kind) -> None:
    found = identifiers.health_insurance(number)
    assert (found.kind, found.doubts) == (kind, ())


def test_an_odd_insurance_card_is_doubted_and_a_short_one_refused() -> None:
    assert identifiers.health_insurance("GD9222212345678").doubts == (Doubt.UNUSUAL_SHAPE,)
    with pytest.raises(IdentifierRefused):
        identifiers.health_insurance("GD42222123456")


@pytest.mark.parametrize(
    ("typed", "value", "kind"),
    [
        ("091 000 0000", "0910000000", Kind.MOBILE),
        ("+84 91 000 0000", "0910000000", Kind.MOBILE),
        ("0084(0)910000000", "0910000000", Kind.MOBILE),
        ("0203 0000 000", "02030000000", Kind.LANDLINE),
        ("111", "111", Kind.SHORT),
        ("1800 1769", "18001769", Kind.FREE),
        ("+86 130 0000 0000", "+8613000000000", Kind.FOREIGN),
    ],
)
def test_telephones_have_one_form(typed: str, value: str, kind: Kind) -> None:
    found = identifiers.phone(typed)
    assert (found.value, found.kind, found.doubts) == (value, kind, ())


def test_an_unassigned_prefix_is_doubted_only() -> None:
    found = identifiers.phone("050 123 4567")
    assert (found.value, found.kind) == ("0501234567", Kind.OTHER)
    assert found.doubts == (Doubt.UNUSUAL_SHAPE,)


@pytest.mark.parametrize(("typed", "fault"), [("gọi 111", Fault.LETTERS), ("0912", Fault.LENGTH)])
def test_a_telephone_with_letters_or_too_short_is_refused(typed: str, fault: Fault) -> None:
    with pytest.raises(IdentifierRefused) as refused:
        identifiers.phone(typed)
    assert refused.value.fault is fault
