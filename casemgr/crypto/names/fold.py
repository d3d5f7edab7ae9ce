"""How a written name becomes words that can be compared, and a number becomes one spelling.

The same functions serve the index and the question put to it, so that a name is found however it
was typed: composed or decomposed, hoà or hòa, Lý or Lí, with or without its marks (domain §5.1).

Two decisions, both by canonicalisation, so that one word has one list in the index:

* The place of a tone mark is typography, never meaning. Every tone moves to where the older style
  puts it (hòa, thúy), misplaced ones included (Hùynh, qúy).
* y and i are the same vowel where it stands alone behind a consonant or qu (lý/lí, mỹ/mĩ,
  quý/quí), so there y is written i. A lone y (Y Moan), uy (Thúy, Huy) and yê (Quyên) are not
  touched. Somebody still typing "quy" may be on the way to Quyên: `Word.typed` allows for it.
"""

import re
from functools import lru_cache
from typing import NamedTuple
from unicodedata import category, decimal, normalize

NORM = 1
"""Version of these rules: goes up whenever any output changes, so stored terms can be told apart."""

_MEMO_WORDS = 8192

_APOSTROPHES = "'’‘ʼʹ`´′＇ꞌ"
_APART = str.maketrans(dict.fromkeys(_APOSTROPHES, " "))
_TOGETHER = str.maketrans(dict.fromkeys(_APOSTROPHES, ""))

# Old records write Đ as the Icelandic eth or the African D, which look the same in capitals.
_LOOK_ALIKES = str.maketrans("ðɖ", "đđ")
# Strokes are part of the letter and do not decompose; ƀ is written in Ê Đê and Ba Na names.
_STROKES = str.maketrans("đƀ", "db")

_VOWELS = "aăâeêioôơuưy"
_SHAPED = "ăâêôơư"
_CONSONANTS = "bcdđfghjklmnpqrstvwxz"
# A tone is one of five marks on a vowel; the same tilde on n (Muñoz) is a letter of its own.
_TONE = re.compile("(?<=[aeiouy\u0302\u0306\u031b])[\u0300\u0301\u0303\u0309\u0323]")
_SYLLABLE = re.compile(
    f"(?:qu(?=[{_VOWELS}])|gi(?=[{_VOWELS}])|[{_CONSONANTS}]*)"
    f"(?P<vowels>[{_VOWELS}]+)(?P<final>[{_CONSONANTS}]*)"
)
_LONE_Y = re.compile(f"(?:qu|[{_CONSONANTS}]+)[yýỳỷỹỵ](?:c|ch|m|n|ng|nh|p|t)?")
_INSURANCE_CARD = re.compile(r"[A-Z]{2}[1-5]\d{2}(?P<person>\d{10})")
_PHONE_START = re.compile(r"[+\d]")
_Y_TO_I = str.maketrans("yýỳỷỹỵ", "iíìỉĩị")


class Word(NamedTuple):
    """One word of a name: `exact` keeps marks and đ, `folded` drops them.

    `typed` is `folded` before y became i: what the letters so far say when the word is unfinished.
    """

    exact: str
    folded: str
    typed: str

    def __repr__(self) -> str:
        """Show nothing: a word of a name must not reach a log through a traceback."""
        return "<Word>"


def words(text: str, *, joined: bool = False) -> tuple[Word, ...]:
    """Split a name into words at everything that is not a letter, a mark or a digit.

    An apostrophe separates as well (H'Hen is H and Hen); with `joined` it is dropped instead
    (Hhen). An index keeps both readings, a question tries both.
    """
    return tuple(word for chunk in text.split() for word in _words_of(chunk, joined))


def forget() -> None:
    """Empty the memo, so that the words of erased people leave memory."""
    _words_of.cache_clear()


@lru_cache(maxsize=_MEMO_WORDS)
def _words_of(chunk: str, joined: bool) -> tuple[Word, ...]:
    # Before NFKC, which would turn a free-standing acute accent into a space and a mark.
    chunk = chunk.translate(_TOGETHER if joined else _APART)
    plain = normalize("NFKC", chunk).casefold().translate(_LOOK_ALIKES)
    spelt = "".join(map(_kept, plain)).split()
    return tuple(word for word in map(_word, spelt) if word.folded)


def _kept(char: str) -> str:
    """Keep what words are made of; invisible format characters vanish, the rest separates."""
    kind = category(char)
    if kind[0] in "LMN":
        return char
    return "" if kind == "Cf" else " "


def _word(spelt: str) -> Word:
    placed = _place_tone(spelt)
    exact = placed.translate(_Y_TO_I) if _LONE_Y.fullmatch(placed) else placed
    return Word(exact, _without_marks(exact), _without_marks(placed))


def _without_marks(text: str) -> str:
    decomposed = normalize("NFD", text.translate(_STROKES))
    return "".join(char for char in decomposed if category(char) != "Mn")


def _place_tone(spelt: str) -> str:
    """Move the one tone of a Vietnamese syllable to its place; leave any other word as it is."""
    decomposed = normalize("NFD", spelt)
    tones = _TONE.findall(decomposed)
    bare = normalize("NFC", _TONE.sub("", decomposed))
    syllable = _SYLLABLE.fullmatch(bare)
    if len(tones) != 1 or syllable is None:
        return normalize("NFC", decomposed)
    behind = syllable.start("vowels") + _tone_seat(syllable["vowels"], syllable["final"]) + 1
    return normalize("NFC", bare[:behind] + tones[0] + bare[behind:])


def _tone_seat(vowels: str, final: str) -> int:
    """Tell which vowel carries the tone: nguyễn, hoàn, hòa, ngoài."""
    shaped = max(map(vowels.rfind, _SHAPED))
    if shaped >= 0:
        return shaped
    if final:
        return len(vowels) - 1
    return 0 if len(vowels) < 3 else 1


def digits(text: str) -> str:
    """Write an all-digit identity number (CCCD, CMND; domain §5.4) as plain digits.

    Everything else is dropped, so a number that carries letters belongs in `identifier`.
    Empty when there is no digit: nothing to index.
    """
    plain = normalize("NFKC", text)
    if plain.isascii() and plain.isdecimal():
        return plain
    return "".join(str(decimal(char)) for char in plain if char.isdecimal())


def phone(text: str) -> str:
    """Write a telephone number as dialled inside Viet Nam: +84 912… is 0912… (domain §5.6).

    Numbers of other countries keep + and their country code, however they were dialled.
    """
    number = digits(text)
    first = _PHONE_START.search(normalize("NFKC", text))
    is_abroad = first is not None and first[0] == "+"
    if not is_abroad and number.startswith("00"):
        number, is_abroad = number[2:], True
    # No number inside the country starts with 84, so eleven or twelve digits lost their +.
    if number.startswith("84") and (is_abroad or len(number) in (11, 12)):
        return "0" + number[2:].removeprefix("0")
    return "+" + number if is_abroad else number


def identifier(text: str) -> str:
    """Write a number with letters (passport, BHYT, document number; domain §5.5) one way.

    Capitals and digits only: no spaces, no punctuation. Accents stay.
    """
    upper = normalize("NFKC", text).upper()
    return upper if upper.isalnum() else "".join(char for char in upper if char.isalnum())


def insurance(text: str) -> str:
    """Write a health insurance number as what stays with the person (BHYT, BHXH; domain §5.5).

    A card of 15 characters (GD4222212345678) carries group, level of benefit and province before
    the ten digits of the person; those change, and newer cards print the ten digits alone.
    """
    number = identifier(text)
    card = _INSURANCE_CARD.fullmatch(number)
    return card["person"] if card else number
