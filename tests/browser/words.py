"""What a button or a label is called in Vietnamese: tests name it in English and press what stands
on the page, so that they fail when a word is missing from the catalogue."""

from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

CATALOGUE = Path("casemgr/translations/vi/LC_MESSAGES/messages.po")
ROOT = Path(__file__).resolve().parents[2]


@cache
def _catalogue() -> dict[str, str]:
    with (ROOT / CATALOGUE).open("rb") as file:
        return {str(each.id): str(each.string) for each in read_po(file) if each.id}


def vi(message: str, **facts: object) -> str:
    """The Vietnamese of one message. Raises KeyError if nobody says it any more."""
    return _catalogue()[message] % facts if facts else _catalogue()[message]
