"""What a file is, judged by its content and never by what the browser says. Pure functions.

Pages, programs and pictures that can run script (html, svg) are no kind of ours: they are refused.
"""

from dataclasses import dataclass
from enum import StrEnum

HEAD_BYTES = 4096
TAIL_BYTES = 64 * 1024  # where the list of a zip archive's members stands


class Kind(StrEnum):
    """What may be kept, by media type."""

    PDF = "application/pdf"
    JPEG = "image/jpeg"
    PNG = "image/png"
    HEIC = "image/heic"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    ODT = "application/vnd.oasis.opendocument.text"
    TEXT = "text/plain"
    MP3 = "audio/mpeg"
    M4A = "audio/mp4"
    WAV = "audio/wav"
    MP4 = "video/mp4"


ENDINGS: dict[Kind, str] = {
    Kind.PDF: "pdf",
    Kind.JPEG: "jpg",
    Kind.PNG: "png",
    Kind.HEIC: "heic",
    Kind.DOCX: "docx",
    Kind.ODT: "odt",
    Kind.TEXT: "txt",
    Kind.MP3: "mp3",
    Kind.M4A: "m4a",
    Kind.WAV: "wav",
    Kind.MP4: "mp4",
}
_MAGIC = (
    (b"%PDF-", Kind.PDF),
    (b"\xff\xd8\xff", Kind.JPEG),
    (b"\x89PNG\r\n\x1a\n", Kind.PNG),
    (b"ID3", Kind.MP3),
    (b"\xff\xfb", Kind.MP3),
    (b"\xff\xf3", Kind.MP3),
    (b"\xff\xf2", Kind.MP3),
)
_ZIP = b"PK\x03\x04"
_BRANDS = (  # of ISO base media files, bytes 8 to 12
    (frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"}), Kind.HEIC),
    (frozenset({b"M4A ", b"M4B "}), Kind.M4A),
    (frozenset({b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ",
                b"MSNV", b"dash"}), Kind.MP4),
)  # fmt: skip
_ODT_MIMETYPE = b"mimetypeapplication/vnd.oasis.opendocument.text"
_MACROS = (b"vbaProject.bin", b"Basic/Standard/")


@dataclass(frozen=True, slots=True, repr=False)
class Glimpse:
    """As much of a file as the judgement needs, gathered while it was sealed."""

    head: bytes
    tail: bytes
    is_text: bool  # all of it is UTF-8 without control characters


def kind_of(glimpse: Glimpse, name: str) -> Kind | None:
    """The kind of a file, or None for one that is not kept.

    Only plain text also needs the right ending: a script is text as well.
    """
    head = glimpse.head
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head.startswith(_ZIP):
        return _document(glimpse)
    if head[4:8] == b"ftyp":
        return next((kind for brands, kind in _BRANDS if head[8:12] in brands), None)
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return Kind.WAV
    if glimpse.is_text and name.lower().endswith(".txt") and not _is_markup(head):
        return Kind.TEXT
    return None


def _document(glimpse: Glimpse) -> Kind | None:
    """A letter without macros, of the two office formats; any other archive is refused."""
    if any(macros in glimpse.tail for macros in _MACROS):
        return None
    if glimpse.head[30:].startswith(_ODT_MIMETYPE):
        return Kind.ODT
    return Kind.DOCX if b"word/document.xml" in glimpse.tail else None


def _is_markup(head: bytes) -> bool:
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith((b"<", b"#!"))
