"""What lies in the static folder: our letters, nobody's brand, nothing from elsewhere."""

import re
import unicodedata
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[2] / "casemgr" / "web" / "static"
CSS = (STATIC / "css" / "casemgr.css").read_text(encoding="utf-8")
VOWELS = "aăâeêioôơuưy"
TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
LETTERS = {unicodedata.normalize("NFC", vowel + tone) for vowel in VOWELS for tone in TONES} | {"đ"}


@pytest.mark.parametrize(
    "font", sorted((STATIC / "fonts" / "print").glob("*.ttf")), ids=lambda f: f.stem
)
def test_print_fonts_hold_every_vietnamese_letter(font: Path) -> None:
    ttlib = pytest.importorskip("fontTools.ttLib")
    letters = {ord(letter) for letter in LETTERS | {letter.upper() for letter in LETTERS}}
    with ttlib.TTFont(font) as file:
        assert letters - set(file.getBestCmap()) == set()


def test_every_vietnamese_letter_is_in_a_range_of_the_style_sheet() -> None:
    ranges = [
        (int(low, 16), int(high or low, 16))
        for low, high in re.findall(r"U\+([0-9A-Fa-f]+)(?:-([0-9A-Fa-f]+))?", CSS)
    ]
    assert [c for c in LETTERS if not any(low <= ord(c) <= high for low, high in ranges)] == []


def test_the_style_sheet_loads_only_our_own_fonts() -> None:
    urls = re.findall(r"url\(\"?([^\")]+)", CSS)
    assert len(urls) == 6
    assert all((STATIC / "css" / url).resolve().is_file() for url in urls)


def test_neither_crown_nor_transport() -> None:
    text = CSS + "".join(p.read_text(encoding="utf-8") for p in (STATIC / "js").glob("casemgr.js"))
    assert not re.search(r"gds transport|crown|sourceMappingURL|@import", text, re.IGNORECASE)


def test_the_licences_travel_with_the_fonts() -> None:
    licences = [
        STATIC / "fonts" / "OFL-BeVietnamPro.txt",
        STATIC / "fonts" / "print" / "OFL-Tinos.txt",
    ]
    assert all(
        "SIL OPEN FONT LICENSE" in licence.read_text(encoding="utf-8") for licence in licences
    )
