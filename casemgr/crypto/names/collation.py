"""The order of Vietnamese names: letters of the Vietnamese alphabet, then tones, word by word.

Rules of the Vietnam Lexicography Centre (Vũ Xuân Lương, "Quy tắc A B C tiếng Việt"): letters
a ă â b c d đ e ê … u ư v w x y z decide first; where a syllable's letters are the same, its tone
does, in the order ngang, huyền, hỏi, ngã, sắc, nặng; then comes the next syllable.

Names are listed as hospitals list them (domain §5.1): the given name, which is the last word,
first; then the family name; then what stands between.
"""

from collections.abc import Sequence
from functools import lru_cache
from unicodedata import normalize

from casemgr.crypto.names.fold import Word

MOST_WORDS = 8
"""Words of a name that its place in a list depends on."""

NAMELESS = "\U0010fffd"  # after everybody who has a name

_ALPHABET = "0123456789aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_PLACES = {ord(letter): chr(0x21 + place) for place, letter in enumerate(_ALPHABET)}
_TONES = {mark: str(place) for place, mark in enumerate("\u0300\u0309\u0303\u0301\u0323", start=1)}
_BETWEEN_LETTERS_AND_TONES, _BETWEEN_WORDS = "\x01", "\x00"


def in_list_order(words: Sequence[Word]) -> tuple[str, ...]:
    """The words of a name as they decide its place: given name, family name, the others."""
    exact = [word.exact for word in words]
    return tuple((exact[-1:] + exact[:-1])[:MOST_WORDS])


def key_of(ordered: Sequence[str]) -> str:
    """What to sort by, of a name that ``in_list_order`` arranged."""
    return _BETWEEN_WORDS.join(map(word_key, ordered)) if ordered else NAMELESS


@lru_cache(maxsize=4096)
def word_key(exact: str) -> str:
    """What to sort one word by: its letters in the order of the alphabet, then its tones."""
    letters, tones = [], []
    for char in normalize("NFD", exact):
        if char in _TONES:
            tones.append(_TONES[char])
        else:
            letters.append(char)
    composed = normalize("NFC", "".join(letters)).translate(_PLACES)
    return composed + _BETWEEN_LETTERS_AND_TONES + "".join(tones)


def forget() -> None:
    """Empty the memo, so that the words of erased people leave memory."""
    word_key.cache_clear()
