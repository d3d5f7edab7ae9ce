"""What a file is, by its content: samples made by other programs' formats, never by our code."""

import io
import zipfile

import pytest

from casemgr.files.incoming import Incoming
from casemgr.files.rules import ENDINGS, Glimpse, Kind, kind_of
from casemgr.files.store import FileStore
from tests.files.memory import NAME, MemoryStore


def glimpse(body: bytes, store: FileStore | None = None) -> Glimpse:
    """As an upload gathers it, in odd portions."""
    arriving = Incoming(store or MemoryStore(), NAME)
    for start in range(0, len(body), 1000):
        arriving.write(body[start : start + 1000])
    return arriving.finish().glimpse


def archive(*members: str, first: tuple[str, str] | None = None) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        if first:
            file.writestr(zipfile.ZipInfo(first[0]), first[1])
        for name in members:
            file.writestr(name, "x" * 5000)
    return made.getvalue()


ODT = ("mimetype", "application/vnd.oasis.opendocument.text")
DOCX = ("[Content_Types].xml", "_rels/.rels", "word/document.xml")

SAMPLES = {  # first bytes by the formats' own specifications
    Kind.PDF: b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n",
    Kind.JPEG: b"\xff\xd8\xff\xe0\x00\x10JFIF\x00",
    Kind.PNG: b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    Kind.HEIC: b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic",
    Kind.MP3: b"ID3\x03\x00\x00\x00\x00\x00\x21",
    Kind.M4A: b"\x00\x00\x00\x20ftypM4A \x00\x00\x02\x00",
    Kind.WAV: b"RIFF\x24\x08\x00\x00WAVEfmt ",
    Kind.MP4: b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00",
    Kind.DOCX: archive(*DOCX),
    Kind.ODT: archive("content.xml", first=ODT),
    Kind.TEXT: "Chị Máy kể rằng…\r\n\tđã gọi 111".encode(),
}


@pytest.mark.parametrize("kind", Kind)
def test_a_file_is_what_its_content_says(kind: Kind) -> None:
    name = "x.txt" if kind is Kind.TEXT else "picture.exe"  # the name is not believed
    assert kind_of(glimpse(SAMPLES[kind]), name) is kind
    assert ENDINGS[kind]


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b"MZ\x90\x00\x03", "x.pdf"),
        (b"\x7fELF\x02\x01", "x.png"),
        (b"<!DOCTYPE html><script>", "x.txt"),
        (b"\xef\xbb\xbf  <svg onload=x>", "x.txt"),
        (b"#!/bin/sh\nrm", "x.txt"),
        (b"just words", "x.html"),
        (b"just words", "x.bat"),
        (b"just words", "x.txt.js"),
        (b"words\x00and a zero", "x.txt"),
        ("Máy".encode("cp1258", "replace") + b"\xff\xfe", "x.txt"),
        (b"GIF89a\x01\x00", "x.gif"),
        (b"\x00\x00\x00\x14ftypqqqq", "x.mp4"),
        (b"RIFF\x24\x08\x00\x00AVI LIST", "x.wav"),
        (b" %PDF-1.4", "x.pdf"),
        (archive("a.txt"), "x.docx"),
        (archive(*DOCX, "word/vbaProject.bin"), "x.docx"),
        (archive("Basic/Standard/script.xml", first=ODT), "x.odt"),
        (archive("x.xml", first=("mimetype", "application/vnd.oasis.opendocument.base")), "x.odt"),
    ],
)
def test_anything_else_is_not_kept(body: bytes, name: str) -> None:
    assert kind_of(glimpse(body), name) is None


def test_text_is_judged_to_its_last_byte() -> None:
    """A letter cut in two portions is still a letter; a broken end is none."""
    letters = ("ế" * 999 + "x").encode()
    assert len(letters) % 1000 != 0  # three bytes each: portions cut through them
    assert glimpse(letters).is_text
    assert not glimpse(letters + "ế".encode()[:2]).is_text
    assert not glimpse(letters * 30 + b"\x00").is_text
