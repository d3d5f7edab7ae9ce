"""The order of Vietnamese names (Vũ Xuân Lương, rules of the Vietnam Lexicography Centre)."""

import random

import pytest

from casemgr.crypto.names import collation, fold


def key(name: str) -> str:
    return collation.key_of(collation.in_list_order(fold.words(name)))


@pytest.mark.parametrize(
    "ordered",
    [
        "a ă â b c d đ e ê f g h j k l m n o ô ơ p q r s t u ư v w x y z",
        "ma mà mả mã má mạ",
        "ác ách ang áng anh ảnh",
        "ba bả",
        "hài hại",
        "an anh ân ba",
        "hoa hòa họa hoan",
        "dung dũng dương đà đức",
    ],
)
def test_words_stand_as_in_a_dictionary(ordered: str) -> None:
    """The examples of rules 1, 2, 4.1 and 4.2."""
    words = ordered.split()
    shuffled = random.Random(1).sample(words, len(words))
    assert sorted(shuffled, key=key) == words


def test_letters_go_before_tones_word_by_word() -> None:
    assert key("Lê Hòa") < key("An Hoan")  # "hoa" is the beginning of "hoan", whatever its tone
    assert key("Lê Hoa") < key("Lê Hòa")
    assert key("Vũ Hoa") < key("An Hòa")  # the tone of the given name before the family name


def test_given_name_then_family_name_then_the_middle() -> None:
    names = ["Trần An Bình", "Bùi Văn Châu", "An Thị Dung", "Lê Bá Dung", "Lê Thị Dung"]
    assert sorted(set(names), key=key) == names


def test_however_it_was_typed_it_stands_in_one_place() -> None:
    assert key("Lý Hoà") == key("Lí Hòa")
    assert key("nguyễn thị AN") == key("Nguyễn Thị An")


def test_the_nameless_stand_last() -> None:
    assert key("") > key("Zù Zù")
    assert key("") > key("王")
