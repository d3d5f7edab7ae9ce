"""Identity numbers, insurance numbers and telephones of Viet Nam (domain §5.4–5.6). Pure.

Only a letter or a wrong length is an error: people arrive with false, old or foreign papers, so
everything else is a soft warning which never stops the work.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """Why a number cannot be what it is said to be."""

    LETTERS = "letters"
    LENGTH = "length"


class Doubt(StrEnum):
    """What is worth a second look; a soft warning only."""

    OLD_PAPER = "old_paper"
    PROVINCE_UNKNOWN = "province_unknown"
    CENTURY_AHEAD = "century_ahead"
    SEX_DIFFERS = "sex_differs"
    YEAR_DIFFERS = "year_differs"
    UNUSUAL_SHAPE = "unusual_shape"


class Kind(StrEnum):
    """What sort of number it turned out to be."""

    PERSONAL = "personal"
    OLD_CARD = "old_card"
    PASSPORT = "passport"
    INSURANCE_CARD = "insurance_card"
    INSURANCE_NUMBER = "insurance_number"
    MOBILE = "mobile"
    LANDLINE = "landline"
    SHORT = "short"
    FREE = "free"
    FOREIGN = "foreign"
    OTHER = "other"


class IdentifierRefused(ValueError):
    """A letter, or a wrong length: this cannot be such a number."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Identifier:
    """A number in the one form in which it is stored and compared, and what is odd about it."""

    value: str
    kind: Kind
    doubts: tuple[Doubt, ...] = ()


# The three digits keep the 63 provinces of before July 2025 (NĐ 137/2015 Art. 13; domain §5.4).
_PROVINCES = """
001 002 004 006 008 010 011 012 014 015 017 019 020 022 024 025 026 027 030 031 033
034 035 036 037 038 040 042 044 045 046 048 049 051 052 054 056 058 060 062 064 066
067 068 070 072 074 075 077 079 080 082 083 084 086 087 089 091 092 093 094 095 096
"""
PROVINCE_CODES = frozenset(_PROVINCES.split())
_SEPARATORS = re.compile(r"[\s.\-‐-―()/]+")
_PASSPORT = re.compile(r"[A-Z]\d{7,8}")
_INSURANCE_CARD = re.compile(r"[A-Z]{2}[1-5]\d{2}\d{10}")
_MOBILE = re.compile(r"0(3[2-9]|5[25689]|7[06-9]|8[1-9]|9[0-9])\d{7}")
_LANDLINE = re.compile(r"02\d{9}")
_SHORT = frozenset({"111", "113", "114", "115"})
_FREE = re.compile(r"1[89]00\d{4}(\d{2})?")
_PHONE_LENGTHS = range(8, 16)  # the longest number that E.164 allows has 15 digits


def compact(text: str) -> str:
    """Without spaces, dots, hyphens and brackets; full-width letters made plain; capitals."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper()


def national_id(
    text: str, *, male: bool | None = None, birth_year: int | None = None
) -> Identifier:
    """Identity number: 12 digits, or the 9 of an old card (domain §5.4).

    ``male`` and ``birth_year`` are what else is known. Raises IdentifierRefused.
    """
    digits = _digits(compact(text))
    if len(digits) == 9:
        return Identifier(digits, Kind.OLD_CARD, (Doubt.OLD_PAPER,))
    if len(digits) != 12:
        raise IdentifierRefused(Fault.LENGTH)
    century, odd = divmod(int(digits[3]), 2)
    year = 1900 + 100 * century + int(digits[4:6])
    doubts = {
        Doubt.PROVINCE_UNKNOWN: digits[:3] not in PROVINCE_CODES,
        Doubt.CENTURY_AHEAD: century >= 2,
        Doubt.SEX_DIFFERS: male is not None and male is bool(odd),
        Doubt.YEAR_DIFFERS: birth_year is not None and year != birth_year,
    }
    return Identifier(
        digits, Kind.PERSONAL, tuple(doubt for doubt, found in doubts.items() if found)
    )


def passport(text: str, *, vietnamese: bool = True) -> Identifier:
    """A passport number: a letter and 7–8 digits if Vietnamese, anything if foreign (§5.4)."""
    value = compact(text)
    odd = vietnamese and not _PASSPORT.fullmatch(value)
    return Identifier(value, Kind.PASSPORT, (Doubt.UNUSUAL_SHAPE,) if odd else ())


def health_insurance(text: str) -> Identifier:
    """A BHYT card (15), a BHXH number (10) or the identity number that replaces both (12; §5.5).

    Raises IdentifierRefused.
    """
    value = compact(text)
    if len(value) == 15 and value.isalnum() and value.isascii():
        odd = not _INSURANCE_CARD.fullmatch(value)
        return Identifier(value, Kind.INSURANCE_CARD, (Doubt.UNUSUAL_SHAPE,) if odd else ())
    if len(value) not in {10, 12, 15}:
        raise IdentifierRefused(Fault.LENGTH)
    digits = _digits(value)
    return national_id(digits) if len(digits) == 12 else Identifier(digits, Kind.INSURANCE_NUMBER)


def phone(text: str) -> Identifier:
    """A telephone number with the country's own prefix made 0 (§5.6). Raises IdentifierRefused."""
    value = compact(text)
    value = f"+{value[2:]}" if value.startswith("00") else value
    value = f"0{value[3:].lstrip('0')}" if value.startswith("+84") else value
    abroad, digits = value.startswith("+"), _digits(value.removeprefix("+"))
    if digits in _SHORT:
        return Identifier(digits, Kind.SHORT)
    if len(digits) not in _PHONE_LENGTHS:
        raise IdentifierRefused(Fault.LENGTH)
    if abroad:
        return Identifier(value, Kind.FOREIGN)
    shapes: tuple[tuple[re.Pattern[str], Kind], ...] = (
        (_MOBILE, Kind.MOBILE),
        (_LANDLINE, Kind.LANDLINE),
        (_FREE, Kind.FREE),
    )
    kind = next((kind for shape, kind in shapes if shape.fullmatch(digits)), Kind.OTHER)
    return Identifier(digits, kind, (Doubt.UNUSUAL_SHAPE,) if kind is Kind.OTHER else ())


def _digits(value: str) -> str:
    if not (value.isascii() and value.isdigit()):
        raise IdentifierRefused(Fault.LETTERS if value else Fault.LENGTH)
    return value
