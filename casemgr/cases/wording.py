"""Words that blame or that belong to a police station (domain R16). Pure; a warning, never a ban."""

import re
import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Blaming:
    """One word of the list, and what says the same without judging."""

    word: str
    instead: str


# Vietnamese data, as the field's notes are written; the list stands in domain R16.
LIST = (
    Blaming("khai", "kể lại, cho biết"),
    Blaming("gái mại dâm", "người bán dâm"),
    Blaming("tự nguyện", "tả điều đã xảy ra"),
    Blaming("cố tình", "tả điều đã xảy ra"),
)
# Everyday compounds that only sound alike.
_HARMLESS = re.compile(
    r"\b(khai (sinh|tử|thai|thác|trương|giảng|mạc)|(công|triển|khẩn|kê) khai)\b", re.IGNORECASE
)
_QUOTED = re.compile('“[^”]*”|"[^"]*"|«[^»]*»')


def blaming_words(text: str) -> list[Blaming]:
    """The words of the list that stand outside quotation marks: a person's own words stay."""
    plain = unicodedata.normalize("NFC", text)
    plain = _HARMLESS.sub(" ", _QUOTED.sub(" ", plain))
    return [item for item in LIST if re.search(rf"\b{item.word}\b", plain, re.IGNORECASE)]
