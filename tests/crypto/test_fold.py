"""Expected pairs come from Vietnamese orthography and domain §5.1, §5.4-5.6, written by hand."""

from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casemgr.crypto.names import fold

LETTERS = "aàáảãạăằâầêệioôồơờuưừyýbcdđghklmnpqrstvx"


def exact(text: str) -> list[str]:
    return [word.exact for word in fold.words(text)]


def folded(text: str) -> list[str]:
    return [word.folded for word in fold.words(text)]


@pytest.mark.parametrize(
    ("newer", "older"),
    [
        ("hoà", "hòa"),
        ("Hoá", "Hóa"),
        ("toả", "tỏa"),
        ("hoạ", "họa"),
        ("loã", "lõa"),
        ("khoẻ", "khỏe"),
        ("loè", "lòe"),
        ("Thuý", "Thúy"),
        ("Thuỳ", "Thùy"),
        ("uỷ", "ủy"),
        ("luỹ", "lũy"),
        ("tuỵ", "tụy"),
        # misplaced by old keyboards
        ("Huỳnh", "Hùynh"),
        ("Toàn", "Tòan"),
        ("quý", "qúy"),
        ("già", "gìa"),
        ("mùa", "muà"),
        ("ngoài", "ngòai"),
        ("khuỷu", "khủyu"),
    ],
)
def test_a_tone_means_the_same_wherever_it_is_written(newer: str, older: str) -> None:
    assert exact(newer) == exact(older)


@pytest.mark.parametrize(
    "name",
    (  # noqa: SIM905 - reads as words
        "nguyễn trần huỳnh hoàng đặng đỗ bùi giàng già giữa giếng quốc quyền thuở huế khuỷu ngoài "
        "hòa thúy mùa nghĩa tiến yến hưởng trường xoèn ìa được người diệu"
    ).split(),
)
def test_a_tone_already_in_place_stays(name: str) -> None:
    assert exact(name) == [name]


@pytest.mark.parametrize(
    ("one", "other"),
    [("Lý", "Lí"), ("Mỹ", "Mĩ"), ("Kỳ", "Kì"), ("Sỹ", "Sĩ"), ("Vy", "Vi"), ("Quý", "Quí")],
)
def test_y_and_i_are_one_vowel_behind_a_consonant(one: str, other: str) -> None:
    assert exact(one) == exact(other)
    assert folded(one) == folded(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Thúy", "Thúi"), ("Tay", "Tai"), ("Huy", "Hui"), ("Y", "I"), ("Hòa", "Họa"), ("An", "Ân")],
)
def test_words_that_differ_in_sound_stay_apart(one: str, other: str) -> None:
    assert exact(one) != exact(other)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Nguyễn Thị Hương", ["nguyen", "thi", "huong"]),
        ("ĐẶNG ĐỨC ƯNG", ["dang", "duc", "ung"]),
        ("Ðặng", ["dang"]),  # eth, which looks like Đ
        ("Y Moan Ênuôl", ["y", "moan", "enuol"]),
        ("Ƀlum", ["blum"]),
        ("Giàng A Pó", ["giang", "a", "po"]),
        ("Pham", ["pham"]),
        ("Muñoz-García José", ["munoz", "garcia", "jose"]),
        ("Nguyễn V. A.", ["nguyen", "v", "a"]),
        ("  (Trần)\u00a0Văn\tB,", ["tran", "van", "b"]),
        ("Ngu\u200byễn", ["nguyen"]),  # pasted with an invisible space
        ("Ｌê", ["le"]),  # full width
        ("王小明", ["王小明"]),
        ("... -- '", []),
        ("", []),
    ],
)
def test_names_fold_to_plain_letters(name: str, plain: list[str]) -> None:
    assert folded(name) == plain


@pytest.mark.parametrize("mark", list("'’‘ʼ`´"))
def test_an_apostrophe_reads_apart_and_together(mark: str) -> None:
    assert folded(f"H{mark}Hen Niê") == ["h", "hen", "nie"]
    together = fold.words(f"H{mark}Hen Niê", joined=True)
    assert [word.folded for word in together] == ["hhen", "nie"]


def test_marks_and_strokes_stay_in_the_exact_form() -> None:
    assert exact("ĐẶNG Ênuôl Muñoz") == ["đặng", "ênuôl", "muñoz"]


@given(st.text(alphabet=LETTERS + LETTERS.upper() + " -'.", max_size=40))
def test_composed_and_decomposed_are_equal(name: str) -> None:
    assert fold.words(normalize("NFC", name)) == fold.words(normalize("NFD", name))


@given(st.text(max_size=40))
def test_any_text_folds_and_exact_forms_are_composed(name: str) -> None:
    for word in fold.words(name):
        assert word.exact == normalize("NFC", word.exact)
        assert word.folded


@given(st.text(alphabet=LETTERS + " ", max_size=40))
def test_folding_twice_changes_nothing(name: str) -> None:
    once = fold.words(name)
    assert fold.words(" ".join(word.exact for word in once)) == tuple(
        word._replace(typed=word.folded) for word in once
    )


def test_a_word_shows_nothing_of_itself() -> None:
    shown = repr(fold.words("Nguyễn Hương"))
    assert "ương" not in shown
    assert "uong" not in shown


def test_forgetting_empties_the_memo() -> None:
    fold.words("Xoongxoong")
    fold.forget()
    assert fold._words_of.cache_info().currsize == 0


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("022 091 001 234", "022091001234"),
        ("022-091.001234", "022091001234"),
        ("０２２０９１００１２３４", "022091001234"),
        ("không có", ""),
    ],
)
def test_identity_numbers_are_digits(written: str, number: str) -> None:
    assert fold.digits(written) == number


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("0912 345 678", "0912345678"),
        ("+84 912 345 678", "0912345678"),
        ("+84 (0)912.345.678", "0912345678"),
        ("(+84) 912345678", "0912345678"),
        ("0084912345678", "0912345678"),
        ("84912345678", "0912345678"),
        ("tel:+84-203-386-2123", "02033862123"),
        ("0203 386 2123", "02033862123"),
        ("8412345", "8412345"),
        ("111", "111"),
        ("1800 1769", "18001769"),
        ("+86 138 0013 8000", "+8613800138000"),
        ("0086 138 0013 8000", "+8613800138000"),
        ("+855 84 912 345", "+85584912345"),
        ("chưa có", ""),
    ],
)
def test_telephone_numbers_are_dialled_from_inside(written: str, number: str) -> None:
    assert fold.phone(written) == number


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("gd 4-22 22.12345678", "GD4222212345678"),
        ("c1234567", "C1234567"),
        ("15/BVĐKCP-CTXH", "15BVĐKCPCTXH"),
        ("15/bvđkcp-ctxh", "15BVĐKCPCTXH"),
        (" / ", ""),
    ],
)
def test_identifiers_are_capitals_and_digits(written: str, number: str) -> None:
    assert fold.identifier(written) == number
